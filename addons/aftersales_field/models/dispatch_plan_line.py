from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_time


class AftersalesDispatchPlanLine(models.Model):
    """A visit in a proposal: as it was found, and as it would be."""

    _name = "aftersales.dispatch.plan.line"
    _description = "Visit in a Proposal"
    _order = "plan_id, sequence, id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "aftersales.dispatch.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    sequence = fields.Integer()
    visit_id = fields.Many2one(
        "aftersales.visit",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="visit_id.partner_id")
    site_id = fields.Many2one(related="visit_id.site_id")
    priority = fields.Selection(related="visit_id.priority")
    kind = fields.Selection(
        [
            ("kept", "Stays"),
            ("moved", "Moves"),
            ("new", "New"),
            ("off", "Comes off the plan"),
            ("left", "Not planned"),
        ],
        "Change",
        required=True,
    )
    state_from = fields.Char("Found as", help="Step of the visit when it was read.")
    employee_from_id = fields.Many2one("hr.employee", "Engineer Before")
    start_from = fields.Datetime("Start Before")
    duration_from = fields.Float("Hours")
    employee_id = fields.Many2one("hr.employee", "Engineer")
    start = fields.Datetime()
    before = fields.Char("Now", compute="_compute_before_after")
    after = fields.Char("Proposed", compute="_compute_before_after")
    travel_minutes = fields.Integer(
        "Travel (minutes)", help="The way to it from the visit before."
    )
    is_fixed = fields.Boolean("Fixed")
    is_late = fields.Boolean("After the Deadline")
    reason = fields.Char()
    tell = fields.Selection(
        [("call", "Call"), ("message", "Message and call")],
        "To Be Told",
        help="Whoever was told another time has to know. A message is sent when the "
        "proposal is accepted.",
    )
    tell_words = fields.Char("What to Say")

    @api.depends("employee_from_id", "start_from", "employee_id", "start")
    @api.depends_context("lang", "tz")
    def _compute_before_after(self):
        for line in self:
            line.before = line._say_place(line.employee_from_id, line.start_from)
            line.after = line._say_place(line.employee_id, line.start)

    def _say_place(self, engineer, start):
        """Return who comes at what time of the proposal's day."""
        if not engineer or not start:
            return ""
        tz = self.env.context.get("tz")
        time = format_time(self.env, start, tz=tz, time_format="short")
        return f"{time} {engineer.name}"

    @api.model
    def _prepare_values(self, visit, employee_id=False, start=False, **values):
        """Return the values of the line of a visit.

        :param visit: as it is now, superuser
        :param employee_id: who would make it, False if nobody does
        :param start: when
        """
        if visit.state == "draft":
            kind = "new" if employee_id else "left"
        elif not employee_id:
            kind = "off"
        elif (visit.technician_id.id, visit.start) == (employee_id, start):
            kind = "kept"
        else:
            kind = "moved"
        deadline = visit.date_deadline
        return {
            "visit_id": visit.id,
            "kind": "kept" if values.get("is_fixed") else kind,
            "state_from": visit.state,
            "employee_from_id": visit.technician_id.id,
            "start_from": visit.start,
            "duration_from": visit.duration,
            "employee_id": employee_id,
            "start": start,
            "is_late": bool(deadline and start and start > deadline),
            **self._prepare_telling(visit, kind, start),
            **values,
        }

    @api.model
    def _prepare_telling(self, visit, kind, start):
        """Return what the customer has to be told about a change.

        Inside of the window that was told nothing has to be said; if none was, a
        quarter of an hour is nothing.
        """
        if kind not in ("moved", "off"):
            return {}
        window = (visit.window_start, visit.window_stop)
        broken = any(window) and (
            not start
            or (window[0] and start < window[0])
            or (window[1] and start > window[1])
        )
        moved = not start or abs(start - visit.start) > timedelta(minutes=15)
        if not broken and (any(window) or not moved):
            return {}
        return {
            "tell": "message" if broken else "call",
            "tell_words": self._say_change(visit, start),
        }

    @api.model
    def _say_change(self, visit, start):
        Availability = self.env["aftersales.availability"]
        contact = visit.contact_id or visit.partner_id
        values = {
            "customer": contact.display_name,
            "phone": contact.phone or visit.partner_id.phone or self.env._("no number"),
            "visit": visit.name,
            "before": Availability._format_moment(visit.start, visit.company_id),
        }
        if not start:
            return self.env._(
                "%(customer)s (%(phone)s): %(visit)s can't be made on %(before)s; "
                "agree on another time.",
                **values,
            )
        return self.env._(
            "%(customer)s (%(phone)s): %(visit)s on %(after)s instead of %(before)s.",
            after=Availability._format_moment(start, visit.company_id),
            **values,
        )


class AftersalesDispatchPlanLoad(models.Model):
    """How full an engineer's day is, before and after a proposal."""

    _name = "aftersales.dispatch.plan.load"
    _description = "Engineer in a Proposal"
    _order = "plan_id, employee_id, id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "aftersales.dispatch.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    employee_id = fields.Many2one("hr.employee", "Engineer", required=True)
    work_minutes = fields.Integer("Working Time (minutes)")
    load_before = fields.Integer(
        "Visits and Travel Before (minutes)", help="Time on site and on the road."
    )
    load_after = fields.Integer("Visits and Travel After (minutes)")
    visits_before = fields.Integer()
    visits_after = fields.Integer()
    percent_before = fields.Float("Load Before (%)", compute="_compute_percent")
    percent_after = fields.Float("Load After (%)", compute="_compute_percent")

    @api.depends("work_minutes", "load_before", "load_after")
    def _compute_percent(self):
        for load in self:
            work = load.work_minutes
            load.percent_before = 100 * load.load_before / work if work else 0.0
            load.percent_after = 100 * load.load_after / work if work else 0.0
