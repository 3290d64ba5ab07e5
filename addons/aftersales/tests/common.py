from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.stock_account.tests.common import TestStockValuationCommon


class AftersalesCommon(TestStockValuationCommon):
    """A company with perpetual valuation, parts, labour and people.

    * ``company``, ``warehouse``, ``customer``, ``fleet`` (collective invoices),
      ``asset``; payers ``payer_customer``, ``payer_maker``, ``payer_goodwill``
      (booking to ``account_goodwill``), ``payer_internal``
    * products ``part_avco``, ``part_fifo``, ``part_standard`` (cost 10, price 20),
      ``labour`` (hour, cost 30, price 80), ``fee`` (price 15), ``part_serial``
    * users ``advisor``, ``technician``, ``manager``, ``storekeeper``, ``accountant``
    * ``_stock(product, qty, cost)``, ``_create_order(lines)``, ``_approve``,
      ``_issue``, ``_finish_order``, ``_balance(account)``, ``_get_value(product)``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The branch has its chart of accounts; at the first flush of every single test
        # it would be loaded once more.
        cls.cr.precommit.clear()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company.inventory_valuation = "real_time"
        cls.account_goodwill = cls.env["account.account"].create(
            {"name": "Goodwill", "code": "650900", "account_type": "expense"}
        )
        payers = cls.env["aftersales.payer"].search(
            [("company_id", "=", cls.company.id)]
        )
        by_code = payers.grouped("code")
        cls.payer_customer = by_code["customer"]
        cls.payer_maker = by_code["maker"]
        cls.payer_goodwill = by_code["goodwill"]
        cls.payer_internal = by_code["internal"]
        cls.payer_goodwill.account_id = cls.account_goodwill
        cls.maker = cls.env["res.partner"].create({"name": "Maker Inc."})
        cls.payer_maker.partner_id = cls.maker
        cls.customer = cls.env["res.partner"].create({"name": "Wang Fang"})
        cls.fleet = cls.env["res.partner"].create(
            {
                "name": "Blue Fleet",
                "is_company": True,
                "aftersales_collective_invoice": True,
            }
        )
        hour = cls.env.ref("uom.product_uom_hour")
        cls.labour = cls.env["product.product"].create(
            {
                "name": "Mechanic's hour",
                "type": "service",
                "uom_id": hour.id,
                "list_price": 80.0,
                "standard_price": 30.0,
                "taxes_id": [Command.clear()],
            }
        )
        cls.fee = cls.env["product.product"].create(
            {
                "name": "Environmental fee",
                "type": "service",
                "list_price": 15.0,
                "taxes_id": [Command.clear()],
            }
        )
        cls.part_avco = cls.product_avco_auto
        cls.part_fifo = cls.product_fifo_auto
        cls.part_standard = cls.product_standard_auto
        cls.part_serial = cls.env["product.product"].create(
            {
                "name": "Serial Part",
                "is_storable": True,
                "tracking": "serial",
                "standard_price": 10.0,
                "list_price": 20.0,
                "categ_id": cls.category_avco_auto.id,
            }
        )
        parts = cls.part_avco | cls.part_fifo | cls.part_standard | cls.part_serial
        parts.taxes_id = [Command.clear()]
        cls.category = cls.env["aftersales.asset.category"].create(
            {"name": "Car", "meter_unit": "km"}
        )
        cls.asset = cls.env["aftersales.asset"].create(
            {
                "name": "Sedan 1.6",
                "partner_id": cls.customer.id,
                "category_id": cls.category.id,
                "company_id": cls.company.id,
            }
        )
        cls.team = cls.env["aftersales.team"].create(
            {
                "name": "Workshop",
                "company_id": cls.company.id,
                "warehouse_id": cls.warehouse.id,
            }
        )
        cls.advisor = cls._create_user("advisor", "aftersales.aftersales_group_user")
        cls.technician = cls._create_user(
            "technician", "aftersales.aftersales_group_technician"
        )
        cls.manager = cls._create_user("manager", "aftersales.aftersales_group_manager")
        cls.storekeeper = cls._create_user("storekeeper", "stock.group_stock_user")
        cls.accountant = cls._create_user("accountant", "account.group_account_invoice")
        cls.team.member_ids = cls.advisor
        cls.employee = cls.env["hr.employee"].create(
            {
                "name": "Technician",
                "user_id": cls.technician.id,
                "company_id": cls.company.id,
            }
        )

    @classmethod
    def _create_user(cls, name, groups):
        return new_test_user(
            cls.env,
            f"aftersales_{name}",
            groups=f"base.group_user,{groups}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _stock(self, product, quantity, cost=10.0):
        """Receive ``quantity`` at ``cost`` each."""
        return self._make_in_move(product, quantity, cost)

    def _stock_serial(self, names, product=None):
        """Put serials of ``part_serial`` into stock."""
        product = product or self.part_serial
        lots = self.env["stock.lot"].create(
            [
                {"name": name, "product_id": product.id, "company_id": self.company.id}
                for name in names
            ]
        )
        for lot in lots:
            self._make_in_move(product, 1, 10.0, lot_ids=lot)
        return lots

    def _create_order(self, *jobs, **values):
        """Create a work order; each job is a list of ``(product, qty)`` or values.

        Without jobs: one with one ``part_avco`` and two hours of labour.
        """
        if not jobs:
            jobs = ([(self.part_avco, 1), (self.labour, 2)],)
        return self.env["aftersales.order"].create(
            {
                "partner_id": self.customer.id,
                "asset_id": self.asset.id,
                "complaint": "Squeals when braking",
                "team_id": self.team.id,
                "user_id": self.advisor.id,
                "company_id": self.company.id,
                "job_ids": [
                    Command.create(self._prepare_job(job, index))
                    for index, job in enumerate(jobs, 1)
                ],
                **values,
            }
        )

    def _prepare_job(self, job, index=1):
        values = dict(job) if isinstance(job, dict) else {"lines": job}
        lines = values.pop("lines")
        return {
            "name": f"Job {index}",
            **values,
            "line_ids": [
                Command.create(
                    line
                    if isinstance(line, dict)
                    else {"product_id": line[0].id, "product_uom_qty": line[1]}
                )
                for line in lines
            ],
        }

    def _add_job(self, order, lines, **values):
        """Add a job to an order, as an advisor does when more is found."""
        before = order.job_ids
        order.write(
            {"job_ids": [Command.create(self._prepare_job({"lines": lines, **values}))]}
        )
        return order.job_ids - before

    def _approve(self, orders, **values):
        orders.action_estimate()
        orders.action_approve(**values)
        return orders

    def _issue(self, orders):
        """Validate the open transfers of the orders, as the storekeeper does."""
        while pickings := orders.picking_ids.filtered(
            lambda picking: picking.state == "assigned"
        ):
            pickings.move_ids.picked = True
            pickings.button_validate()

    def _stage(self, orders):
        """Bring the parts of the orders to the workshop."""
        moves = orders.line_ids._get_staging_moves()
        moves.picked = True
        moves.picking_id.button_validate()

    def _finish_order(self, orders, invoice=True):
        """Take approved orders to ready, with posted invoices."""
        orders.action_start()
        self._issue(orders)
        orders.action_complete()
        orders.action_pass_quality()
        if invoice:
            orders.action_invoice()
            drafts = orders.invoice_ids.filtered(lambda move: move.state == "draft")
            drafts.action_post()
        return orders

    def _balance(self, account, order=None):
        """Return the posted balance of an account, of one order if given."""
        domain = [
            ("account_id", "=", account.id),
            ("parent_state", "=", "posted"),
            ("company_id", "=", self.company.id),
        ]
        if order:
            domain.append(("aftersales_order_id", "=", order.id))
        lines = self.env["account.move.line"].search(domain)
        return self.company.currency_id.round(sum(lines.mapped("balance")))

    def _get_value(self, product):
        """Return the stock value of a product."""
        return product.with_company(self.company).total_value
