from odoo import fields, models


class AftersalesReturnReason(models.Model):
    """Why something comes back, in the words of the customer and of the statistics."""

    _name = "aftersales.return.reason"
    _description = "Return Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    kind = fields.Selection(
        [
            ("fault", "Fault"),
            ("transport", "Damaged in transport"),
            ("wrong", "Wrong product or quantity"),
            ("unwanted", "Not wanted"),
            ("other", "Other"),
        ],
        required=True,
        default="fault",
        help="A fault is weighed under the guarantee.",
    )
    photo_required = fields.Boolean(help="Customers add a photo on the portal.")
    is_portal = fields.Boolean("On the Portal", default=True)
