from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_app_workshop import WorkshopCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestAppWorkshopLate(WorkshopCommon):
    """What a tablet tells after the work went on, or was over, without it."""

    def setUp(self):
        super().setUp()
        self.phone.pull()

    def _help(self):
        """Return the tablet of Ben, who helps Anna on her job."""
        self.order.action_start()
        self.job.helper_ids = self.env["hr.employee.public"].browse(
            self.employee_ben.id
        )
        second = self._phone(self.ben_user)
        second.pull()
        return second

    def _get_hours(self):
        return {
            entry.employee_id: round(entry.hours, 2) for entry in self._get_entries()
        }

    def _complete(self):
        """Let the work be done an hour ago, checked and handed over now."""
        order = self.order
        self.inspection.action_cancel(reason="Not needed")
        self.filter.aftersales_exchange = False
        self.env["stock.quant"]._update_available_quantity(
            self.filter, self.warehouse.lot_stock_id, 5
        )
        order.line_ids.move_ids._action_assign()
        with freeze_time("2026-03-02 11:00:00"):
            order.action_start()
            order.job_ids.write({"cause": "Worn", "correction": "Replaced"})
            order.job_ids.action_done()
            if order.state == "progress":
                order.action_complete()
        order.action_pass_quality()
        self.assertEqual(order.state, "ready")

    # Clocks

    def test_who_finishes_ends_everybodys_clock(self):
        second = self._help()
        job = {"job_id": self.job.id}
        self.phone.send("clock_on", self.order, ago={"minutes": 180}, **job)
        second.do("clock_on", self.order, ago={"minutes": 170}, **job)
        second.do("job_done", self.order, ago={"minutes": 120}, **job)
        self.assertEqual({each["state"] for each in second.sync()}, {"done"})
        self.assertEqual(
            self._get_hours(), {self.employee_anna: 1.0, self.employee_ben: 0.83}
        )

    def test_clock_that_began_after_the_end_goes_on_until_now(self):
        second = self._help()
        job = {"job_id": self.job.id}
        self.phone.send("clock_on", self.order, ago={"minutes": 30}, **job)
        second.send("job_done", self.order, ago={"minutes": 120}, **job)
        self.assertEqual(self._get_hours(), {self.employee_anna: 0.5})

    # Work that is over

    def test_finished_order_stays_what_it_was(self):
        self._complete()
        meters = self.order.meter_in, self.order.meter_out
        line = self.job.line_ids[0]
        for kind, values in (
            ("set", {"job_id": self.job.id, "cause": "Rewritten"}),
            ("meter", {"value": 5000}),
            ("added_work", {"job_id": self.job.id, "text": "More"}),
            (
                "missing_part",
                {"job_id": self.job.id, "product_id": self.filter.id, "quantity": 1},
            ),
            ("old_part", {"line_id": line.id, "choice": "store"}),
        ):
            with self.subTest(kind):
                result = self.phone.send(kind, self.order, **values)
                self.assertEqual(result["state"], "refused")
                self.assertIn("is finished. Ask the advisor", result["message"])
        self.assertEqual(self.job.cause, "Worn")
        self.assertEqual((self.order.meter_in, self.order.meter_out), meters)
        self.assertEqual(len(self.order.job_ids), 3)

    def test_finished_order_by_its_methods(self):
        self._complete()
        own = self.order.with_user(self.portal_engineer_user)
        line = self.sub.line_ids[0].id
        for call in (
            lambda: own.record_meter(5000),
            lambda: own.record_old_part(line, choice="store"),
            lambda: own.action_report_missing(self.filter.id),
        ):
            with self.assertRaisesRegex(UserError, "is finished"):
                call()
        # Who looks after the order may correct it.
        self.order.with_user(self.dispatcher).record_meter(5000)
        self.assertEqual(self.order.meter_in, 5000)

    def test_told_late_of_before_the_end(self):
        self._complete()
        result = self.phone.send("meter", self.order, ago={"minutes": 90}, value=5000)
        self.assertEqual(result["state"], "done", result)

    def test_texts_of_a_finished_job(self):
        self.order.action_start()
        job = {"job_id": self.job.id}
        self.phone.send("job_done", self.order, ago={"minutes": 30}, **job)
        late = self.phone.send("set", self.order, cause="Rust", **job)
        self.assertIn("is finished", late["message"])
        early = {"minutes": 40}
        result = self.phone.send("set", self.order, ago=early, cause="Worn", **job)
        self.assertEqual(result["state"], "done", result)
        self.assertEqual(self.job.cause, "Worn")

    # Orders that went to the customer's place

    def test_order_that_is_done_at_the_customers_now(self):
        self.order.is_onsite = True
        result = self.phone.send("set", self.order, job_id=self.job.id, cause="Worn")
        self.assertEqual(result["state"], "refused")
        self.assertIn("at the customer's now", result["message"])
        operation = self.env["aftersales.field.operation"].search(
            [("name", "=", result["id"])]
        )
        self.assertEqual(operation.order_id, self.order)
        self.order.is_onsite = False
        operation.with_user(self.dispatcher).action_retry()
        self.assertEqual(self.job.cause, "Worn")

    # What is called from outside

    def test_missing_part_that_is_none(self):
        own = self.order.with_user(self.portal_engineer_user)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.filter.copy({"company_id": elsewhere.id})
        for values in (
            {"product": "x"},
            {"product": None},
            {"product": foreign.id},
            {"product": self.filter.id, "quantity": "5"},
            {"product": self.filter.id, "quantity": -4},
            {"product": self.filter.id, "quantity": float("nan")},
            {"product": self.filter.id, "job": "x"},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                own.action_report_missing(**values)
        self.assertEqual(len(self.order.job_ids), 3)
