from freezegun import freeze_time

from odoo.tests import tagged

from .app_common import AppCommon, pixel
from .van_common import VanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestVisitFound(VanCommon, AppCommon):
    """Parts that are not on the order, used by a phone without a network."""

    def setUp(self):
        super().setUp()
        self.serial = self._stock_serial(["RP-1"])
        with freeze_time("2026-03-02 06:00:00"):
            self._fill(self.van_anna, self.part_serial, 1, self.serial)
            self._stock(self.part_avco, 5)
            self._fill(self.van_anna, self.part_avco, 3)
            self.visit = self._create_visit(1, "2026-03-02 09:00")
        self.order = self.visit.order_id
        self.job = self.visit.job_ids
        self.phone = self._phone()
        self.phone.pull()
        self.phone.do("arrive", self.visit, ago={"hours": 4})

    def _use(self, product=None, **values):
        product = product or self.part_serial
        values = {"quantity": 1, "job_id": self.job.id, **values}
        if product == self.part_serial:
            values["lot_name"] = "RP-1"
        values = {"product_id": product.id, **values}
        return self.phone.do("use_part", self.visit, ago={"hours": 3}, **values)["id"]

    def _agree(self, price, *operations, **values):
        values = {"signer": "Wang Fang", "signature": pixel(), **values}
        self.phone.do(
            "consent", self.visit, ago={"hours": 2}, job_ids=[], price=price,
            operations=list(operations), **values,
        )  # fmt: skip

    def _finish(self, **values):
        job = {"job_id": self.job.id, "cause": "Worn", "correction": "Replaced"}
        for number, (kind, each) in enumerate(
            [
                ("set", job),
                ("opinion", {"score": 5}),
                ("sign", {"signer": "Wang Fang", "signature": pixel()}),
                ("finish", {"outcome": "fixed", **values}),
            ]
        ):
            self.phone.do(kind, self.visit, ago={"minutes": 60 - number}, **each)

    def _get_price(self, product):
        prices = self.phone.visits[self.visit.id]["part_prices"]
        return prices[self.job.payer_id.id][product.id]

    def _get_found(self):
        return self.order.job_ids - self.job

    def _get_shown(self):
        jobs = self.phone.visits[self.visit.id]["jobs"]
        return next(job for job in jobs if job["id"] != self.job.id)

    def test_phone_knows_what_a_part_costs(self):
        self._use()
        self.phone.sync()
        found = self._get_found()
        self.assertEqual(found.name, f"1 × {self.part_serial.name} (RP-1)")
        total = found._get_customer_price()["total"]
        self.assertTrue(total)
        self.assertAlmostEqual(self._get_price(self.part_serial), total)
        shown = self._get_shown()
        self.assertEqual(shown["found_for_id"], self.job.id)
        (line,) = shown["lines"]
        self.assertEqual((line["asked"], line["used"], line["planned"]), (1, 0, 1))
        self.assertEqual(line["lot_names"], ["RP-1"])

    def test_agreed_and_finished_without_a_network(self):
        used = self._use()
        self._agree(self._get_price(self.part_serial), used)
        self._finish()
        results = self.phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        found = self._get_found()
        self.assertEqual((found.state, self.visit.state), ("done", "done"))
        self.assertEqual((found.cause, found.correction), ("Worn", "Replaced"))
        answer = self.visit.approval_ids
        self.assertEqual((answer.job_ids, answer.signer), (found, "Wang Fang"))
        customers = self.env.ref("stock.stock_location_customers")
        self.assertEqual(self._get_quantity(self.part_serial, customers), 1)

    def test_dearer_than_the_customer_was_told(self):
        used = self._use()
        self._agree(self._get_price(self.part_serial) - 1, used)
        consent = self.phone.sync()[-1]
        self.assertEqual(consent["state"], "refused")
        self.assertIn("RP-1", consent["message"])
        self.assertEqual(self._get_found().state, "proposed")

    def test_cheaper_than_the_customer_was_told(self):
        used = self._use()
        self._agree(self._get_price(self.part_serial) + 50, used)
        self.assertEqual(self.phone.sync()[-1]["state"], "done")
        self.assertEqual(self._get_found().state, "progress")

    def test_answer_about_a_part_that_was_not_taken_over(self):
        used = self._use(quantity=2)
        self._agree(500, used)
        states = [each["state"] for each in self.phone.sync()]
        self.assertEqual(states, ["done", "refused", "refused"])

    def test_declined_on_the_spot(self):
        used = self._use()
        self.phone.do(
            "refuse_paid", self.visit, ago={"hours": 2}, job_ids=[],
            operations=[used], reason="Too dear",
        )  # fmt: skip
        self.assertEqual(self.phone.sync()[-1]["state"], "done")
        self.assertEqual(self._get_found().state, "declined")
        self.assertEqual(self._get_quantity(self.part_serial, self.van_anna), 1)

    def test_all_parts_are_in_the_name(self):
        self._use()
        self._use(self.part_avco, quantity=2)
        self.phone.sync()
        found = self._get_found()
        words = f"1 × {self.part_serial.name} (RP-1), 2 × {self.part_avco.name}"
        self.assertEqual(found.name, words)
        section = found.sale_line_ids.filtered("display_type")
        self.assertEqual(section.name, words)
        found.name = "Pump set"
        self._use(self.part_avco)
        self.phone.sync()
        self.assertEqual(found.name, "Pump set", "named by somebody")

    def test_nothing_is_left_of_what_was_taken_back(self):
        used = self._use()
        self.phone.do("unuse_part", self.visit, operation=used, quantity=1)
        self.phone.sync()
        self.assertEqual(self._get_found().state, "cancel")
        self._finish()
        results = self.phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)

    def test_something_else_has_texts_of_its_own(self):
        used = self._use(job_id=None, cause="Rust", correction="New one")
        self._agree(self._get_price(self.part_serial), used)
        self._finish()
        results = self.phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        found = self._get_found()
        self.assertFalse(found.found_for_id)
        self.assertEqual((found.cause, found.correction), ("Rust", "New one"))

    def test_payer_is_that_of_the_job(self):
        with freeze_time("2026-03-02 06:00:00"):
            self.visit = self._create_visit(
                1, "2026-03-02 14:00", payer_id=self.payer_internal.id
            )
        self.job = self.visit.job_ids
        self.order = self.visit.order_id
        self.phone.pull()
        prices = self.phone.visits[self.visit.id]["part_prices"]
        self.assertEqual(prices, {self.payer_internal.id: False})
        self.phone.do("arrive", self.visit, ago={"hours": 3, "minutes": 30})
        used = self._use()
        self._agree(0, used)
        self.assertEqual(self.phone.sync()[-1]["state"], "done")
        self.assertEqual(self._get_found().payer_id, self.payer_internal)

    def test_done_with_its_job(self):
        used = self._use()
        self._agree(self._get_price(self.part_serial), used)
        self._finish(outcome="follow_up", note="Test run", done_job_ids=self.job.ids)
        results = self.phone.sync()
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertEqual(self._get_found().state, "done")

    # Missing parts

    def test_missing_part_stays_on_the_phone(self):
        values = {"product_id": self.part_fifo.id, "quantity": 2, "note": "Left one"}
        self.phone.do("missing_part", self.visit, job_id=self.job.id, **values)
        self._use()
        self.phone.sync()
        (missing,) = self.phone.visits[self.visit.id]["missing"]
        self.assertEqual((missing["quantity"], missing["note"]), (2, "Left one"))
        self.assertIn("customer", missing["state_label"])
        found = self._get_found()
        self.assertEqual(len(found), 2, "what is here does not wait for what is not")
        self.order.action_approve(
            jobs=found.filtered(lambda job: job.name.startswith("2 ×")), method="phone"
        )
        self.phone.pull()
        (missing,) = self.phone.visits[self.visit.id]["missing"]
        self.assertEqual(missing["state"], "expected")
        result = self.phone.send("finish", self.visit, outcome="part_missing")
        self.assertEqual(result["state"], "done", result)

    # Entries that need nobody any more

    def _get_open(self):
        return self.env["aftersales.field.operation"].search(
            [("state", "!=", "done"), ("settled", "=", False)]
        )

    def _ask_settled(self, *names):
        answer = self.phone.app.pull(problems=list(names))
        return {each["id"]: each["message"] for each in answer["settled"]}

    def test_second_finish_settles_the_first(self):
        self._finish()
        self.phone.outbox[-2]["kind"] = "note_nobody_knows"
        name = self.phone.outbox[-1]["id"]
        self.phone.sync()
        self.assertIn("finish", self._get_open().mapped("kind"))
        self.assertEqual(self._ask_settled(name), {})
        sign = {"signer": "Wang Fang", "signature": pixel()}
        self.phone.send("sign", self.visit, **sign)
        self.phone.send("finish", self.visit, outcome="fixed")
        self.assertNotIn("finish", self._get_open().mapped("kind"))
        operation = self.env["aftersales.field.operation"].search([("name", "=", name)])
        self.assertEqual(operation.settled, "later")
        self.assertIn("Overtaken", self._ask_settled(name)[name])

    def test_finish_at_the_desk_settles_the_phone(self):
        self._finish(outcome="fixed")
        del self.phone.outbox[-2]
        self.phone.sync()
        self.assertEqual(self._get_open().mapped("kind"), ["finish"])
        self.visit.action_finish("fixed", no_signature_reason="In a hurry")
        self.assertFalse(self._get_open())

    def test_consent_by_phone_settles_the_one_on_site(self):
        used = self._use()
        self._agree(1, used)
        name = self.phone.outbox[-1]["id"]
        self.phone.sync()
        self.assertEqual(self._get_open().mapped("kind"), ["consent"])
        self.order.action_approve(jobs=self._get_found(), method="phone")
        self.assertIn("Overtaken", self._ask_settled(name)[name])
        self.assertFalse(self._get_open())

    def test_what_the_dispatcher_settled_is_told(self):
        name = self._use(quantity=3)
        self.phone.sync()
        self._get_open().with_user(self.dispatcher).action_settle(note="Counted")
        self.assertIn("Counted", self._ask_settled(name)[name])
        other = self._phone(self.ben_user)
        self.assertFalse(other.app.pull(problems=[name])["settled"], "not Ben's")
