from odoo import http
from odoo.http import request

from odoo.addons.aftersales.controllers.main import AssetCode


class FieldCode(AssetCode):
    """The doors behind the labels on assets and bins (N9).

    Who may see nothing gets the same page for every code: whether it is somebody's, and
    of which company, is not told.
    """

    @http.route()
    def asset_by_code(self, code, **kwargs):
        """Lead engineers to their visit and storekeepers to the parts."""
        asset = request.env["aftersales.asset"]._browse_code(code)
        door = asset and asset._get_code_door(request.env.user)
        if door:
            return request.redirect(door)
        return super().asset_by_code(code, **kwargs)

    @http.route(
        "/aftersales/bin/<string:code>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
    )
    def bin_by_code(self, code, **kwargs):
        """Lead storekeepers to what lies in a bin, and tell nobody else anything.

        A code that is forged or withdrawn shows the same page, as not found.
        """
        location = request.env["stock.location"]._browse_code(code)
        door = location and location._get_code_door(request.env.user)
        if door:
            return request.redirect(door)
        response = request.render("aftersales_field.portal_bin_code", {"code": code})
        response.status_code = 200 if location else 404
        return response
