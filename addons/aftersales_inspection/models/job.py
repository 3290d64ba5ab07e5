from odoo import fields, models


class AftersalesJob(models.Model):
    """A job may be the answer to something that was found."""

    _inherit = "aftersales.job"

    finding_id = fields.Many2one(
        "aftersales.finding",
        "Because Of",
        check_company=True,
        index="btree_not_null",
        copy=False,
        ondelete="set null",
        help="The finding of an inspection that this job fixes.",
    )

    def _get_technicians(self):
        """Return who works on these jobs, as employees; add-ons add who else does."""
        return self.technician_id

    def _get_findings(self):
        """Return the findings these jobs fix: their own and those fixed with them."""
        findings = self.finding_id
        return findings | findings.with_ids

    def action_view_finding(self):
        self.ensure_one()
        return self.finding_id.get_formview_action()
