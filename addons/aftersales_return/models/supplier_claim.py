from odoo import api, fields, models

IN_KIND_STATES = ("replaced", "credited")


class AftersalesReturnLine(models.Model):
    """What goods under their supplier's warranty cost us, claimed by itself.

    Claimed is money that is spent: the exchange, what was scrapped or lost, the
    freight. The work is claimed by its work order. Goods that are in our books at the
    supplier are not: he gives them back, replaces or credits them.
    """

    _inherit = "aftersales.return.line"

    claim_line_ids = fields.One2many(
        "aftersales.claim.line", "return_line_id", "Claimed"
    )

    def _get_payer(self):
        """What is exchanged under the supplier's warranty is borne by the supplier."""
        operation = self.operation_id.with_company(self.company_id)
        if self.remedy == "exchange" and not (self.payer_id or operation.payer_id):
            self.payer_id = self._get_supplier_payer()
        return super()._get_payer()

    def _get_supplier_payer(self):
        """Return the payer for faulty goods whose supplier's warranty runs, if any."""
        self.ensure_one()
        payer = self.env["aftersales.payer"]
        if not self._is_faulty() or self._get_supplier_warranty().state != "valid":
            return payer
        payer = self.company_id._get_recovery_payer()
        # Not set up: our own payer bears it, and its account is claimed for.
        return payer if payer.location_id.valuation_account_id else payer.browse()

    def _is_faulty(self):
        """Whether a fault was found or, before the test, reported."""
        self.ensure_one()
        if self.test_result:
            return self.test_result == "fail"
        return self.reason_id.kind == "fault"

    def _finish(self):
        finished = super()._finish()
        finished._claim_from_supplier()
        return finished

    def _may_be_claimed(self):
        """Whether a supplier could be asked: known from the line alone."""
        self.ensure_one()
        return self._has_trip("sent", "lost", *self._get_trip_ends()) or (
            (self.remedy == "exchange" or self._get_goods() == "scrap")
            and self._is_faulty()
        )

    @api.model
    def _get_trip_ends(self):
        return ("back", "replaced", "credited", "refused")

    def _claim_from_supplier(self):
        """Make or update draft claims of what these goods cost us; each cost once."""
        for line in self.filtered(lambda line: line._may_be_claimed()):
            line._claim()

    def _claim(self):
        self.ensure_one()
        # Whoever handles goods need not have a right to claims.
        line = self.sudo()
        warranty = line._get_supplier_warranty()
        payer = line.company_id._get_recovery_payer()
        costs = line._get_supplier_costs(warranty)
        partner = line.trip_ids[-1:].partner_id or warranty.partner
        if not payer:
            return
        asserted = warranty.state == "valid" or line._has_trip("lost")
        known = line.claim_line_ids.filtered(lambda item: item.state != "cancel")
        for kind, (amount, account, words) in costs.items():
            item = known.filtered(lambda item, kind=kind: item.return_cost == kind)
            values = {
                "amount_untaxed": amount,
                "amount_claimed": amount,
                "account_id": account.id,
            }
            if item:
                item.filtered(
                    lambda item, amount=amount: (
                        item.state == "draft"
                        and item.currency_id.compare_amounts(
                            item.amount_claimed, amount
                        )
                    )
                ).write(values)
                continue
            line._get_draft_claim(payer, partner).write(
                {
                    "line_ids": [
                        fields.Command.create(
                            {
                                **values,
                                "name": words,
                                "return_line_id": line.id,
                                "return_cost": kind,
                                "product_id": line.product_id.id,
                                "quantity": line.quantity,
                                "product_uom_id": line.product_uom_id.id,
                                "order_id": line.order_id.id,
                                "is_asserted": asserted,
                                "note": warranty.note,
                            }
                        )
                    ]
                }
            )

        line._settle_in_kind()

    def _get_draft_claim(self, payer, partner):
        """Return this return's draft claim to ``partner``, made if there is none."""
        self.ensure_one()
        rma = self.return_id
        items = rma.line_ids.claim_line_ids | rma.line_ids.order_id.claim_line_ids
        draft = items.claim_id.filtered(
            lambda claim: (
                claim.state == "draft"
                and claim.payer_id == payer
                and claim.partner_id == partner
            )
        )
        return draft[:1] or self.env["aftersales.claim"].create(
            {
                "company_id": self.company_id.id,
                "payer_id": payer.id,
                "partner_id": partner.id,
                "currency_id": self.company_id.currency_id.id,
                "user_id": rma.user_id.id,
            }
        )

    def _get_supplier_costs(self, warranty):
        """Return ``{kind: (amount, account it lies on, words)}`` of what it cost us."""
        self.ensure_one()
        costs = {}
        is_lost = self._has_trip("lost")
        if is_lost:
            costs["lost"] = self._get_lost_cost()
        elif warranty.is_claimable and self._is_faulty():
            costs["scrap"] = self._get_scrap_cost()
        if not self.is_settled_in_kind and (costs or self._is_faulty()):
            if is_lost or warranty.is_claimable:
                costs["exchange"] = self._get_exchange_cost()
        if warranty.is_claimable and not self._has_trip("refused"):
            costs["freight"] = self._get_freight_cost()
        round_amount = self.company_id.currency_id.round
        return {
            kind: (round_amount(amount), account, words)
            for kind, (amount, account, words) in costs.items()
            if round_amount(amount) > 0
        }

    def _get_exchange_cost(self):
        """What the payer bears: the new one, less what the old one came back at."""
        payer = self.payer_id
        done = self.move_ids.filtered(lambda move: move.state == "done")
        place = payer.location_id
        given = back = 0.0
        if payer and self.remedy == "exchange" and not self.charge_line_id:
            new = done.filtered(
                lambda move: (
                    move.aftersales_return_direction == "new"
                    and move.location_dest_id == place
                )
            )
            taken = done.filtered(
                lambda move: (
                    move.aftersales_return_direction == "own"
                    and move.location_id == place
                )
            )
            given, back = sum(new.mapped("value")), sum(taken.mapped("value"))
        return (
            given - back,
            payer.account_id,
            self.env._("Exchanged: %(goods)s", goods=self.display_name),
        )

    def _get_scrap_cost(self):
        scrapped = self.move_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.location_dest_id.usage == "inventory"
                and move.aftersales_return_direction == "place"
            )
        )
        account = scrapped.location_dest_id[:1].valuation_account_id
        return (
            sum(scrapped.mapped("value")),
            account or self._get_cost_account(),
            self.env._("Scrapped: %(goods)s", goods=self.display_name),
        )

    def _get_lost_cost(self):
        """Ours: its value. The customer's that was refunded: what it cost when sold."""
        words = self.env._("Lost: %(goods)s", goods=self.display_name)
        payer = self.company_id._get_recovery_payer()
        gone = self.move_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.aftersales_trip_id.state == "lost"
                and move.location_dest_id == payer.location_id
            )
        )
        if gone:
            return sum(gone.mapped("value")), payer.account_id, words
        amount = 0.0
        if self.remedy == "refund" and self.date_given and self.goods == "stay":
            quantity = self.product_uom_id._compute_quantity(
                self.quantity, self.product_id.uom_id
            )
            amount = self.move_id._get_price_unit() * quantity
        return amount, self._get_cost_account(), words

    def _get_freight_cost(self):
        return (
            sum(self.trip_ids.mapped("freight_amount")),
            self.company_id.aftersales_freight_account_id or self._get_cost_account(),
            self.env._("Freight: %(goods)s", goods=self.display_name),
        )

    def _get_cost_account(self):
        self.ensure_one()
        product = self.product_id.with_company(self.company_id)
        return product.product_tmpl_id.get_product_accounts()["expense"]
