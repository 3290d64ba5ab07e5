from odoo import Command, api, fields, models


class AftersalesReturnLine(models.Model):
    """What becomes of the registered thing and of its guarantees.

    Exchanged: the new serial is the customer's asset, and the guarantees go on, or
    begin anew, there. Refunded: they end. What is ours again leaves the register until
    it is sold once more.
    """

    _inherit = "aftersales.return.line"

    new_asset_id = fields.Many2one(
        "aftersales.asset",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
    )
    ended_registration_ids = fields.Many2many(
        "aftersales.warranty.registration",
        "aftersales_return_line_ended_registration_rel",
        string="Guarantees Ended",
        readonly=True,
        copy=False,
    )

    def _find_asset(self):
        """Return the asset of this serial, if the register knows it."""
        self.ensure_one()
        if self.asset_id:
            return self.asset_id
        Asset = self.env["aftersales.asset"].sudo().with_context(active_test=False)
        domain = [("company_id", "=", self.company_id.id)]
        lot = self._get_received_lot()
        if lot and self.tracking == "serial":
            return Asset.search([*domain, ("lot_id", "=", lot.id)], limit=1)
        if self.serial and self.product_id:
            domain += [
                ("serial", "=", self.serial),
                ("product_id", "=", self.product_id.id),
            ]
            return Asset.search(domain, limit=1)
        return Asset

    def _get_asset(self):
        """Return the asset of this serial, made if it is new to the register."""
        self.ensure_one()
        if found := self._find_asset():
            return found
        lot = self._get_received_lot()
        if self.tracking != "serial":
            lot = lot.browse()
        return (
            self.env["aftersales.asset"]
            .sudo()
            .create(
                {
                    "lot_id": lot.id,
                    "product_id": self.product_id.id,
                    "serial": lot.name or self.serial,
                    "partner_id": self.partner_id.id,
                    "company_id": self.company_id.id,
                    "date_sold": fields.Date.to_date(self.date_delivered),
                }
            )
        )

    # Exchanged

    def _follow_moves(self):
        result = super()._follow_moves()
        self.filtered(lambda line: line.remedy == "exchange")._register_replacements()
        return result

    def _register_replacements(self):
        """Make the new serials that were sent the customer's assets."""
        for line in self.filtered(lambda line: not line.new_asset_id):
            sent = line._get_moves("new").filtered(
                lambda move: move.state == "done" and move.has_tracking == "serial"
            )
            for lot in sent.move_line_ids.lot_id:
                line.new_asset_id = line._register_replacement(lot)
            if line.new_asset_id:
                line._hand_guarantees_on()

    def _register_replacement(self, lot):
        self.ensure_one()
        Asset = self.env["aftersales.asset"].sudo().with_context(active_test=False)
        old = self._find_asset()
        rma = self.return_id
        owner = old.partner_id or rma.partner_id.commercial_partner_id
        values = {
            "partner_id": owner.id,
            "site_id": (old.site_id or rma.shipping_id - owner).id,
            "date_sold": fields.Date.context_today(self),
            "active": True,
        }
        asset = Asset.search(
            [("lot_id", "=", lot.id), ("company_id", "=", self.company_id.id)], limit=1
        )
        if asset:
            # It was back in our stock; now it has its next owner.
            asset.write({**values, "replaced_by_id": False})
            return asset
        if old.product_id == lot.product_id:
            values["category_id"] = old.category_id.id
        return Asset.create(
            {**values, "lot_id": lot.id, "company_id": self.company_id.id}
        )

    def _hand_guarantees_on(self):
        """Let the guarantees go to the new thing as each says, and mark the old one."""
        self.ensure_one()
        old, asset = self._find_asset(), self.new_asset_id
        if not old or old == asset:
            return
        ended, _new = old._hand_guarantees_to(
            asset,
            self.env._("Given in exchange: %(number)s", number=self.return_id.name),
        )
        self.asset_id = old
        self.ended_registration_ids = [Command.set(ended.ids)]
        old.replaced_by_id = asset
        body = self.env._(
            "%(old)s was exchanged for %(new)s: %(number)s",
            old=old.display_name,
            new=asset.display_name,
            number=self.return_id.name,
        )
        for thing in old | asset:
            thing.message_post(body=body)

    def _take_guarantees_back(self):
        """The old thing stays with the customer: it has its guarantees again."""
        for line in self.filtered("ended_registration_ids"):
            following = line.new_asset_id.registration_ids.filtered(
                lambda registration, line=line: (
                    registration.previous_id in line.ended_registration_ids
                )
            )
            following.filtered(lambda item: item.state == "active").action_end(
                reason=self.env._("Sold: %(number)s", number=line.return_id.name)
            )
            ended = line.ended_registration_ids.filtered(
                lambda registration: registration.state == "ended"
            )
            ended._set_state("active", end_reason=False)
            reason = line._get_end_reason()
            line.ended_registration_ids.filtered(
                lambda registration, reason=reason: (
                    registration.state == "void" and registration.end_reason == reason
                )
            )._set_state("pending", end_reason=False)
            line.ended_registration_ids = False
            line.asset_id.replaced_by_id = False

    # Ours again

    def _become_ours(self):
        result = super()._become_ours()
        self.filtered(
            lambda line: (
                line.remedy in ("refund", "other", "exchange")
                and (line.tracking == "serial" or line.asset_id)
            )
        )._retire_assets()
        return result

    def _retire_assets(self):
        """What was refunded is covered no more; what is ours is nobody's asset."""
        for line in self:
            asset = line._find_asset()
            if not asset:
                continue
            line.asset_id = asset
            reason = line._get_end_reason()
            if line.remedy != "exchange":
                line._end_guarantees(reason)
            if line.goods != "stay":
                asset.write({"active": False, "partner_id": False, "site_id": False})
                asset.message_post(body=reason)

    def _end_guarantees(self, reason):
        registrations = self.asset_id.registration_ids
        running = registrations.filtered(lambda item: item.state == "active")
        running.action_end(reason=reason)
        pending = registrations.filtered(lambda item: item.state == "pending")
        pending.action_void(reason=reason)
        self.ended_registration_ids = [Command.set((running | pending).ids)]

    def _get_end_reason(self):
        self.ensure_one()
        return self.env._("Returned: %(number)s", number=self.return_id.name)

    # Not refunded after all

    def _unsettle(self):
        before = {line: line.state for line in self}
        result = super()._unsettle()
        # A charge that is credited anew changes nothing about the goods.
        self.filtered(
            lambda line: (
                line.state != before[line] and line.state not in ("settled", "done")
            )
        )._revive_assets()
        return result

    def _revive_assets(self):
        """What was retired is the customer's again, and covered as before.

        What has found its next owner meanwhile stays with him.
        """
        for line in self.filtered("asset_id"):
            asset = line.asset_id
            if line.goods != "stay":
                if asset.active or asset.partner_id:
                    continue
                rma = line.return_id
                owner = rma.partner_id.commercial_partner_id
                asset.write(
                    {
                        "active": True,
                        "partner_id": owner.id,
                        "site_id": (rma.shipping_id - owner).id,
                    }
                )
                asset.message_post(
                    body=self.env._("Not refunded: %(number)s", number=rma.name)
                )
            line._take_guarantees_back()


class AftersalesWarrantyRegistration(models.Model):
    _inherit = "aftersales.warranty.registration"

    @api.model
    def _get_transitions(self):
        """Papers are awaited again where the refund did not stay."""
        transitions = super()._get_transitions()
        return transitions | {"void": transitions["void"] | {"pending"}}


class AftersalesAsset(models.Model):
    _inherit = "aftersales.asset"

    replaced_by_id = fields.Many2one(
        "aftersales.asset",
        "Exchanged For",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What the owner got instead of this one.",
    )

    def write(self, vals):
        if vals.get("active") and vals.get("partner_id"):
            # Sold again: the next owner's is exchanged for nothing.
            vals = {"replaced_by_id": False, **vals}
        return super().write(vals)
