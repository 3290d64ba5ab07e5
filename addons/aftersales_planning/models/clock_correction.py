from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesClockCorrection(models.Model):
    """Who changed a time entry, when, from what to what, and why.

    Written with the correction and never changed or deleted, not even by the
    administrator.
    """

    _name = "aftersales.clock.correction"
    _description = "Time Correction"
    _order = "date desc, id desc"
    _rec_name = "entry_id"

    entry_id = fields.Many2one(
        "aftersales.clock.entry", required=True, index=True, ondelete="restrict"
    )
    employee_id = fields.Many2one(related="entry_id.employee_id")
    company_id = fields.Many2one(
        related="entry_id.company_id", store=True, precompute=True, index=True
    )
    date = fields.Datetime("Corrected On", required=True)
    user_id = fields.Many2one("res.users", "Corrected By", required=True)
    reason = fields.Char("Why", required=True)
    start_old = fields.Datetime("Old Start")
    start_new = fields.Datetime("New Start")
    stop_old = fields.Datetime("Old Stop")
    stop_new = fields.Datetime("New Stop")
    job_old_id = fields.Many2one("aftersales.job", "Old Job", ondelete="restrict")
    job_new_id = fields.Many2one("aftersales.job", "New Job", ondelete="restrict")
    reason_old_id = fields.Many2one(
        "aftersales.clock.reason", "Old Reason", ondelete="restrict"
    )
    reason_new_id = fields.Many2one(
        "aftersales.clock.reason", "New Reason", ondelete="restrict"
    )

    def write(self, vals):
        self._refuse_change()
        return super().write(vals)

    def unlink(self):
        self._refuse_change()
        return super().unlink()

    def _refuse_change(self):
        if self:
            raise UserError(
                self.env._(
                    "The corrections of %(entries)s are a log and stay as they are. "
                    "Correct the time entry once more instead.",
                    entries=", ".join(self.entry_id.mapped("display_name")),
                )
            )
