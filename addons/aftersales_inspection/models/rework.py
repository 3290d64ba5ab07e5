from odoo import fields, models


class AftersalesRework(models.Model):
    """Work that was sent back, job by job, with who had done it.

    Written when a work order is sent back, and never changed.
    """

    _name = "aftersales.rework"
    _description = "Rework"
    _order = "date desc, id desc"
    _rec_name = "job_id"

    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    job_id = fields.Many2one(
        "aftersales.job",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    technician_id = fields.Many2one(
        "hr.employee", index="btree_not_null", readonly=True
    )
    team_id = fields.Many2one(
        "aftersales.team",
        related="order_id.team_id",
        store=True,
        precompute=True,
        depends=["order_id"],
    )
    inspection_id = fields.Many2one(
        "aftersales.inspection",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The check that was not passed, if there was one.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    user_id = fields.Many2one(
        "res.users", "Sent Back By", readonly=True, default=lambda self: self.env.user
    )
    reason = fields.Text(readonly=True)
    round = fields.Integer(
        readonly=True, aggregator="max", help="Of this work order: first, second …"
    )
    date = fields.Datetime(readonly=True, default=fields.Datetime.now, index=True)
