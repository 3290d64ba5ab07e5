from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_time

from .board_payload import OPEN

# The steps of the line under each car; what waits stands between two of them.
STEPS = {"arrived": 1, "waiting": 2, "work": 2, "check": 3, "ready": 4}
# Who did not fetch a car today knows that it is ready.
READY_FOR = timedelta(days=1)
MAX_CARS = 120


class AftersalesBoard(models.Model):
    _inherit = "aftersales.board"

    def _get_lounge_payload(self):
        """Return all that the public page is told; whatever is added here is public.

        ``cars`` are those in the house, ready ones first: ``label`` is the tail of a
        plate or serial, ``text`` the stage in the board's language. ``promise`` is told
        by boards that show it, in their time zone.
        """
        self.ensure_one()
        board = self.sudo().with_context(lang=self.sudo().lang)
        now = fields.Datetime.now()
        orders = board._get_lounge_orders(now)
        answers = {
            order_id
            for order_id, jobs in orders._get_board_jobs().items()
            if "proposed" in jobs.mapped("state")
        }
        parts = orders._get_orders_waiting_for_parts()
        orders.asset_id.fetch(orders.asset_id._get_label_fields())
        cars = []
        for order in orders:
            answer = order.id in answers
            stage = order._get_board_stage(answer, order.id in parts)
            car = {
                "label": order._get_lounge_label(),
                "step": STEPS[stage],
                "text": order._get_lounge_text(stage, answer),
                "ready": stage == "ready",
            }
            if board.shows_promise:
                car["promise"] = board._get_lounge_promise(order, stage, now)
            cars.append(car)
        return {
            "title": board.name,
            "time": format_time(board.env, now, tz=board.tz, time_format="short"),
            "cars": cars,
        }

    def _get_lounge_words(self):
        """Return the words of the page's script, as attributes in its language."""
        self.ensure_one()
        env = self.with_context(lang=self.sudo().lang).env
        return {
            "data-offline": env._("No connection: what you see may be old."),
            "data-gone": env._(
                "This screen's link is no longer valid. Please ask at the desk."
            ),
            "data-promised": env._("Promised"),
            "data-received": env._("Received"),
            "data-work": env._("Work"),
            "data-check": env._("Check"),
            "data-ready": env._("Ready"),
        }

    def _get_lounge_orders(self, now):
        fresh = Domain("state", "!=", "ready") | Domain(
            "date_completed", ">", now - READY_FOR
        )
        orders = self.env["aftersales.order"].search_fetch(
            self._get_scope()
            & Domain("state", "in", OPEN)
            & self._get_in_house_domain()
            & fresh,
            ["name", "state", "asset_id", "date_promised", "date_arrived"],
            order="date_promised, id",
            limit=MAX_CARS,
        )
        return orders.sorted(lambda order: order.state != "ready")

    def _get_lounge_promise(self, order, stage, now):
        """Return the promised time, unless it is over."""
        promise = order.date_promised
        if stage == "ready" or not promise or promise < now:
            return ""
        today, day = (
            fields.Datetime.context_timestamp(self.with_context(tz=self.tz), moment)
            for moment in (now, promise)
        )
        if day.date() == today.date():
            return format_time(self.env, promise, tz=self.tz, time_format="short")
        return format_datetime(self.env, promise, tz=self.tz, dt_format="EEE HH:mm")


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def _get_lounge_label(self):
        """Return by what the customer who waits knows it is theirs.

        Without plate or serial it is the tail of the number on their receipt.
        """
        self.ensure_one()
        label = self.asset_id._get_lounge_label() if self.asset_id else ""
        return label or self.name[-3:]

    def _get_lounge_text(self, stage, answer):
        """Return the stage in words for who waits."""
        if stage == "waiting" and answer:
            return self.env._("We have a question for you")
        return {
            "arrived": self.env._("Received"),
            "waiting": self.env._("Waiting for parts"),
            "work": self.env._("In work"),
            "check": self.env._("Final check"),
            "ready": self.env._("Ready"),
        }[stage]
