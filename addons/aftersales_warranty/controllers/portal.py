from werkzeug.exceptions import NotFound

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.aftersales.controllers.portal import AftersalesPortal

from ..models.registration_portal import PAPER_SIZE


class WarrantyPortal(AftersalesPortal):
    """The holder's guarantees: papers sent in, certificates taken out."""

    def _get_registration(self, asset, registration_id):
        """Return a guarantee the page of ``asset`` shows, and none of another one."""
        registration = asset._get_portal_registrations().filtered(
            lambda registration: registration.id == registration_id
        )
        if not registration:
            raise NotFound()
        return registration

    @route(
        "/my/assets/<int:asset_id>/guarantees/<int:registration_id>/paper",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_guarantee_paper(self, asset_id, registration_id, paper=None, **kwargs):
        """Take in a proof of purchase; the same one posted again is kept once."""
        asset, elsewhere = self._check_access("aftersales.asset", asset_id)
        if not asset:
            return elsewhere
        registration = self._get_registration(asset, registration_id)
        # One byte more than allowed is enough to refuse it.
        content = paper.read(PAPER_SIZE + 1) if hasattr(paper, "read") else b""
        try:
            with request.env.cr.savepoint():
                registration.with_user(SUPERUSER_ID)._receive_paper(
                    getattr(paper, "filename", ""),
                    content,
                    request.env.user.partner_id,
                )
        except UserError as error:
            response = self._render_asset(asset)
            response.qcontext.update(paper_error=str(error), refused=registration)
            return response
        return request.redirect(f"/my/assets/{asset.id}?message=paper#guarantees")

    @route(
        "/my/assets/<int:asset_id>/guarantees/<int:registration_id>/certificate",
        type="http",
        auth="user",
        website=True,
    )
    def portal_guarantee_certificate(
        self, asset_id, registration_id, download=False, **kwargs
    ):
        asset, elsewhere = self._check_access("aftersales.asset", asset_id)
        if not asset:
            return elsewhere
        return self._show_report(
            model=self._get_registration(asset, registration_id),
            report_type="pdf",
            report_ref="aftersales_warranty.action_report_certificate",
            download=download,
        )
