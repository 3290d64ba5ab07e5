from odoo import fields, models


class AftersalesOrder(models.Model):
    """What is agreed at the counter and printed on the task order."""

    _inherit = "aftersales.order"

    payment_way = fields.Selection(
        [
            ("cash", "Cash"),
            ("card", "Card"),
            ("mobile", "Mobile payment"),
            ("transfer", "Bank transfer"),
            ("account", "On account"),
        ],
    )
    old_parts_choice = fields.Selection(
        [("keep", "Customer takes them"), ("give_up", "Customer gives them up")],
        "Old Parts",
        help="What the customer wants done with the parts that come out.",
    )
    customer_waits = fields.Selection(
        [("stay", "Waits here"), ("leave", "Comes back")], "Stay or Leave"
    )
    wash = fields.Boolean("Free Wash")
    loaner = fields.Boolean("Replacement Wanted")
