from odoo import api, models
from odoo.exceptions import AccessError

# Written by the steps alone: they say who was where, and what the customer said.
STEP_FIELDS = {
    "start", "stop", "technician_id", "helper_ids", "cancel_reason", "date_arrived",
    "date_left", "outcome", "outcome_note", "unused_reason", "opinion",
    "opinion_comment", "signature", "signed_by", "signed_role", "date_signed",
    "no_signature_reason", "payment_method_id", "payment_amount", "payment_note",
    "block_reason", "hand_over_note",
}  # fmt: skip
# What engineers may write besides taking steps.
ENGINEER_FIELDS = (
    "note", "person_ids", "message_", "activity_", "website_message_",
)  # fmt: skip


class AftersalesVisit(models.Model):
    """Who may write what on a visit by hand."""

    _inherit = "aftersales.visit"

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        if not self.env.su:
            for visit in visits.sudo():
                # Looked up on the record: defaults of the context count as well.
                visit._refuse_step_fields({name for name in STEP_FIELDS if visit[name]})
        return visits

    def write(self, vals):
        if not self.env.su:
            self._check_may_write(vals)
        return super().write(vals)

    def _refuse_step_fields(self, names):
        if refused := STEP_FIELDS.intersection(names):
            raise AccessError(
                self.env._(
                    "%(visits)s: %(fields)s follows from the steps and can't be "
                    "written. Call the step instead.",
                    visits=", ".join(self.sudo().mapped("name")),
                    fields=", ".join(sorted(refused)),
                )
            )

    def _check_may_write(self, vals):
        self._refuse_step_fields(vals)
        names = ", ".join(self.sudo().mapped("name"))
        group = "aftersales.aftersales_group_user"
        if not self.env.user.has_group(group) and any(
            not name.startswith(ENGINEER_FIELDS) for name in vals
        ):
            raise AccessError(
                self.env._(
                    "%(visits)s: engineers take the steps of a visit and write the "
                    "directions. Ask the dispatcher to change the rest.",
                    visits=names,
                )
            )
