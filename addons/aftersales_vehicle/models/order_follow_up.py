from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesOrder(models.Model):
    """The call after the visit: due in three days, with its answer (R113)."""

    _inherit = "aftersales.order"

    date_follow_up = fields.Date(
        "Follow-up Due",
        copy=False,
        index="btree_not_null",
        help="Empty: nobody is called, for instance because the customer wants none.",
    )
    follow_up_result = fields.Selection(
        [
            ("content", "Content"),
            ("hint", "Content, with a hint"),
            ("complaint", "Complaint"),
            ("not_reached", "Not reached"),
            ("no_call", "Wants no calls"),
        ],
        readonly=True,
        copy=False,
        tracking=True,
    )
    follow_up_note = fields.Text("What the Customer Said", readonly=True, copy=False)
    follow_up_user_id = fields.Many2one(
        "res.users", "Called By", readonly=True, copy=False
    )
    date_followed_up = fields.Datetime("Called On", readonly=True, copy=False)
    follow_up_phone = fields.Char("Phone", compute="_compute_follow_up_phone")

    @api.depends("contact_id.phone", "partner_id.phone")
    def _compute_follow_up_phone(self):
        for order in self:
            order.follow_up_phone = order.contact_id.phone or order.partner_id.phone

    def action_deliver(self, meter_out=None, signer=None, signature=None):
        fresh = self.filtered(lambda order: order.state == "ready" and order.is_vehicle)
        result = super().action_deliver(
            meter_out=meter_out, signer=signer, signature=signature
        )
        fresh.sudo()._plan_follow_up()
        return result

    def _plan_follow_up(self):
        """Set the day of the call, for customers who want one."""
        for order in self:
            if order.partner_id.commercial_partner_id.aftersales_no_calls:
                continue
            days = order.company_id.aftersales_follow_up_days
            if days:
                order.date_follow_up = fields.Date.context_today(order) + timedelta(
                    days
                )

    def action_follow_up(self, result=None, note=None, date=None):
        """Record the call after the visit.

        Not reached, it is due again another day. A complaint goes to the advisor,
        or the leader of the team. Who wants no calls gets none from now on. Sent
        again, it has the effect of once.

        :param str result: content, hint, complaint, not_reached or no_call
        :param str note: the customer's words; required for a complaint
        :param date date: who was not reached is called again then; default tomorrow
        :raises UserError: for orders that were not handed over, or a day that is over
        """
        results = dict(self._fields["follow_up_result"].selection)
        if result not in results:
            raise UserError(
                self.env._(
                    "%(orders)s: choose what came of the call.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        if result == "complaint" and not (note or "").strip():
            raise UserError(
                self.env._(
                    "%(orders)s: write down what the customer complains about.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        day = result == "not_reached" and self._get_call_day(date)
        answer = (result, note or False)
        orders = self._lock_for_call().filtered(
            lambda order: (
                order.date_follow_up
                or (order.follow_up_result, order.follow_up_note) != answer
            )
        )
        orders.write(
            {
                "follow_up_result": result,
                "follow_up_note": note,
                "follow_up_user_id": self.env.uid,
                "date_followed_up": fields.Datetime.now(),
                "date_follow_up": day,
            }
        )
        if result == "complaint":
            orders._remind_advisor(
                self.env._("Complaint after the visit: answer the customer"), note=note
            )
        if result == "no_call":
            orders.partner_id.commercial_partner_id.aftersales_no_calls = True
        return True

    def action_not_reached(self):
        """Record that nobody answered: the call is due again tomorrow."""
        return self.action_follow_up(result="not_reached")

    def action_call_later(self, date=None):
        """Put the call off, because it did not suit; nothing is recorded as said.

        :param date date: default tomorrow
        :raises UserError: for orders that were not handed over, or a day that is over
        """
        day = self._get_call_day(date)
        self._lock_for_call().date_follow_up = day
        return True

    def _get_call_day(self, date=None):
        """Return the day to call on: ``date``, or tomorrow; none that is over."""
        day = fields.Date.to_date(date) or self._get_next_call_day()
        if day < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%(orders)s: that day is over. Choose another one for the call.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        return day

    def _lock_for_call(self):
        """Return these orders, locked; only a visit that is over is asked about."""
        self._check_decides()
        orders = self._lock()
        early = orders.filtered(lambda order: order.state != "done")
        if early:
            raise UserError(
                self.env._(
                    "%(orders)s is not handed over yet: there is nothing to ask about.",
                    orders=", ".join(early.mapped("name")),
                )
            )
        return orders

    def _get_next_call_day(self):
        return fields.Date.context_today(self) + timedelta(1)
