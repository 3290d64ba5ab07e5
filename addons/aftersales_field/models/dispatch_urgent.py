from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import engine

# How many ways are shown.
MOST = 3


class AftersalesDispatch(models.AbstractModel):
    """Making room today for a visit that can't wait."""

    _inherit = "aftersales.dispatch"

    @api.model
    def propose_urgent(self, visit):
        """Work out who could be freed for an urgent visit today.

        Each answer is a proposal of its own: who comes and when, what moves, and who
        must be told. What customers were told is kept if there is a way to do so.

        :param visit: ``aftersales.visit`` or its id, not begun
        :return: ids of ``aftersales.dispatch.plan``, the best first
        :raises UserError: if nobody can be freed, saying why
        """
        self._check_dispatches()
        visit = self._browse("aftersales.visit", visit)
        visit.ensure_one()
        visit.check_access("write")
        # What the user may not see stays where it is, and is not listed.
        seen = self.env["aftersales.visit"].with_user(self.env.user)
        visit = visit.sudo()
        visit._check_plannable()
        company = visit.company_id
        now = fields.Datetime.now()
        date, start, stop = self._read_day(None, company)
        engineers = self._get_all_engineers(company)
        movable = seen.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "planned"),
                ("start", ">", now),
                ("start", "<", stop),
            ]
        )
        sheet = self._read_sheet(
            company, engineers, movable, start, stop, now, urgent=visit
        )
        found = self._insert_urgent(sheet, visit.id)
        if not found:
            raise UserError(
                self.env._(
                    "Nobody can be freed for %(visit)s today: whoever has the skills "
                    "is not at work any more, or can't get there in time. Look for "
                    "another day, or for somebody else.",
                    visit=visit.name,
                )
            )
        return self._write_urgent(sheet, found, visit, date).ids

    @api.model
    def _insert_urgent(self, sheet, key):
        """Return ways to make the visit; with windows broken only if there are none."""
        urgent = next(stop for stop in sheet.stops if stop.key == key)
        stops = [stop for stop in sheet.stops if stop is not urgent]
        before = engine.Plan(
            sheet.before.routes,
            {each: why for each, why in sheet.before.unserved.items() if each != key},
        )
        anytime = [replace(stop, windows=[(0, 24 * 3600)]) for stop in stops]
        for each in (stops, anytime):
            found = engine.insert_urgent(
                sheet.engineers,
                each,
                sheet.travel,
                before,
                urgent,
                sheet.now,
                limit=MOST,
            )
            if found:
                return found
        return []

    @api.model
    def _write_urgent(self, sheet, found, visit, date):
        Plan = self.env["aftersales.dispatch.plan"].sudo()
        plans = Plan
        Plan.search(
            [("visit_id", "=", visit.id), ("state", "in", ("draft", "proposed"))]
        )._set_state("discarded")
        for alternative in found:
            plan = Plan.create(
                {
                    "kind": "urgent",
                    "visit_id": visit.id,
                    "date": date,
                    "territory_id": visit.territory_id.id,
                    "team_id": visit.team_id.id,
                    "company_id": visit.company_id.id,
                    "user_id": self.env.uid,
                }
            )
            plan._write_proposal(sheet, alternative.plan)
            plan._set_state("proposed")
            plans |= plan
        return plans


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def action_propose_urgent(self):
        """Open the ways to make this visit today."""
        self.ensure_one()
        ids = self.env["aftersales.dispatch"].propose_urgent(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_field.dispatch_plan_action"
        )
        return {
            **action,
            "domain": [("id", "in", ids)],
            "context": {},
        }
