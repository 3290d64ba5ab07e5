from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import get_distance

# What is said of the way to a customer.
WAY = ("travel", "turn_back", "arrive", "hand_over")
WAY_ENDS = ("turn_back", "hand_over")


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
        """Say that the engineer did not get there; the visit is still planned.

        A helper who turns back leaves the visit to the others.
        """
        visits = self._check_is_own()._lock()
        helped = visits.filtered(
            lambda visit: visit._get_acting_employee() in visit.helper_ids
        )
        helped.filtered(lambda visit: visit._is_news("turn_back"))._stamp(
            "turn_back", moment, place, note
        )
        return (visits - helped)._turn_back(moment, place, note)

    def _turn_back(self, moment, place, note):
        there = self.filtered(lambda visit: visit.state not in ("planned", "travel"))
        if there:
            raise UserError(
                self.env._(
                    "%(visits)s is “%(state)s”: only who is on the way turns back.",
                    visits=", ".join(there.mapped("name")),
                    state=there._get_state_label(there[0].state),
                )
            )
        return self._take_step("planned", "turn_back", moment, place, note)

    def action_arrive(self, moment=None, place=None):
        """Say that the engineer is there; an approved work order starts.

        One that waits for its meter or a checklist starts with the work.
        """
        visits = self._check_is_own()._lock()
        moved = visits.filtered(lambda visit: visit.state in ("planned", "travel"))
        self._take_step("onsite", "arrive", moment, place)
        for visit in moved:
            arrivals = visit.stamp_ids.filtered(lambda stamp: stamp.kind == "arrive")
            # Not the latest: somebody else may have set off “later”.
            visit.date_arrived = arrivals.sorted("id")[-1:].date
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
        self._check_can_resume()
        return self._take_step("onsite", "resume", moment, place)

    def _check_can_resume(self):
        """Refuse to go on with visits that nobody has begun or that are over."""
        others = self._check_is_own().filtered(
            lambda visit: visit.state not in ("onsite", "paused")
        )
        if others:
            raise UserError(
                self.env._(
                    "%(visits)s is “%(state)s”: only a visit that was paused goes on.",
                    visits=", ".join(others.mapped("name")),
                    state=others._get_state_label(others[0].state),
                )
            )

    def _take_step(self, state, kind, moment=None, place=None, note=None):
        """Move visits of the user's own and stamp it; those there already stay.

        A helper has a way of his own: it is stamped also where the visit is there.
        """
        visits = self._check_is_own()._lock()
        moved = visits._set_state(state)
        if kind in ("travel", "arrive"):
            moved |= (visits - moved).filtered(lambda visit: visit._is_news(kind))
        moved._stamp(kind, moment, place, note)
        return True

    def _is_news(self, kind):
        """Whether the user has not said so before, on this way to the visit.

        A second phone says late what the first one said already: who is there has set
        off and arrived. Who turned back or handed over begins anew.
        """
        self.ensure_one()
        employee = self._get_acting_employee()
        way = self.stamp_ids.filtered(
            lambda stamp: stamp.employee_id == employee and stamp.kind in WAY
        ).mapped("kind")
        if kind == "turn_back":
            return way[-1:] != [kind]
        ends = [number for number, each in enumerate(way) if each in WAY_ENDS]
        return not {kind, "arrive"} & set(way[max(ends, default=-1) + 1 :])

    def _stamp(self, kind, moment=None, place=None, note=None):
        """Keep when and where a step was taken.

        :raises UserError: for a time that has not come yet
        """
        moment = self._read_moment(moment)
        place = place or {}
        return self.env["aftersales.visit.stamp"].create(
            [
                {
                    "visit_id": visit.id,
                    "kind": kind,
                    "date": moment,
                    "date_device": place.get("date_device"),
                    "employee_id": visit._get_acting_employee().id,
                    "latitude": place.get("latitude"),
                    "longitude": place.get("longitude"),
                    "accuracy": place.get("accuracy"),
                    "distance": visit._get_distance(place),
                    "note": note,
                }
                for visit in self
            ]
        )

    def _get_distance(self, place):
        """Return the kilometres from where a step was taken to the address, if known.

        :param dict place: ``latitude`` and ``longitude`` of the phone, or neither
        """
        self.ensure_one()
        here = (place.get("latitude"), place.get("longitude"))
        there = self.site_id._get_place()
        return get_distance(here, there) if there and any(here) else 0.0

    def _read_moment(self, moment):
        """Return when something was said or done (UTC, to the second), else now.

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
        return moment.replace(microsecond=0)
