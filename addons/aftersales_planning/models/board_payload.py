from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine.intervals import clip
from ..engine.moments import to_datetime, to_seconds

OPEN = ("draft", "quoted", "approved", "progress", "quality", "ready")
TAKEN = ("hold", "confirmed")
# What began before this is found by its length: few are that long, so that the index on
# the start is good for all others.
LONGEST = timedelta(days=31)
LONGEST_HOURS = LONGEST.total_seconds() / 3600


class AftersalesBoard(models.Model):
    """The day as the shop board draws it, read in a fixed number of statements."""

    _inherit = "aftersales.board"

    @api.model
    @api.readonly
    def get_boards(self):
        """Return the shop boards of the user's companies, for the screen's choice."""
        boards = self.search([("kind", "=", "shop")])
        return {
            "boards": [
                {
                    "id": board.id,
                    "name": board.name,
                    # Appointments begin on this grid: that is where cards fall.
                    "step": board.company_id.sudo().aftersales_booking_step or 15,
                }
                for board in boards
            ],
            "can_create": self.has_access("create"),
        }

    @api.readonly
    def get_payload(self, date=None):
        """Return what this board shows.

        A lounge board answers with what its public page may know. A shop board answers
        with the rows (``resources``), the ``bookings`` of the day and the work
        ``orders`` by id; times are UTC, and what is late the screen tells from
        ``promise``, since it stays open while time passes.

        :param date: the day, in the user's time zone; default today
        """
        self.ensure_one()
        self.check_access("read")
        if self.kind == "lounge":
            return self._get_lounge_payload()
        date = self._read_day(date)
        start, stop = self._get_day(date)
        resources = self._get_resources()
        bookings = self._get_bookings(start, stop)
        return {
            "board": {"id": self.id, "name": self.name},
            "date": fields.Date.to_string(date),
            "start": fields.Datetime.to_string(start),
            "stop": fields.Datetime.to_string(stop),
            "resources": self._prepare_resources(resources, start, stop),
            "bookings": self._prepare_bookings(bookings),
            "orders": self._get_cards(bookings, start),
            "teams": self._get_teams(),
        }

    @api.readonly
    def get_changes(self, order_ids, booking_ids, date=None):
        """Return these orders and bookings as ``get_payload`` would, those only.

        What was asked for and is not in the answer is no longer on the board.
        """
        self.ensure_one()
        self.check_access("read")
        date = self._read_day(date)
        start, stop = self._get_day(date)
        changed = Domain("order_id", "in", order_ids) | Domain("id", "in", booking_ids)
        bookings = self._get_bookings(start, stop, changed)
        order_ids = [*order_ids, *bookings.sudo().order_id.ids]
        return {
            "bookings": self._prepare_bookings(bookings),
            "orders": self._get_cards(bookings, start, Domain("id", "in", order_ids)),
        }

    def _read_day(self, date):
        """Return the day that was asked for; today if none was."""
        day = self.env["aftersales.availability"]._read_moment(
            date, fields.Date.to_date
        )
        return day or fields.Date.context_today(self)

    def _get_day(self, date):
        """Return begin and end of the user's day in UTC: 23 to 25 hours."""
        # The screen says whose day it is; a call from elsewhere means the user's.
        tz = self.env.context.get("tz") or self.env.user.tz or self.tz
        tz = pytz.timezone(tz)
        return tuple(
            tz.localize(datetime.combine(day, time.min))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for day in (date, date + timedelta(days=1))
        )

    def _get_team_ids(self):
        """Return the ids of its teams, none if it is for all: without a query."""
        self.ensure_one()
        boards = self._get_boards_by_company().get(self.company_id.id, ())
        for board in boards:
            if board.id == self.id:
                return sorted(board.team_ids)
        return self.sudo().team_ids.ids  # archived

    # Rows

    def _get_resources(self):
        domain = Domain(
            [
                ("aftersales_role", "!=", False),
                ("company_id", "=", self.company_id.id),
            ]
        )
        if team_ids := self._get_team_ids():
            domain &= Domain("aftersales_team_id", "in", [False, *team_ids])
        if self.warehouse_id:
            domain &= Domain(
                "aftersales_warehouse_id", "in", [False, self.warehouse_id.id]
            )
        return self.env["resource.resource"].search_fetch(
            domain,
            [
                *("name", "aftersales_role", "aftersales_team_id", "company_id"),
                *("calendar_id", "tz"),
            ],
            order="name, id",
        )

    def _prepare_resources(self, resources, start, stop):
        """Return the rows with their working time, as appointments are made in it.

        Why somebody is away stays out.
        """
        start, stop = to_seconds(start), to_seconds(stop)
        Availability = self.env["aftersales.availability"].sudo()
        # Contracts to come cost statements; the day shown is near enough to today.
        validity = {
            resource.id: [
                (
                    resource.calendar_id
                    or resource.sudo().company_id.resource_calendar_id,
                    None,
                )
            ]
            for resource in resources
        }
        work, away = Availability._get_work(resources, start, stop, validity)

        def tell(spans):
            return [
                [fields.Datetime.to_string(to_datetime(moment)) for moment in span]
                for span in clip(spans, start, stop)
            ]

        return [
            {
                "id": resource.id,
                "name": resource.name,
                "role": resource.aftersales_role,
                "team_id": resource.aftersales_team_id.id,
                "hours": tell(work[resource.id]),
                "away": tell(away.get(resource.id, [])),
            }
            for resource in resources
        ]

    # Bookings

    def _get_bookings(self, start, stop, domain=Domain.TRUE):
        now = fields.Datetime.now()
        return self.env["aftersales.booking"].search_fetch(
            Domain(
                [
                    ("company_id", "=", self.company_id.id),
                    ("start", "<", stop),
                    ("stop", ">", start),
                    ("state", "in", [*TAKEN, "done"]),
                ]
            )
            & (
                Domain("start", ">", start - LONGEST)
                | Domain("hours", ">=", LONGEST_HOURS)
            )
            & (
                Domain("state", "!=", "hold")
                | Domain("date_expire", ">", now)
                | Domain("date_expire", "=", False)
            )
            & domain,
            ["resource_id", "order_id", "start", "stop", "state", "kind", "problem"],
            order="start, id",
        )

    def _prepare_bookings(self, bookings):
        return [
            {
                "id": booking.id,
                "resource_id": booking.resource_id.id,
                "order_id": booking.order_id.id,
                "start": fields.Datetime.to_string(booking.start),
                "stop": fields.Datetime.to_string(booking.stop),
                "state": booking.state,
                "kind": booking.kind,
                "problem": booking.problem or "",
            }
            for booking in bookings
        ]

    # Orders

    def _get_scope(self):
        """Return the domain of the orders this board is for."""
        domain = Domain("company_id", "=", self.company_id.id)
        if team_ids := self._get_team_ids():
            domain &= Domain("team_id", "in", [False, *team_ids])
        if self.warehouse_id:
            domain &= Domain("warehouse_id", "=", self.warehouse_id.id)
        return domain

    def _get_in_house_domain(self):
        """Orders whose car is here: it arrived, or work on it has begun."""
        return Domain("state", "in", ("progress", "quality", "ready")) | (
            Domain("state", "in", ("draft", "quoted", "approved"))
            & Domain("date_arrived", "!=", False)
        )

    def _get_cards(self, bookings, start, domain=Domain.TRUE):
        """Return ``{order id: card}`` of the cars here, booked today or to be planned.

        :param bookings: those of the day
        """
        to_plan = Domain("state", "=", "approved") & Domain(
            "booking_ids", "not any", [("state", "in", TAKEN)]
        )
        today = Domain("id", "in", bookings.sudo().order_id.ids) & Domain(
            "state", "!=", "cancel"
        )
        orders = self.env["aftersales.order"].search_fetch(
            self._get_scope()
            & domain
            & (today | self._get_in_house_domain() | to_plan),
            [
                *("name", "state", "asset_id", "partner_id", "team_id", "complaint"),
                *("priority", "date_promised", "date_arrived", "date_in"),
            ],
        )
        # Who may see the order may see what its card says of it.
        return orders.sudo()._get_board_cards(start)

    def _get_teams(self):
        domain = Domain("company_id", "=", self.company_id.id)
        if team_ids := self._get_team_ids():
            domain = Domain("id", "in", team_ids)
        teams = self.env["aftersales.team"].search_fetch(domain, ["name"])
        return [{"id": team.id, "name": team.name} for team in teams]


