from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .app_common import AppCommon
from .van_common import VanCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestVanCount(VanCommon, AppCommon):
    """Counts that were taken without a network, and those tried again."""

    def setUp(self):
        super().setUp()
        self.company.aftersales_van_tolerance = 1000.0
        self._stock(self.part_avco, 50)
        with freeze_time("2026-03-02 06:00:00"):
            self._fill(self.van_anna, self.part_avco, 3)
        self.phone = self._phone()

    def _count(self, quantity, hours, product=None, phone=None, **row):
        """Count on the phone so many hours ago."""
        product = product or self.part_avco
        counts = [{"product_id": product.id, "quantity": quantity, **row}]
        return (phone or self.phone).do("count", ago={"hours": hours}, counts=counts)

    def _sync(self):
        results = self.phone.sync()
        for result in results:
            self.assertEqual(result["state"], "done", result)
        return results

    def _get_there(self, product=None):
        return self._get_quantity(product or self.part_avco, self.van_anna)

    def test_what_was_loaded_since_is_there(self):
        with freeze_time("2026-03-02 11:00:00"):
            self._fill(self.van_anna, self.part_avco, 5)
        self._count(3, hours=2)
        (result,) = self._sync()
        self.assertEqual(result["values"], {"counted": 1, "booked": 0, "waiting": 0})
        self.assertEqual(self._get_there(), 8)
        count = self.env["aftersales.van.count"].search(
            [("location_id", "=", self.van_anna.id)]
        )
        self.assertEqual(count.date, fields.Datetime.now() - timedelta(hours=2))
        self.assertEqual(count.employee_id, self.employee_anna)

    def test_what_was_missing_then_is_missing_now(self):
        with freeze_time("2026-03-02 11:00:00"):
            self._fill(self.van_anna, self.part_avco, 5)
        self._count(2, hours=2)
        (result,) = self._sync()
        self.assertEqual(result["values"]["booked"], 1)
        self.assertEqual(self._get_there(), 7)

    def test_what_was_used_before_the_count_was_not_counted(self):
        """Both arrive at once: the part left the van when it was used."""
        visit = self._create_part_visit(self.part_avco, 2, start="2026-03-02 10:00")
        line = self._get_line(visit, self.part_avco)
        self.phone.do("arrive", visit, ago={"hours": 3})
        self.phone.do(
            "use_part",
            visit,
            ago={"minutes": 150},
            product_id=self.part_avco.id,
            quantity=2,
        )
        self._count(1, hours=2)
        self.phone.do("unuse_part", visit, ago={"hours": 1}, line_id=line.id)
        results = self._sync()
        self.assertEqual(results[2]["values"]["booked"], 0)
        self.assertEqual(self._get_there(), 2)
        moves = line.move_ids | line.move_ids.returned_move_ids
        done = moves.filtered(lambda move: move.state == "done").move_line_ids
        now = fields.Datetime.now()
        self.assertEqual(
            done.sorted("date").mapped("date"),
            [now - timedelta(minutes=150), now - timedelta(hours=1)],
        )
        self.assertEqual(set(done.move_id.mapped("date")), {now}, "money is of now")

    def test_the_last_count_holds(self):
        self._count(1, hours=3)
        self._count(2, hours=2)
        self._sync()
        self.assertEqual(self._get_there(), 2)
        # The store counted meanwhile; what was seen before that is not of today.
        Visit = self.env["aftersales.visit"].with_user(self.storekeeper)
        Visit.count_van(
            [{"product_id": self.part_avco.id, "quantity": 5}],
            employee=self.employee_anna,
        )
        self._count(1, hours=1)
        (result,) = self._sync()
        self.assertEqual(result["values"]["counted"], 0)
        self.assertEqual(self._get_there(), 5)
        count = self.env["aftersales.van.count"].search(
            [("operation", "=", result["id"])]
        )
        self.assertIn("counted anew since then", count.words)

    def test_serial_that_was_used_since_its_count(self):
        (lot,) = self._stock_serial(["SN1"])
        with freeze_time("2026-03-02 07:00:00"):
            self._fill(self.van_anna, self.part_serial, 1, lot)
        visit = self._create_part_visit(self.part_serial, start="2026-03-02 10:00")
        with freeze_time("2026-03-02 11:00:00"):
            self._arrive(visit).with_user(self.anna_user).action_use_part(
                self.part_serial, lot="SN1"
            )
        self._count(1, hours=2, product=self.part_serial, lot_name="SN1")
        (result,) = self._sync()
        self.assertEqual(result["values"]["booked"], 0)
        self.assertEqual(self._get_there(self.part_serial), 0)

    def test_two_batches_and_a_replay(self):
        first = self._count(2, hours=2)
        self._sync()
        for _time in range(2):
            (again,) = self.phone.sync([first])
            self.assertEqual(again["state"], "done")
        self.assertEqual(self._get_there(), 2)
        self.assertEqual(
            self.env["aftersales.van.count"].search_count(
                [("location_id", "=", self.van_anna.id)]
            ),
            1,
        )

    def test_dispatcher_tries_again_for_the_engineer(self):
        """Whose van it is follows from who counted, not from who presses the button."""
        self.employee_anna.aftersales_van_id = False
        self._count(1, hours=2)
        (result,) = self.phone.sync()
        self.assertEqual(result["state"], "refused")
        self.assertIn("no van", result["message"])
        own = self.env["hr.employee"].create(
            {
                "name": "Dispatcher",
                "user_id": self.dispatcher.id,
                "company_id": self.company.id,
                "aftersales_van_id": self.van_ben.id,
            }
        )
        self.employee_anna.aftersales_van_id = self.van_anna
        operation = self.env["aftersales.field.operation"].search(
            [("name", "=", result["id"])]
        )
        operation.with_user(self.dispatcher).action_retry()
        self.assertEqual(operation.settled, "again")
        self.assertEqual(self._get_there(), 1)
        self.assertEqual(self._get_quantity(self.part_avco, self.van_ben), 0)
        counts = self.env["aftersales.van.count"].search([])
        self.assertEqual(counts.employee_id, self.employee_anna)
        self.assertNotIn(own, counts.employee_id)
