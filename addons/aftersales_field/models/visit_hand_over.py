from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.aftersales_planning.engine.moments import to_datetime, to_seconds

from .visit_plan import REST

# Shorter than this, what is left of a visit is not worth a trip.
SHORTEST = timedelta(minutes=30)


class AftersalesVisitStamp(models.Model):
    _inherit = "aftersales.visit.stamp"

    kind = fields.Selection(
        selection_add=[("block", "Blocked")], ondelete={"block": "cascade"}
    )
    colleague_id = fields.Many2one("hr.employee", "Handed Over To")


class AftersalesVisit(models.Model):
    """A visit passes to somebody else, properly; a block is known at once (R193)."""

    _inherit = "aftersales.visit"

    block_reason = fields.Text(
        "Blocked",
        readonly=True,
        copy=False,
        help="What the engineer can't solve alone, until somebody settles it.",
    )
    hand_over_note = fields.Text(readonly=True, copy=False)

    @api.model
    def _get_transitions(self):
        transitions = super()._get_transitions()
        # A colleague has to get there first.
        for state in ("onsite", "paused"):
            transitions[state] = transitions[state] | {"planned"}
        return transitions

    def action_hand_over(self, technician=None, note=None, moment=None, place=None):
        """Pass these visits to a colleague, or back to the dispatcher.

        A helper who is there goes on at once. Anybody else finds the visit planned:
        at its time, or from now on if it has begun. Without ``technician``, a visit
        that has not begun is to be planned again; one that has waits for somebody.

        :param technician: ``hr.employee`` as record or id
        :param str note: what was done and what is left; required
        :param moment: when (UTC), if before now
        :param dict place: see ``AftersalesVisit`` of the steps
        :raises UserError: why the colleague can't come
        """
        visits = self._check_is_own()._lock()
        visits._check_reason(note)
        moment = visits._read_moment(moment)
        colleague = visits._browse_employees(technician)
        for visit in visits:
            if colleague and visit.technician_id == colleague:
                continue
            visit._check_can_hand_over(colleague)
            if colleague:
                visit._hand_over(colleague, note, moment, place)
            else:
                visit._give_back(note, moment, place)
        return True

    def _check_can_hand_over(self, colleague):
        self.ensure_one()
        if self.state in ("draft", "done", "cancel"):
            raise UserError(
                self.env._(
                    "%(visit)s is “%(state)s” and can't be handed over.",
                    visit=self.name,
                    state=self._get_state_label(self.state),
                )
            )
        if colleague and (
            len(colleague) > 1
            or colleague.company_id != self.company_id
            or colleague.resource_id.aftersales_role != "technician"
        ):
            raise UserError(
                self.env._(
                    "%(visit)s can't be handed over to %(people)s. Choose one engineer "
                    "of %(company)s.",
                    visit=self.name,
                    people=", ".join(colleague.mapped("name")),
                    company=self.company_id.name,
                )
            )

    def _hand_over(self, colleague, note, moment, place):
        """Give one visit to a colleague; ``self`` is superuser."""
        self.ensure_one()
        before = self.technician_id
        is_there = colleague in self.helper_ids and self.state in ("onsite", "paused")
        self._stamp("hand_over", moment, place, note).colleague_id = colleague
        self.hand_over_note = note
        if self.state == "planned":
            self.action_plan(technician=colleague, helpers=self.helper_ids)
        else:
            self._stop_clocks(moment)
            self._pass_on(colleague, is_there, note, moment)
        self._log_reason(
            self.env._(
                "Handed over from %(before)s to %(colleague)s",
                before=before.name or "–",
                colleague=colleague.name,
            ),
            note,
        )
        self._tell_colleague(colleague, note)

    def _pass_on(self, colleague, is_there, note, moment):
        """Give what is left of a visit that has begun to a colleague.

        :raises UserError: if the colleague, not there yet, is not free from now on;
            for a manager the note is the reason to plan against the working time
        """
        self.ensure_one()
        # Whoever is not there yet begins anew; helpers on site leave with the other.
        helpers = self.helper_ids - colleague if is_there else self.helper_ids.browse()
        before = (self.start, self.technician_id)
        values = {
            "technician_id": colleague.id,
            "helper_ids": [Command.set(helpers.ids)],
        }
        if is_there:
            # Their time is booked already.
            self._end_bookings(moment, self.technician_id)
            self.write(values)
        else:
            pieces = self._lay_rest(colleague)
            self._end_bookings(moment)
            group = "aftersales.aftersales_group_manager"
            reason = note if self.env.user.has_group(group) else None
            self.env["aftersales.booking"].create(
                [
                    self._prepare_booking_values(colleague, *piece, reason)
                    for piece in pieces
                ]
            )._check_own_suits()
            values["stop"] = pieces[-1][1]
            self._set_state("planned", start=pieces[0][0], **values)
        self._give_jobs_to(colleague, helpers)
        self._after_plan(*before)
        self._sync_orders()

    def _lay_rest(self, colleague):
        """Return when a colleague does what is left, as ``[(start, stop)]``."""
        now = fields.Datetime.now().replace(microsecond=0)
        work, _away = self.env["aftersales.availability"]._get_work(
            colleague.resource_id, to_seconds(now), to_seconds(now + REST)
        )
        # A break comes to an end first.
        start = next(
            (to_datetime(begin) for begin, _end in work[colleague.resource_id.id]), now
        )
        rest = max((self.stop or now) - now, SHORTEST)
        plan = (self, start, colleague, self.helper_ids.browse())
        return self._lay_pieces([plan], rest)[self]

    def _give_back(self, note, moment, place):
        """Put one visit before the dispatcher; ``self`` is superuser."""
        self.ensure_one()
        self._stamp("hand_over", moment, place, note)
        self.hand_over_note = note
        if self.state in ("planned", "travel"):
            if self.state == "travel":
                self._set_state("planned")
            self.action_unplan(reason=note)
        else:
            self._stop_clocks(moment)
            self._set_state("paused")
            self._log_reason(self.env._("Somebody else has to go on"), note)
        self.order_id._remind_advisor(
            self.env._("%(visit)s: find another engineer", visit=self.name),
            note=note,
            activity_type="mail.mail_activity_data_todo",
        )

    def _tell_colleague(self, colleague, note):
        """Let whoever takes over know at once."""
        self.ensure_one()
        if colleague.user_id.partner_id:
            self.message_notify(
                partner_ids=colleague.user_id.partner_id.ids,
                subject=self.env._("%(visit)s is yours now", visit=self.display_name),
                body=note,
            )

    def action_report_block(self, reason=None, moment=None, place=None):
        """Tell the supervisor at once what the engineer can't solve alone (R215).

        :param str reason: what happened; required
        :param moment: when (UTC), if before now
        """
        self._check_reason(reason)
        visits = self._check_is_own()._lock()
        moment = visits._read_moment(moment)
        for visit in visits.filtered(lambda visit: visit.block_reason != reason):
            visit.block_reason = reason
            visit._stamp("block", moment, place, reason)
            visit._tell_leader(reason)
        return True

    def action_settle_block(self):
        """Say that what blocked these visits is settled."""
        self._check_dispatches()
        visits = self._lock().filtered("block_reason")
        visits.write({"block_reason": False})
        visits.activity_feedback(["aftersales_field.mail_activity_type_block"])
        return True

    def _get_leader(self):
        """Return who is told about blocks: the team's leader, else the advisor."""
        self.ensure_one()
        order = self.order_id
        teams = self.team_id or order._get_company_teams(self.company_id)
        return self.team_id.user_id or order.user_id or teams.user_id[:1]

    def _tell_leader(self, reason):
        self.ensure_one()
        leader = self._get_leader()
        summary = self.env._("%(visit)s is blocked", visit=self.display_name)
        self.message_post(
            body=self.env._(
                "%(visit)s is blocked: %(reason)s", visit=self.name, reason=reason
            )
        )
        if leader:
            self.activity_schedule(
                "aftersales_field.mail_activity_type_block",
                summary=summary,
                note=reason,
                user_id=leader.id,
            )
            self.message_notify(
                partner_ids=leader.partner_id.ids, subject=summary, body=reason
            )
