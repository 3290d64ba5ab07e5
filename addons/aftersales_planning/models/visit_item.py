from odoo import fields, models


class AftersalesVisitItem(models.Model):
    """Something the customer should bring: papers, a code, a key, an accessory."""

    _name = "aftersales.visit.item"
    _description = "What to Bring"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    note = fields.Char(translate=True, help="Why, or where to find it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    team_ids = fields.Many2many(
        "aftersales.team", string="Teams", help="Empty: for the visits of every team."
    )
    category_ids = fields.Many2many(
        "aftersales.asset.category",
        string="Asset Categories",
        help="Empty: for every kind of asset.",
    )

    def _is_for(self, order):
        """Whether the customer of ``order`` should bring this."""
        self.ensure_one()
        return (not self.team_ids or order.team_id in self.team_ids) and (
            not self.category_ids or order.asset_id.category_id in self.category_ids
        )
