from odoo.tests import HttpCase, tagged

from .test_dock import DockCommon


@tagged("post_install", "-at_install")
class TestTourDock(DockCommon, HttpCase):
    """The storekeeper, with the rights of Inventory alone."""

    def test_scan_and_receive(self):
        # The page is opened in the user's own company.
        self._sell_serial("DOCK-1", 40)
        self._sell_serial("DOCK-2", 2)
        rma = self._create_return(
            {"product_id": self.part_serial.id, "serial": "DOCK-1"}
        )
        rma.action_accept()
        self.part_avco.default_code = "DOCK-P"
        self._stock(self.part_avco, 20, 10.0)
        two = self._create_return((self._sell(self.part_avco, 5), 2))
        two.action_accept()
        self.start_tour(
            "/odoo/return-dock",
            "aftersales_return_dock",
            login="aftersales_storekeeper",
            timeout=120,
        )
        line = rma.line_ids
        self.assertEqual((line.state, line.verdict), ("received", "repair"))
        self.assertEqual(two.line_ids.mapped("quantity"), [1.0, 1.0])
        unannounced = self.env["aftersales.return.line"].search(
            [("serial", "=", "DOCK-2")]
        )
        self.assertEqual(unannounced.return_id.channel, "arrival")
        self.assertEqual(unannounced.create_uid, self.storekeeper)

    def test_from_the_serial(self):
        lot, _line = self._sell_serial("DOCK-1", 40)
        self.start_tour(
            f"/odoo/stock.lot/{lot.id}",
            "aftersales_return_dock_lot",
            login="aftersales_storekeeper",
            timeout=120,
        )
