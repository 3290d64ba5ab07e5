import logging
from datetime import timedelta

import pytz

from odoo import api, fields, models

from ..engine.quiet import get_quiet_window, get_reminder_time

_logger = logging.getLogger(__name__)

BATCH = 50
OPEN_STATES = ("draft", "quoted", "approved")
# A quiet time moves a reminder ahead by less than this.
EARLY = timedelta(days=1)
# So long somebody who books online may think before we call.
UNFINISHED = timedelta(hours=1)


class AftersalesOrder(models.Model):
    """The visit draws near: the customer is reminded, and missed if nobody came."""

    _inherit = "aftersales.order"

    date_reminded = fields.Datetime("Reminded", readonly=True, copy=False)

    def _prepare_new_time_values(self):
        return {**super()._prepare_new_time_values(), "date_reminded": False}

    def _get_reminder_clock(self):
        """Return ``(quiet from, quiet until, time zone)`` for this customer."""
        self.ensure_one()
        company = self.company_id
        name = self._get_visit_contact().tz or self._get_visit_tz()
        return (
            company.aftersales_quiet_from,
            company.aftersales_quiet_to,
            pytz.timezone(name),
        )

    def _get_reminder_time(self):
        """Return when the customer is reminded, in UTC; False if never."""
        self.ensure_one()
        hours = self.company_id.aftersales_reminder_hours
        contact = self._get_visit_contact()
        people = contact | self.partner_id | contact.commercial_partner_id
        if not hours or not self.date_planned:
            return False
        if any(people.mapped("aftersales_no_reminder")):
            return False
        return get_reminder_time(self.date_planned, hours, *self._get_reminder_clock())

    def _is_reminder_due(self):
        """Whether the customer is to be reminded now, and may be disturbed now."""
        self.ensure_one()
        now = fields.Datetime.now()
        moment = self._get_reminder_time()
        return bool(
            moment
            and not self.date_reminded
            and moment <= now < self.date_planned
            and not get_quiet_window(now, *self._get_reminder_clock())
        )

    @api.model
    def _cron_remind_visits(self):
        """Remind customers, close missed visits, follow up unfinished bookings.

        One bad visit is logged by its name and does not stop the rest.
        """
        steps = (
            (self._get_visits_to_remind(), "_remind_visit"),
            (self._get_missed_visits(), "_miss_visit"),
            (self._get_unfinished_visits(), "_follow_up_unfinished"),
        )
        self.env["ir.cron"]._commit_progress(
            remaining=sum(len(orders) for orders, _step in steps)
        )
        for orders, step in steps:
            if not orders._run_visit_step(step):
                return

    def _run_visit_step(self, step):
        """Run a step on each of these orders, in batches that are kept.

        :param str step: name of a method that takes one order
        :return: whether there is time for more
        """
        for begin in range(0, len(self), BATCH):
            batch = self[begin : begin + BATCH]
            batch._try_visit_step(step)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return False
        return True

    def _try_visit_step(self, step):
        """Run a step on each of these orders; what fails is logged by its name."""
        for order in self.try_lock_for_update():
            try:
                with self.env.cr.savepoint():
                    getattr(order.with_company(order.company_id), step)()
            except Exception:
                _logger.exception("%s of %s failed", step, order.name)

    @api.model
    def _get_visits_to_remind(self):
        now = fields.Datetime.now()
        companies = self.env["res.company"].search(
            [("aftersales_reminder_hours", ">", 0)]
        )
        hours = max(companies.mapped("aftersales_reminder_hours"), default=0.0)
        orders = self.search(
            [
                ("booking_state", "=", "confirmed"),
                ("state", "in", OPEN_STATES),
                ("date_planned", ">", now),
                ("date_planned", "<=", now + timedelta(hours=hours) + EARLY),
                ("date_reminded", "=", False),
                ("company_id", "in", companies.ids),
            ]
        )
        return orders.filtered(lambda order: order._is_reminder_due())

    def _remind_visit(self):
        """Write to the customer, or have somebody call who has no address."""
        self.ensure_one()
        # Locked and read again: another worker may have been here.
        self.invalidate_recordset(["date_reminded"])
        if not self._is_reminder_due():
            return
        self.date_reminded = fields.Datetime.now()
        if not self._send_visit("aftersales_planning.mail_template_visit_reminder"):
            self._remind_advisor(
                self.env._(
                    "Remind %(customer)s of the visit",
                    customer=self._get_visit_contact().display_name,
                ),
                note=self.env._(
                    "%(time)s. There is no e-mail address to write to.",
                    time=self._format_visit_time(self.date_planned),
                ),
                activity_type="aftersales_planning.mail_activity_type_visit",
            )

    # Missed

    @api.model
    def _get_missed_visits(self):
        now = fields.Datetime.now()
        orders = self.search(
            [
                ("booking_state", "=", "confirmed"),
                ("state", "in", OPEN_STATES),
                ("date_planned", "<", now),
            ]
        )
        return orders.filtered(lambda order: order._is_missed())

    def _is_missed(self):
        """Whether nobody came for so long that the time is given up."""
        self.ensure_one()
        patience = timedelta(hours=self.company_id.aftersales_missed_hours)
        return bool(
            self.booking_state == "confirmed"
            and self.state in OPEN_STATES
            and self.date_planned
            and self.date_planned + patience <= fields.Datetime.now()
        )

    def _miss_visit(self):
        """Free what was kept for a visit nobody came to, and have somebody call."""
        self.ensure_one()
        self.invalidate_recordset(["booking_state", "state"])
        if not self._is_missed():
            return
        missed = self._format_visit_time(self.date_planned)
        self._get_active_bookings()._set_state("cancel")
        self.booking_state = "missed"
        self._forget_problem()
        self._remind_advisor(
            self.env._("Nobody came: agree on another time"),
            note=self.env._("The visit was booked for %(time)s.", time=missed),
            activity_type="aftersales_planning.mail_activity_type_visit",
        )

    # Begun on the portal and not finished

    @api.model
    def _get_unfinished_visits(self):
        now = fields.Datetime.now()
        return self.search(
            [
                ("online_state", "=", "begun"),
                ("state", "=", "draft"),
                ("booking_state", "=", "none"),
                ("create_date", "<", now - UNFINISHED),
            ]
        )

    def _follow_up_unfinished(self):
        """Have somebody call who began to book and chose no time: nothing is lost."""
        self.ensure_one()
        self.online_state = "left"
        self._remind_advisor(
            self.env._("Began to book a visit online and chose no time"),
            note=self.complaint,
            activity_type="aftersales_planning.mail_activity_type_visit",
        )
