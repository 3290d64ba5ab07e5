from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesWarrantyDecision(models.Model):
    """Exchange: the guarantees go on, or begin anew, on the new thing."""

    _inherit = "aftersales.warranty.decision"

    def _exchange(self):
        for decision in self:
            asset = decision._get_new_asset()
            reason = self.env._(
                "Delivered in exchange: %(decision)s", decision=decision.name
            )
            old, new = decision.asset_id._hand_guarantees_to(asset, reason)
            new.decision_id = decision
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

    def _hand_guarantees_to(self, asset, reason):
        """Let the guarantees go on, or begin anew, on what is given for this thing.

        :param asset: the new thing
        :param str reason: why what its delivery registered ends: it is no new sale
        :return: the guarantees that ended, and those that follow
        """
        self.ensure_one()
        given = asset.registration_ids
        given.filtered(lambda item: item.state == "active").action_end(reason=reason)
        given.filtered(lambda item: item.state == "pending").action_void(reason=reason)
        old = self.registration_ids.filtered(
            lambda registration: registration.state == "active"
        )
        # What was given on a repair or a part of the old thing goes with it.
        going_on = old.filtered(
            lambda registration: (
                registration.pack_kind in ("legal", "promise", "extended")
            )
        )
        new = going_on.action_restart(asset)
        (old - going_on).action_end(
            reason=self.env._("Exchanged for %(asset)s", asset=asset.display_name)
        )
        return old, new

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
