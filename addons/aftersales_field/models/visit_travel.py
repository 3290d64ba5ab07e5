from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

from odoo import models
from odoo.exceptions import UserError

# Who drives longer than this to the next visit has a night in between.
LONGEST_WAY = timedelta(hours=12)


class AftersalesVisit(models.Model):
    """Between two visits an engineer needs the time to get from one to the other."""

    _inherit = "aftersales.visit"

    def _check_travel(self):
        """Refuse visits that can't be reached from the one before, or left in time.

        What a manager planned with a reason stays.

        :raises UserError: naming engineer, visits and what is missing
        """
        for message in self._get_travel_faults().values():
            raise UserError(message)

    def _get_travel_faults(self):
        """Return ``{visit: in words}`` of those without time for the way; superuser."""
        bookings = self._get_active_bookings()
        if not bookings:
            return {}
        Dispatch = self.env["aftersales.dispatch"]
        faults = {}
        for row in self._get_rows_of_visits(bookings).values():
            for one, two in pairwise(row):
                ours = [each for each in (two, one) if each.visit_id in self]
                if (
                    not ours
                    or one.visit_id == two.visit_id
                    or any(each.override_reason for each in ours)
                ):
                    continue
                needed = Dispatch.get_travel(
                    one.visit_id._get_place(),
                    two.visit_id._get_place(),
                    one.company_id,
                )["minutes"]
                if two.start - one.stop < timedelta(minutes=needed):
                    faults[ours[0].visit_id] = self._say_too_far(one, two, needed)
        return faults

    def _get_rows_of_visits(self, bookings):
        """Return ``{engineer: bookings for visits around these, in their order}``."""
        rows = defaultdict(list)
        found = self.env["aftersales.booking"].search_fetch(
            [
                ("resource_id", "in", bookings.resource_id.ids),
                ("visit_id", "!=", False),
                ("state", "in", ("hold", "confirmed", "done")),
                ("start", "<", max(bookings.mapped("stop")) + LONGEST_WAY),
                ("stop", ">", min(bookings.mapped("start")) - LONGEST_WAY),
            ],
            ["resource_id", "visit_id", "start", "stop", "override_reason"],
            order="start, id",
        )
        for booking in found:
            rows[booking.resource_id].append(booking)
        return rows

    def _say_too_far(self, one, two, needed):
        Availability = self.env["aftersales.availability"]
        company = one.company_id
        return self.env._(
            "%(engineer)s is on %(first)s (%(first_place)s) until %(stop)s and on "
            "%(second)s (%(second_place)s) from %(start)s: the way takes %(minutes)s "
            "minutes. Choose a later time or somebody else, or ask a manager to plan "
            "it with a reason.",
            engineer=one.resource_id.name,
            first=one.visit_id.name,
            first_place=one.visit_id.site_id._get_town(),
            stop=Availability._format_moment(one.stop, company),
            second=two.visit_id.name,
            second_place=two.visit_id.site_id._get_town(),
            start=Availability._format_moment(two.start, company),
            minutes=needed,
        )

    def _follow_bookings(self):
        result = super()._follow_bookings()
        self.sudo()._check_travel()
        return result


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_town(self):
        """Return where this address is, in a word or two."""
        self.ensure_one()
        return self.city or self.street or self.name or self.display_name
