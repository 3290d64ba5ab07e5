import secrets

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.aftersales_planning.controllers.portal_booking import BookingPortal

from ..models.order_request import (
    DAY_PARTS,
    PHOTO_COUNT,
    PHOTO_SIZE,
    WISH_COUNT,
    WORDS_LENGTH,
)


class ServicePortal(BookingPortal):
    """Service at the customer's: asked for by a form that works without scripts."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "service_count" in counters:
            values["service_count"] = self._count_readable(
                request.env["aftersales.order"], self._get_service_domain()
            )
        return values

    def _get_service_domain(self):
        return request.env["aftersales.order"]._get_service_domain(
            request.env.user.partner_id
        )

    def _get_coming_visits(self):
        # Appointments in the workshop; what is done on site has pages of its own.
        return super()._get_coming_visits().filtered(lambda order: not order.is_onsite)

    @route(
        ["/my/service", "/my/service/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_service(self, page=1, filterby=None, **kwargs):
        filters = self._get_open_filters(("done", "cancel"))
        filterby = filterby if filterby in filters else "all"
        orders, pager_values = self._get_page_records(
            "aftersales.order",
            self._get_service_domain() & filters[filterby]["domain"],
            "create_date desc, id desc",
            page,
            "/my/service",
            filterby=filterby,
        )
        values = {
            **self._prepare_portal_layout_values(),
            "orders": orders,
            "page_name": "service",
            "pager": pager_values,
            "default_url": "/my/service",
            "searchbar_filters": filters,
            "filterby": filterby,
        }
        return request.render("aftersales_field.portal_my_service", values)

    @route(
        "/my/service/new",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
        sitemap=False,
    )
    def portal_service_new(self, asset_id=None, **kwargs):
        return self._render_service_request({"asset_id": asset_id or ""})

    def _render_service_request(self, filled, error=None):
        """Show the form; after a refusal with what was filled in."""
        Order = request.env["aftersales.order"]
        partner = request.env.user.partner_id
        assets = Order._get_request_assets(partner)
        chosen = assets.filtered(
            lambda asset: str(asset.id) == str(filled.get("asset_id"))
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "service",
            "is_request": True,
            "assets": assets,
            "chosen": chosen,
            "sites": Order._get_request_sites(partner),
            "day_parts": list(DAY_PARTS),
            "wish_count": WISH_COUNT,
            "photo_count": PHOTO_COUNT,
            "photo_size": PHOTO_SIZE // 1_000_000,
            "words_length": WORDS_LENGTH,
            "request_key": filled.get("request_key") or secrets.token_hex(16),
            "filled": filled,
            "error": error,
            "partner_phone": partner.phone or "",
            "res_company": request.env.company,
        }
        return request.render("aftersales_field.portal_service_new", values)

    @route(
        "/my/service/new",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_service_send(self, request_key=None, **post):
        """Make the order; the same form posted again leads to the same one."""
        form = {
            **{
                name: post.get(name) or ""
                for name in ("asset_id", "asset_words", "complaint", "site_id", "phone")
            },
            "urgent": post.get("urgent") == "1",
            "wishes": [
                (post.get(f"day_{number}"), post.get(f"part_{number}"))
                for number in range(WISH_COUNT)
                if post.get(f"day_{number}")
            ],
        }
        try:
            with request.env.cr.savepoint():
                order = request.env["aftersales.order"].create_service_request(
                    form, request_key, photos=self._read_request_photos()
                )
        except UserError as error:
            return self._render_service_request(
                {**post, **form, "request_key": request_key}, str(error)
            )
        return request.redirect(f"/my/work-orders/{order.id}?message=requested")

    def _read_request_photos(self):
        # One byte more than allowed is enough to refuse it, one photo more likewise.
        files = request.httprequest.files.getlist("photos")[: PHOTO_COUNT + 1]
        return [
            {"name": file.filename, "data": file.read(PHOTO_SIZE + 1)}
            for file in files
            if file.filename
        ]
