import math

from odoo import models
from odoo.exceptions import UserError


class AftersalesVisit(models.Model):
    """What the meter shows on site, and old parts that stay with the customer."""

    _inherit = "aftersales.visit"

    def record_meter(self, value=None, moment=None):
        """Write down the meter of the asset: before the work, or when it is over.

        An approved order that waited for the reading starts, if somebody is on site.

        :param float value: in the unit of the asset
        :param moment: when it was read (UTC), if before now
        :raises UserError: if it is no number, or the meter would fall; for a visit
            that was finished before, unless the user is an advisor
        """
        visit = self._check_is_own()
        visit.ensure_one()
        visit._check_may_add(self._read_moment(moment))
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
        if visit.state in ("onsite", "paused"):
            order._start_onsite()
        return True

    def record_old_part(
        self, line, old_part=None, serial=None, choice=None, signer=None, reason=None,
        moment=None,
    ):  # fmt: skip
        """Write down what becomes of a part that came out of the asset.

        :param line: the ``aftersales.job.line`` that replaced it, as record or id
        :param old_part: which one, as record or id, if it has its tag already
        :param str choice: keep (the customer has it), give_up (then ``signer`` says
            so), maker (we take it along), none (then ``reason`` says why)
        :param moment: when (UTC), if before now
        :return: the ``aftersales.old.part``
        :raises UserError: for a visit that was finished before, unless the user is an
            advisor
        """
        visit = self._check_is_own()
        visit.ensure_one()
        visit._check_may_add(self._read_moment(moment))
        line_id, part_id = (getattr(each, "id", each) for each in (line, old_part))
        line = visit.order_id.line_ids.filtered(lambda each: each.id == line_id)
        parts = line.old_part_ids
        part = parts.filtered(
            lambda part: part.id == part_id if part_id else part.state == "expected"
        )[:1]
        steps = {
            "keep": lambda: part.action_return(),
            "give_up": lambda: part.action_give_up(signer=signer),
            "maker": lambda: part.action_store(),
            "none": lambda: part.action_none(reason=reason),
        }
        if line.kind != "part" or (part_id and not part) or (
            choice and choice not in steps
        ):  # fmt: skip
            raise UserError(
                self.env._(
                    "%(visit)s: choose the part that was replaced, and whether the "
                    "customer keeps it, gives it up, it goes to the maker, or there is "
                    "none.",
                    visit=visit.name,
                )
            )
        part = part or parts.create({"job_line_id": line.id})
        values = {"serial": serial} if serial else {}
        if choice and choice != "none":
            values["choice"] = choice
        if values:
            part.write(values)
        if choice:
            steps[choice]()
        return part
