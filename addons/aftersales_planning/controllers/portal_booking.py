import math
import re
import secrets
from datetime import date
from urllib.parse import urlencode

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.aftersales.controllers.portal import (
    COMPLAINT_LENGTH,
    AftersalesPortal,
)

MAX_SERVICES = 20


class VisitPortal(AftersalesPortal):
    """The customer books a visit, moves it, says it stands, or cancels it.

    The pages are plain forms: they work on any phone. Each step is a method of the
    order, which holds the rules and takes the same step twice as once.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "visit_count" in counters:
            # Whoever has something to bring in is shown the way, also before the
            # first visit.
            values["visit_count"] = len(self._get_coming_visits()) or len(
                self._get_bookable_assets(limit=10)
            )
        return values

    def _get_coming_visits(self):
        """Return the visits the user has ahead of them or has begun to book."""
        Order = request.env["aftersales.order"]
        if not Order.has_access("read"):
            return Order
        orders = Order.sudo().search(
            self._get_work_order_domain()
            & Domain("state", "in", ("draft", "quoted", "approved"))
            & (
                Domain("booking_state", "in", ("hold", "confirmed"))
                | Domain("online_state", "!=", False)
            ),
            order="date_planned, id",
        )
        # What waits for us to call is no visit to look at.
        return orders.filtered(
            lambda order: order.booking_state != "none" or order._can_choose_visit()
        )

    def _get_bookable_assets(self, limit):
        Asset = request.env["aftersales.asset"]
        if not Asset.has_access("read"):
            return Asset
        assets = Asset.sudo().search(
            self._get_asset_domain()
            & Domain("company_id.aftersales_online_booking", "=", True),
            order="name, id",
            limit=limit,
        )
        return assets.filtered(lambda asset: asset._can_book_online())

    def _get_visit(self, order_id, access_token=None):
        """Return ``(order, None)`` ready for a step, or ``(None, a redirect)``."""
        order, elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        if not order:
            return None, elsewhere
        return order.with_user(SUPERUSER_ID).with_company(order.company_id), None

    def _get_visit_values(self, order, access_token, **values):
        return {
            **self._prepare_portal_layout_values(),
            "page_name": "visit",
            "work_order": order,
            "access_token": access_token or "",
            "token_query": f"?{urlencode({'access_token': access_token})}"
            if access_token
            else "",
            "res_company": order.company_id,
            "is_visitor": request.env.user._is_public(),
            **values,
        }

    def _go_to_visit(self, order, access_token=None, page="", **query):
        if access_token:
            query["access_token"] = access_token
        url = f"/my/work-orders/{order.id}/visit{page}"
        return request.redirect(f"{url}?{urlencode(query)}" if query else url)

    def _parse_start(self, start):
        """Return the time a form sent, in UTC; None if it is none."""
        try:
            return fields.Datetime.to_datetime(start)
        except (TypeError, ValueError):
            return None

    def _take_step(self, order, access_token, step, *args, back=""):
        """Take a step of a visit and show it; if refused, say why and what is free.

        :param str step: method of the order
        :param str back: the page that lets the customer try again
        """
        try:
            with request.env.cr.savepoint():
                getattr(order, step)(*args)
        except UserError as error:
            request.session["aftersales_visit_error"] = str(error)
            return self._go_to_visit(order, access_token, back)
        return None

    # Choosing what to do

    @route("/my/visits", type="http", auth="user", website=True)
    def portal_my_visits(self, **kwargs):
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "visit",
            "visits": self._get_coming_visits(),
            "assets": self._get_bookable_assets(limit=50),
        }
        return request.render("aftersales_planning.portal_my_visits", values)

    @route(
        "/my/assets/<int:asset_id>/book",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_asset_book(self, asset_id, **kwargs):
        asset, elsewhere = self._check_access("aftersales.asset", asset_id)
        if not asset:
            return elsewhere
        return self._render_booking(asset)

    def _render_booking(self, asset, error=None, **values):
        partner = request.env.user.partner_id
        asset = asset.with_user(SUPERUSER_ID).with_company(asset.company_id)
        begun = asset._get_open_visits(partner).filtered(
            lambda order: order.asset_id == asset and order.booking_state == "none"
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "visit",
            "asset": asset,
            "begun": begun[:1],
            "services": asset._get_online_services(),
            "advisors": asset._get_online_advisors(),
            "can_book": asset._can_book_online(),
            "complaint_length": COMPLAINT_LENGTH,
            "res_company": asset.company_id,
            "error": error,
            "chosen": [],
            "complaint": "",
            "waits": "",
            "advisor_id": None,
            "meter": "",
            "request_key": secrets.token_hex(16),
            **values,
        }
        return request.render("aftersales_planning.portal_booking", values)

    @route(
        "/my/assets/<int:asset_id>/book",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_asset_book_post(self, asset_id, request_key=None, **kwargs):
        """Open the work order of the visit; the same form posted again leads to it."""
        asset, elsewhere = self._check_access("aftersales.asset", asset_id)
        if not asset:
            return elsewhere
        form = request.httprequest.form
        values = {
            "template_ids": [
                int(value)
                for value in form.getlist("service")[:MAX_SERVICES]
                if value.isdecimal()
            ],
            "complaint": (form.get("complaint") or "")[:COMPLAINT_LENGTH],
            "customer_waits": form.get("waits"),
            "user_id": int(form["advisor"])
            if (form.get("advisor") or "").isdecimal()
            else None,
            "meter": self._parse_number(form.get("meter")),
        }
        try:
            with request.env.cr.savepoint():
                order = (
                    asset.with_user(SUPERUSER_ID)
                    .with_company(asset.company_id)
                    ._request_visit(
                        request.env.user.partner_id, (request_key or "")[:64], values
                    )
                )
        except UserError as error:
            return self._render_booking(
                asset,
                str(error),
                chosen=values["template_ids"],
                complaint=values["complaint"],
                waits=values["customer_waits"],
                advisor_id=values["user_id"],
                meter=form.get("meter") or "",
                request_key=request_key,
            )
        if order.booking_state in ("hold", "confirmed"):
            return self._go_to_visit(order)
        return self._go_to_visit(order, page="/times")

    def _parse_number(self, text):
        """Return the number somebody typed, with either decimal sign; 0.0 if none.

        A sign before exactly three digits sets off thousands: “12,345” km are many.
        """
        text = re.sub(r"[\s'’]|[.,](?=\d{3}(?!\d))", "", text or "")
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return 0.0
        return number if math.isfinite(number) else 0.0

    # Choosing the time

    @route(
        "/my/work-orders/<int:order_id>/visit/times",
        type="http",
        auth="public",
        website=True,
    )
    def portal_visit_times(self, order_id, access_token=None, day=None, **kwargs):
        order, elsewhere = self._get_visit(order_id, access_token)
        if not order:
            return elsewhere
        if not order._can_choose_visit():
            return self._go_to_visit(order, access_token)
        try:
            day = date.fromisoformat(day) if day else None
        except ValueError:
            day = None
        values = self._get_visit_values(
            order,
            access_token,
            **order._get_visit_days(day),
            error=request.session.pop("aftersales_visit_error", None),
        )
        return request.render("aftersales_planning.portal_visit_times", values)

    @route(
        "/my/work-orders/<int:order_id>/visit/hold",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_hold(self, order_id, start=None, access_token=None, **kwargs):
        """Keep the time for a while; a visit that has one is asked about first."""
        order, elsewhere = self._get_visit(order_id, access_token)
        if not order:
            return elsewhere
        start = self._parse_start(start)
        if order.booking_state == "confirmed":
            query = {"start": fields.Datetime.to_string(start)} if start else {}
            return self._go_to_visit(order, access_token, "/move", **query)
        return self._take_step(
            order, access_token, "_hold_visit", start, back="/times"
        ) or self._go_to_visit(order, access_token)

    @route(
        "/my/work-orders/<int:order_id>/visit/confirm",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_confirm(self, order_id, start=None, access_token=None, **kwargs):
        order, elsewhere = self._get_visit(order_id, access_token)
        if not order:
            return elsewhere
        return self._take_step(
            order,
            access_token,
            "_confirm_visit",
            self._parse_start(start),
            self._get_partner(),
            back="/times",
        ) or self._go_to_visit(order, access_token, message="booked")

    # The visit itself

    @route(
        "/my/work-orders/<int:order_id>/visit",
        type="http",
        auth="public",
        website=True,
    )
    def portal_visit(self, order_id, access_token=None, message=None, **kwargs):
        order, elsewhere = self._get_visit(order_id, access_token)
        if not order:
            return elsewhere
        values = self._get_visit_values(
            order,
            access_token,
            message=message,
            error=request.session.pop("aftersales_visit_error", None),
        )
        return request.render("aftersales_planning.portal_visit", values)

    @route(
        "/my/work-orders/<int:order_id>/visit/move",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
    )
    def portal_visit_move(self, order_id, start=None, access_token=None, **kwargs):
        """Show the old and the new time before anything changes."""
        order, elsewhere = self._get_visit(order_id, access_token)
        if not order:
            return elsewhere
        start = self._parse_start(start)
        if not start or not order._can_change_visit():
            return self._go_to_visit(order, access_token)
        values = self._get_visit_values(order, access_token, start=start)
        return request.render("aftersales_planning.portal_visit_move", values)

    @route(
        "/my/work-orders/<int:order_id>/visit/move",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_move_post(self, order_id, start=None, access_token=None, **kwargs):
        order, elsewhere = self._get_visit(order_id, access_token)
        if not order:
            return elsewhere
        return self._take_step(
            order,
            access_token,
            "_move_visit",
            self._parse_start(start),
            self._get_partner(),
            back="/times",
        ) or self._go_to_visit(order, access_token, message="moved")

    @route(
        "/my/work-orders/<int:order_id>/visit/cancel",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_cancel(self, order_id, reason=None, access_token=None, **kwargs):
        order, elsewhere = self._get_visit(order_id, access_token)
        if not order:
            return elsewhere
        return self._take_step(
            order, access_token, "_cancel_visit", reason, self._get_partner()
        ) or self._go_to_visit(order, access_token, message="cancelled")

    @route(
        "/my/work-orders/<int:order_id>/visit/come",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_come(self, order_id, access_token=None, **kwargs):
        order, elsewhere = self._get_visit(order_id, access_token)
        if not order:
            return elsewhere
        return self._take_step(
            order, access_token, "_say_visit_stands", self._get_partner()
        ) or self._go_to_visit(order, access_token, message="come")

    @route(
        "/my/work-orders/<int:order_id>/visit.ics",
        type="http",
        auth="public",
        website=True,
        readonly=True,
    )
    def portal_visit_ics(self, order_id, access_token=None, **kwargs):
        order, elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        if not order:
            return elsewhere
        if order.booking_state != "confirmed" or not order.date_planned:
            raise request.not_found()
        content = order._get_visit_ics()
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "text/calendar; charset=utf-8"),
                ("Content-Length", len(content)),
                (
                    "Content-Disposition",
                    f"attachment; filename={order.name.replace('/', '-')}.ics",
                ),
            ],
        )
