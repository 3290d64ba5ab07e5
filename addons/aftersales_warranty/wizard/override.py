from odoo import api, fields, models

from ..models.rule import CHARGES


class AftersalesWarrantyOverride(models.TransientModel):
    """Ask what holds instead of a verdict, why, and what proves it."""

    _name = "aftersales.warranty.override"
    _description = "Overrule a Verdict"

    verdict_ids = fields.Many2many(
        "aftersales.verdict",
        string="Verdicts",
        required=True,
        default=lambda self: self._default_verdict_ids(),
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    result = fields.Selection(
        [
            ("covered", "Covered"),
            ("shared", "Covered in part"),
            ("reduced", "Reduced"),
            ("charged", "Charged"),
        ],
        "Holds Instead",
        required=True,
        default="covered",
    )
    payer_id = fields.Many2one("aftersales.payer", "Borne By")
    charge = fields.Selection(
        [charge for charge in CHARGES if charge[0] != "list"],
        "Left to the Customer",
        required=True,
        default="free",
    )
    share_percent = fields.Float("Share (%)", digits="Discount", default=50.0)
    reason = fields.Char(required=True)
    evidence_note = fields.Char("What Proves It")
    evidence_ids = fields.Many2many("ir.attachment")

    @api.model
    def _default_verdict_ids(self):
        if self.env.context.get("active_model") != "aftersales.verdict":
            return False
        return self.env["aftersales.verdict"].browse(self.env.context["active_ids"])

    @api.depends("verdict_ids")
    def _compute_company_id(self):
        for override in self:
            override.company_id = override.verdict_ids.company_id[:1]

    def action_apply(self):
        """Overrule the verdicts, as ``action_override`` does."""
        self.ensure_one()
        self.verdict_ids.action_override(
            self.result,
            reason=self.reason,
            payer=self.payer_id,
            charge=self.charge,
            share_percent=self.share_percent,
            evidence_note=self.evidence_note,
            evidence_ids=self.evidence_ids.ids,
        )
        return True
