from odoo import api, fields, models


class AftersalesFindingWarn(models.TransientModel):
    """Ask who was warned of a danger, and how."""

    _name = "aftersales.finding.warn"
    _description = "Record a Warning"

    finding_ids = fields.Many2many("aftersales.finding", string="Findings")
    method = fields.Selection(
        selection=lambda self: [
            (method, label)
            for method, label in self.env["aftersales.finding"]
            ._fields["warning_method"]
            ._description_selection(self.env)
            if method != "portal"
        ],
        string="How",
        required=True,
        default="desk",
    )
    name = fields.Char("Who Was Warned", required=True)
    note = fields.Text("Words and Answer")
    signature = fields.Binary()

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "aftersales.finding":
            findings = self.env["aftersales.finding"].browse(
                self.env.context.get("active_ids", [])
            )
            values["finding_ids"] = findings.ids
            partner = findings.order_id.partner_id or findings.partner_id
            values["name"] = partner[:1].name
        return values

    def action_apply(self):
        """Write the warning down with the findings."""
        self.ensure_one()
        return self.finding_ids.action_record_warning(
            method=self.method,
            name=self.name,
            note=self.note,
            signature=self.signature,
        )
