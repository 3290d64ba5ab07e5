from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .rma_grant import RIGHTS


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

    def _get_portal_verdicts(self, delivered, standing=None, day=None):
        """Weigh what may be asked for something today, before anybody sends it.

        :param delivered: the day it was delivered; none if it was not by us
        :param standing: what its guarantees give, the same that the dock and the desk
            go by; none if nothing speaks of it
        :param day: the day of asking; without it today
        :return: ``[{"operation", "is_open", "words"}]``
        """
        day = day or fields.Date.context_today(self)
        standing = standing or {"level": "none", "until": False, "rights": []}
        verdicts = []
        for operation in self:
            is_open, words = operation._weigh_portal(delivered, standing, day)
            verdicts.append(
                {"operation": operation, "is_open": is_open, "words": words}
            )
        return verdicts

    def _weigh_portal(self, delivered, standing, day):
        """Return ``(whether it may be asked for, why in words)``."""
        self.ensure_one()
        if not delivered and (self.days or self.remedy in ("refund", "other")):
            return False, self.env._("Only for what we delivered to you.")
        last = delivered and delivered + timedelta(days=self.days)
        if self.days and day <= last:
            return True, self.env._(
                "Until %(date)s, %(days)s days after the delivery.",
                date=format_date(self.env, last),
                days=self.days,
            )
        if rights := self._get_rights(standing):
            return True, self._describe_guarantee(
                "exchange",
                self.env["aftersales.warranty.engine"]._get_last_end(rights),
            )
        if self.days:
            return False, self.env._(
                "It was possible until %(date)s, %(days)s days after the delivery.",
                date=format_date(self.env, last),
                days=self.days,
            )
        if self.remedy == "exchange":
            return self._weigh_exchange(standing)
        if self.remedy == "repair":
            return True, self._weigh_repair(standing)
        return True, self.env._("At any time.")

    def _get_rights(self, standing):
        """Return the rights of a standing that give what this operation gives."""
        self.ensure_one()
        remedies = RIGHTS.get(self.remedy, ())
        return [right for right in standing["rights"] if right["remedy"] in remedies]

    def _weigh_exchange(self, standing):
        """Weigh an exchange that no right gives."""
        level, until = standing["level"], standing["until"]
        if level in ("none", "refer"):
            return True, self.env._("We check whether a guarantee covers it.")
        if level == "past" and until:
            return False, self.env._(
                "Your guarantee ended on %(date)s.",
                date=format_date(self.env, fields.Date.to_date(until)),
            )
        return False, self.env._("Your guarantee gives no exchange.")

    def _weigh_repair(self, standing):
        """Say who pays; a repair may be asked for at any time."""
        level, until = standing["level"], standing["until"]
        if level != "none" and standing["trace"]["result"]["result"] == "covered":
            return self._describe_guarantee("repair", level == "repair" and until)
        if level == "past" and until:
            return self.env._(
                "Your guarantee ended on %(date)s: we tell you the price first.",
                date=format_date(self.env, fields.Date.to_date(until)),
            )
        return self.env._(
            "We check whether a guarantee covers it; if not, we tell you the price "
            "first."
        )

    def _describe_guarantee(self, level, until):
        day = until and format_date(self.env, fields.Date.to_date(until))
        return self.env._(
            "%(guarantee)s. We check the fault first.",
            guarantee=self.env["aftersales.warranty.engine"]._get_standing_text(
                level, day
            ),
        )
