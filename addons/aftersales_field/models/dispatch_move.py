from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesDispatch(models.AbstractModel):
    """Moving visits on a board at which several people look."""

    _inherit = "aftersales.dispatch"

    @api.model
    def move_visit(
        self, visit_id, employee_id, start, reason=None, helpers=None, known=None
    ):
        """Give a visit another engineer or time, or take both off it.

        :param employee_id: who makes it; False puts it back to what is to be planned
        :param start: when the work begins (UTC)
        :param str reason: of a manager, against working time or travel
        :param helpers: ids of who comes along; None leaves them
        :param dict known: ``employee_id`` and ``start`` as the board showed them
        :raises UserError: why it can't be, or who moved it since
        """
        visit = self.env["aftersales.visit"].browse(visit_id)
        if known:
            visit._check_dispatches()
            visit._lock()._check_known(known)
        if not employee_id:
            return visit.action_unplan(reason=reason)
        if helpers is None:
            return super().move_visit(visit_id, employee_id, start, reason)
        return visit.action_plan(
            start=start, technician=employee_id, helpers=helpers, reason=reason
        )


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def _check_known(self, known):
        """Refuse to move a visit that is not where the board showed it."""
        self.ensure_one()
        start = fields.Datetime.to_datetime(known.get("start") or False)
        shown = (known.get("employee_id") or False, start or False)
        if (self.technician_id.id, self.start) == shown:
            return
        if not self.start:
            raise UserError(
                self.env._(
                    "%(visit)s was taken off the plan meanwhile. Look at the board "
                    "and plan it again.",
                    visit=self.name,
                )
            )
        raise UserError(
            self.env._(
                "%(visit)s was given to %(engineer)s meanwhile: %(time)s. Look at the "
                "board, and move it again if it should be elsewhere.",
                visit=self.name,
                engineer=self.technician_id.name,
                time=self.env["aftersales.availability"]._format_moment(
                    self.start, self.company_id
                ),
            )
        )
