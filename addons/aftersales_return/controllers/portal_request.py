import secrets

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.aftersales.controllers.portal import AftersalesPortal

from ..models.rma_request import FILE_COUNT, FILE_SIZE


class ReturnRequestPortal(AftersalesPortal):
    """The form by which customers ask for a return.

    It works without scripts. What may be asked for is told by the return, which weighs
    it again when the form arrives.
    """

    @route(
        "/my/returns/new",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
        sitemap=False,
    )
    def portal_return_new(self, search=None, **kwargs):
        return self._render_request(search=search)

    def _render_request(self, search=None, error=None, filled=None, **values):
        """Show what may come back; after a refusal with what was filled in.

        :param filled: what was posted
        """
        Return = request.env["aftersales.return"]
        company = request.env.company
        partner = request.env.user.partner_id
        items, has_more = Return._get_portal_offer(partner, company, search)
        filled = filled or {}
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "return",
            "is_request": True,
            "items": items,
            "has_more": has_more,
            "search": search or "",
            "reasons": Return.sudo()._get_portal_reasons(company),
            "request_key": filled.get("request_key") or secrets.token_hex(16),
            "filled": filled,
            "error": error,
            "file_count": FILE_COUNT,
            "file_size": FILE_SIZE // 1_000_000,
            "res_company": company,
        }
        return request.render("aftersales_return.portal_return_new", values)

    @route(
        "/my/returns/new",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_return_send(self, description=None, request_key=None, **post):
        """Make the return; the same form posted again leads to the same one."""
        try:
            with request.env.cr.savepoint():
                rma = request.env["aftersales.return"].create_portal_request(
                    self._read_lines(post),
                    request_key,
                    description=description,
                    photos=self._read_uploads("photos"),
                    proofs=self._read_uploads("proofs"),
                )
        except UserError as error:
            filled = {
                **post,
                "description": description or "",
                "request_key": request_key,
                "chosen": request.httprequest.form.getlist("item"),
            }
            return self._render_request(post.get("search"), str(error), filled)
        return request.redirect(f"/my/returns/{rma.id}?message=requested")

    def _read_lines(self, post):
        return [
            {
                "key": key,
                **{
                    name: post.get(f"{name}_{key}")
                    for name in ("quantity", "operation_id", "reason_id", "note")
                },
            }
            for key in request.httprequest.form.getlist("item")
        ]

    def _read_uploads(self, name):
        # One byte more than allowed is enough to refuse it, one file more likewise.
        return [
            {"name": file.filename, "data": file.read(FILE_SIZE + 1)}
            for file in request.httprequest.files.getlist(name)[: FILE_COUNT + 1]
            if file.filename
        ]
