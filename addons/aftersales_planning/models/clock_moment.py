from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesClockEntry(models.Model):
    """When a clock was turned, told later by a phone that had no network then."""

    _inherit = "aftersales.clock.entry"

    @api.model
    def _read_clock_moment(self, moment, employee, running):
        """Return when the clock was turned: now, or earlier on a phone without a net.

        :param moment: UTC, or None for now
        :param running: what runs on the clock of ``employee``
        :raises UserError: for a time to come, or one before what is recorded already
        """
        now = fields.Datetime.now()
        moment = self.env["aftersales.availability"]._read_moment(moment)
        if not moment:
            return now
        if moment > now:
            raise UserError(
                self.env._(
                    "%(employee)s: this time has not come yet. Check the clock.",
                    employee=employee.name,
                )
            )
        if running.start and running.start > moment:
            raise UserError(
                self.env._(
                    "%(entry)s began later than this and is recorded already. An "
                    "advisor enters the time before it.",
                    entry=running.display_name,
                )
            )
        running._check_overlap(employee, moment, None)
        return moment
