import math

from odoo import models
from odoo.exceptions import UserError


class AftersalesVisit(models.Model):
    """What the meter shows on site, and old parts that stay with the customer."""

    _inherit = "aftersales.visit"

    def record_meter(self, value=None):
        """Write down the meter of the asset: before the work, or when it is over.

        An approved order that waited for the reading starts, if somebody is on site.

        :param float value: in the unit of the asset
        :raises UserError: if it is no number, or the meter would fall
        """
        visit = self._check_is_own()
        visit.ensure_one()
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or not 0 <= value < 1e9
        ):
            raise UserError(
                self.env._(
                    "%(visit)s: “%(value)s” is no meter reading. Give the number that "
                    "the meter shows.",
                    visit=visit.name,
                    value=str(value)[:40],
                )
            )
        if not visit.asset_id:
            raise UserError(
                self.env._(
                    "%(visit)s: the order names no asset whose meter could be read.",
                    visit=visit.name,
                )
            )
        order = visit.order_id
        order._lock()
        begun = order.state not in ("draft", "quoted", "approved")
        order["meter_out" if begun and order.meter_in else "meter_in"] = value
        if order.state == "approved" and visit.state == "onsite":
            order.action_start()
        return True

    def _record_old_part(self, line, values):
        """Write down what became of the part that ``line`` replaced.

        :param dict values: ``serial``, ``choice`` (keep, give_up, maker), or
            ``reason`` why there is none
        :return: the ``aftersales.old.part``
        """
        visit = self._check_is_own()
        Part = visit.env["aftersales.old.part"]
        part = Part.search([("job_line_id", "=", line.id)], limit=1)
        part = part or Part.create({"job_line_id": line.id})
        written = {
            field: values[field]
            for field in ("serial", "choice")
            if isinstance(values.get(field), str)
        }
        if written:
            part.write(written)
        return part
