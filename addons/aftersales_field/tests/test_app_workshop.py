import base64
import hashlib
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .app_common import AppCommon, pixel


class WorkshopCommon(AppCommon):
    """A car in the workshop on the tablets of those who work on it.

    ``order``: approved, with ``job`` of Anna (``filter``, labour), ``other`` of Ben,
    ``sub`` of the subcontractor Carl; ``inspection`` of the order
    """

    def setUp(self):
        super().setUp()
        self.filter = self.env["product.product"].create(
            {
                "name": "Filter",
                "is_storable": True,
                "list_price": 20,
                "aftersales_exchange": True,
            }
        )
        self.order = self._create_shop_order()
        self.job, self.other, self.sub = self.order.job_ids
        self.inspection = self._create_checklist_of(self.order)
        self.phone = self._phone()

    def _create_shop_order(self):
        order = self._create_order(
            {"name": "Brakes", "lines": [(self.filter, 1), (self.labour, 1)]},
            {"name": "Lights", "lines": [(self.labour, 1)]},
            {"name": "Tyres", "lines": [(self.labour, 1)]},
        )
        order.action_estimate()
        order.action_approve()
        jobs = order.job_ids
        jobs[0].technician_id = self.employee_anna
        jobs[1].technician_id = self.employee_ben
        jobs[2].technician_id = self.employee_carl
        return order

    def _create_checklist_of(self, order):
        return self.env["aftersales.inspection"].create(
            {"template_id": self.checklist.id, "order_id": order.id}
        )

    def _get_entries(self):
        return self.env["aftersales.clock.entry"].search(
            [("job_id", "in", self.order.job_ids.ids), ("kind", "=", "work")]
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestAppWorkshop(WorkshopCommon):
    def test_tablet_has_the_own_jobs(self):
        self.order.write({"meter_in": 100, "date_promised": "2026-03-02 16:00:00"})
        self._create_booking(
            self.bay, "2026-03-02 13:00", "2026-03-02 15:00", order_id=self.order.id
        )
        self.env["aftersales.finding"].create(
            {"name": "Tyre worn", "is_safety": True, "order_id": self.order.id,
             "asset_id": self.asset.id}
        )  # fmt: skip
        self.phone.pull()
        self.assertFalse(self.phone.visits)
        order = self.phone.orders[self.order.id]
        self.assertEqual([job["name"] for job in order["jobs"]], ["Brakes"])
        self.assertEqual(order["name"], self.order.name)
        self.assertEqual(order["complaint"], "Squeals when braking")
        self.assertEqual(order["asset"]["serial"], self.asset.serial or "")
        self.assertEqual(order["promised"], "2026-03-02 16:00:00")
        self.assertEqual(order["places"][0]["name"], "Bay 1")
        self.assertTrue(order["findings"][0]["is_safety"])
        self.assertEqual(order["inspections"][0]["id"], self.inspection.id)
        (job,) = order["jobs"]
        self.assertEqual((job["state"], job["clock"]), ("approved", "off"))
        part = job["lines"][0]
        self.assertEqual(part["availability"], "missing")
        self.assertNotIn("price", part, "the workshop sees no prices")
        self.assertNotIn("cover", job)
        again = self.phone.pull()
        self.assertFalse(again["orders"], "nothing new")

    def test_who_helps_has_the_job_too(self):
        self.other.helper_ids = self.env["hr.employee.public"].browse(
            self.employee_anna.id
        )
        self.phone.pull()
        job = self.phone.get_job(self.other)
        self.assertTrue(job["is_helper"])
        result = self.phone.send("clock_on", self.order, job_id=self.other.id)
        self.assertEqual(result["state"], "done", result)

    def test_work_at_the_customers_and_of_another_day_stays_away(self):
        self.order.is_onsite = True
        self.phone.pull()
        self.assertFalse(self.phone.orders)
        self.order.is_onsite = False
        self.order.date_planned = fields.Datetime.now() + timedelta(days=60)
        self.phone.pull()
        self.assertFalse(self.phone.orders)
        self.order.date_planned = False
        self.phone.pull()
        self.assertTrue(self.phone.get_job(self.job))

    def test_a_day_counts_once(self):
        """Everything that is entered in the shop, without a network, then twice."""
        self._put_in_stock(self.filter, 5)
        self.phone.pull()
        line = self.job.line_ids[0]
        phone, order, job = self.phone, self.order, self.job
        for minutes, kind, values in (
            (90, "clock_on", {"job_id": job.id}),
            (85, "answers", {"inspection_id": self.inspection.id, "answers": [
                {"item_id": self.earthed.id, "value_yes_no": "yes"},
                {"item_id": self.words.id, "value_text": "Dry"},
                {"item_id": self.pressure.id, "value_number": 2}]}),
            (80, "clock_pause", {"job_id": job.id}),
            (70, "clock_on", {"job_id": job.id}),
            (60, "set", {"job_id": job.id, "cause": "Worn"}),
            (59, "set", {"job_id": job.id, "correction": "New pads"}),
            (55, "meter", {"value": 12345}),
            (50, "missing_part", {"job_id": job.id, "product_id": self.filter.id,
                                  "quantity": 1, "note": "soon"}),
            (45, "added_work", {"job_id": job.id, "text": "Wiper is torn"}),
            (40, "note", {"job_id": job.id, "text": "Key is in the box"}),
            (35, "old_part", {"line_id": line.id, "choice": "store"}),
            (30, "clock_off", {"job_id": job.id}),
            (20, "job_done", {"job_id": job.id}),
        ):  # fmt: skip
            phone.do(kind, order, ago={"minutes": minutes}, **values)
        operations = list(phone.outbox)
        results = phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        before = self._check_once()
        results = phone.sync(operations)
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertEqual(self._check_once(), before)

    def _put_in_stock(self, product, quantity):
        self.env["stock.quant"]._update_available_quantity(
            product, self.order.warehouse_id.lot_stock_id, quantity
        )

    def _check_once(self):
        self.env.invalidate_all()
        order, job = self.order, self.job
        self.assertEqual(
            (job.state, job.cause, job.correction), ("done", "Worn", "New pads")
        )
        self.assertEqual(job.date_done, fields.Datetime.now() - timedelta(minutes=20))
        self.assertEqual(order.meter_in, 12345)
        self.assertEqual(
            [round(entry.hours * 60) for entry in self._get_entries().sorted("start")],
            [10, 40],
        )
        added = order.job_ids.filtered(lambda each: each.name == "Wiper is torn")
        self.assertEqual((len(added), added.state), (1, "draft"))
        self.assertEqual(added.technician_id, self.employee_anna)
        self.assertEqual(order.old_part_ids.mapped("state"), ["stored"])
        notes = order.message_ids.filtered(lambda each: "Key is" in (each.body or ""))
        self.assertEqual(len(notes), 1)
        self.assertEqual(self.inspection.state, "progress")
        return (
            order.message_ids.ids,
            order.activity_ids.ids,
            order.job_ids.ids,
            order.line_ids.move_ids.ids,
        )

    def test_job_done_ends_the_clock_when_it_was_pressed(self):
        self.phone.pull()
        self.phone.do("clock_on", self.order, ago={"minutes": 60}, job_id=self.job.id)
        self.phone.do("job_done", self.order, ago={"minutes": 20}, job_id=self.job.id)
        results = self.phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertEqual(round(self._get_entries().hours * 60), 40)
        self.assertEqual(self.phone.get_job(self.job)["state"], "done")
        with freeze_time("2026-03-04 12:00:00"):
            self.phone.pull()
        self.assertFalse(self.phone.get_job(self.job))
        self.assertEqual(self.phone.gone_jobs[self.job.id]["reason"], "It is done.")

    def test_parts_that_lie_ready_are_used_or_go_back(self):
        orders = self.order | self._create_shop_order()
        for order, use_parts in zip(orders, (True, False), strict=True):
            job = order.job_ids[0]
            self._put_in_stock(self.filter, 1)
            order.line_ids.move_ids._action_assign()
            order.action_start()
            used = job.line_ids[0]._get_issue_moves()
            if order.line_ids._get_staging_moves():
                self._stage(order)
            is_staged = bool(job.staged_parts)
            result = self.phone.send(
                "job_done", order, job_id=job.id, use_parts=use_parts
            )
            self.assertEqual(result["state"], "done", result)
            if is_staged:
                self.assertEqual(
                    used.mapped("state"), ["done" if use_parts else "cancel"]
                )

    def test_job_given_to_somebody_else_leaves_the_tablet(self):
        self.phone.pull()
        self.phone.send("clock_on", self.order, job_id=self.job.id)
        self.job.technician_id = self.employee_ben
        self.phone.do("set", self.order, job_id=self.job.id, cause="Worn")
        self.phone.do("clock_off", self.order, job_id=self.job.id)
        text, off = self.phone.sync()
        self.assertEqual(text["state"], "refused")
        self.assertIn("It was given to Ben", text["message"])
        self.assertEqual(off["state"], "done", "the own time ends all the same")
        self.assertTrue(self._get_entries().stop)
        self.assertFalse(self.job.cause)
        self.assertFalse(self.phone.get_job(self.job))
        self.assertIn("Ben", self.phone.gone_jobs[self.job.id]["reason"])
        kept = self.env["aftersales.field.operation"].search(
            [("order_id", "=", self.order.id), ("state", "=", "refused")]
        )
        self.assertEqual(kept.payload["values"]["cause"], "Worn")
        self.assertIn(self.order.name, kept.display_name)
        self.assertTrue(self.order.activity_ids, "the advisor is told")
        kept.with_user(self.dispatcher).action_retry()
        self.assertEqual(self.job.cause, "Worn")

    def test_other_jobs_of_the_order_stay(self):
        self.other.technician_id = self.employee_anna
        self.phone.pull()
        self.assertEqual(len(self.phone.orders[self.order.id]["jobs"]), 2)
        self.other.technician_id = self.employee_ben
        self.phone.pull()
        (job,) = self.phone.orders[self.order.id]["jobs"]
        self.assertEqual(job["id"], self.job.id)
        self.assertIn("Ben", self.phone.gone_jobs[self.other.id]["reason"])

    def test_order_called_off(self):
        self.phone.pull()
        self.order.action_cancel(reason="Sold")
        result = self.phone.send("set", self.order, job_id=self.job.id, cause="Worn")
        self.assertEqual(result["state"], "refused")
        self.assertIn("called off", result["message"])
        self.assertIn("called off", self.phone.gone_jobs[self.job.id]["reason"])

    def test_text_that_somebody_changed_meanwhile(self):
        self.phone.pull()
        self.job.cause = "Rust"
        base = {"cause": ""}
        result = self.phone.send(
            "set", self.order, base=base, job_id=self.job.id, cause="Worn"
        )
        self.assertEqual(result["state"], "conflict")
        self.assertEqual(result["conflicts"][0]["theirs"], "Rust")
        operation = self.env["aftersales.field.operation"].search(
            [("order_id", "=", self.order.id), ("state", "=", "conflict")]
        )
        operation.with_user(self.dispatcher).action_keep_phone()
        self.assertEqual(self.job.cause, "Worn")

    def test_two_tablets_on_one_order(self):
        ben = self._phone(self.ben_user)
        self.phone.pull()
        ben.pull()
        for phone, job in ((self.phone, self.job), (ben, self.other)):
            phone.do("clock_on", self.order, ago={"minutes": 30}, job_id=job.id)
            phone.do("job_done", self.order, ago={"minutes": 10}, job_id=job.id)
        for phone in (self.phone, ben):
            results = phone.sync()
            self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertEqual((self.job + self.other).mapped("state"), ["done", "done"])
        self.assertEqual(len(self._get_entries()), 2)

    def test_part_that_is_missing_is_asked_for(self):
        self.phone.pull()
        asked = {"job_id": self.job.id, "product_id": self.filter.id, "quantity": 1}
        jobs = self.order.job_ids
        result = self.phone.send("missing_part", self.order, **asked)
        self.assertEqual(result["state"], "done", result)
        self.assertEqual(self.order.job_ids, jobs, "it is planned: no work is added")
        self.assertTrue(self.phone.get_job(self.job)["lines"][0]["is_asked"])
        self.assertIn("Anna needs 1 × Filter", self.order.activity_ids[-1:].note)
        self.assertFalse(self.job.line_ids[0].qty_used, "the store issues parts")

    def test_part_nobody_thought_of_is_work_to_agree_to(self):
        self.phone.pull()
        pad = self.env["product.product"].create({"name": "Pad", "list_price": 30})
        result = self.phone.send(
            "missing_part",
            self.order,
            job_id=self.job.id,
            product_id=pad.id,
            quantity=2,
        )
        self.assertEqual(result["state"], "done", result)
        added = self.order.job_ids.filtered(lambda job: pad in job.line_ids.product_id)
        self.assertEqual(added.state, "draft")
        self.assertEqual(added.line_ids.product_uom_qty, 2)
        self.assertTrue(self.phone.get_job(added)["needs_consent"])
        result = self.phone.send("clock_on", self.order, job_id=added.id)
        self.assertEqual(result["state"], "refused", "nobody agreed to it yet")

    def test_photo_of_a_checklist_and_of_the_car(self):
        raw = pixel()
        item = {"inspection_id": self.inspection.id, "item_id": self.nameplate.id}
        sent = self._photo(raw, inspection_item=item)
        self.assertTrue(sent["done"], sent)
        answer = self.inspection.answer_ids.filtered(
            lambda each: each.item_id == self.nameplate
        )
        self.assertEqual(len(answer.photo_ids), 1)
        for _again in range(2):
            sent = self._photo(raw, photo="car")
            self.assertTrue(sent["done"], sent)
        photos = self.env["ir.attachment"].search(
            [("res_model", "=", "aftersales.order"), ("res_id", "=", self.order.id)]
        )
        self.assertEqual(len(photos), 1)
        refused = self._photo(raw, user=self.ben_user, photo="other")
        self.assertTrue(refused["done"], "Ben works on it as well")
        self.other.technician_id = self.sub.technician_id = self.employee_anna
        refused = self._photo(raw, user=self.portal_engineer_user, photo="third")
        self.assertTrue(refused["refused"])
        self.assertNotIn(self.order.name, refused["error"])

    def _photo(self, raw, user=None, **values):
        data = base64.b64decode(raw)
        return self._phone(user).app.put_photo(
            **{
                "photo": "nameplate",
                "order_id": self.order.id,
                "name": "photo.png",
                "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
                "offset": 0,
                "data": raw,
                **values,
            }
        )

    def test_orders_of_two_companies(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.anna_user.company_ids = [Command.link(company.id)]
        self.phone.pull()
        self.assertTrue(self.phone.get_job(self.job))
        self.anna_user.write(
            {"company_id": company.id, "company_ids": [Command.set(company.ids)]}
        )
        result = self.phone.send("set", self.order, job_id=self.job.id, cause="Worn")
        self.assertEqual(result["state"], "refused")
        self.assertIn("not yours", result["message"])

    def test_steps_of_visits_are_none_here(self):
        self.phone.pull()
        for kind in ("travel", "use_part", "finish", "sign", "consent"):
            result = self.phone.send(kind, self.order, job_id=self.job.id)
            self.assertEqual(result["state"], "refused", kind)
        visit = self._create_visit(2, "2026-03-03 09:00")
        result = self.phone.send("job_done", visit, job_id=visit.job_ids.id)
        self.assertEqual(result["state"], "refused", "a visit is finished as a whole")
        self.assertNotEqual(visit.job_ids.state, "done")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestAppWorkshopRights(WorkshopCommon):
    """What somebody else's numbers are good for: nothing."""

    def _get_entries_of_all_kinds(self, job, inspection):
        line = job.line_ids[:1]
        return (
            ("set", {"job_id": job.id, "cause": "Mine"}),
            ("clock_on", {"job_id": job.id}),
            ("clock_pause", {"job_id": job.id}),
            ("clock_off", {"job_id": job.id}),
            ("missing_part", {"job_id": job.id, "product_id": self.filter.id}),
            ("added_work", {"job_id": job.id, "text": "Rust"}),
            ("note", {"job_id": job.id, "text": "Hello"}),
            ("job_done", {"job_id": job.id}),
            ("old_part", {"line_id": line.id, "choice": "store"}),
            ("meter", {"value": 1}),
            ("answers", {"inspection_id": inspection.id, "answers": [
                {"item_id": self.words.id, "value_text": "Mine"}]}),
            ("inspect_finish", {"inspection_id": inspection.id}),
            ("remove_photo", {"inspection_id": inspection.id, "photo_id": 1}),
        )  # fmt: skip

    def _get_traces(self, order):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            order.state,
            order.meter_in,
            order.job_ids.ids,
            order.job_ids.mapped("cause"),
            order.job_ids.mapped("state"),
            order.message_ids.ids,
            order.old_part_ids.ids,
            order.inspection_ids.answer_ids.mapped("value_text"),
            self._get_entries().ids,
        )

    def test_order_of_somebody_else(self):
        order = self._create_shop_order()
        order.job_ids.technician_id = self.employee_ben
        inspection = self._create_checklist_of(order)
        before = self._get_traces(order)
        for user in (self.anna_user, self.portal_engineer_user):
            phone = self._phone(user)
            phone.pull()
            self.assertNotIn(order.id, phone.orders)
            for kind, values in self._get_entries_of_all_kinds(
                order.job_ids[0], inspection
            ):
                phone.do(kind, order, **values)
            for result in phone.sync():
                self.assertEqual(result["state"], "refused", result)
                self.assertIn("not yours", result["message"])
                self.assertNotIn(order.name, result["message"])
        self.assertEqual(self._get_traces(order), before)
        self.assertFalse(order.activity_ids)

    def test_job_of_a_colleague_on_the_own_order(self):
        before = self._get_traces(self.order)
        phone = self._phone(self.portal_engineer_user)
        phone.pull()
        (job,) = phone.orders[self.order.id]["jobs"]
        self.assertEqual(job["id"], self.sub.id, "of the others nothing is told")
        for kind, values in self._get_entries_of_all_kinds(self.job, self.inspection):
            if "job_id" in values or "line_id" in values:
                phone.do(kind, self.order, **values)
        for result in phone.sync():
            self.assertEqual(result["state"], "refused", result)
        self.assertEqual(self._get_traces(self.order), before)

    def test_portal_technician_does_the_own_job(self):
        phone = self._phone(self.portal_engineer_user)
        phone.pull()
        for minutes, kind, values in (
            (60, "clock_on", {"job_id": self.sub.id}),
            (50, "answers", {"inspection_id": self.inspection.id, "answers": [
                {"item_id": self.words.id, "value_text": "Dry"}]}),
            (40, "set", {"job_id": self.sub.id, "cause": "Flat"}),
            (30, "note", {"job_id": self.sub.id, "text": "Done by six"}),
            (20, "job_done", {"job_id": self.sub.id}),
        ):  # fmt: skip
            phone.do(kind, self.order, ago={"minutes": minutes}, **values)
        results = phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertEqual((self.sub.state, self.sub.cause), ("done", "Flat"))
        with self.assertRaises(UserError):
            self.order.with_user(self.portal_engineer_user).record_old_part(
                self.job.line_ids[0].id, choice="store"
            )

    def test_numbers_that_are_none(self):
        phone = self._phone()
        for number in (10**9, -1, 0, "1", None, [1]):
            phone.outbox.append(
                {
                    "id": f"odd {number}",
                    "kind": "set",
                    "order_id": number,
                    "moment": phone.now(),
                    "values": {"job_id": self.job.id, "cause": "Mine"},
                }
            )
        for result in phone.sync():
            self.assertEqual(result["state"], "refused", result)
        self.assertFalse(self.job.cause)
        answer = phone.app.pull(known_jobs={str(self.other.id): "x", "-1": 2, "a": 1})
        self.assertEqual(
            answer["gone_jobs"],
            [{"id": self.other.id, "name": "", "reason": "This job is not yours."}],
        )

    def test_customers_hear_nothing(self):
        customer = self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "shop_customer",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        with self.assertRaises(AccessError):
            self._phone(customer).pull()

    def test_entries_are_seen_by_those_who_look_after_the_order(self):
        self.phone.pull()
        self.phone.send("set", self.order, job_id=self.job.id, cause="Worn")
        operation = self.env["aftersales.field.operation"].search(
            [("order_id", "=", self.order.id)]
        )
        self.assertTrue(operation.with_user(self.dispatcher).has_access("read"))
        stranger = self.env["res.users"].create(
            {
                "name": "Other advisor",
                "login": "other_advisor",
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [
                    Command.set(self.env.ref("aftersales.aftersales_group_user").ids)
                ],
            }
        )
        self.assertFalse(operation.with_user(stranger).has_access("read"))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestAppWorkshopSpeed(WorkshopCommon):
    def test_pull_costs_the_same_for_more_orders(self):
        self.phone.app.pull()
        few = self._count()
        for _number in range(5):
            self._create_checklist_of(self._create_shop_order())
        self.phone.app.pull()
        many = self._count()
        self.assertLessEqual(few, 95)
        self.assertLessEqual(many - few, 15, "five more orders")

    def _count(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        answer = self.phone.app.pull(self.phone.device, self.phone.now())
        self.assertTrue(answer["orders"])
        return self.env.cr.sql_log_count - before

    def test_who_has_no_jobs_pays_little(self):
        self.order.job_ids.technician_id = False
        self.phone.app.pull()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertFalse(self.phone.app._get_workshop_jobs())
        self.assertLessEqual(self.env.cr.sql_log_count - before, 12)
