from odoo import models


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
        order = visit.order_id
        order._write_meter(value)
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
        return visit.order_id._write_old_part(
            visit.order_id.line_ids, line, old_part, serial, choice, signer, reason
        )
