from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.intervals import subtract
from ..engine.moments import to_datetime, to_seconds
from ..engine.search import get_moment_of

DAY = 24 * 3600


class AftersalesOrder(models.Model):
    """When the customer can be told to come back, and how that was reckoned."""

    _inherit = "aftersales.order"

    promise_trace = fields.Text(
        "How It Was Reckoned",
        readonly=True,
        copy=False,
        help="What the promised time follows from.",
    )

    def action_promise(self):
        """Promise a time from what is left to do, the parts and the load of the shop.

        With an appointment it is the end of the work. Without one, work that is open
        in the shop goes first: technicians do it in the time their calendars and
        bookings leave; then the first time that bay, tools, technician and parts are
        free together is taken. The company's slack is added.

        :raises UserError: naming the order and what is never free, or if the work is
            over
        """
        self._check_decides()
        for order in self._lock():
            order._check_bookable()
            end, reasons = order._get_promise()
            slack = order.company_id.aftersales_booking_slack
            promised = end + timedelta(minutes=slack)
            if slack:
                reasons.append(self.env._("Slack: %(minutes)s minutes.", minutes=slack))
            reasons.append(
                self.env._("Promised: %(time)s.", time=order._format_moment(promised))
            )
            trace = "\n".join(reasons)
            if (order.date_promised, order.promise_trace) == (promised, trace):
                continue
            order.write({"date_promised": promised, "promise_trace": trace})
            order.message_post(body=trace)
        return True

    def _get_promise(self):
        """Return ``(end of the work, [sentences that say why])``."""
        self.ensure_one()
        Availability = self.env["aftersales.availability"]
        needs = Availability.get_needs(self)
        hours = sum(segment["hours"] for segment in needs["segments"])
        reasons = [self.env._("Work left: %(hours)s hours.", hours=f"{hours:g}")]
        now = fields.Datetime.now()
        booked = self._get_active_bookings()
        if booked and self.date_planned_stop and self.date_planned_stop > now:
            reasons.append(
                self.env._(
                    "Booked: %(time)s (%(resources)s).",
                    time=Availability._format_range(
                        self.date_planned, self.date_planned_stop, self.company_id
                    ),
                    resources=self.resource_words,
                )
            )
            reasons += needs["parts"]["late"]
            parts = fields.Datetime.to_datetime(needs["parts"]["date"])
            if parts and parts > self.date_planned_stop:
                calendar = self.company_id.resource_calendar_id
                end = calendar and calendar.plan_hours(hours, parts, True)
                return end or parts + timedelta(hours=hours), reasons
            return self.date_planned_stop, reasons
        start = self._get_turn(needs, reasons)
        slot = Availability.get_first_slot(self, date_from=start)
        if not slot:
            why = Availability.get_late_reasons(self, date_from=start)
            raise UserError(
                self.env._(
                    "%(order)s: nothing can be promised. %(reasons)s",
                    order=self.name,
                    reasons=" ".join(reason["reason"] for reason in why),
                )
            )
        reasons += [reason["reason"] for reason in slot["late"]]
        resources = self.env["resource.resource"].browse(
            resource for ids in slot["resources"].values() for resource in ids
        )
        reasons.append(
            self.env._(
                "First free time: %(time)s (%(resources)s).",
                time=Availability._format_range(
                    slot["start"], slot["stop"], self.company_id
                ),
                resources=", ".join(resources.mapped("name")),
            )
        )
        return slot["stop"], reasons

    def _get_turn(self, needs, reasons):
        """Return when the shop is through with the work that goes first."""
        now = fields.Datetime.now().replace(microsecond=0)
        hours = self._get_queue_hours()
        if not hours:
            reasons.append(self.env._("No other work waits in the shop."))
            return now
        Availability = self.env["aftersales.availability"]
        people = self.env["resource.resource"].search(
            [
                ("aftersales_role", "=", "technician"),
                ("company_id", "=", self.company_id.id),
                ("aftersales_warehouse_id", "in", [False, needs["warehouse_id"]]),
                ("aftersales_team_id", "in", [False, needs["team_id"]]),
            ]
        )
        start = to_seconds(now)
        stop = start + self.company_id.aftersales_booking_horizon * DAY
        work, _own = Availability._get_work(people, start, stop)
        busy = Availability._get_busy(people, start, stop, self)
        free = [subtract(work[each.id], busy.get(each.id)) for each in people]
        moment = get_moment_of(free, round(hours * 3600))
        if moment is None:
            raise UserError(
                self.env._(
                    "%(order)s: %(hours)s hours of other work wait, more than the "
                    "%(count)s technicians can do in %(days)s days.",
                    order=self.name,
                    hours=f"{hours:g}",
                    count=len(people),
                    days=self.company_id.aftersales_booking_horizon,
                )
            )
        reasons.append(
            self.env._(
                "Other work in the shop: %(hours)s hours for %(count)s technicians, "
                "besides their bookings; done by %(time)s.",
                hours=f"{hours:g}",
                count=len(people),
                time=self._format_moment(to_datetime(moment)),
            )
        )
        return to_datetime(moment)

    def _get_queue_hours(self):
        """Return the hours of open work that has no appointment and goes first.

        Everything approved or in progress in the same shop; before urgent orders only
        what is urgent as well.
        """
        self.ensure_one()
        domain = [
            ("kind", "=", "labour"),
            ("order_id", "!=", self.id),
            ("job_id.state", "in", ("approved", "progress")),
            ("order_id.state", "in", ("approved", "progress")),
            ("order_id.booking_state", "in", ("none", "missed")),
            ("order_id.warehouse_id", "=", self.warehouse_id.id),
            ("order_id.team_id", "=", self.team_id.id),
        ]
        if self.priority == "1":
            domain.append(("order_id.priority", "=", "1"))
        hour = self.env.ref("uom.product_uom_hour")
        groups = self.env["aftersales.job.line"]._read_group(
            domain, ["product_uom_id"], ["product_uom_qty:sum"]
        )
        return sum(
            uom._compute_quantity(quantity, hour, round=False)
            for uom, quantity in groups
            if uom._has_common_reference(hour)
        )
