from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesCorrection(models.Model):
    _inherit = "aftersales.correction"

    goodwill_id = fields.Many2one(
        "aftersales.goodwill", index="btree_not_null", ondelete="set null"
    )


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    goodwill_ids = fields.One2many("aftersales.goodwill", "job_id")


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    goodwill_ids = fields.One2many("aftersales.goodwill", "order_id")
    goodwill_count = fields.Integer(
        "Number of Goodwills", compute="_compute_goodwill_count", compute_sudo=True
    )

    @api.depends("goodwill_ids")
    def _compute_goodwill_count(self):
        for order in self:
            order.goodwill_count = len(order.goodwill_ids)

    def action_give_goodwill(self, percentage=0.0, reason=None, jobs=None, note=None):
        """Propose that we bear a part of jobs, and give it where the limit allows.

        :param float percentage: of each job
        :param reason: an ``aftersales.goodwill.reason``, record or id
        :param jobs: records or ids; every job of these orders without them
        :return: the goodwill; it waits for a decision where the user's limit is below
        :raises UserError: without a share or a reason
        """
        self.check_access("write")
        if not percentage or not reason:
            raise UserError(
                self.env._(
                    "%(orders)s: say how much of the work is goodwill, and why.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        own = self.job_ids
        if jobs is not None:
            ids = [int(job) for job in getattr(jobs, "ids", jobs)]
            own = own.filtered(lambda job: job.id in ids)
        goodwill = self.env["aftersales.goodwill"].create(
            [
                {
                    "job_id": job.id,
                    "percentage": percentage,
                    "reason_id": int(getattr(reason, "id", reason)),
                    "note": note,
                }
                for job in own
            ]
        )
        goodwill.action_give()
        return goodwill

    def action_view_goodwill(self):
        return self.env["aftersales.goodwill"]._get_view_action(
            [("order_id", "in", self.ids)], {"default_order_id": self[:1].id}
        )
