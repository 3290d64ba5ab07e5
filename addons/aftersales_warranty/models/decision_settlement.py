from odoo import Command, api, fields, models
from odoo.exceptions import UserError

MONEY_KINDS = ("return", "compensation", "price_cut")


class AftersalesWarrantyDecision(models.Model):
    """What follows an approved decision.

    * return: a draft credit note on the invoice of the thing, its line in full less
      the use deduction; a price cut: a part of that line. Where we did not sell it, or
      not to this customer, and for damages: on the account for goodwill.
    * exchange: the guarantees go on, or begin anew, on the new thing.
    * longer guarantee: another registered guarantee that follows the first.

    Posting the credit note settles the decision; taking it back opens it again.
    """

    _inherit = "aftersales.warranty.decision"

    move_ids = fields.One2many("account.move", "aftersales_decision_id", "Credit Notes")
    move_count = fields.Integer(compute="_compute_move_count", compute_sudo=True)
    has_draft = fields.Boolean(compute="_compute_move_count", compute_sudo=True)
    origin_line_id = fields.Many2one(
        "account.move.line",
        "Sold By",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    amount_settled = fields.Monetary(
        compute="_compute_amount_settled",
        compute_sudo=True,
        help="Credited by posted credit notes, less what was reversed.",
    )
    date_settled = fields.Datetime("Settled On", readonly=True, copy=False)
    lot_id = fields.Many2one(
        "stock.lot",
        "New Serial in Stock",
        check_company=True,
        help="The serial that the customer gets.",
    )
    new_serial = fields.Char("New Serial Number", help="If it is not in our stock.")
    new_asset_id = fields.Many2one(
        "aftersales.asset",
        check_company=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    date_handed_over = fields.Date("New One Delivered", readonly=True, copy=False)
    ended_registration_ids = fields.Many2many(
        "aftersales.warranty.registration",
        "aftersales_decision_ended_registration_rel",
        string="Guarantees Ended",
        readonly=True,
        copy=False,
    )
    new_registration_ids = fields.One2many(
        "aftersales.warranty.registration", "decision_id", "New Guarantees"
    )

    @api.depends("move_ids.state")
    def _compute_move_count(self):
        for decision in self:
            decision.move_count = len(decision.move_ids)
            decision.has_draft = "draft" in decision.move_ids.mapped("state")

    @api.depends("move_ids.state", "move_ids.reversal_move_ids.state")
    def _compute_amount_settled(self):
        for decision in self:
            posted = decision.move_ids.filtered(lambda move: move.state == "posted")
            back = posted.reversal_move_ids.filtered(
                lambda move: move.state == "posted"
            )
            amount = sum(
                move.currency_id._convert(
                    move.amount_total,
                    decision.currency_id,
                    decision.company_id,
                    move.invoice_date or move.date,
                )
                * (1 if move in posted else -1)
                for move in posted | back
            )
            decision.amount_settled = decision.currency_id.round(amount)

    @api.model
    def _get_decided_fields(self):
        return [
            *super()._get_decided_fields(),
            "move_ids", "origin_line_id", "date_settled", "new_asset_id",
            "date_handed_over", "ended_registration_ids", "new_registration_ids",
        ]  # fmt: skip

    @api.model
    def _get_open_fields(self):
        # Which serial it will be is chosen when it is there.
        return (*super()._get_open_fields(), "lot_id", "new_serial")

    def _check_may_write(self, vals):
        chosen = {"lot_id", "new_serial"} & vals.keys()
        if chosen and any(d.state not in ("proposed", "approved") for d in self):
            raise UserError(
                self.env._(
                    "%(decisions)s is settled or closed: another serial needs another "
                    "decision.",
                    decisions=", ".join(self.mapped("display_name")),
                )
            )
        return super()._check_may_write(vals)

    def action_settle(self):
        """Do what was approved: make the draft, the exchange, the longer guarantee.

        Repeated, it makes nothing twice. A credit note that was cancelled or reversed
        is made anew.
        """
        if not self.env.su:
            self.order_id._check_decides()
        decisions = self._lock()
        todo = decisions.filtered(lambda decision: decision.state != "settled")
        todo._check_transition("settled")
        todo._settle()
        return True

    def _follow_approval(self):
        result = super()._follow_approval()
        # An exchange waits until it is known for which one.
        self.filtered(
            lambda decision: (
                decision.kind != "exchange" or decision.lot_id or decision.new_serial
            )
        )._settle()
        return result

    def _settle(self):
        by_kind = self.grouped("kind")
        empty = self.browse()
        by_kind.get("exchange", empty)._exchange()
        by_kind.get("extension", empty)._extend()
        self.filtered(lambda decision: decision.kind in MONEY_KINDS)._credit()

    def _undo_approval(self):
        result = super()._undo_approval()
        self.move_ids.filtered(lambda move: move.state == "draft").button_cancel()
        return result

    # Exchange

    def _exchange(self):
        for decision in self:
            asset = decision._get_new_asset()
            decision._clear_guarantees(asset)
            old = decision.asset_id.registration_ids.filtered(
                lambda registration: registration.state == "active"
            )
            # What was given on a repair or a part of the old thing goes with it.
            going_on = old.filtered(
                lambda registration: (
                    registration.pack_kind in ("legal", "promise", "extended")
                )
            )
            new = going_on.action_restart(asset)
            new.decision_id = decision
            (old - going_on).action_end(
                reason=self.env._("Exchanged for %(asset)s", asset=asset.display_name)
            )
            decision._set_state(
                "settled",
                new_asset_id=asset.id,
                ended_registration_ids=[Command.set(old.ids)],
                date_settled=fields.Datetime.now(),
            )
            link = self.env._(
                "%(old)s was exchanged for %(new)s: %(decision)s",
                old=decision.asset_id.display_name,
                new=asset.display_name,
                decision=decision.name,
            )
            for thing in decision.asset_id | asset:
                thing.message_post(body=link)
            decision._tell(link)

    def _get_new_asset(self):
        """Return the asset of the chosen serial, made if it is new to us."""
        self.ensure_one()
        lot = self.lot_id
        if not lot and not (self.new_serial or "").strip():
            raise UserError(
                self.env._(
                    "%(decision)s: choose the serial number the customer gets.",
                    decision=self.display_name,
                )
            )
        Asset = self.env["aftersales.asset"].with_context(active_test=False)
        domain = [("lot_id", "=", lot.id)]
        if not lot:
            domain = [
                ("serial", "=", self.new_serial.strip()),
                ("product_id", "=", self.asset_id.product_id.id),
            ]
        asset = Asset.search([*domain, ("company_id", "=", self.company_id.id)])[:1]
        owner = asset.partner_id.commercial_partner_id
        if asset == self.asset_id or (
            owner and owner != self.partner_id.commercial_partner_id
        ):
            raise UserError(
                self.env._(
                    "%(decision)s: %(serial)s is with %(owner)s already. Choose "
                    "another serial number.",
                    decision=self.display_name,
                    serial=asset.serial,
                    owner=asset.partner_id.display_name or asset.display_name,
                )
            )
        if asset:
            asset.write({"partner_id": self.partner_id.id, "active": True})
            return asset
        return Asset.create(
            {
                "lot_id": lot.id,
                "product_id": (lot.product_id or self.asset_id.product_id).id,
                "serial": lot.name or self.new_serial.strip(),
                # Without a model there is nothing else to call it by.
                **({} if lot or self.asset_id.product_id else self._get_new_name()),
                "partner_id": self.partner_id.id,
                "site_id": self.asset_id.site_id.id,
                "category_id": self.asset_id.category_id.id,
                "company_id": self.company_id.id,
            }
        )

    def _get_new_name(self):
        return {"name": self.asset_id.name}

    def _clear_guarantees(self, asset):
        """End what the delivery of the new thing registered: it is no new sale."""
        reason = self.env._("Delivered in exchange: %(decision)s", decision=self.name)
        given = asset.registration_ids
        given.filtered(lambda item: item.state == "active").action_end(reason=reason)
        given.filtered(lambda item: item.state == "pending").action_void(reason=reason)

    # Longer guarantee

    def _extend(self):
        Registration = self.env["aftersales.warranty.registration"]
        for decision in self:
            Registration.create(decision._prepare_extension_values())
            decision._set_state("settled", date_settled=fields.Datetime.now())

    def _prepare_extension_values(self):
        """Return the guarantee that follows the one that is made longer."""
        self.ensure_one()
        before = self.registration_id
        today = fields.Date.context_today(self)
        last = before.date_end
        return {
            "asset_id": self.asset_id.id,
            "pack_id": self.pack_id.id,
            "partner_id": (before.partner_id or self.partner_id).id,
            "date_start": (
                fields.Date.add(last, days=1) if last and last >= today else today
            ),
            "cover_months": self.months,
            "source": "hand",
            "document_state": "looked_up",
            **({"use": before.use} if before else {}),
            "previous_id": before.id,
            "decision_id": self.id,
        }

    # Money

    def _credit(self):
        """Make the draft credit notes that are missing."""
        values_list = []
        for decision in self:
            if decision.has_draft or decision.amount_settled > 0:
                continue
            decision.origin_line_id = decision._get_origin_line()
            decision._check_still_paid()
            values_list.append(decision._prepare_credit_note_values())
        # As superuser: who may decide need not have Invoicing rights.
        return self.env["account.move"].sudo().create(values_list)

    def _get_origin_line(self):
        """Return the posted invoice line that sold the thing to this customer."""
        self.ensure_one()
        asset = self.asset_id
        sold = self.registration_id.sale_line_id | asset.registration_ids.sale_line_id
        if asset.lot_id:
            delivered = self.env["stock.move.line"].search(
                [
                    ("lot_id", "=", asset.lot_id.id),
                    ("state", "=", "done"),
                    ("move_id.sale_line_id", "!=", False),
                    ("location_dest_usage", "=", "customer"),
                ],
                order="date desc",
            )
            sold |= delivered.move_id.sale_line_id
        invoices = self.registration_id.invoice_id
        lines = sold.invoice_lines | invoices.invoice_line_ids.filtered(
            lambda line: line.product_id and line.product_id == asset.product_id
        )
        return lines.filtered(
            lambda line: (
                line.move_id.move_type == "out_invoice"
                and line.parent_state == "posted"
                and line.company_id == self.company_id
                and line.quantity > 0
                and line.move_id.commercial_partner_id
                == self.partner_id.commercial_partner_id
            )
        ).sorted("id")[-1:]

    def _get_unit_base_line(self):
        """Return one piece of what was sold, as a tax base line with its taxes."""
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        origin = self.origin_line_id
        base_line = AccountTax._prepare_base_line_for_taxes_computation(
            origin,
            price_unit=origin.price_unit,
            quantity=self._get_unit_quantity(),
            discount=origin.discount,
            rate=origin.move_id.invoice_currency_rate,
            sign=1,
        )
        AccountTax._add_tax_details_in_base_lines([base_line], self.company_id)
        AccountTax._round_base_lines_tax_details([base_line], self.company_id)
        return base_line

    def _get_unit_quantity(self):
        return min(self.origin_line_id.quantity, 1.0)

    def _get_amount_in(self, currency):
        self.ensure_one()
        return self.currency_id._convert(self.amount, currency, self.company_id)

    def _check_still_paid(self):
        """Refuse to credit more than was paid, other credits of it taken off."""
        self.ensure_one()
        origin = self.origin_line_id
        if self.kind == "compensation" or not origin:
            return
        paid = self._get_unit_base_line()["tax_details"]["total_included_currency"]
        before = self.search(
            [
                ("id", "!=", self.id),
                ("asset_id", "=", self.asset_id.id),
                ("origin_line_id", "=", origin.id),
                ("kind", "in", ("return", "price_cut")),
                ("state", "in", ("approved", "settled")),
            ]
        )
        given = sum(decision._get_amount_in(origin.currency_id) for decision in before)
        left = min(paid - given, origin._get_correctable())
        amount = self._get_amount_in(origin.currency_id)
        if origin.currency_id.compare_amounts(amount, left) > 0:
            raise UserError(
                self.env._(
                    "%(decision)s: by %(invoice)s the customer paid %(paid)s for "
                    "%(asset)s, of which %(left)s is not credited yet. %(amount)s is "
                    "more: withdraw this and propose what is left.",
                    decision=self.display_name,
                    invoice=origin.move_id.name,
                    asset=self.asset_id.display_name,
                    paid=origin.currency_id.format(paid),
                    left=origin.currency_id.format(max(left, 0.0)),
                    amount=origin.currency_id.format(amount),
                )
            )

    def _prepare_credit_note_values(self):
        """Return the values of the draft credit note."""
        self.ensure_one()
        values = {
            "move_type": "out_refund",
            "company_id": self.company_id.id,
            "invoice_payment_term_id": False,
            "invoice_origin": self.order_id.name or self.name,
            "ref": self.display_name,
            "narration": self.working_text,
            "aftersales_decision_id": self.id,
            "aftersales_order_id": self.order_id.id,
        }
        origin = self.origin_line_id
        if self.kind == "compensation" or not origin:
            payer = self.company_id._get_bearer("goodwill")
            payer._check_can_bear()
            partner = self.partner_id
            return {
                **values,
                "partner_id": partner.address_get(["invoice"])["invoice"],
                "currency_id": self.currency_id.id,
                "invoice_line_ids": [
                    Command.create(self._prepare_goodwill_line_values(payer))
                ],
            }
        move = origin.move_id
        lines = (
            self._prepare_return_lines_values()
            if self.kind == "return"
            else self._prepare_part_lines_values(
                self._get_amount_in(origin.currency_id), self._get_credit_line_name()
            )
        )
        return {
            **values,
            "reversed_entry_id": move.id,
            "partner_id": move.partner_id.id,
            "partner_shipping_id": move.partner_shipping_id.id,
            "journal_id": move.journal_id.id,
            "currency_id": move.currency_id.id,
            "fiscal_position_id": move.fiscal_position_id.id,
            "invoice_line_ids": [Command.create(line) for line in lines],
        }

    def _get_credit_line_name(self):
        self.ensure_one()
        return self.env._(
            "%(decision)s: %(asset)s",
            decision=self.display_name,
            asset=self.asset_id.display_name,
        )

    def _prepare_goodwill_line_values(self, payer):
        """Return what we bear ourselves: damages are no sale, so without taxes."""
        return {
            "name": self._get_credit_line_name(),
            "quantity": 1.0,
            "price_unit": self.amount,
            "tax_ids": [Command.clear()],
            "account_id": (payer.share_account_id or payer.account_id).id,
            "aftersales_order_id": self.order_id.id,
        }

    def _prepare_return_lines_values(self):
        """Return the line that was sold, in full, and the use deduction off it.

        With its product and its sales order line, as Odoo credits a return: the cost
        of sales goes back too. What is kept for the use has the taxes of the sale.
        """
        self.ensure_one()
        origin = self.origin_line_id
        lines = [
            {
                "product_id": origin.product_id.id,
                "name": origin.name,
                "quantity": self._get_unit_quantity(),
                "product_uom_id": origin.product_uom_id.id,
                "price_unit": origin.price_unit,
                "discount": origin.discount,
                "tax_ids": [Command.set(origin.tax_ids.ids)],
                "account_id": origin.account_id.id,
                "sale_line_ids": [Command.set(origin.sale_line_ids.ids)],
                "analytic_distribution": origin.analytic_distribution,
                "aftersales_order_id": self.order_id.id,
            }
        ]
        paid = self._get_unit_base_line()["tax_details"]["total_included_currency"]
        kept = origin.currency_id.round(paid - self._get_amount_in(origin.currency_id))
        if not origin.currency_id.is_zero(kept):
            name = self.env._("Use deduction")
            if self.working_text:
                name = f"{name}\n{self.working_text}"
            account = self.company_id.aftersales_use_deduction_account_id
            lines += self._prepare_part_lines_values(
                -kept, name, account or origin.account_id
            )
        return lines

    def _prepare_part_lines_values(self, amount, name, account=None):
        """Return lines of ``amount``, taxes included, with the taxes of the sale."""
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        origin = self.origin_line_id
        base_lines = AccountTax._prepare_down_payment_lines(
            [self._get_unit_base_line()],
            self.company_id,
            "fixed",
            amount,
            computation_key=f"aftersales_decision,{self.id}",
        )
        return [
            {
                "name": name,
                "quantity": 1.0,
                "price_unit": base_line["price_unit"],
                "tax_ids": [Command.set(base_line["tax_ids"].ids)],
                # Keeps the taxes such that it is the amount to the cent.
                "extra_tax_data": AccountTax._export_base_line_extra_tax_data(
                    base_line
                ),
                "account_id": (account or origin.account_id).id,
                "analytic_distribution": origin.analytic_distribution,
                "aftersales_order_id": self.order_id.id,
            }
            for base_line in base_lines
        ]

    def _sync_settlement(self):
        """Follow the credit notes: posted is settled, taken back is open again."""
        money = self.filtered(lambda decision: decision.kind in MONEY_KINDS)
        for decision in money:
            credited = decision.currency_id.compare_amounts(
                decision.amount_settled, 0.0
            )
            if credited > 0 and decision.state == "approved":
                decision._set_state("settled", date_settled=fields.Datetime.now())
                if decision.kind == "return":
                    decision._end_guarantees()
            elif credited <= 0 and decision.state == "settled":
                decision._set_state("approved", date_settled=False)
                decision._restore_guarantees()

    def _end_guarantees(self):
        """What was given back is covered no more."""
        self.ensure_one()
        running = self.asset_id.registration_ids.filtered(
            lambda registration: registration.state == "active"
        )
        running.action_end(
            reason=self.env._("Returned: %(decision)s", decision=self.name)
        )
        self.ended_registration_ids = running

    def _restore_guarantees(self):
        ended = self.ended_registration_ids.filtered(
            lambda registration: registration.state == "ended"
        )
        ended._set_state("active", end_reason=False)
        self.ended_registration_ids = False

    def action_view_moves(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Notes"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("aftersales_decision_id", "in", self.ids)],
            "context": {"create": False},
        }


class AftersalesWarrantyRegistration(models.Model):
    _inherit = "aftersales.warranty.registration"

    decision_id = fields.Many2one(
        "aftersales.warranty.decision",
        "Given By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model
    def _get_transitions(self):
        transitions = super()._get_transitions()
        # A refund that was taken back: the customer keeps the thing.
        return transitions | {"ended": transitions["ended"] | {"active"}}

    def _prepare_restart_values(self, asset, day, price=None):
        values = super()._prepare_restart_values(asset, day, price)
        # A cover that was bought, or given, is as long on the new thing.
        return values | {"cover_months": self.cover_months}

    def action_restart(self, asset, date=None, price=None):
        new = super().action_restart(asset, date=date, price=price)
        followers = {registration.previous_id: registration for registration in new}
        deferrals = self.env["aftersales.deferral"].sudo()
        for deferral in deferrals.search([("registration_id", "in", self.ids)]):
            if following := followers.get(deferral.registration_id):
                deferral.registration_id = following
        return new


class AftersalesAsset(models.Model):
    _inherit = "aftersales.asset"

    @api.model
    def _create_from_deliveries(self, move_lines):
        """Delivering what was promised in exchange is no new sale of it."""
        exchanges = (
            self.env["aftersales.warranty.decision"]
            .sudo()
            .search(
                [
                    ("state", "=", "settled"),
                    ("date_handed_over", "=", False),
                    ("new_asset_id.lot_id", "in", move_lines.lot_id.ids),
                ]
            )
            if move_lines.lot_id
            else self.env["aftersales.warranty.decision"]
        )
        handed_over = move_lines.browse()
        for line in move_lines if exchanges else ():
            customer = line.picking_id.partner_id.commercial_partner_id
            decision = exchanges.filtered(
                lambda exchange, line=line, customer=customer: (
                    exchange.new_asset_id.lot_id == line.lot_id
                    and exchange.company_id == line.company_id
                    and exchange.partner_id.commercial_partner_id == customer
                )
            )
            if decision:
                decision.date_handed_over = fields.Date.to_date(line.date)
                handed_over |= line
        return super()._create_from_deliveries(move_lines - handed_over)


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_use_deduction_account_id = fields.Many2one(
        "account.account",
        "Use Deduction",
        check_company=True,
        domain="[('internal_group', '=', 'income')]",
        help="Takes what is kept for the use when a thing is returned. Empty: the "
        "account it was sold on.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_use_deduction_account_id = fields.Many2one(
        related="company_id.aftersales_use_deduction_account_id", readonly=False
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    aftersales_decision_id = fields.Many2one(
        "aftersales.warranty.decision",
        "Decision",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            decisions = (self | self.reversed_entry_id).aftersales_decision_id
            if decisions:
                # The step is the accountant's; what it means for us follows.
                decisions.sudo()._sync_settlement()
        return result
