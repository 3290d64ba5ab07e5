from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import VehicleCommon


@tagged("post_install", "-at_install")
class TestDue(VehicleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls._create_plan("Cars", category_ids=cls.category_car)
        cls.five, cls.ten, cls.fifteen = cls.plan.line_ids
        cls.reason = cls.env["aftersales.refusal.reason"].create({"name": "Price"})
        cls.customer.email = "wang@example.com"
        cls.second = cls._create_vehicle(
            plate="京A·2", serial=cls.VIN_EUROPE, partner_id=cls.fleet.id
        )
        cls.cars = cls.vehicle + cls.second

    def _read(self, car, *readings):
        """Note ``(days ago, meter)`` readings of a car."""
        meter = car._get_main_meters()[car]
        self.env["aftersales.meter.reading"].create(
            [
                {
                    "meter_id": meter.id,
                    "value": value,
                    "date": fields.Datetime.now() - timedelta(days=days, minutes=1),
                }
                for days, value in readings
            ]
        )

    def _get_due(self, car=None):
        return (car or self.vehicle).due_ids.filtered(
            lambda due: due.state in ("open", "invited", "booked", "refused")
        )

    def _update(self, cars=None):
        (cars or self.cars)._update_due()
        return self._get_due()

    def test_forecast_follows_the_trend(self):
        self._read(self.vehicle, (100, 1000), (50, 2000), (0, 3000))
        due = self._update()
        self.assertEqual(due.line_id, self.five)
        self.assertEqual(due.meter_due, 5000)
        # 2,000 more at 20 a day
        day = fields.Date.today() + timedelta(days=100)
        self.assertLessEqual(abs((due.date_due - day).days), 1)
        self.assertEqual(self.vehicle.next_service_date, due.date_due)
        self.assertEqual(self.vehicle.next_service_meter, 5000)

    def test_a_new_car_begins_at_zero(self):
        self._read(self.vehicle, (50, 0), (0, 1000))
        due = self._update()
        # 4,000 more at 20 a day
        day = fields.Date.today() + timedelta(days=200)
        self.assertLessEqual(abs((due.date_due - day).days), 1)

    def test_usual_year_counts_without_a_trend(self):
        self.category_car.yearly_meter = 36500
        self._read(self.vehicle, (3, 2000), (0, 4000))
        due = self._update()
        day = fields.Date.today() + timedelta(days=10)
        self.assertLessEqual(abs((due.date_due - day).days), 1)

    def test_only_the_last_readings_of_two_years_count(self):
        old = [(3000 - days, days / 10) for days in range(10)]
        self._read(self.vehicle, *old, (100, 2000), (0, 4000))
        due = self._update()
        day = fields.Date.today() + timedelta(days=50)
        self.assertLessEqual(abs((due.date_due - day).days), 1)

    def test_months_count_from_registration(self):
        today = fields.Date.today()
        self.vehicle.date_first_registration = fields.Date.subtract(today, months=5)
        self._read(self.vehicle, (100, 10), (0, 20))
        due = self._update()
        self.assertEqual(due.date_due, fields.Date.add(today, months=1))

    def test_nothing_known_nothing_due(self):
        self._update()
        self.assertFalse(self.cars.due_ids)
        self.assertFalse(self.vehicle.next_service_date)

    def test_exchanged_meter_is_told_as_it_shows(self):
        self._read(self.vehicle, (100, 9000))
        self.vehicle._record_meter(500, meter_change_reason="Broken")
        due = self._update()
        self.assertEqual(due.meter_planned, 5000, "passed at 9,000 in all")
        self.assertEqual(due.meter_due, -3500)
        due.action_done_elsewhere(meter=9000)
        due = self._get_due()
        self.assertEqual(due.line_id, self.ten)
        self.assertEqual(due.meter_due, 11500 - 9000 + 500)

    def test_again_changes_nothing_and_skipped_ones_lapse(self):
        self._read(self.vehicle, (100, 1000), (1, 3000))
        first = self._update()
        first.action_called()
        self.assertEqual(self._update(), first)
        self.assertEqual(first.state, "invited")
        self._read(self.vehicle, (0, 10500))
        second = self._update()
        self.assertEqual(second.line_id, self.ten)
        self.assertEqual(first.state, "lapsed")
        self.vehicle.reading_ids.sorted("date")[-1].unlink()
        self.assertEqual(self._update(), first, "a reading was corrected")
        self.assertEqual(first.state, "open")

    def test_sold_car_is_not_asked_for(self):
        self._read(self.vehicle, (100, 1000), (0, 3000))
        due = self._update()
        self.vehicle.active = False
        self._update()
        self.assertEqual(due.state, "lapsed")
        self.assertFalse(self.vehicle.next_service_date)

    def test_night_goes_through_all_in_batches(self):
        for car in self.cars:
            self._read(car, (100, 1000), (0, 3000))
        self.env["ir.config_parameter"].set_param("aftersales_vehicle.due_position", 0)
        Cron = self.env.registry["ir.cron"]
        with patch.object(Cron, "_commit_progress", return_value=60) as commit:
            self.env["aftersales.asset"]._cron_update_due(batch=1)
        self.assertGreaterEqual(commit.call_count, 2)
        self.assertEqual(len(self.cars.due_ids), 2)
        self.assertEqual(
            self.env["ir.config_parameter"].get_param(
                "aftersales_vehicle.due_position"
            ),
            "0",
        )

    def test_a_night_whose_time_is_over_is_gone_on_with_at_once(self):
        """Odoo calls again as long as it is told that something remains."""
        params = self.env["ir.config_parameter"]
        params.set_param("aftersales_vehicle.due_position", self.vehicle.id - 1)
        domain = [("is_vehicle", "=", True), ("id", ">=", self.vehicle.id)]
        cars = self.env["aftersales.asset"].with_context(active_test=False)
        ids = cars.search(domain, order="id").ids
        Cron = self.env.registry["ir.cron"]
        with patch.object(Cron, "_commit_progress", return_value=0) as commit:
            for position in [*ids[1:], 0]:
                self.env["aftersales.asset"]._cron_update_due(batch=1)
                before = int(params.get_param("aftersales_vehicle.due_position"))
                self.assertEqual(before, position and ids[ids.index(position) - 1])
        self.assertEqual(
            [call.kwargs["remaining"] for call in commit.call_args_list],
            list(reversed(range(len(ids)))),
        )

    def test_a_bad_vehicle_does_not_stop_the_night(self):
        cars = self.cars + self._create_vehicle(plate="京A·3")
        for car in cars:
            self._read(car, (100, 1000), (0, 3000))
        Asset = self.env.registry["aftersales.asset"]
        forecast = Asset._forecast_due
        bad = self.second

        def fail(vehicles, plans):
            if bad in vehicles:
                vehicles.env.cr.execute("SELECT 1 / 0")
            return forecast(vehicles, plans)

        self.env["ir.config_parameter"].set_param(
            "aftersales_vehicle.due_position", self.vehicle.id - 1
        )
        Cron = self.env.registry["ir.cron"]
        with (
            patch.object(Cron, "_commit_progress", return_value=60),
            patch.object(Asset, "_forecast_due", fail),
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.aftersales_vehicle.models.apart") as logs,
        ):
            self.env["aftersales.asset"]._cron_update_due()
        self.assertEqual(len(logs.output), 1)
        self.assertIn(f"{bad.id} is left out", logs.output[0])
        self.assertFalse(bad.due_ids)
        self.assertEqual(len((cars - bad).due_ids), 2)

    def test_a_bad_invitation_does_not_stop_the_others(self):
        dues = self._get_two()
        self.fleet.email = "fleet@example.com"
        Due = self.env.registry["aftersales.due"]
        words = Due._get_words
        bad = self._get_due(self.second)

        def fail(due):
            if due == bad:
                raise ValueError("no words")
            return words(due)

        with (
            patch.object(Due, "_get_words", fail),
            mute_logger("odoo.addons.mail.models.mail_render_mixin"),
            self.assertLogs("odoo.addons.aftersales_vehicle.models.apart"),
        ):
            action = dues.action_invite()
        self.assertIn(bad.display_name, action["params"]["message"])
        self.assertEqual(bad.state, "open")
        self.assertEqual(self._get_due().state, "invited")

    def test_companies_keep_their_lists(self):
        company = self.env["res.company"].create({"name": "Second garage"})
        other = self._create_vehicle(company_id=company.id, partner_id=False)
        for car in self.vehicle, other:
            self._read(car, (100, 1000), (0, 3000))
        (self.vehicle + other)._update_due()
        self.assertEqual(other.due_ids.company_id, company)
        visible = self.env["aftersales.due"].with_user(self.advisor).search([])
        self.assertIn(self.vehicle.due_ids, visible)
        self.assertNotIn(other.due_ids, visible)

    # What callers do

    def _get_two(self):
        for car in self.cars:
            self._read(car, (100, 1000), (0, 3000))
        self._update()
        return self.cars.due_ids.with_user(self.advisor)

    def test_invite_respects_who_wants_no_mail(self):
        dues = self._get_two()
        self.fleet.email = "fleet@example.com"
        self.fleet.aftersales_no_invitation = True
        action = dues.action_invite()
        self.assertIn("Blue Fleet", action["params"]["message"])
        mine, other = self._get_due(), self._get_due(self.second)
        self.assertEqual((mine.state, mine.invite_count), ("invited", 1))
        self.assertEqual(other.state, "open", "on the call list")
        mails = self.env["mail.mail"].sudo().search([("model", "=", "aftersales.due")])
        self.assertEqual(mails.recipient_ids, self.customer)
        self.assertIn("京A·12345", mails.subject)
        dues.action_invite()
        self.assertEqual(mine.invite_count, 1, "two clicks make one letter")
        dues.action_called()
        self.assertEqual(other.state, "invited")

    def test_blacklisted_owner_gets_no_mail(self):
        self.env["mail.blacklist"]._add(self.customer.email)
        dues = self._get_two()
        self.assertFalse(dues._invite()[0])
        self.assertFalse(any(dues.mapped("is_mail_allowed")))

    def test_refusals_need_a_reason(self):
        dues = self._get_two()
        with self.assertRaisesRegex(UserError, "京A·12345"):
            dues.action_refuse()
        self.reason.note_required = True
        with self.assertRaisesRegex(UserError, "Price"):
            dues.action_refuse(reason=self.reason)
        wizard = (
            self.env["aftersales.refusal.wizard"]
            .with_user(self.advisor)
            .with_context(**dues.action_refuse_dialog()["context"])
            .create({"reason_id": self.reason.id, "note": "Half as much elsewhere"})
        )
        wizard.action_confirm()
        self.assertEqual(set(dues.mapped("state")), {"refused"})
        self.assertEqual(dues.refusal_reason_id, self.reason)
        self._update()
        self.assertEqual(set(dues.mapped("state")), {"refused"}, "by night it stays")
        dues.action_reopen()
        self.assertEqual(set(dues.mapped("state")), {"open"})
        self.assertFalse(dues.refusal_reason_id)

    def test_booking_makes_the_orders_once(self):
        dues = self._get_two()
        action = dues.action_book()
        self.assertEqual(action["res_model"], "aftersales.order")
        orders = dues.order_id
        self.assertEqual(len(orders), 2)
        self.assertEqual(set(orders.mapped("channel")), {"outbound"})
        self.assertEqual(orders.partner_id, self.customer | self.fleet)
        self.assertEqual(orders.job_ids.maintenance_line_id, self.five)
        self.assertEqual(orders.job_ids.due_id, dues)
        dues.action_book()
        self.assertEqual(dues.order_id, orders, "replay")
        orders[0].with_user(self.advisor).action_cancel(reason="Forgot")
        self.assertEqual(
            dues.mapped("state"),
            ["open", "booked"]
            if dues[0].asset_id == orders[0].asset_id
            else ["booked", "open"],
        )

    def test_service_goes_on_the_visit_that_is_open(self):
        dues = self._get_two()
        visit = self._create_order(asset_id=self.vehicle.id)
        self._create_order(asset_id=self.vehicle.id).action_cancel()
        mine, other = self._get_due(), self._get_due(self.second)
        self.assertEqual(mine.visit_id, visit)
        self.assertFalse(other.visit_id)
        dues.action_book()
        self.assertEqual(mine.order_id, visit)
        self.assertEqual(visit.job_ids.due_id, mine)
        self.assertNotEqual(other.order_id, visit)
        self.assertEqual(len(self.second.order_ids), 1)

    def test_owner_books_the_service_on_the_portal(self):
        package = self.env["aftersales.job.template"].create(
            {
                "name": "Package 5,000",
                "is_bookable_online": True,
                "line_ids": [Command.create({"product_id": self.labour.id})],
            }
        )
        self.five.job_template_id = package
        self.company.aftersales_online_booking = True
        self.env["resource.resource"].create(
            {
                "name": "Bay",
                "aftersales_role": "bay",
                "resource_type": "material",
                "company_id": self.company.id,
            }
        )
        dues = self._get_two()
        mine, other = self._get_due(), self._get_due(self.second)
        for _again in range(2):
            order = self.vehicle._request_visit(
                self.customer, "once", {"template_ids": package.ids}
            )
        self.assertEqual(mine.state, "booked")
        self.assertEqual(mine.order_id, order)
        self.assertEqual(order.job_ids.due_id, mine)
        self.assertEqual(other.state, "open")
        order.action_cancel(reason="Not coming")
        self.assertEqual(set(dues.mapped("state")), {"open"})

    def test_planned_is_not_yet_a_time(self):
        due = self._get_two()[0]
        action = due.action_book()
        self.assertEqual(action["res_model"], "aftersales.book", "look for a time")
        self.assertEqual(due.state, "booked")
        self.assertEqual((due.booking_state, due.date_planned), ("none", False))
        self.assertEqual(due.status, "Planned, no time")
        order = due.order_id.sudo()
        order.date_planned = fields.Datetime.now()
        order.booking_state = "confirmed"
        self.assertEqual(due.date_planned, order.date_planned)
        self.env.invalidate_all()
        self.assertEqual(due.status, order._format_moment(order.date_planned))
        action = due.action_book()
        self.assertEqual(action["res_model"], "aftersales.order")
        self.assertEqual(len(order.job_ids), 1)

    def test_cars_in_the_shop_are_marked(self):
        dues = self._get_two()
        order = self._create_order([(self.labour, 1)], asset_id=self.vehicle.id)
        Due = self.env["aftersales.due"]
        here = [("is_here", "=", True), ("id", "in", dues.ids)]
        self.assertFalse(Due.search(here))
        self._approve(order)
        order.action_start(meter_in=3000)
        self.env.invalidate_all()
        self.assertEqual(Due.search(here), self._get_due())
        self.assertEqual(
            Due.search([("is_here", "=", False), ("id", "in", dues.ids)]),
            self._get_due(self.second),
        )
        self.assertEqual(self._get_due().is_here, True)
        self.assertEqual(self._get_due().status, "In the shop")
        self.assertEqual(self._get_due(self.second).status, "To Be Invited")
        self.assertEqual(self._get_due(self.second).is_here, False)

    def test_service_is_named_by_where_it_is_due(self):
        self.fifteen.name = "Major service, 15,000 km"
        self.ten.name = "Second service"
        for meter, words in (
            (15000, "Major service, 15,000 km"),
            (30000, "Major service, 30,000 km"),
            (25000, "Second service, 25,000 km"),
        ):
            line = self.fifteen if meter % 15000 == 0 else self.ten
            due = self.env["aftersales.due"].create(
                {
                    "asset_id": self.vehicle.id,
                    "line_id": line.id,
                    "meter_planned": meter,
                }
            )
            self.assertEqual(due.name, words)
            self.assertEqual(due._prepare_job_values()["name"], words)

    def test_warnings_of_many_orders_are_read_at_once(self):
        for car in self.cars:
            self._read(car, (100, 1000), (0, 4950))
        self._update()
        more = [self._create_vehicle(plate=f"X {number}") for number in range(4)]
        for car in more:
            self._read(car, (100, 1000), (0, 4950))
            car._update_due()
        orders = self.env["aftersales.order"].union(
            *(self._create_order(asset_id=car.id) for car in (*self.cars, *more))
        )
        orders.mapped("service_warning")
        counts = []
        for some in (orders[:2], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(all(some.mapped("service_warning")))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_deleted_order_frees_the_service(self):
        dues = self._get_two()
        dues.action_book()
        orders = dues.order_id.sudo()
        orders[0].job_ids.unlink()
        orders[1].unlink()
        self.assertEqual(set(dues.mapped("state")), {"open"})

    def test_car_without_owner_is_named(self):
        dues = self._get_two()
        self.second.partner_id = False
        with self.assertRaisesRegex(UserError, "京A·2"):
            dues.action_book()
        self.assertEqual(set(dues.mapped("state")), {"open"})

    def test_service_is_added_to_the_order_at_hand(self):
        self._get_two()
        self._read(self.vehicle, (0, 4950))
        self._update()
        orders = self._create_order(asset_id=self.vehicle.id) + self._create_order(
            asset_id=self.second.id
        )
        self.assertIn("5,000", orders[0].service_warning)
        self.assertFalse(orders[1].service_warning, "not soon")
        orders.action_add_due_service()
        orders.action_add_due_service()
        self.assertEqual(orders[0].job_ids.maintenance_line_id, self.five)
        self.assertEqual(orders.mapped("job_count"), [2, 2])
        self.assertFalse(orders[0].service_warning)

    def test_hand_over_keeps_history_and_forecasts_the_next(self):
        self._stock(self.part_avco, 2)
        self.five.driving_note = "Gently"
        dues = self._get_two()
        dues.action_book()
        orders = self._approve(dues.order_id.sudo())
        orders.job_ids.technician_id = self.employee
        for order in orders:
            order.action_start(meter_in=5200)
        self._issue(orders)
        orders.action_complete()
        self.assertEqual(set(dues.mapped("state")), {"done"})
        self.assertEqual(self.vehicle.next_service_meter, 10000, "for the papers")
        self.assertEqual(set(orders.mapped("driving_notes")), {"Gently"})
        orders[0].action_rework(reason="Leaks")
        self.assertFalse(orders[0].job_ids.due_id.date_done)
        orders[0].action_complete()
        orders.action_pass_quality()
        orders.action_invoice()
        orders.invoice_ids.action_post()
        for order in orders:
            order.action_deliver(meter_out=5210)
        orders.action_deliver()
        self.assertEqual(set(dues.mapped("meter_done")), {5210})
        self.assertEqual(set(dues.mapped("date_done")), {fields.Date.today()})
        for car in self.cars:
            self.assertEqual(self._get_due(car).line_id, self.ten)
            self.assertEqual(car.next_service_meter, 10000)
        self.assertIn("10,000", self.vehicle._get_next_service_words())
        with self.assertRaisesRegex(UserError, "history"):
            dues.sudo().unlink()

    def test_package_put_on_by_hand_counts(self):
        self._stock(self.part_avco, 1)
        template = self.env["aftersales.job.template"].create(
            {
                "name": "Package 5,000",
                "line_ids": [
                    Command.create({"product_id": self.labour.id, "product_uom_qty": 1})
                ],
            }
        )
        self.five.job_template_id = template
        self._read(self.vehicle, (0, 4900))
        order = self._create_order(
            asset_id=self.vehicle.id,
            job_ids=[Command.create({"template_id": template.id})],
        )
        self._approve(order)
        order.action_start(meter_in=5000)
        order.action_complete()
        order.action_pass_quality()
        order.action_deliver(meter_out=5000)
        done = self.vehicle.due_ids.filtered(lambda due: due.state == "done")
        self.assertEqual(done.line_id, self.five)
        self.assertEqual(done.order_id, order)
        self.assertEqual(self.vehicle.next_service_meter, 10000)

    def test_done_elsewhere(self):
        dues = self._get_two()
        dues.action_done_elsewhere(meter=4800)
        self.assertEqual(set(dues.mapped("state")), {"done"})
        self.assertEqual(self._get_due().line_id, self.ten)
        with self.assertRaisesRegex(UserError, "nothing is left"):
            dues.action_book()

    def test_planned_here_is_not_done_elsewhere(self):
        dues = self._get_two()
        dues[0].action_book()
        order = dues[0].order_id
        with self.assertRaisesRegex(UserError, order.name):
            dues.action_done_elsewhere(meter=4800)
        self.assertEqual(dues.mapped("state"), ["booked", "open"])
        dues.action_book()
        self.assertEqual(dues[0].order_id, order, "planned once")
        order.action_cancel(reason="Was at another garage")
        dues[0].action_done_elsewhere(meter=4800)
        self.assertEqual(dues[0].state, "done")

    def test_technician_only_looks(self):
        due = self._get_two()[0].with_user(self.technician)
        self.assertEqual(due.state, "open")
        with self.assertRaises(AccessError):
            due.action_called()
        with self.assertRaises(UserError):
            due.sudo().write({"state": "done"})

    def test_row_without_service_can_be_shown(self):
        """The client asks for the fields of a row that is being made."""
        due = self.env["aftersales.due"].new({"asset_id": self.vehicle.id})
        self.assertFalse(due.name)
        self.assertIn(self.vehicle.name, due.display_name)

    def test_duplicate_is_refused(self):
        due = self._update()
        with self.assertRaisesRegex(UserError, "stands in the list once"):
            due.copy()
