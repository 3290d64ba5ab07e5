import secrets
from urllib.parse import urlencode

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

COMPLAINT_LENGTH = 5000
# Pixels of the longer side: in a row on a phone's sharp screen, and opened.
PHOTO_SIZES = {"thumb": 320, "large": 1600}


class AftersalesPortal(CustomerPortal):
    """The customer's pages: own work orders, own assets, and answers to estimates."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        Order = request.env["aftersales.order"]
        Asset = request.env["aftersales.asset"]
        waiting = self._get_work_order_domain() & Order._get_portal_waiting_domain()
        for counter, model, domain in (
            ("work_order_count", Order, self._get_work_order_domain()),
            ("work_order_waiting_count", Order, waiting),
            ("asset_count", Asset, self._get_asset_domain()),
        ):
            if counter in counters:
                values[counter] = self._count_readable(model, domain)
        return values

    def _count_readable(self, model, domain):
        """Return how many records a tile counts: none for those without the right."""
        return model.search_count(domain) if model.has_access("read") else 0

    def _get_work_order_domain(self):
        return request.env["aftersales.order"]._get_portal_domain(
            request.env.user.partner_id
        )

    def _get_asset_domain(self):
        return request.env["aftersales.asset"]._get_portal_domain(
            request.env.user.partner_id
        )

    def _get_page_records(self, model, domain, order, page, url, **url_args):
        """Return one page of what the user may read, as superuser, and its pager."""
        Model = request.env[model]
        readable = Model.has_access("read")
        pager_values = pager(
            url=url,
            total=Model.search_count(domain) if readable else 0,
            page=page,
            step=self._items_per_page,
            url_args=url_args,
        )
        records = Model
        if readable:
            records = Model.search(
                domain,
                order=order,
                limit=self._items_per_page,
                offset=pager_values["offset"],
            )
        return records.sudo(), pager_values

    def _get_open_filters(self, closed_states):
        """Return the filters of a list: all, open and closed ones by their states."""
        closed = Domain("state", "in", closed_states)
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "open": {"label": request.env._("Open"), "domain": ~closed},
            "closed": {"label": request.env._("Closed"), "domain": closed},
        }

    def _get_token_query(self, access_token):
        """Return what the links of a page carry on for a visitor without a login."""
        return f"?{urlencode({'access_token': access_token})}" if access_token else ""

    def _get_photo_response(self, photo, size):
        """Return a photo that its page shows, in one of ``PHOTO_SIZES``.

        Browsers keep it for themselves and ask each time whether they still may.
        """
        side = PHOTO_SIZES[size]
        stream = request.env["ir.binary"]._get_image_stream_from(
            photo, width=side, height=side, quality=85
        )
        stream.public = False
        return stream.get_response()

    def _check_access(self, model, record_id, access_token=None):
        """Return ``(record as superuser, None)`` or ``(None, a redirect)``."""
        try:
            return self._document_check_access(model, record_id, access_token), None
        except (AccessError, MissingError):
            if request.env.user._is_public():
                # After the login they come back here.
                query = urlencode({"redirect": request.httprequest.path})
                return None, request.redirect(f"/web/login?{query}")
            return None, request.redirect("/my")

    def _get_partner(self):
        """Return who is logged in; nobody for a visitor with a link."""
        user = request.env.user
        return user.partner_id.browse() if user._is_public() else user.partner_id

    def _get_device(self):
        """Return what is known about where an answer came from."""
        user = request.env.user
        http_request = request.httprequest
        return " · ".join(
            (
                request.env._("by link") if user._is_public() else user.login,
                http_request.remote_addr or "",
                (http_request.user_agent.string or "")[:300],
            )
        )

    # Work orders

    @route(
        ["/my/work-orders", "/my/work-orders/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_work_orders(self, page=1, sortby=None, filterby=None, **kwargs):
        Order = request.env["aftersales.order"]
        sortings = {
            "date": {
                "label": request.env._("Newest"),
                "order": "create_date desc, id desc",
            },
            "promise": {
                "label": request.env._("Promised"),
                "order": "date_promised, id",
            },
            "name": {"label": request.env._("Number"), "order": "name desc"},
        }
        filters = self._get_open_filters(("done", "cancel"))
        waiting = {
            "label": request.env._("Waiting for me"),
            "domain": Order._get_portal_waiting_domain(),
        }
        filters = {"all": filters.pop("all"), "waiting": waiting, **filters}
        sortby = sortby if sortby in sortings else "date"
        filterby = filterby if filterby in filters else "all"
        orders, pager_values = self._get_page_records(
            "aftersales.order",
            self._get_work_order_domain() & filters[filterby]["domain"],
            sortings[sortby]["order"],
            page,
            "/my/work-orders",
            sortby=sortby,
            filterby=filterby,
        )
        values = {
            **self._prepare_portal_layout_values(),
            "orders": orders,
            "page_name": "work_order",
            "pager": pager_values,
            "default_url": "/my/work-orders",
            "searchbar_sortings": sortings,
            "sortby": sortby,
            "searchbar_filters": filters,
            "filterby": filterby,
        }
        return request.render("aftersales.portal_my_work_orders", values)

    @route(
        "/my/work-orders/<int:order_id>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
    )
    def portal_work_order(self, order_id, access_token=None, message=None, **kwargs):
        order, elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        if not order:
            return elsewhere
        values = {
            "page_name": "work_order",
            "work_order": order,
            "token_query": self._get_token_query(access_token),
            "message": message,
            "answer_props": {
                "callUrl": f"/my/work-orders/{order.id}/answer",
                "accessToken": access_token or "",
                "defaultName": (
                    self._get_partner() or order.contact_id or order.partner_id
                ).name,
            },
            "backend_url": f"/odoo/action-aftersales.order_action/{order.id}",
            "res_company": order.company_id,
        }
        values = self._get_page_view_values(
            order, access_token, values, "my_work_orders_history", False, **kwargs
        )
        return request.render("aftersales.portal_work_order", values)

    @route(
        "/my/work-orders/<int:order_id>/answer",
        type="jsonrpc",
        auth="public",
        website=True,
    )
    def portal_work_order_answer(
        self, order_id, answers, access_token=None, name=None, signature=None
    ):
        """Record yes and no for each job; the rules are those of the order."""
        order, _elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        if not order:
            return {
                "error": request.env._(
                    "This link is not valid any more. Ask us for another."
                )
            }
        try:
            with request.env.cr.savepoint():
                order.with_company(order.company_id)._answer_on_portal(
                    [answer for answer in answers or [] if isinstance(answer, dict)],
                    signer=(name or "").strip()[:100],
                    signature=signature,
                    device=self._get_device(),
                    partner=self._get_partner(),
                )
        except UserError as error:
            return {"error": str(error)}
        query = {"message": "answered"}
        if access_token:
            query["access_token"] = access_token
        return {"redirect_url": f"{order.access_url}?{urlencode(query)}"}

    @route(
        "/my/work-orders/<int:order_id>/old-parts",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_work_order_old_parts(
        self, order_id, choice=None, access_token=None, **kwargs
    ):
        order, elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        if not order:
            return elsewhere
        query = {"message": "old_parts"}
        try:
            order.with_company(order.company_id)._choose_old_parts(
                choice, self._get_partner()
            )
        except UserError:
            query = {"message": "old_parts_closed"}
        if access_token:
            query["access_token"] = access_token
        return request.redirect(f"{order.access_url}?{urlencode(query)}#old_parts")

    @route(
        "/my/work-orders/<int:order_id>/report/<string:kind>",
        type="http",
        auth="public",
        website=True,
    )
    def portal_work_order_report(
        self, order_id, kind, access_token=None, download=False, **kwargs
    ):
        order, elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        if not order:
            return elsewhere
        report = order._get_portal_reports().get(kind)
        if not report:
            raise request.not_found()
        return self._show_report(
            model=order, report_type="pdf", report_ref=report, download=download
        )

    @route(
        [
            "/my/work-orders/<int:order_id>/quotation/<int:sale_id>",
            "/my/work-orders/<int:order_id>/invoice/<int:invoice_id>",
        ],
        type="http",
        auth="public",
        website=True,
    )
    def portal_work_order_document(
        self, order_id, sale_id=None, invoice_id=None, access_token=None, **kwargs
    ):
        """Lead to a quotation or invoice of this order, with its own token."""
        order, elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        if not order:
            return elsewhere
        documents = (
            order._get_portal_sale_orders() if sale_id else order._get_portal_invoices()
        )
        document = documents.filtered(
            lambda document: document.id in (sale_id, invoice_id)
        )
        if not document:
            raise request.not_found()
        has_account = order.with_user(request.env.user).has_access("read")
        return request.redirect(order._get_portal_document_url(document, has_account))

    # Assets

    @route(
        ["/my/assets", "/my/assets/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_assets(self, page=1, **kwargs):
        assets, pager_values = self._get_page_records(
            "aftersales.asset", self._get_asset_domain(), "name, id", page, "/my/assets"
        )
        values = {
            **self._prepare_portal_layout_values(),
            "assets": assets,
            "page_name": "asset",
            "pager": pager_values,
            "default_url": "/my/assets",
        }
        return request.render("aftersales.portal_my_assets", values)

    @route(
        "/my/assets/<int:asset_id>",
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_asset(self, asset_id, **kwargs):
        asset, elsewhere = self._check_access("aftersales.asset", asset_id)
        if not asset:
            return elsewhere
        return self._render_asset(asset)

    def _render_asset(self, asset, error=None, complaint=None, request_key=None):
        # Only the own orders: the asset may have had another owner before.
        orders = request.env["aftersales.order"].search(
            self._get_work_order_domain() & Domain("asset_id", "=", asset.id),
            order="create_date desc, id desc",
        )
        values = {
            **self._prepare_portal_layout_values(),
            "asset": asset,
            "orders": orders.sudo(),
            "page_name": "asset",
            "error": error,
            "complaint": complaint,
            "request_key": request_key or secrets.token_hex(16),
            "backend_url": f"/odoo/action-aftersales.asset_action/{asset.id}",
            "res_company": asset.company_id,
        }
        return request.render("aftersales.portal_asset", values)

    @route(
        "/my/assets/<int:asset_id>/request",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_asset_request(
        self, asset_id, complaint=None, request_key=None, **kwargs
    ):
        """Open a work order; the same form posted again leads to the same order."""
        asset, elsewhere = self._check_access("aftersales.asset", asset_id)
        if not asset:
            return elsewhere
        try:
            order = asset.with_user(SUPERUSER_ID)._request_service(
                (complaint or "")[:COMPLAINT_LENGTH],
                request.env.user.partner_id,
                (request_key or "")[:64],
            )
        except UserError as error:
            return self._render_asset(asset, str(error), complaint, request_key)
        return request.redirect(f"/my/work-orders/{order.id}?message=requested")
