from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesDispatchPlan(models.Model):
    """A proposal is accepted as a whole or not at all."""

    _inherit = "aftersales.dispatch.plan"

    outdated = fields.Char(
        "Out of Date",
        compute="_compute_outdated",
        compute_sudo=True,
        help="Why it can't be accepted any more as it is.",
    )

    @api.depends(
        "state",
        "line_ids.kind",
        "line_ids.visit_id.state",
        "line_ids.visit_id.start",
        "line_ids.visit_id.technician_id",
        "line_ids.visit_id.duration",
        "line_ids.visit_id.is_locked",
    )
    def _compute_outdated(self):
        for plan in self:
            plan.outdated = plan.state == "proposed" and plan._get_outdated()

    def action_accept(self):
        """Plan the visits as proposed, all of them; once, however often it is called.

        :raises UserError: naming the visits that changed since the proposal, or why
            one can't be planned so
        """
        self.env["aftersales.dispatch"]._check_dispatches()
        for plan in self._lock():
            if plan.state == "accepted":
                continue
            plan._check_transition("accepted")
            plan._accept()
            plan._set_state(
                "accepted",
                date_accepted=fields.Datetime.now(),
                accepted_user_id=self.env.uid,
            )
            plan._discard_rivals()
        return True

    def action_discard(self):
        """Put these proposals aside."""
        self.env["aftersales.dispatch"]._check_dispatches()
        self._lock()._set_state("discarded")
        return True

    def _accept(self):
        """Apply the lines; ``self`` is superuser."""
        self.ensure_one()
        changes = self.line_ids.filtered(
            lambda line: line.kind in ("moved", "new", "off")
        )
        visits = changes.visit_id.with_env(self.env(su=False))
        visits._check_dispatches()
        visits._lock()
        self._check_unchanged()
        off = changes.filtered(lambda line: line.kind == "off")
        for line in off:
            line.visit_id.action_unplan(reason=line.reason)
        self.env["aftersales.visit"]._plan_all(
            [
                (line.visit_id, line.start, line.employee_id, line.visit_id.helper_ids)
                for line in changes - off
            ]
        )
        self._tell_customers()

    def _check_unchanged(self):
        """Refuse if the day is not the one that was read."""
        outdated = self._get_outdated()
        if outdated:
            raise UserError(outdated)

    def _get_outdated(self):
        """Return why the day is not the one that was read, or an empty text."""
        self.ensure_one()
        stale = self.line_ids.filtered(lambda line: line._is_stale())
        if stale:
            return self.env._(
                "%(visits)s changed since this proposal was made. Work it out again.",
                visits=", ".join(stale.visit_id.mapped("name")),
            )
        now = fields.Datetime.now()
        past = self.line_ids.filtered(
            lambda line: line.kind in ("moved", "new") and line.start < now
        )
        if past:
            return self.env._(
                "%(visits)s would begin at a time that is over. Work the proposal "
                "out again.",
                visits=", ".join(past.visit_id.mapped("name")),
            )
        return ""

    def _discard_rivals(self):
        """Of the ways to make an urgent visit, one is taken."""
        if self.kind == "urgent":
            self.search(
                [
                    ("visit_id", "=", self.visit_id.id),
                    ("state", "=", "proposed"),
                    ("id", "!=", self.id),
                ]
            )._set_state("discarded")

    def _tell_customers(self):
        """Write to those whose window is not kept."""
        for line in self.line_ids.filtered(lambda line: line.tell == "message"):
            line._tell_customer()


class AftersalesDispatchPlanLine(models.Model):
    _inherit = "aftersales.dispatch.plan.line"

    def _is_stale(self):
        """Whether the visit is not as it was found.

        Of what stays where it is, only time and engineer matter to the others.
        """
        self.ensure_one()
        visit = self.visit_id
        place = (visit.technician_id, visit.start)
        found = (self.employee_from_id, self.start_from)
        if self.kind == "left":
            return False
        if self.kind == "kept":
            return visit.state != "cancel" and place != found
        return (
            visit.state != self.state_from
            or place != found
            or visit.is_locked
            or abs(visit.duration - self.duration_from) > 1 / 120
        )

    def _tell_customer(self):
        """Send the customer the new time, or that there is none yet."""
        self.ensure_one()
        visit = self.visit_id
        contact = visit.contact_id or visit.partner_id
        visit = visit.with_context(lang=contact.lang or self.env.lang)
        format_moment = visit.env["aftersales.availability"]._format_moment
        before = format_moment(self.start_from, visit.company_id)
        if self.kind == "off":
            body = visit.env._(
                "We are sorry: we can't come on %(before)s as we told you. We will "
                "call you to agree on another time.",
                before=before,
            )
        else:
            body = visit.env._(
                "We are sorry: we come on %(after)s instead of %(before)s. Please call "
                "us if you can't be there.",
                after=format_moment(self.start, visit.company_id),
                before=before,
            )
        visit.message_post(
            body=body,
            subject=visit.env._("Your visit %(visit)s", visit=visit.name),
            partner_ids=contact.ids,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
        )
