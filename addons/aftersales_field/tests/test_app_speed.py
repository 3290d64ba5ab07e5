from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .app_common import AppCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 05:00:00")
class TestAppSpeed(AppCommon):
    """What a phone costs: a day of eight visits, and a morning without a network."""

    def setUp(self):
        super().setUp()
        part = self.env["product.product"].create(
            {"name": "Filter", "is_storable": True, "list_price": 20}
        )
        asset = self.env["aftersales.asset"].create(
            {"name": "Boiler", "partner_id": self.customer.id}
        )
        self.visits = self.env["aftersales.visit"]
        for number in range(8):
            order = self._create_work(1)
            order.asset_id = asset
            order.job_ids.line_ids = [
                Command.create({"product_id": part.id, "kind": "part"})
                for _number in range(3)
            ]
            order.action_approve()
            visit = order.action_create_visit()
            day, hour = 2 + number // 2, 9 + number % 2 * 5
            visit.action_plan(
                start=self._local(f"2026-03-0{day} {hour:02}:00"),
                technician=self.employee_anna,
            )
            self._create_checklist(visit)
            self.visits |= visit
        self.phone = self._phone()
        # Registry and caches of the process are warm on a server.
        self.phone.app.pull()

    def _count(self, call):
        """Return how many statements a request costs that begins with cold caches."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        answer = call()
        return answer, self.env.cr.sql_log_count - before

    def test_pull_of_eight_visits(self):
        answer, count = self._count(
            lambda: self.phone.app.pull(self.phone.device, self.phone.now())
        )
        self.assertEqual(len(answer["visits"]), 8)
        self.assertLessEqual(count, 90)

    def test_fifty_operations(self):
        operations = self._get_morning()
        self.assertEqual(len(operations), 50)
        results, count = self._count(lambda: self.phone.sync(operations))
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertLessEqual(count, 1150)
        results, count = self._count(lambda: self.phone.sync(operations))
        self.assertEqual({each["state"] for each in results}, {"done"}, results)
        self.assertLessEqual(count, 100, "what is known costs one more statement")

    def _get_morning(self):
        for number, visit in enumerate(self.visits[:5]):
            later = (5 - number) * 60
            job = visit.job_ids
            inspection = visit.order_id.inspection_ids
            for minutes, kind, values in (
                (55, "travel", {}),
                (50, "arrive", {}),
                (45, "clock_on", {"job_id": job.id}),
                (40, "answers", {"inspection_id": inspection.id, "answers": [
                    {"item_id": self.earthed.id, "value_yes_no": "yes"},
                    {"item_id": self.words.id, "value_text": "Dry"}]}),
                (38, "answers", {"inspection_id": inspection.id, "answers": [
                    {"item_id": self.pressure.id, "value_number": 2.5}]}),
                (35, "set", {"job_id": job.id, "cause": "Worn"}),
                (30, "set", {"job_id": job.id, "correction": "Replaced"}),
                (25, "pause", {"reason": "Lunch"}),
                (20, "resume", {}),
                (15, "clock_off", {"job_id": job.id}),
            ):  # fmt: skip
                self.phone.do(kind, visit, ago={"minutes": later + minutes}, **values)
        return self.phone.outbox
