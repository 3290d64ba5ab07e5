import logging

from odoo import api, fields, models
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

BATCH = 200
REBOOK = "aftersales_planning.mail_activity_type_rebook"


class AftersalesVisit(models.Model):
    """Planned visits looked at again: an engineer falls ill, a licence runs out.

    Orders on site have no appointment in the workshop, so that the nightly check of
    appointments leaves them out; this is theirs.
    """

    _inherit = "aftersales.visit"

    problem = fields.Text(
        readonly=True,
        copy=False,
        help="Why the visit can't be made as planned. Plan it again.",
    )

    @api.model
    def _cron_recheck(self):
        """Look at every visit to come."""
        visits = self.search(
            [("state", "=", "planned"), ("stop", ">", fields.Datetime.now())],
            order="id",
        )
        left = len(visits)
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=left)
        for ids in split_every(BATCH, visits.ids):
            self.browse(ids)._try_recheck()
            left -= len(ids)
            if not Cron._commit_progress(len(ids), remaining=left) and left:
                return

    def _try_recheck(self):
        """Look at these visits; one that can't be looked at does not stop the rest."""
        try:
            with self.env.cr.savepoint():
                self._recheck()
        except Exception:
            if len(self) == 1:
                _logger.exception("Visit %s could not be checked", self.name)
            for visit in self if len(self) > 1 else ():
                visit._try_recheck()

    def _recheck(self):
        """Flag the visits that can't be made as planned, and those that can again."""
        visits = self.sudo().filtered(lambda visit: visit.state == "planned")
        problems = visits._get_problems()
        for visit in visits:
            problem = "\n".join(problems.get(visit, ())) or False
            if visit.problem != problem:
                visit._set_problem(problem)

    def _get_problems(self):
        """Return ``{visit: [sentences]}`` of what fell away since it was planned."""
        now = fields.Datetime.now()
        bookings = self._get_active_bookings().filtered(lambda each: each.stop > now)
        problems = {}

        def note(visit, words):
            problems.setdefault(visit, []).append(words)

        for booking, reason in bookings._get_lost().items():
            note(
                booking.visit_id,
                self.env._(
                    "%(engineer)s: %(reason)s",
                    engineer=booking.resource_id.name,
                    reason=reason,
                ),
            )
        for booking, words in self._get_lost_skills(bookings).items():
            note(
                booking.visit_id,
                self.env._(
                    "%(engineer)s does not have %(skills)s any more.",
                    engineer=booking.resource_id.name,
                    skills=", ".join(words),
                ),
            )
        for visit, words in self._get_travel_faults().items():
            note(visit, words)
        return problems

    def _get_lost_skills(self, bookings):
        """Return ``{booking: [skills in words]}`` of what its engineer does not have.

        One question for all engineers.
        """
        Dispatch = self.env["aftersales.dispatch"]
        Availability = self.env["aftersales.availability"]
        levels = Availability._get_skills(bookings.resource_id)
        lost = {}
        for booking in bookings:
            needed = Dispatch._get_visit_skills(booking.visit_id)
            lacking = [
                Availability._get_skill_words(skill, needed[skill.id])
                for skill in self.env["hr.skill"].browse(needed)
                if levels.get((booking.resource_id.id, skill.id), -1) < needed[skill.id]
            ]
            if lacking:
                lost[booking] = lacking
        return lost

    def _set_problem(self, problem):
        """Keep why a visit can't be made, and ask once to plan it again."""
        self.ensure_one()
        self.problem = problem
        self._get_active_bookings().problem = problem
        order = self.order_id
        if problem or not any(order.visit_ids.mapped("problem")):
            order.activity_unlink([REBOOK])
        if problem:
            order._remind_advisor(
                self.env._("Plan %(visit)s again", visit=self.name),
                note=problem,
                activity_type=REBOOK,
            )

    def _after_plan(self, start, technician):
        result = super()._after_plan(start, technician)
        if self.problem and self.state == "planned":
            self._recheck()
        elif self.problem:
            self._set_problem(False)
        return result

    @api.model
    def _recheck_resources(self, resources, date_from=None, date_to=None):
        """Look again at the visits that engineers make in a time (UTC)."""
        now = fields.Datetime.now()
        domain = [
            ("resource_id", "in", resources.ids),
            ("state", "=", "confirmed"),
            ("visit_id", "!=", False),
            ("stop", ">", max(date_from or now, now)),
        ]
        if date_to:
            domain.append(("start", "<", date_to))
        # Whoever is on leave need not see the visits, nor the one who writes it down.
        self.env["aftersales.booking"].sudo().search(domain).visit_id._recheck()


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    @api.model
    def _recheck_resources(self, resources, date_from=None, date_to=None):
        result = super()._recheck_resources(resources, date_from, date_to)
        self.env["aftersales.visit"]._recheck_resources(resources, date_from, date_to)
        return result


class HrEmployeeSkill(models.Model):
    _inherit = "hr.employee.skill"

    @api.model_create_multi
    def create(self, vals_list):
        skills = super().create(vals_list)
        skills._recheck_visits()
        return skills

    def write(self, vals):
        result = super().write(vals)
        self._recheck_visits()
        return result

    def unlink(self):
        resources = self._get_engineers()
        result = super().unlink()
        if resources:
            self.env["aftersales.visit"]._recheck_resources(resources)
        return result

    def _get_engineers(self):
        resources = self.sudo().employee_id.resource_id
        return resources.filtered(lambda each: each.aftersales_role == "technician")

    def _recheck_visits(self):
        resources = self._get_engineers()
        if resources:
            self.env["aftersales.visit"]._recheck_resources(resources)
