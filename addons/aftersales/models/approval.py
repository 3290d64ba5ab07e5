from odoo import api, fields, models


class AftersalesApproval(models.Model):
    """An answer of the customer: which jobs, yes or no, who, when, how, on what.

    Written by approving and declining, and never changed.
    """

    _name = "aftersales.approval"
    _description = "Customer's Answer"
    _order = "date desc, id desc"
    _rec_name = "signer"

    order_id = fields.Many2one(
        "aftersales.order", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    job_ids = fields.Many2many("aftersales.job", string="Jobs", readonly=True)
    decision = fields.Selection(
        [("approved", "Approved"), ("declined", "Declined")],
        required=True,
        readonly=True,
    )
    method = fields.Selection(
        [
            ("desk", "At the desk"),
            ("phone", "By phone"),
            ("portal", "On the portal"),
            ("email", "By e-mail"),
            ("sale", "With the quotation"),
        ],
        required=True,
        readonly=True,
    )
    date = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now, index=True
    )
    signer = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", "Recorded By", readonly=True, default=lambda self: self.env.user
    )
    note = fields.Text("Words or Reason", readonly=True)
    device = fields.Char(readonly=True)
    signature = fields.Binary(readonly=True, attachment=True)
    amount_total = fields.Monetary(readonly=True, help="What was said yes or no to.")

    @api.model
    def _record(self, jobs, decision, **values):
        """Write down one answer per order for ``jobs``."""
        # Only these methods write answers; nobody has the right to edit them.
        return self.sudo().create(
            [
                {
                    **values,
                    "order_id": order.id,
                    "user_id": self.env.user.id,
                    "decision": decision,
                    "job_ids": order_jobs.ids,
                    "signer": values.get("signer") or order.partner_id.name,
                    "amount_total": sum(order_jobs.mapped("amount_total")),
                }
                for order, order_jobs in jobs.grouped("order_id").items()
            ]
        )
