from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime, format_time


class AftersalesVisit(models.Model):
    """When the customer may expect somebody: one answer, wherever it is asked.

    What was told holds as long as the visit lies in it; else it is the planned time
    and so many hours more as the company says. Mails, the portal, the customer's link,
    the hotline and the visit itself all say these words.
    """

    _inherit = "aftersales.visit"

    customer_time = fields.Char(
        "Customer Expects Us",
        compute="_compute_customer_time",
        help="What the customer reads on the portal and behind the link.",
    )
    is_overdue = fields.Boolean(
        "Late",
        compute="_compute_is_overdue",
        help="The time the customer was given is over, and nobody is there.",
    )

    @api.depends_context("lang")
    @api.depends(
        "start", "stop", "state", "window_start", "window_stop", "date_arrived"
    )
    def _compute_customer_time(self):
        for visit in self:
            visit.customer_time = visit._get_window_text()

    @api.depends("start", "state", "window_start", "window_stop")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for visit in self:
            late_after = visit._get_late_moment()
            visit.is_overdue = bool(late_after and late_after < now)

    def _get_window(self):
        """Return from and until when the customer waits, in UTC.

        What was told, or else what follows from the plan; once somebody was there,
        from when until when that was.
        """
        self.ensure_one()
        if self.state == "done" and self.date_arrived:
            return self.date_arrived, self.date_left or self.date_arrived
        hours = timedelta(hours=self.company_id.aftersales_window_hours)
        if self.window_start and self.window_stop and self.start:
            if self.window_start <= self.start <= self.window_stop:
                return self.window_start, self.window_stop
        return self.start, self.start and self.start + hours

    def _get_window_text(self):
        """Return the window in words of the reader's language, in our time."""
        self.ensure_one()
        start, stop = self._get_window()
        if not start or self.state in ("draft", "cancel"):
            return ""
        return self._describe_window(start, stop)

    def _get_told_text(self):
        """Return between which times the customer was told that somebody comes."""
        self.ensure_one()
        if not self.window_start or not self.window_stop:
            return ""
        return self._describe_window(self.window_start, self.window_stop)

    def _describe_window(self, start, stop):
        self.ensure_one()
        zone = self._get_tz()
        return self.env._(
            "%(begin)s – %(end)s",
            begin=format_datetime(
                self.env, start, tz=zone, dt_format=self.env._("EEEE, d MMMM y, HH:mm")
            ),
            end=format_time(self.env, stop, tz=zone, time_format="HH:mm"),
        )

    def _get_tz(self):
        return self.company_id.resource_calendar_id.tz or "UTC"

    def _get_late_moment(self):
        """Return after what the customer waits in vain (UTC); nothing once we came."""
        self.ensure_one()
        if self.state not in ("planned", "travel"):
            return False
        return self._get_window()[1]

    def _is_in_window(self, moment):
        """Whether a visit that begins then keeps to what the customer was told."""
        self.ensure_one()
        start, stop = self.window_start, self.window_stop
        return (not start or start <= moment) and (not stop or moment <= stop)

    def _drop_window(self):
        """What the customer was told holds no more."""
        if self.window_start or self.window_stop:
            self.write({"window_start": False, "window_stop": False})

    def _get_customer_words(self):
        """Return how the visit stands, in a sentence for the customer."""
        self.ensure_one()
        if self.is_overdue:
            return self.env._("We are late, and we are sorry.")
        return {
            "draft": self.env._("We are looking for a time and will tell you."),
            "planned": self.env._("Your visit is planned."),
            "travel": self.env._("Our engineer is on the way to you."),
            "onsite": self.env._("Our engineer is with you."),
            "paused": self.env._("Our engineer is taking a break and comes back."),
            "done": self.env._("The visit is over. Thank you."),
            "cancel": self.env._("This visit was called off."),
        }[self.state]

    def _get_coming_words(self):
        """Return who comes when, in a sentence for those who talk to the customer."""
        self.ensure_one()
        # The name alone: who answers the phone has no right to employees' files.
        engineer = self.sudo().technician_id.name
        if self.state in ("onsite", "paused"):
            return self.env._("%(engineer)s is with the customer.", engineer=engineer)
        values = {"engineer": engineer, "time": self._get_window_text()}
        if self.is_overdue:
            return self.env._(
                "%(engineer)s is late: the customer expected us on %(time)s. Call the "
                "customer.",
                **values,
            )
        if self.state == "travel":
            return self.env._("%(engineer)s is on the way for %(time)s.", **values)
        return self.env._("%(engineer)s comes on %(time)s.", **values)


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def _get_next_visit(self):
        """Return the visit that is going on, or else the next one with a time."""
        self.ensure_one()
        # Also accountants, salespeople and customers read when somebody comes.
        visits = self.sudo().visit_ids.filtered(
            lambda visit: visit.start and visit.state not in ("draft", "done", "cancel")
        )
        return visits.sorted("start")[:1]

    def _get_customer_promise(self):
        """On site, the visit is what was promised; at the end, when it was."""
        visit = self.is_onsite and self._get_next_visit()
        if self.is_onsite and self.state in ("ready", "done"):
            done = self.sudo().visit_ids.filtered(lambda each: each.state == "done")
            visit = done.sorted("start")[-1:]
        if visit:
            return self.env._("Visit"), visit._get_window_text()
        return super()._get_customer_promise()
