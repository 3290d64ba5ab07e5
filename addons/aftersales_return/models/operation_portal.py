from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class AftersalesReturnOperation(models.Model):
    """What customers may ask for on which day, and why, in their words."""

    _inherit = "aftersales.return.operation"

    @api.model
    def _get_portal_operations(self, company):
        """Return the operations customers of ``company`` may choose from."""
        return self.search(
            Domain("is_portal", "=", True)
            & Domain("company_id", "in", (False, company.id))
        )

    def _get_portal_verdicts(self, delivered, registrations, day=None):
        """Weigh what may be asked for something today, before anybody sends it.

        :param delivered: the day it was delivered; none if it was not by us
        :param registrations: the guarantees that its owner holds on it
        :param day: the day of asking; without it today
        :return: ``[{"operation", "is_open", "words"}]``
        """
        day = day or fields.Date.context_today(self)
        verdicts = []
        for operation in self:
            is_open, words = operation._weigh_portal(delivered, registrations, day)
            verdicts.append(
                {"operation": operation, "is_open": is_open, "words": words}
            )
        return verdicts

    def _weigh_portal(self, delivered, registrations, day):
        """Return ``(whether it may be asked for, why in words)``."""
        self.ensure_one()
        if not delivered and (self.days or self.remedy in ("refund", "other")):
            return False, self.env._("Only for what we delivered to you.")
        if self.days:
            last = delivered + timedelta(days=self.days)
            if day <= last:
                return True, self.env._(
                    "Until %(date)s, %(days)s days after the delivery.",
                    date=format_date(self.env, last),
                    days=self.days,
                )
            return False, self.env._(
                "It was possible until %(date)s, %(days)s days after the delivery.",
                date=format_date(self.env, last),
                days=self.days,
            )
        if self.remedy in ("exchange", "repair"):
            return self._weigh_guarantee(registrations, day)
        return True, self.env._("At any time.")

    def _weigh_guarantee(self, registrations, day):
        """Weigh what is free under a guarantee, as far as the papers tell.

        A repair may be asked for at any time; who pays is told before it begins.
        """
        started = registrations.filtered(
            lambda registration: (
                registration.state == "active" and registration.date_start <= day
            )
        )
        running = started.filtered(
            lambda registration: (
                not registration.date_end or day <= registration.date_end
            )
        )
        if running:
            best = running.sorted(lambda own: own.date_end or day, reverse=True)
            endless = running.filtered(lambda own: not own.date_end)
            if endless:
                return True, self.env._(
                    "%(guarantee)s holds; we check the fault first.",
                    guarantee=endless[0].pack_id.name,
                )
            return True, self.env._(
                "%(guarantee)s holds until %(date)s; we check the fault first.",
                guarantee=best[0].pack_id.name,
                date=format_date(self.env, best[0].date_end),
            )
        if started:
            ended = format_date(self.env, max(started.mapped("date_end")))
            if self.remedy == "exchange":
                return False, self.env._(
                    "Your guarantee ended on %(date)s.", date=ended
                )
            return True, self.env._(
                "Your guarantee ended on %(date)s: we tell you the price first.",
                date=ended,
            )
        if self.remedy == "exchange":
            return True, self.env._("We check whether a guarantee covers it.")
        return True, self.env._(
            "We check whether a guarantee covers it; if not, we tell you the price "
            "first."
        )
