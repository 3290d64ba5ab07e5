from odoo import fields, models


class AftersalesRefusalReason(models.Model):
    """Why a customer doesn't come although invited."""

    _name = "aftersales.refusal.reason"
    _description = "Refusal Reason"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    note_required = fields.Boolean(
        "Note Needed", help="The reason alone says too little to act on it."
    )
