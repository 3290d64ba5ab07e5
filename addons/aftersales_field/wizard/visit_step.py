from odoo import Command, api, fields, models

from ..models.visit_close import OUTCOMES
from ..models.visit_customer import OPINIONS


class AftersalesVisitStep(models.TransientModel):
    """Ask at the desk what a step of a visit has to know, and take it."""

    _name = "aftersales.visit.step"
    _description = "Step of a Visit"

    step = fields.Selection(
        [
            ("plan", "Plan by hand"),
            ("unplan", "Take off the plan"),
            ("cancel", "Call off"),
            ("pause", "Pause"),
            ("hand_over", "Hand over"),
            ("block", "Report a block"),
            ("answer", "Customer's answer"),
            ("payment", "Payment on site"),
            ("finish", "Finish"),
        ],
        required=True,
        readonly=True,
    )
    visit_ids = fields.Many2many(
        "aftersales.visit",
        string="Visits",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    visit_id = fields.Many2one("aftersales.visit", compute="_compute_visit_id")
    order_id = fields.Many2one("aftersales.order", compute="_compute_visit_id")
    company_id = fields.Many2one("res.company", compute="_compute_visit_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    reason = fields.Text()
    start = fields.Datetime()
    technician_id = fields.Many2one(
        "hr.employee.public",
        "Engineer",
        domain="[('company_id', '=', company_id)]",
    )
    helper_ids = fields.Many2many(
        "hr.employee.public",
        "aftersales_visit_step_helper_rel",
        string="Helpers",
        domain="[('company_id', '=', company_id)]",
    )
    answer = fields.Selection(
        [("yes", "Agrees to the price"), ("no", "Declines; restored as found")],
        default="yes",
    )
    asked_ids = fields.Many2many(
        "aftersales.job",
        "aftersales_visit_step_asked_rel",
        string="Work",
        domain="[('order_id', '=', order_id), ('state', 'in', ('draft', 'proposed'))]",
    )
    cover = fields.Html(compute="_compute_cover", sanitize=False)
    signer = fields.Char("Name")
    signature = fields.Binary()
    role = fields.Char(help="Owner, caretaker, foreman …")
    outcome = fields.Selection(OUTCOMES, default="fixed")
    job_ids = fields.Many2many(
        "aftersales.job", "aftersales_visit_step_job_rel", string="Jobs"
    )
    done_ids = fields.Many2many(
        "aftersales.job",
        "aftersales_visit_step_done_rel",
        string="Done All the Same",
        domain="[('id', 'in', job_ids)]",
        help="Of a visit that has to be continued: the jobs that are done.",
    )
    opinion = fields.Selection(OPINIONS, "Customer's Opinion")
    comment = fields.Text("Customer's Words")
    no_signature_reason = fields.Char("Not Signed Because")
    unused_reason = fields.Char(
        "Parts Not Used Because", help="Of parts that were planned and not used."
    )
    payment_method_id = fields.Many2one("aftersales.visit.payment.method")
    amount = fields.Monetary("Amount Taken")

    @api.depends("visit_ids")
    def _compute_visit_id(self):
        for wizard in self:
            wizard.visit_id = wizard.visit_ids._origin[:1]
            wizard.order_id = wizard.visit_id.order_id
            wizard.company_id = wizard.visit_id.company_id

    @api.depends("visit_ids", "step")
    def _compute_cover(self):
        for wizard in self:
            wizard.cover = wizard.step == "answer" and self.env["ir.qweb"]._render(
                "aftersales_field.visit_cover",
                {"cover": wizard.visit_id.get_cover()},
            )

    @api.model
    def default_get(self, fields_list):
        """Begin with what the visit says already."""
        values = super().default_get(fields_list)
        visit = self.env["aftersales.visit"].browse(
            self.env.context.get("active_ids", ())[:1]
        )
        step = values.get("step")
        if step == "plan":
            values["start"] = visit.start or visit.date_earliest
            values["technician_id"] = visit.technician_id.id
            values["helper_ids"] = [Command.set(visit.helper_ids.ids)]
        elif step == "answer":
            visit._check_is_own()._adopt_waiting_jobs()
            waiting = visit._get_own_jobs().filtered(
                lambda job: job.state in ("draft", "proposed")
            )
            values["asked_ids"] = [Command.set(waiting.ids)]
            values["signer"] = visit.order_id._get_visit_contact().name
        elif step == "payment":
            values["payment_method_id"] = visit.payment_method_id.id
            values["amount"] = visit.payment_amount or visit.get_cover()["total"]
            values["reason"] = visit.payment_note
        elif step == "finish":
            jobs = visit.job_ids.filtered(
                lambda job: job.state in ("approved", "progress")
            )
            values["job_ids"] = [Command.set(jobs.ids)]
            values["opinion"] = visit.opinion
            values["comment"] = visit.opinion_comment
            values["signer"] = (
                visit.signed_by or visit.order_id._get_visit_contact().name
            )
            values["role"] = visit.signed_role
            values["signature"] = visit.signature
        return values

    def action_apply(self):
        """Take the step with what was entered."""
        for wizard in self:
            getattr(wizard, f"_apply_{wizard.step}")(wizard.visit_ids)
        return {"type": "ir.actions.act_window_close"}

    def _apply_plan(self, visits):
        visits.action_plan(
            start=self.start,
            technician=self.technician_id.id or None,
            helpers=self.helper_ids.ids,
            reason=self.reason,
        )

    def _apply_unplan(self, visits):
        visits.action_unplan(reason=self.reason)

    def _apply_cancel(self, visits):
        visits.action_cancel(reason=self.reason)

    def _apply_pause(self, visits):
        visits.action_pause(reason=self.reason)

    def _apply_hand_over(self, visits):
        visits.action_hand_over(
            technician=self.technician_id.id or None, note=self.reason
        )

    def _apply_block(self, visits):
        visits.action_report_block(reason=self.reason)

    def _apply_answer(self, visits):
        if self.answer == "yes":
            visits.action_consent(
                jobs=self.asked_ids.ids,
                signer=self.signer,
                signature=self.signature,
                note=self.reason,
            )
        else:
            visits.action_refuse_paid(
                reason=self.reason,
                jobs=self.asked_ids.ids,
                signer=self.signer,
                signature=self.signature,
            )

    def _apply_payment(self, visits):
        visits.record_payment(
            method=self.payment_method_id.id, amount=self.amount, note=self.reason
        )

    def _apply_finish(self, visits):
        if self.opinion:
            visits.record_opinion(self.opinion, self.comment)
        if self.signature and self.signature != visits[:1].signature:
            visits.record_signature(self.signer, self.signature, self.role)
        visits.action_finish(
            self.outcome,
            note=self.reason,
            no_signature_reason=self.no_signature_reason,
            unused_reason=self.unused_reason,
            done_jobs=self.done_ids.ids,
        )
