from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

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
        self.warehouse.aftersales_steps = "two_steps"
        self._stock(self.part_avco, 5)
        order = self._create_order(
            {
                "lines": [(self.part_avco, 1), (self.labour, 2)],
                "technician_id": self.employee.id,
            }
        )
        self._approve(order)
        self._stage(order)
        self.start_tour(
            "/odoo/my-jobs", "aftersales_technician", login=self.technician.login
        )
        self.assertEqual(order.job_ids.state, "done")
        self.assertEqual(order.job_ids.cause, "Pads worn to the metal")
        self.assertEqual(order.line_ids.mapped("hours_clocked"), [0, 1.25])
        self.assertEqual(order.line_ids[0].qty_used, 1)
        self.assertEqual(order.state, "progress")


@tagged("post_install", "-at_install")
class TestTourFromNothing(HttpCase):
    def test_from_nothing(self):
        """Customer, asset and product are made on the way, by the owner."""
        company = self.env["res.company"].create({"name": "New Shop"})
        self.env["account.chart.template"]._load(
            "generic_coa", company, install_demo=False
        )
        owner = new_test_user(
            self.env,
            "owner",
            groups="base.group_user,aftersales.aftersales_group_manager,"
            "base.group_partner_manager,product.group_product_manager,"
            "account.group_account_invoice",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.start_tour("/odoo", "aftersales_from_nothing", login=owner.login)
        order = self.env["aftersales.order"].search([("company_id", "=", company.id)])
        self.assertEqual(order.asset_id.partner_id.name, "First Customer")
        self.assertEqual(order.state, "done")
        self.assertEqual(order.picking_ids.state, "done")
        self.assertEqual(order.line_ids.qty_used, 1)
        self.assertEqual(order.invoice_ids.state, "posted")
        self.assertEqual(order.invoice_ids.amount_untaxed, 12.5)
        revenue = order.invoice_ids.line_ids.filtered(
            lambda line: line.account_id == company.income_account_id
        )
        self.assertEqual(revenue.balance, -12.5)
