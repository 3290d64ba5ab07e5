from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.aftersales_planning.engine.moments import to_datetime

from .. import engine

KEPT_DAYS = 90


class AftersalesDispatchPlan(models.Model):
    """A proposal for a day of visits, with what it would change.

    Nothing moves until a dispatcher accepts it; then all of it does.
    """

    _name = "aftersales.dispatch.plan"
    _description = "Proposal for a Day"
    _inherit = ["aftersales.state.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    kind = fields.Selection(
        [("day", "Day"), ("urgent", "Urgent Visit")],
        required=True,
        default="day",
        readonly=True,
    )
    state = fields.Selection(
        [
            ("draft", "New"),
            ("proposed", "Proposed"),
            ("accepted", "Accepted"),
            ("discarded", "Discarded"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=1),
    )
    territory_id = fields.Many2one(
        "aftersales.territory", check_company=True, index="btree_not_null"
    )
    team_id = fields.Many2one(
        "aftersales.team", check_company=True, index="btree_not_null"
    )
    visit_id = fields.Many2one(
        "aftersales.visit",
        "Urgent Visit",
        check_company=True,
        index="btree_not_null",
        readonly=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        "res.users",
        "Dispatcher",
        default=lambda self: self.env.user,
        readonly=True,
        index=True,
    )
    date_proposed = fields.Datetime("Worked Out", readonly=True, copy=False)
    date_accepted = fields.Datetime("Accepted On", readonly=True, copy=False)
    accepted_user_id = fields.Many2one(
        "res.users", "Accepted By", readonly=True, copy=False
    )
    line_ids = fields.One2many(
        "aftersales.dispatch.plan.line", "plan_id", "Visits", readonly=True
    )
    change_ids = fields.One2many(
        "aftersales.dispatch.plan.line",
        "plan_id",
        "Changes",
        domain=[("kind", "not in", ("kept", "left"))],
        readonly=True,
    )
    left_ids = fields.One2many(
        "aftersales.dispatch.plan.line",
        "plan_id",
        "Not Planned",
        domain=[("kind", "in", ("left", "off"))],
        readonly=True,
    )
    tell_ids = fields.One2many(
        "aftersales.dispatch.plan.line",
        "plan_id",
        "To Be Told",
        domain=[("tell", "!=", False)],
        readonly=True,
    )
    load_ids = fields.One2many(
        "aftersales.dispatch.plan.load", "plan_id", "Engineers", readonly=True
    )
    change_count = fields.Integer("Changes Made", readonly=True, copy=False)
    # Figures: before and after
    travel_before = fields.Integer("Travel Before (minutes)", readonly=True)
    travel_after = fields.Integer("Travel After (minutes)", readonly=True)
    travel_each_before = fields.Float(
        "Travel for Each Visit Before (minutes)",
        digits=(16, 1),
        compute="_compute_travel_each",
    )
    travel_each_after = fields.Float(
        "Travel for Each Visit After (minutes)",
        digits=(16, 1),
        compute="_compute_travel_each",
    )
    km_before = fields.Float("Distance Before (km)", digits=(16, 1), readonly=True)
    km_after = fields.Float("Distance After (km)", digits=(16, 1), readonly=True)
    served_before = fields.Integer("Visits Before", readonly=True)
    served_after = fields.Integer("Visits After", readonly=True)
    left_before = fields.Integer("Not Planned Before", readonly=True)
    left_after = fields.Integer("Not Planned After", readonly=True)
    late_before = fields.Integer("After the Deadline Before", readonly=True)
    late_after = fields.Integer("After the Deadline After", readonly=True)

    @api.depends("kind", "date", "territory_id", "team_id", "visit_id", "company_id")
    def _compute_name(self):
        for plan in self:
            if plan.kind == "urgent":
                what = plan.visit_id.sudo().display_name
            else:
                region = plan.territory_id or plan.team_id
                what = region.name or self.env._("All territories")
            plan.name = f"{what} · {format_date(self.env, plan.date)}"

    @api.depends("travel_before", "travel_after", "served_before", "served_after")
    def _compute_travel_each(self):
        for plan in self:
            before, after = plan.served_before, plan.served_after
            plan.travel_each_before = plan.travel_before / before if before else 0.0
            plan.travel_each_after = plan.travel_after / after if after else 0.0

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"proposed", "discarded"},
            "proposed": {"accepted", "discarded"},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_accepted(self):
        kept = self.filtered(lambda plan: plan.state == "accepted")
        if kept:
            raise UserError(
                self.env._(
                    "%(plans)s was accepted and stays as a record of it.",
                    plans=", ".join(kept.mapped("name")),
                )
            )

    @api.autovacuum
    def _gc_proposals(self):
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("state", "!=", "accepted"), ("create_date", "<", limit)]).unlink()

    def action_optimise(self):
        """Work out the best day for these proposals; nobody's day changes by it.

        May be repeated as long as nothing was accepted.
        """
        self.env["aftersales.dispatch"]._check_dispatches()
        for plan in self._lock():
            if plan.kind != "day":
                continue
            if plan.state not in ("draft", "proposed"):
                plan._check_transition("proposed")
            plan._optimise(self.env.user)
        return True

    def _optimise(self, user):
        """Ask the solver; ``self`` is superuser."""
        self.ensure_one()
        Dispatch = self.env["aftersales.dispatch"]
        _date, start, stop = Dispatch._read_day(self.date, self.company_id)
        now = fields.Datetime.now()
        if stop <= now:
            raise UserError(
                self.env._(
                    "%(plan)s: this day is over. Choose a later one.", plan=self.name
                )
            )
        engineers = Dispatch._get_engineers(
            self.company_id, self.territory_id, self.team_id
        )
        if not engineers:
            raise UserError(
                self.env._(
                    "%(plan)s: no engineer works in this region. Add engineers to "
                    "the territory first.",
                    plan=self.name,
                )
            )
        visits = self._get_movable_visits(user, start, stop, engineers)
        sheet = Dispatch._read_sheet(
            self.company_id, engineers, visits, start, stop, now
        )
        plan = engine.optimise(
            sheet.engineers,
            sheet.stops,
            sheet.travel,
            seconds=self.company_id.aftersales_optimise_seconds,
        )
        self._write_proposal(sheet, plan)
        self._set_state("proposed")

    def _get_movable_visits(self, user, start, stop, engineers):
        """Return the visits of the region that the dispatcher sees, as superuser."""
        Visit = self.env["aftersales.visit"].with_user(user)
        region = self.env["aftersales.dispatch"]._get_region_domain(
            self.company_id, self.territory_id, self.team_id
        )
        # A window that is over keeps nothing off the list.
        suits = Domain("window_stop", "<=", fields.Datetime.now()) | (
            Domain("window_start", "=", False) | Domain("window_start", "<", stop)
        ) & (Domain("window_stop", "=", False) | Domain("window_stop", ">", start))
        to_plan = Domain("state", "=", "draft") & suits & (
            Domain("date_earliest", "=", False) | Domain("date_earliest", "<", stop)
        )  # fmt: skip
        planned = (
            Domain("state", "=", "planned")
            & Domain("start", ">=", start)
            & Domain("start", "<", stop)
            & Domain("technician_id", "in", engineers.ids)
        )
        return Visit.search(
            region & Domain("order_id.state", "not in", ("done", "cancel"))
            & (to_plan | planned)
        ).sudo()  # fmt: skip

    def _write_proposal(self, sheet, plan):
        """Keep what a plan would change, and its figures beside today's."""
        self.ensure_one()
        before = sheet.get_figures(sheet.before)
        after = sheet.get_figures(plan)
        values = {"date_proposed": fields.Datetime.now()}
        for name, figures in (("before", before), ("after", after)):
            values |= {
                f"travel_{name}": figures["travel"] // 60,
                f"km_{name}": figures["km"],
                f"served_{name}": figures["served"],
                f"left_{name}": figures["unserved"],
                f"late_{name}": figures["late"],
            }
        lines = self._prepare_lines(sheet, plan)
        loads = self._prepare_loads(sheet, plan, before, after)
        self.write(
            {
                **values,
                "change_count": len(
                    [line for line in lines if line["kind"] in ("moved", "new", "off")]
                ),
                "line_ids": [Command.clear(), *map(Command.create, lines)],
                "load_ids": [Command.clear(), *map(Command.create, loads)],
            }
        )

    def _prepare_lines(self, sheet, plan):
        """Return the values of a line per visit, in the order of the new day.

        Visits that the user may not see stay where they are; rules hide their lines.
        """
        stops = {stop.key: stop for stop in sheet.stops}
        lines = []
        for person in sheet.engineers:
            for call in plan.routes.get(person.key, ()):
                if not isinstance(call.stop, int):
                    continue  # a helper's time, or what follows a break
                start = to_datetime(sheet.begin + call.start)
                visit = sheet.visits[call.stop]
                lines.append(
                    self.env["aftersales.dispatch.plan.line"]._prepare_values(
                        visit,
                        person.key,
                        start,
                        travel_minutes=call.travel // 60,
                        is_fixed=bool(stops[call.stop].locked),
                    )
                )
        for key, code in plan.unserved.items():
            if isinstance(key, int):
                lines.append(
                    self.env["aftersales.dispatch.plan.line"]._prepare_values(
                        sheet.visits[key],
                        reason=self.env["aftersales.dispatch"]._say_unserved(code),
                    )
                )
        return [
            {"sequence": sequence, **line} for sequence, line in enumerate(lines, 1)
        ]

    def _prepare_loads(self, sheet, plan, before, after):
        """Return the values of a row per engineer."""
        return [
            {
                "employee_id": person.key,
                "work_minutes": sum(stop - start for start, stop in person.shifts)
                // 60,
                "load_before": before["load"].get(person.key, 0) // 60,
                "load_after": after["load"].get(person.key, 0) // 60,
                "visits_before": len(sheet.before.routes.get(person.key, ())),
                "visits_after": len(plan.routes.get(person.key, ())),
            }
            for person in sheet.engineers
        ]


class AftersalesDispatch(models.AbstractModel):
    _inherit = "aftersales.dispatch"

    @api.model
    def propose_day(self, date, territory=None, team=None):
        """Work out a proposal for a day of a region.

        :return: the action that opens it
        """
        self._check_dispatches()
        territory = self._browse("aftersales.territory", territory)
        team = self._browse("aftersales.team", team)
        company = (territory or team).company_id or self.env.company
        plan = self.env["aftersales.dispatch.plan"].create(
            {
                "date": date,
                "territory_id": territory.id,
                "team_id": team.id,
                "company_id": company.id,
            }
        )
        plan.action_optimise()
        return plan.get_formview_action()

    @api.model
    def _check_dispatches(self):
        """Refuse whoever only drives and works."""
        self.env["aftersales.visit"]._check_dispatches()
