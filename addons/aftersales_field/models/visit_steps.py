from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesVisit(models.Model):
    """The engineer's way through a visit: set off, arrive, pause, go on.

    Each step leaves a stamp of time and place. ``place`` is a dict of the phone with
    ``latitude``, ``longitude``, ``accuracy`` (m), all optional; ``moment`` is when it
    was taken (UTC, never in the future), if that was before now.
    """

    _inherit = "aftersales.visit"

    stamp_ids = fields.One2many(
        "aftersales.visit.stamp", "visit_id", "Steps", readonly=True
    )
    date_arrived = fields.Datetime("Arrived", readonly=True, copy=False)
    date_left = fields.Datetime("Left", readonly=True, copy=False)

    def action_travel(self, moment=None, place=None):
        """Say that the engineer is on the way."""
        return self._take_step("travel", "travel", moment, place)

    def action_turn_back(self, moment=None, place=None, note=None):
        """Say that the engineer did not get there; the visit is still planned."""
        return self._take_step("planned", "turn_back", moment, place, note)

    def action_arrive(self, moment=None, place=None):
        """Say that the engineer is there; an approved work order starts.

        One that waits for its meter or a checklist starts with the work.
        """
        visits = self._check_is_own()._lock()
        moved = visits.filtered(lambda visit: visit.state in ("planned", "travel"))
        self._take_step("onsite", "arrive", moment, place)
        for visit in moved:
            visit.date_arrived = visit.stamp_ids[-1:].date
        moved.order_id._start_onsite()
        return True

    def action_pause(self, reason=None, moment=None, place=None):
        """Interrupt the visit, as at mealtime; say why and until when (R214).

        :param str reason: what was agreed with the customer; required
        """
        self._check_reason(reason)
        return self._take_step("paused", "pause", moment, place, reason)

    def action_resume(self, moment=None, place=None):
        """Go on after a pause."""
        self._refuse_unless("onsite", "paused")
        return self._take_step("onsite", "resume", moment, place)

    def _refuse_unless(self, *states):
        """Refuse a step of visits that are in none of these states."""
        others = self.sudo().filtered(lambda visit: visit.state not in states)
        if others:
            others._check_transition("paused")

    def _take_step(self, state, kind, moment=None, place=None, note=None):
        """Move visits of the user's own and stamp it; those there already stay."""
        visits = self._check_is_own()._lock()
        moved = visits._set_state(state)
        moved._stamp(kind, moment, place, note)
        return True

    def _stamp(self, kind, moment=None, place=None, note=None):
        """Keep when and where a step was taken.

        :raises UserError: for a time that has not come yet
        """
        now = fields.Datetime.now()
        moment = self.env["aftersales.availability"]._read_moment(moment) or now
        if moment > now:
            raise UserError(
                self.env._(
                    "%(visits)s: this time has not come yet. Check the clock.",
                    visits=", ".join(self.mapped("name")),
                )
            )
        place = place or {}
        employees = self.env.user.sudo().employee_ids
        return self.env["aftersales.visit.stamp"].create(
            [
                {
                    "visit_id": visit.id,
                    "kind": kind,
                    "date": moment,
                    "date_device": place.get("date_device"),
                    "employee_id": (
                        employees.filtered(
                            lambda each, visit=visit: (
                                each.company_id == visit.company_id
                            )
                        )[:1]
                        or visit.technician_id
                    ).id,
                    "latitude": place.get("latitude"),
                    "longitude": place.get("longitude"),
                    "accuracy": place.get("accuracy"),
                    "note": note,
                }
                for visit in self
            ]
        )