class AftersalesAsset(models.Model):
    _inherit = "aftersales.asset"

    @api.model
    def _get_label_fields(self):
        """Return the fields that the two labels are made of, to read them at once."""
        return ["name", "serial"]

    def _get_board_label(self):
        """Return how the shop calls this thing: add-ons put the plate first."""
        self.ensure_one()
        return self.name or ""

    def _get_lounge_label(self):
        """Return what its owner knows it by and nobody else: the tail of its serial."""
        self.ensure_one()
        return self._get_tail(self.serial)

    @api.model
    def _get_tail(self, text):
        """Return the tail of a plate or serial: four characters of eight or more.

        Of fewer it is three, and never the whole.
        """
        text = "".join(filter(str.isalnum, text or ""))
        size = 4 if len(text) >= 8 else 3
        return text[max(len(text) - size, 1) :]


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def _get_board_cards(self, start):
        """Return ``{order id: what its card says}``.

        :param start: begin of the day in UTC; bookings before it are over
        """
        self.asset_id.fetch(self.asset_id._get_label_fields())
        self.partner_id.fetch(["name"])
        waiting_for_parts = self._get_orders_waiting_for_parts()
        jobs = self._get_board_jobs()
        planned = dict(
            self.env["aftersales.booking"]._read_group(
                [
                    ("order_id", "in", self.ids),
                    ("state", "in", TAKEN),
                    ("stop", ">", start),
                ],
                ["order_id"],
                ["start:min"],
            )
        )
        clocked = defaultdict(set)
        for order, employee in self.env["aftersales.clock.entry"]._read_group(
            [("order_id", "in", self.ids), ("stop", "=", False), ("kind", "=", "work")],
            ["order_id", "employee_id"],
        ):
            clocked[order.id].add(employee.id)
        cards = {}
        for order in self:
            order_jobs = jobs.get(order.id, self.env["aftersales.job"])
            answer = any(job.state == "proposed" for job in order_jobs)
            parts = order.id in waiting_for_parts
            working = order_jobs.technician_id.filtered(
                lambda employee, order=order: employee.id in clocked[order.id]
            )
            cards[order.id] = {
                "id": order.id,
                "name": order.name,
                "label": order.asset_id._get_board_label() if order.asset_id else "",
                "asset": order.asset_id.name or "",
                "partner": order.partner_id.name,
                "complaint": (order.complaint or "").split("\n")[0][:120],
                "team_id": order.team_id.id,
                "state": order.state,
                "stage": order._get_board_stage(answer, parts, bool(working)),
                "urgent": order.priority == "1",
                "promise": fields.Datetime.to_string(order.date_promised) or False,
                "planned": fields.Datetime.to_string(planned.get(order)) or False,
                "answer": answer,
                "parts": parts,
                "technicians": order_jobs.technician_id.mapped("name"),
                "working": working.mapped("name"),
            }
        return cards

    def _get_board_jobs(self):
        jobs = self.env["aftersales.job"].search_fetch(
            [
                ("order_id", "in", self.ids),
                ("state", "not in", ("declined", "cancel")),
            ],
            ["order_id", "state", "technician_id"],
        )
        jobs.technician_id.fetch(["name"])
        return {
            order.id: order_jobs
            for order, order_jobs in jobs.grouped("order_id").items()
        }

    def _get_orders_waiting_for_parts(self):
        """Return the ids of the orders with a part that is not in the house.

        Read from the moves alone: the forecast of every line is exact to the day and
        takes seconds for a full workshop.
        """
        outstanding = Domain("state", "in", ("confirmed", "partially_available")) | (
            Domain("state", "=", "waiting")
            & Domain(
                "move_orig_ids", "not any", [("state", "in", ("assigned", "done"))]
            )
        )
        groups = self.env["aftersales.job.line"]._read_group(
            [("order_id", "in", self.ids), ("move_ids", "any", outstanding)],
            ["order_id"],
        )
        return {order.id for (order,) in groups}

    def _get_board_stage(self, answer, parts, working=False):
        """Return the column of the card: what is happening, or what holds it up.

        :param bool answer: the customer has not answered about some job
        :param bool parts: a part is not in the house
        :param bool working: somebody works on other jobs meanwhile
        """
        self.ensure_one()
        if self.state in ("ready", "done", "cancel"):
            return self.state
        if self.state == "quality":
            return "check"
        here = self.state == "progress" or self.date_arrived
        if here and (answer or parts) and not working:
            return "waiting"
        if self.state == "progress":
            return "work"
        return "arrived" if here else "booked"
