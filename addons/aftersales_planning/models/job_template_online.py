from odoo import fields, models


class AftersalesJobTemplate(models.Model):
    """What customers may book themselves, and what needs thought before they come."""

    _inherit = "aftersales.job.template"

    is_bookable_online = fields.Boolean(
        "Book Online", help="Customers find it on the portal, with price and duration."
    )
    needs_plan = fields.Boolean(
        "Technical Plan",
        help="Hard work: somebody thinks it through before the visit.",
    )

    def _is_offered_for(self, asset):
        """Whether customers may book this for ``asset``."""
        self.ensure_one()
        return (
            self.is_bookable_online
            and (not self.company_id or self.company_id == asset.company_id)
            and (not self.category_ids or asset.category_id in self.category_ids)
        )
