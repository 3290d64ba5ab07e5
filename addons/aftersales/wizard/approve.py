from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesApprove(models.TransientModel):
    """Write down the customer's answer given at the desk or by phone."""

    _name = "aftersales.approve"
    _description = "Customer's Answer"

    order_id = fields.Many2one("aftersales.order", required=True)
    line_ids = fields.One2many("aftersales.approve.line", "wizard_id")
    method = fields.Selection(
        [("desk", "At the desk"), ("phone", "By phone"), ("email", "By e-mail")],
        "How",
        required=True,
    )
    signer = fields.Char("Who Answered", required=True)
    note = fields.Text("The Customer's Words")
    signature = fields.Binary()
    answer_all = fields.Selection(
        [("approve", "Yes"), ("decline", "No")],
        "All Jobs",
        help="The same answer for every job below.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        order = self.env["aftersales.order"].browse(values.get("order_id"))
        if order:
            values.setdefault("signer", (order.contact_id or order.partner_id).name)
            values["line_ids"] = [
                fields.Command.create({"job_id": job.id})
                for job in order.job_ids
                if job.state in ("draft", "proposed")
            ]
        return values

    @api.onchange("answer_all")
    def _onchange_answer_all(self):
        if self.answer_all:
            self.line_ids.answer = self.answer_all

    def action_save(self):
        """Record yes and no as answered; what is left open stays open.

        :raises UserError: if no job has an answer
        """
        self.ensure_one()
        answers = self.line_ids.grouped("answer")
        if not answers.keys() & {"approve", "decline"}:
            raise UserError(
                self.env._(
                    "%(order)s: say yes or no for at least one job. Jobs without an "
                    "answer stay open.",
                    order=self.order_id.name,
                )
            )
        empty = self.env["aftersales.approve.line"]
        for line in answers.get("decline", empty):
            self.order_id.action_decline(
                jobs=line.job_id,
                reason=line.reason or self.note,
                method=self.method,
                signer=self.signer,
            )
        if approved := answers.get("approve", empty).job_id:
            self.order_id.action_approve(
                jobs=approved,
                method=self.method,
                signer=self.signer,
                note=self.note,
                signature=self.signature,
            )
        return True


class AftersalesApproveLine(models.TransientModel):
    _name = "aftersales.approve.line"
    _description = "Customer's Answer about a Job"

    wizard_id = fields.Many2one("aftersales.approve", required=True, ondelete="cascade")
    job_id = fields.Many2one("aftersales.job", required=True, readonly=True)
    currency_id = fields.Many2one(related="job_id.currency_id")
    payer_id = fields.Many2one(related="job_id.payer_id")
    amount_total = fields.Monetary(related="job_id.amount_total")
    answer = fields.Selection([("approve", "Yes"), ("decline", "No")])
    reason = fields.Char("Reason for No")
