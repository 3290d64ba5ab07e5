from odoo import http
from odoo.http import request

from odoo.addons.bus.websocket import WebsocketConnectionHandler

# The address is the key: neither caches, search engines nor other pages get it.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


class Lounge(http.Controller):
    """The lounge board: a page for whoever has its link, without login or session."""

    @http.route(
        "/aftersales/lounge/<string:code>",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
        sitemap=False,
    )
    def lounge(self, code, **kwargs):
        """Show the board. A link that does not work says what to do."""
        board = request.env["aftersales.board"]._browse_lounge(code)
        if not board:
            response = request.render("aftersales_planning.lounge_gone")
            response.status_code = 404
        else:
            request.update_context(lang=board.lang)
            response = request.render(
                "aftersales_planning.lounge_page",
                {
                    "board": board.with_context(lang=board.lang),
                    "code": code,
                    "payload": board._get_lounge_payload(),
                    "words": board._get_lounge_words(),
                    "websocket_version": WebsocketConnectionHandler._VERSION,
                },
            )
        response.headers.update(HEADERS)
        return response

    @http.route(
        "/aftersales/lounge/<string:code>/data",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
        sitemap=False,
    )
    def lounge_data(self, code, **kwargs):
        """Return what the page shows now, or 404 once the link stopped to work."""
        board = request.env["aftersales.board"]._browse_lounge(code)
        if not board:
            return request.make_json_response({}, headers=HEADERS, status=404)
        return request.make_json_response(board._get_lounge_payload(), headers=HEADERS)
