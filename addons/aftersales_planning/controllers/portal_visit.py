from datetime import date
from urllib.parse import urlencode

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.aftersales.controllers.portal import AftersalesPortal


class VisitPortal(AftersalesPortal):
    """The customer chooses the time of a visit, moves it, confirms or cancels it.

    The pages are plain forms: they work on any phone. Each step is a method of the
    order, which holds the rules and takes the same step twice as once. What is refused
    is always told, on the page that lets the customer go on.
    """

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
            "token_query": self._get_token_query(access_token),
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

    def _refuse(self, order, access_token, reason, page=""):
        """Lead to a page of the visit that says why a step was not taken."""
        request.session["aftersales_visit_error"] = reason
        return self._go_to_visit(order, access_token, page)

    def _take_step(self, order_id, access_token, step, *args, page="", message=None):
        """Take a step of a visit and show it; if refused, say why.

        :param str step: method of the order
        :param str page: the page that lets the customer try again
        :param str message: what the page of the visit says when it is done
        """
        order, elsewhere = self._get_visit(order_id, access_token)
        if not order:
            return elsewhere
        try:
            with request.env.cr.savepoint():
                getattr(order, step)(*args)
        except UserError as error:
            return self._refuse(order, access_token, str(error), page)
        done = {"message": message} if message else {}
        return self._go_to_visit(order, access_token, **done)

    def _choose_time(self, order_id, access_token, step, start, *args, message=None):
        """Take a step with the time a form sent; if refused, show what else is free."""
        return self._take_step(
            order_id,
            access_token,
            step,
            self._parse_start(start),
            *args,
            page="/times",
            message=message,
        )

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
        error = request.session.pop("aftersales_visit_error", None)
        if not order._can_choose_visit():
            reason = error or order._get_call_us_message()
            return self._refuse(order, access_token, reason)
        try:
            day = date.fromisoformat(day) if day else None
        except ValueError:
            day = None
        values = self._get_visit_values(
            order,
            access_token,
            **order._get_visit_days(day),
            error=error,
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
        if order.booking_state == "confirmed":
            return self._go_to_visit(order, access_token, "/move", start=start or "")
        return self._choose_time(order_id, access_token, "_hold_visit", start)

    @route(
        "/my/work-orders/<int:order_id>/visit/confirm",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_confirm(self, order_id, start=None, access_token=None, **kwargs):
        return self._choose_time(
            order_id,
            access_token,
            "_confirm_visit",
            start,
            self._get_partner(),
            message="booked",
        )

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
        if not order._can_change_visit():
            return self._refuse(order, access_token, order._get_call_us_message())
        if not start:
            reason = order._get_not_offered_message()
            return self._refuse(order, access_token, reason, "/times")
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
        return self._choose_time(
            order_id,
            access_token,
            "_move_visit",
            start,
            self._get_partner(),
            message="moved",
        )

    @route(
        "/my/work-orders/<int:order_id>/visit/cancel",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_cancel(self, order_id, reason=None, access_token=None, **kwargs):
        return self._take_step(
            order_id,
            access_token,
            "_cancel_visit",
            reason,
            self._get_partner(),
            message="cancelled",
        )

    @route(
        "/my/work-orders/<int:order_id>/visit/come",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_come(self, order_id, access_token=None, **kwargs):
        return self._take_step(
            order_id,
            access_token,
            "_say_visit_stands",
            self._get_partner(),
            message="come",
        )

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
            return self._go_to_visit(order, access_token)
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
