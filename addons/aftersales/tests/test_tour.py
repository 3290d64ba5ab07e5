from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestTour(AftersalesCommon, HttpCase):
    """The main job walked in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["aftersales.job.template"].create(
            {
                "name": "Replace brake pads",
                "line_ids": [
                    Command.create({"product_id": cls.part_avco.id}),
                    Command.create(
                        {
                            "product_id": cls.labour.id,
                            "kind": "labour",
                            "product_uom_qty": 1.5,
                        }
                    ),
                ],
            }
        )

    def test_order(self):
        self._stock(self.part_avco, 5)
        self.advisor.group_ids |= self.env.ref("stock.group_stock_user") | self.env.ref(
            "account.group_account_invoice"
        )
        self.start_tour("/odoo", "aftersales_order", login=self.advisor.login)
        order = self.env["aftersales.order"].search([], limit=1, order="id desc")
        self.assertEqual(order.complaint, "Squeals when braking, worse when cold")
        self.assertEqual(order.state, "done")
        self.assertEqual(order.approval_ids.method, "phone")
        self.assertEqual(order.approval_ids.note, "Yes, go ahead")
        self.assertEqual(order.picking_ids.mapped("state"), ["done"])
        self.assertEqual(order.line_ids.mapped("qty_used"), [1, 1.5])
        self.assertEqual(order.invoice_ids.state, "posted")
        self.assertEqual(order.invoice_ids.amount_untaxed, 140.0)
        self.assertEqual(self._balance(self.account_income, order), -140.0)
        self.assertEqual(self._balance(self.account_expense, order), 10.0)

    def test_technician(self):
        self._stock(self.part_avco, 5)
        order = self._create_order(
            {
                "lines": [(self.part_avco, 1), (self.labour, 2)],
                "technician_id": self.employee.id,
            }
        )
        self._approve(order)
        self.start_tour(
            "/odoo/my-jobs", "aftersales_technician", login=self.technician.login
        )
        self.assertEqual(order.job_ids.state, "done")
        self.assertEqual(order.job_ids.cause, "Pads worn to the metal")
        self.assertEqual(order.line_ids.mapped("hours_clocked"), [0, 1.25])
        self.assertEqual(order.state, "progress")
