from odoo import models
from odoo.exceptions import AccessError

# Written by the steps alone: they are the proof of what was checked.
STEP_FIELDS = {
    "use", "result", "round", "previous_id", "order_rework_count", "date_start",
    "date_done", "cancel_reason",
}  # fmt: skip


class AftersalesInspection(models.Model):
    """Who may write down what: the steps their proof, technicians their own look."""

    _inherit = "aftersales.inspection"

    def _check_own_steps(self, names):
        """What the steps record is a proof, and written by them alone."""
        if not self.env.su and (refused := STEP_FIELDS.intersection(names)):
            raise AccessError(
                self.env._(
                    "%(inspections)s: %(fields)s can't be written. Start, finish or "
                    "cancel the inspection, or make a second one; these steps record "
                    "it.",
                    inspections=", ".join(self.mapped("display_name"))
                    or self.env._("New Inspection"),
                    fields=", ".join(sorted(refused)),
                )
            )

    def _check_order(self):
        """Refuse orders the user can't see.

        But for the mutual check of finished work: that is somebody else's.
        """
        if not self.env.su:
            own = self.filtered(
                lambda each: (
                    each.use != "gate_mutual" or each.sudo().order_id.state != "quality"
                )
            )
            own.order_id.check_access("read")

    def _check_person(self, vals):
        """A technician looks in the own name."""
        group = "aftersales.aftersales_group_user"
        if self.env.su or self.env.user.has_group(group):
            return
        employee_id, user_id = vals.get("employee_id"), vals.get("user_id")
        employee = self.env["hr.employee"].sudo().browse(employee_id or [])
        if (employee and employee.user_id != self.env.user) or (
            user_id and user_id != self.env.uid
        ):
            raise AccessError(
                self.env._(
                    "%(user)s inspects in the own name. Ask an advisor to enter what "
                    "somebody else saw.",
                    user=self.env.user.name,
                )
            )
