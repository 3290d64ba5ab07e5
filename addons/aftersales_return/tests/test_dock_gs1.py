from odoo.tests import tagged
from odoo.tools.barcode import get_barcode_check_digit

from .test_dock import DockCommon


@tagged("post_install", "-at_install")
class TestDockGs1(DockCommon):
    """Codes of GS1 labels: product and serial or lot in one."""

    def setUp(self):
        super().setUp()
        self.company.nomenclature_id = self.env.ref(
            "barcodes_gs1_nomenclature.default_gs1_nomenclature"
        )
        self.number = self._get_number("952123454321")
        self.part_serial.barcode = self.number
        self.lot, _sale_line = self._sell_serial("GS-1", 3)

    def _get_number(self, digits):
        """Return an EAN-13 of 12 digits."""
        return digits + str(get_barcode_check_digit(f"00000{digits}0"))

    def _scan(self, code):
        return self.dock.scan(code)

    def test_product_and_serial(self):
        for code in (
            f"010{self.number}21GS-1",
            f"(01)0{self.number}(21)GS-1",
            f"]C1010{self.number}10B7\x1d21GS-1",
            f"010{self.number}17280101" + "21GS-1",
            "21GS-1",
        ):
            with self.subTest(code):
                answer = self._scan(code)
                self.assertEqual(answer["kind"], "goods")
                self.assertEqual(answer["serial"], "GS-1")
                self.assertEqual(answer["verdict"]["level"], "exchange")

    def test_same_serial_of_another_product(self):
        twin = self.env["product.product"].create(
            {
                "name": "Twin",
                "is_storable": True,
                "tracking": "serial",
                "barcode": self._get_number("400638133393"),
                "categ_id": self.part_serial.categ_id.id,
            }
        )
        lot = self.env["stock.lot"].create(
            {"name": "GS-1", "product_id": twin.id, "company_id": self.company.id}
        )
        self._make_in_move(twin, 1, 10.0, lot_ids=lot)
        answer = self._scan("GS-1")
        self.assertEqual(answer["kind"], "choice")
        self.assertEqual(self._scan(f"010{self.number}21GS-1")["lot_id"], self.lot.id)
        self.assertEqual(self._scan(f"010{twin.barcode}21GS-1")["lot_id"], lot.id)
        self.assertEqual(self._scan(f"010{twin.barcode}21GS-9")["kind"], "unknown")

    def test_lot_of_an_awaited_product(self):
        oil = self.env["product.product"].create(
            {
                "name": "Oil",
                "is_storable": True,
                "tracking": "lot",
                "barcode": self._get_number("501234567890"),
                "categ_id": self.part_avco.categ_id.id,
            }
        )
        lot = self.env["stock.lot"].create(
            {"name": "L7", "product_id": oil.id, "company_id": self.company.id}
        )
        self._make_in_move(oil, 2, 10.0, lot_ids=lot)
        self._sell(oil, 1, lots=lot)
        rma = self._create_return({"product_id": oil.id, "lot_id": lot.id})
        rma.action_accept()
        code = f"010{oil.barcode}10L7"
        answer = self._scan(code)
        self.assertEqual(answer["return"]["id"], rma.id)
        self.assertEqual(answer["step"]["name"], "receive")
        # The product alone leads there too; the step is taken with the same code.
        self.assertEqual(self._scan(f"010{oil.barcode}")["return"]["id"], rma.id)
        self.dock.act("receive", code)
        self.assertEqual(rma.line_ids.state, "received")

    def test_no_code_of_gs1(self):
        code = f"010{self.number}21GS-1"
        self.assertEqual(self._scan(f"{code}\x1d17999999")["kind"], "unknown")
        self.company.nomenclature_id = self.env.ref(
            "barcodes.default_barcode_nomenclature"
        )
        self.assertEqual(self._scan(code)["kind"], "unknown")
        self.assertEqual(self._scan("GS-1")["serial"], "GS-1")
