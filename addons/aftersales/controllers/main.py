from odoo import http
from odoo.http import request


class AssetCode(http.Controller):
    """The door behind the QR label on an asset."""

    @http.route(
        "/aftersales/asset/<string:code>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
    )
    def asset_by_code(self, code, **kwargs):
        """Lead those who may see the asset to it, and tell nobody else anything.

        A code that is forged or withdrawn shows the same page, as not found.
        """
        asset = request.env["aftersales.asset"]._browse_code(code)
        if asset and asset.has_access("read"):
            if request.env.user._is_internal():
                return request.redirect(
                    f"/odoo/action-aftersales.asset_action/{asset.id}"
                )
            return request.redirect(f"/my/assets/{asset.id}")
        response = request.render("aftersales.portal_asset_code", {"code": code})
        response.status_code = 200 if asset else 404
        return response
