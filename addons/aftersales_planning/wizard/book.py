from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command


class AftersalesBook(models.TransientModel):
    """The next free times of an order, with who and what would be taken."""

    _name = "aftersales.book"
    _description = "Book an Appointment"

    order_id = fields.Many2one(
        "aftersales.order", required=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one(related="order_id.partner_id")
    asset_id = fields.Many2one(related="order_id.asset_id")
    is_move = fields.Boolean(compute="_compute_present")
    present = fields.Char("Booked For", compute="_compute_present")
    needs = fields.Char("Needed", compute="_compute_needs")
    other_visit = fields.Char("Booked Already", compute="_compute_other_visit")
    date_from = fields.Datetime(
        "Not Before",
        help="Empty: as early as the lead time of the company allows.",
    )
    reason = fields.Char(help="Why the appointment moves; kept on the order.")
    slot_ids = fields.One2many("aftersales.book.slot", "book_id", "Free Times")
    late = fields.Text("Why Not Earlier", readonly=True)

    @api.depends("order_id")
    def _compute_present(self):
        for book in self:
            order = book.order_id
            book.is_move = bool(order._get_active_bookings())
            book.present = book.is_move and order._format_moment(order.date_planned)

    @api.depends("order_id")
    def _compute_needs(self):
        Availability = self.env["aftersales.availability"]
        for book in self:
            book.needs = Availability._describe_needs(book.order_id)

    @api.depends("order_id")
    def _compute_other_visit(self):
        """Say that the asset comes anyway: both may be done with one visit."""
        for book in self:
            order = book.order_id
            # Another team may look after it: it is told by number and time alone.
            order = order.sudo()
            other = order.asset_id and order._find_coming_visit(order.asset_id)
            book.other_visit = bool(other) and self.env._(
                "%(asset)s has an appointment already: %(order)s, %(time)s. Can both "
                "be done with one visit?",
                asset=order.asset_id.display_name,
                order=other.name,
                time=other._format_moment(other.date_planned),
            )

    @api.model_create_multi
    def create(self, vals_list):
        books = super().create(vals_list)
        books._search_slots()
        return books

    def _search_slots(self):
        Availability = self.env["aftersales.availability"]
        for book in self:
            slots = book.order_id.get_slots(date_from=book.date_from, limit=6)
            if slots:
                reasons = slots[0]["late"]
            else:
                reasons = Availability.get_late_reasons(
                    book.order_id, date_from=book.date_from
                )
            book.late = "\n".join(reason["reason"] for reason in reasons)
            book.slot_ids = [
                Command.clear(),
                *(Command.create(book._prepare_slot(slot)) for slot in slots),
            ]

    def _prepare_slot(self, slot):
        Availability = self.env["aftersales.availability"]
        resources = self.env["resource.resource"].browse(
            resource for ids in slot["resources"].values() for resource in ids
        )
        return {
            "start": slot["start"],
            "stop": slot["stop"],
            "time": Availability._format_range(
                slot["start"], slot["stop"], self.order_id.company_id
            ),
            "resource_words": ", ".join(resources.mapped("name")),
            "resources": slot["resources"],
            "notices": " ".join(slot["notices"]),
        }

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Book %(order)s", order=self.order_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_search(self):
        """Look again, from the moment that was typed."""
        self._search_slots()
        return self._open()

    def action_later(self):
        """Show the times after the last one shown."""
        self.ensure_one()
        if self.slot_ids:
            self.date_from = max(self.slot_ids.mapped("start")) + timedelta(minutes=1)
        return self.action_search()


class AftersalesBookSlot(models.TransientModel):
    """One free time of the dialog."""

    _name = "aftersales.book.slot"
    _description = "Free Time"
    _order = "start, id"

    book_id = fields.Many2one("aftersales.book", required=True, ondelete="cascade")
    is_move = fields.Boolean(related="book_id.is_move")
    start = fields.Datetime(readonly=True)
    stop = fields.Datetime(readonly=True)
    time = fields.Char(readonly=True)
    resource_words = fields.Char("Bay, Tools, Technician", readonly=True)
    resources = fields.Json(readonly=True)
    notices = fields.Char("Note", readonly=True)

    def action_book(self):
        """Book this time, or move the appointment to it."""
        self._book(hold=False)
        return {"type": "ir.actions.act_window_close"}

    def action_hold(self):
        """Keep this time for a while, until the customer confirms."""
        self._book(hold=True)
        return {"type": "ir.actions.act_window_close"}

    def _book(self, hold):
        self.ensure_one()
        order = self.book_id.order_id
        if self.is_move:
            order.action_rebook(
                start=self.start, resources=self.resources, reason=self.book_id.reason
            )
        else:
            order.action_book(start=self.start, resources=self.resources, hold=hold)
