from odoo import fields, models


class AftersalesClockReason(models.Model):
    """Why a technician is not working on a job, and how that time counts."""

    _name = "aftersales.clock.reason"
    _description = "Clock Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        copy=False, help="Stable name for integrations, such as parts or break."
    )
    kind = fields.Selection(
        [
            ("pause", "Pause"),
            ("idle", "Idle"),
            ("indirect", "Indirect work"),
        ],
        required=True,
        default="idle",
        help="Pause: the technician's own break. Idle: present and kept from working. "
        "Indirect work: work for the shop that no job asks for.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)

    _code_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), code) WHERE code IS NOT NULL",
        "Another clock reason has that code already.",
    )
