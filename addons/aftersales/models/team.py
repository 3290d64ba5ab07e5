from odoo import fields, models


class AftersalesTeam(models.Model):
    """Advisors and technicians who share a counter, and the store that serves them."""

    _name = "aftersales.team"
    _description = "Service Team"
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one("res.users", "Leader", check_company=True)
    member_ids = fields.Many2many(
        "res.users",
        string="Members",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        check_company=True,
        help="Where this team's parts come from.",
    )
    color = fields.Integer()
