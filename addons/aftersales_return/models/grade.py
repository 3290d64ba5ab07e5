from odoo import fields, models


class AftersalesReturnGrade(models.Model):
    """How good something is after the test, and where it is put away then."""

    _name = "aftersales.return.grade"
    _description = "Grade of Returned Goods"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    goods = fields.Selection(
        [
            ("restock", "Into stock"),
            ("scrap", "Scrapped"),
            ("supplier", "To the supplier"),
        ],
        "Goods Go",
        required=True,
        default="restock",
    )
    location_id = fields.Many2one(
        "stock.location",
        "Put Away In",
        company_dependent=True,
        domain="[('usage', '=', 'internal')]",
        help="Empty: the stock of the warehouse.",
    )
    fee_percent = fields.Float(
        "Deduction (%)",
        digits="Discount",
        help="Kept back from the refund for what is missing or worn.",
    )

    _fee_in_range = models.Constraint(
        "CHECK(fee_percent >= 0 AND fee_percent <= 100)",
        "The deduction lies between 0 and 100 %.",
    )
