from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import request

# The address is the key: neither caches, search engines nor other pages get it.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
OPTIONS = {"type": "http", "auth": "public", "sitemap": False, "save_session": False}


class VisitTracking(http.Controller):
    """The customer's page of a visit: for whoever has its link, without a login.

    Plain forms, so that it works on any phone. The signed address stands for the right
    to what it shows, so that no other page can send one of these forms.
    """

    def _get_visit(self, code):
        visit = request.env["aftersales.visit"]._browse_tracking(code)
        if not visit:
            return visit
        contact = visit.order_id._get_visit_contact()
        if request.env.user._is_public() and contact.lang:
            request.update_context(lang=contact.lang)
        lang = request.env.context.get("lang")
        return visit.with_company(visit.company_id).with_context(lang=lang)

    def _render(self, template, values, status=200):
        response = request.render(f"aftersales_field.{template}", values)
        response.status_code = status
        response.headers.update(HEADERS)
        return response

    def _show(self, visit, code, **values):
        values = {"offers": None, "error": "", "message": "", **values}
        return self._render(
            "tracking_page", {"code": code, "visit": visit._get_tracking(), **values}
        )

    def _take_step(self, code, step, argument, message):
        """Take a step for the customer and show the visit; if refused, say why."""
        visit = self._get_visit(code)
        if not visit:
            return self._render("tracking_gone", {}, 404)
        try:
            with request.env.cr.savepoint():
                getattr(visit, step)(argument)
        except UserError as error:
            offers = visit._get_offers() if visit._can_customer_change() else None
            return self._show(visit, code, error=str(error), offers=offers)
        return self._show(visit, code, message=message)

    @http.route(
        "/aftersales/visit/<string:code>", methods=["GET"], readonly=True, **OPTIONS
    )
    def visit(self, code, **kwargs):
        """Show the visit. A link that ended or was withdrawn tells nothing."""
        visit = self._get_visit(code)
        if not visit:
            return self._render("tracking_gone", {}, 404)
        return self._show(visit, code)

    @http.route("/aftersales/visit/<string:code>/times", methods=["GET"], **OPTIONS)
    def visit_times(self, code, **kwargs):
        """Show the other times to choose from."""
        visit = self._get_visit(code)
        if not visit:
            return self._render("tracking_gone", {}, 404)
        if not visit._can_customer_change():
            return self._show(visit, code)
        return self._show(visit, code, offers=visit._get_offers())

    @http.route(
        "/aftersales/visit/<string:code>/move", methods=["POST"], csrf=False, **OPTIONS
    )
    def visit_move(self, code, start=None, **kwargs):
        try:
            start = fields.Datetime.to_datetime(start)
        except (TypeError, ValueError):
            start = None
        done = request.env._("Your visit was moved.")
        return self._take_step(code, "_move_by_customer", start, done)

    @http.route(
        "/aftersales/visit/<string:code>/cancel",
        methods=["POST"],
        csrf=False,
        **OPTIONS,
    )
    def visit_cancel(self, code, reason=None, **kwargs):
        done = request.env._("Your visit was called off. We will call you.")
        return self._take_step(code, "_cancel_by_customer", reason, done)
