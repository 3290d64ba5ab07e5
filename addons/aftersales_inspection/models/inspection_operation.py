from datetime import timedelta

from odoo import api, fields, models


class AftersalesInspectionOperation(models.Model):
    """A request of a tablet that was carried out, by the name the tablet gave it.

    What arrives a second time, after a time-out or from another tab, is known here.
    """

    _name = "aftersales.inspection.operation"
    _description = "Request of a Tablet"
    _order = "id desc"

    name = fields.Char("Operation", required=True)
    inspection_id = fields.Many2one(
        "aftersales.inspection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="inspection_id.company_id")
    digest = fields.Char(help="Of the signature or photo that came with it.")
    result_id = fields.Integer("Made Record", help="The photo or belonging it made.")

    _name_unique = models.UniqueIndex(
        "(name)", "This request was carried out already. Open the inspection again."
    )

    @api.autovacuum
    def _gc_operations(self):
        """Forget requests for closed inspections: those refuse a replay anyway."""
        limit = fields.Datetime.now() - timedelta(days=30)
        self.search(
            [
                ("create_date", "<", limit),
                ("inspection_id.state", "in", ("done", "cancel")),
            ],
            limit=10000,
        ).unlink()
