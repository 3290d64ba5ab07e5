import math
import re
import secrets

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.aftersales.controllers.portal import COMPLAINT_LENGTH

from .portal_visit import VisitPortal

MAX_SERVICES = 20


class BookingPortal(VisitPortal):
    """The customer says what is to be done; the work order of the visit is made."""

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
            lambda order: (
                order.asset_id == asset and order.booking_state in ("none", "hold")
            )
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "visit",
            "asset": asset,
            "begun": begun[:1],
            "coming": asset._get_coming_visit(partner),
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
