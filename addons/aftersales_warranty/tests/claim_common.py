from odoo import Command

from .purchase_common import PurchaseCommon


class ClaimCommon(PurchaseCommon):
    """Orders that a maker or a supplier pays for.

    * payers ``payer_supplier`` (booking to ``account_recoverable``),
      ``payer_warranty``, ``payer_contract``, ``payer_insurer``, ``payer_rework``;
      ``account_adjustment`` of the maker and the supplier
    * ``bank`` (journal), ``tax_account``
    * ``_create_claim(lines, …)``, ``_send``, ``_create_supplier_claim(lines)``,
      ``_create_tax(amount)``, ``_rows(claim)``, ``_assert_tied(claims)``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payers = (
            cls.env["aftersales.payer"]
            .search([("company_id", "=", cls.company.id)])
            .grouped("code")
        )
        cls.payer_supplier = cls.payers["supplier"]
        cls.payer_warranty = cls.payers["warranty"]
        cls.payer_contract = cls.payers["contract"]
        cls.payer_insurer = cls.payers["insurer"]
        cls.payer_rework = cls.payers["rework"]
        cls.account_recoverable = cls._create_account("123900", "asset_current")
        cls.account_adjustment = cls._create_account("650910", "expense")
        cls.account_rework = cls._create_account("650920", "expense")
        cls.account_guarantee = cls._create_account("650930", "expense")
        cls.payer_supplier.account_id = cls.account_recoverable
        cls.payer_rework.account_id = cls.account_rework
        cls.payer_warranty.account_id = cls.account_guarantee
        (
            cls.payer_maker | cls.payer_supplier
        ).adjustment_account_id = cls.account_adjustment
        cls.bank = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "bank")], limit=1
        )
        cls.tax_account = cls._create_account("251903", "liability_current")

    @classmethod
    def _create_account(cls, code, account_type, **values):
        return cls.env["account.account"].create(
            {
                "name": f"Account {code}",
                "code": code,
                "account_type": account_type,
                **values,
            }
        )

    @classmethod
    def _create_tax(cls, amount, included=False):
        repartition = [
            Command.create({"repartition_type": "base"}),
            Command.create(
                {"repartition_type": "tax", "account_id": cls.tax_account.id}
            ),
        ]
        return cls.env["account.tax"].create(
            {
                "name": f"Tax {amount} {included}",
                "amount": amount,
                "type_tax_use": "sale",
                "price_include_override": "tax_included"
                if included
                else "tax_excluded",
                "company_id": cls.company.id,
                "country_id": cls.company.account_fiscal_country_id.id,
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": repartition,
            }
        )

    def _create_maker_order(self, lines=None, **values):
        """Create a work order that the maker pays: one part and two hours, 180.00."""
        return self._create_order(
            {
                "lines": lines or [(self.part_avco, 1), (self.labour, 2)],
                "payer_id": self.payer_maker.id,
            },
            **values,
        )

    def _bill(self, orders, **values):
        """Take orders to ready and bill them; their invoices stay drafts."""
        self._approve(orders)
        self._finish_order(orders, invoice=False)
        orders.action_invoice(**values)
        orders.invalidate_recordset()
        return orders

    def _create_claim(self, lines=None, send=False, **values):
        """Return the claim of a finished order that the maker pays."""
        self._stock(self.part_avco, 5)
        order = self._bill(self._create_maker_order(lines, **values))
        claim = order.claim_ids
        if send:
            claim.action_send()
        return claim

    def _create_supplier_claim(self, lines=None, payer=None, send=False):
        if not lines:
            self._stock(self.part_avco, 5)
        payer = payer or self.payer_supplier
        payer.partner_id = self.supplier
        order = self._create_order(
            {"lines": lines or [(self.part_avco, 2)], "payer_id": payer.id}
        )
        self._approve(order)
        self._finish_order(order, invoice=False)
        claim = order.claim_ids
        if send:
            claim.action_send()
        return claim

    def _post_drafts(self, moves):
        moves.filtered(lambda move: move.state == "draft").action_post()

    def _receivable(self, partner):
        partner = partner.with_company(self.company)
        return partner.property_account_receivable_id

    def _assert_tied(self, claims):
        """What the lines have open is what the journal items have open."""
        for claim in claims:
            self.assertAlmostEqual(claim.amount_open, claim.move_id.amount_residual)
            self.assertAlmostEqual(
                claim.amount_open, sum(claim.line_ids.mapped("amount_open"))
            )
        moves = claims.move_id | claims.settlement_ids.move_id
        for move in moves:
            self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0)
