from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from .rma_grant import RIGHTS


class AftersalesReturnLine(models.Model):
    """What is kept for the use when a thing under guarantee is given back.

    By the rule of its guarantee, with the working in words. Then no restocking fee is
    kept: the rule says all that may be. Advisors may keep another part, and say why.
    """

    _inherit = "aftersales.return.line"

    deduction_registration_id = fields.Many2one(
        "aftersales.warranty.registration",
        "Deducted by Guarantee",
        compute="_compute_deduction",
        store=True,
        check_company=True,
        ondelete="set null",
    )
    deduction_working = fields.Json(
        "Figures", compute="_compute_deduction", store=True, copy=False
    )
    deduction_text = fields.Text(
        "Use Deduction",
        compute="_compute_deduction",
        store=True,
        help="The working, as the customer reads it.",
    )
    # A share of the price can have more digits than a discount.
    fee_percent = fields.Float(digits=(16, 6))
    fee_user_id = fields.Many2one(
        "res.users", "Deduction Changed By", readonly=True, copy=False
    )

    @api.depends(
        "asset_id", "lot_id", "serial", "reason_id.kind", "remedy", "test_result",
        "return_id.date_requested",
    )  # fmt: skip
    def _compute_deduction(self):
        # What was given stays as it was reckoned: the guarantee has ended since.
        for line in self.filtered(lambda line: not line.date_given):
            registration, refund = line._get_use_deduction()
            line.deduction_registration_id = registration
            line.deduction_working = refund or False
            line.deduction_text = refund and registration.with_context(
                lang=line.partner_id.lang
            )._get_refund_text(refund)

    @api.depends("deduction_working")
    def _compute_fee_percent(self):
        todo = self.filtered(lambda line: not (line.fee_user_id or line.date_given))
        result = super(AftersalesReturnLine, todo)._compute_fee_percent()
        for line in todo:
            if working := line.deduction_working:
                line.fee_percent = working["deduction"] / working["price"] * 100
        return result

    def _get_use_deduction(self):
        """Return the guarantee and the refund by its rule, or nothing of either.

        Reckoned to the day of the request: what we take longer is not the customer's
        use. A right that gives the full price back goes before.
        """
        self.ensure_one()
        Registration = self.env["aftersales.warranty.registration"]
        nothing = Registration, None
        if (
            self.remedy not in ("refund", "other")
            or self.reason_id.kind not in ("fault", False)
            or not (self.tracking == "serial" or self.asset_id)
        ):
            return nothing
        asset = self.sudo()._find_asset()
        guarantees = asset.registration_ids.filtered(
            lambda item: (
                item.state == "active"
                and item.pack_kind in ("legal", "promise")
                and item.price
                and item.version_id.deduction_kind != "none"
            )
        )
        if not guarantees:
            return nothing
        day = self._get_verdict_day()
        rights = [
            right
            for right in self.sudo()._get_standing()["rights"]
            if right["remedy"] in RIGHTS["refund"]
        ]
        for registration in guarantees:
            own = [r for r in rights if r["registration"] == registration.id]
            if any(not right["is_deducted"] for right in own):
                return nothing
        registration = guarantees.sorted(lambda item: item.date_start)[:1]
        refund = registration._get_refund(date=day, meter=asset.meter)
        return (registration, refund) if refund and refund["deduction"] else nothing

    # Changed by hand

    def write(self, vals):
        if "fee_percent" not in vals:
            return super().write(vals)
        percent = vals["fee_percent"]
        rest = {name: value for name, value in vals.items() if name != "fee_percent"}
        result = super().write(rest)
        # What the screen shows is written back with the rest: only what differs from
        # the rule is somebody's own.
        changed = self.filtered(
            lambda line: float_compare(line.fee_percent, percent, 6) != 0
        )
        if changed:
            changed.return_id._check_decides()
            changed._check_fee_open()
            changed._check_fee_reason(vals)
            # Who changed it is no field of the screen.
            super(AftersalesReturnLine, changed.sudo()).write(
                {"fee_percent": percent, "fee_user_id": self.env.uid}
            )
        return result

    def _check_fee_open(self):
        given = self.filtered(lambda line: line.state in ("settled", "done"))
        if given:
            raise UserError(
                self.env._(
                    "%(lines)s is settled: its deduction stays. Correct the credit "
                    "note instead.",
                    lines=", ".join(given.mapped("display_name")),
                )
            )

    def _check_fee_reason(self, vals):
        ruled = self.filtered("deduction_working")
        if ruled and not (vals.get("fee_reason") or "").strip():
            raise UserError(
                self.env._(
                    "%(lines)s: a rule of the guarantee sets the deduction. Write down "
                    "in “Deducted For” why it is another one.",
                    lines=", ".join(ruled.mapped("display_name")),
                )
            )

    def action_set_deduction(self, percent=0.0, reason=None):
        """Keep another part of the price back than the rule says.

        :param float percent: of what was paid
        :param str reason: why, as it stands on the credit note; required
        """
        self.return_id._check_reason(reason)
        for line in self._lock().with_env(self.env):
            line.write({"fee_percent": percent, "fee_reason": reason})
        return True

    def action_reset_deduction(self):
        """Keep what the rule says after all."""
        self.return_id._check_decides()
        lines = self._lock()
        lines._check_fee_open()
        lines.write({"fee_user_id": False, "fee_reason": False})
        for name in ("deduction_working", "fee_percent"):
            self.env.add_to_compute(self._fields[name], lines)
        return True

    def _prepare_fee_line_values(self, item, quantity):
        values = super()._prepare_fee_line_values(item, quantity)
        if not self.deduction_working:
            return values
        account = self.company_id.aftersales_use_deduction_account_id
        if account:
            values["account_id"] = account.id
        if not self.fee_reason:
            values["name"] = self.env._(
                "Use deduction: %(working)s", working=self.deduction_text
            )
        return values
