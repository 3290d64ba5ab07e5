from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesClockCorrect(models.TransientModel):
    """Ask an advisor what is right about a time entry, or to add one, and why."""

    _name = "aftersales.clock.correct"
    _description = "Correct the Time"

    entry_id = fields.Many2one("aftersales.clock.entry", readonly=True)
    employee_id = fields.Many2one("hr.employee", "Technician", required=True)
    start = fields.Datetime(required=True)
    stop = fields.Datetime()
    job_id = fields.Many2one(
        "aftersales.job",
        domain="[('state', 'in', ('approved', 'progress', 'done'))]",
        help="What was worked on; empty for other time.",
    )
    clock_reason_id = fields.Many2one(
        "aftersales.clock.reason", "Other Time", help="What it was if not a job."
    )
    reason = fields.Char("Why", required=True)

    def action_save(self):
        self.ensure_one()
        if self.job_id and self.clock_reason_id and not self.entry_id:
            raise UserError(self.env._("Choose a job or another use, not both."))
        changed_reason = self.clock_reason_id != self.entry_id.reason_id
        changed_job = self.job_id != self.entry_id.job_id
        clock_reason = self.clock_reason_id if changed_reason else None
        job = self.job_id if changed_job and not clock_reason else None
        if self.entry_id:
            self.entry_id.action_correct(
                reason=self.reason,
                start=self.start if self.start != self.entry_id.start else None,
                stop=self.stop if self.stop != self.entry_id.stop else None,
                job=job,
                clock_reason=clock_reason,
            )
        else:
            if not self.stop:
                raise UserError(self.env._("Say when it ended."))
            self.env["aftersales.clock.entry"].action_add(
                self.employee_id,
                self.start,
                self.stop,
                reason=self.reason,
                job=job,
                clock_reason=clock_reason,
            )
        return {"type": "ir.actions.act_window_close"}


class AftersalesClockGaps(models.TransientModel):
    """The gaps of a technician's day, each with what it was."""

    _name = "aftersales.clock.gaps"
    _description = "What Was This Time?"

    day_id = fields.Many2one("aftersales.clock.day", required=True)
    line_ids = fields.One2many(
        "aftersales.clock.gap",
        "gaps_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        precompute=True,
    )

    @api.depends("day_id")
    def _compute_line_ids(self):
        for gaps in self:
            gaps.line_ids = [
                fields.Command.create({"start": start, "stop": stop})
                for start, stop in (
                    gaps.day_id._get_gap_intervals() if gaps.day_id else ()
                )
            ]

    def action_save(self):
        """Record the gaps that were given a reason."""
        self.ensure_one()
        for line in self.line_ids.filtered("reason_id"):
            self.day_id.action_class_gap(line.start, line.reason_id)
        return {"type": "ir.actions.act_window_close"}


class AftersalesClockGap(models.TransientModel):
    _name = "aftersales.clock.gap"
    _description = "Gap of a Day"
    _order = "start"

    gaps_id = fields.Many2one(
        "aftersales.clock.gaps", required=True, ondelete="cascade"
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    hours = fields.Float(compute="_compute_hours")
    reason_id = fields.Many2one("aftersales.clock.reason")

    @api.depends("start", "stop")
    def _compute_hours(self):
        for gap in self:
            gap.hours = (
                (gap.stop - gap.start).total_seconds() / 3600
                if gap.start and gap.stop
                else 0.0
            )
