from werkzeug.exceptions import NotFound

from odoo.http import request, route

from odoo.addons.aftersales.controllers.portal import AftersalesPortal


class ReturnPortal(AftersalesPortal):
    """The customer's returns: how each thing gets on, and the papers for it."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "return_count" in counters:
            values["return_count"] = self._count_readable(
                request.env["aftersales.return"], self._get_return_domain()
            )
        return values

    def _get_return_domain(self):
        return request.env["aftersales.return"]._get_portal_domain(
            request.env.user.partner_id
        )

    @route(
        ["/my/returns", "/my/returns/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_returns(self, page=1, filterby=None, **kwargs):
        filters = self._get_open_filters(("done", "refused", "cancel"))
        filterby = filterby if filterby in filters else "all"
        returns, pager_values = self._get_page_records(
            "aftersales.return",
            self._get_return_domain() & filters[filterby]["domain"],
            "id desc",
            page,
            "/my/returns",
            filterby=filterby,
        )
        values = {
            **self._prepare_portal_layout_values(),
            "returns": returns,
            "page_name": "return",
            "pager": pager_values,
            "default_url": "/my/returns",
            "searchbar_filters": filters,
            "filterby": filterby,
        }
        return request.render("aftersales_return.portal_my_returns", values)

    @route(
        "/my/returns/<int:return_id>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
    )
    def portal_return(self, return_id, access_token=None, message=None, **kwargs):
        rma, elsewhere = self._check_access(
            "aftersales.return", return_id, access_token
        )
        if not rma:
            return elsewhere
        values = {
            "page_name": "return",
            "rma": rma,
            "token_query": self._get_token_query(access_token),
            "message": message,
            "backend_url": f"/odoo/action-aftersales_return.return_action/{rma.id}",
            "res_company": rma.company_id,
        }
        values = self._get_page_view_values(
            rma, access_token, values, "my_returns_history", False, **kwargs
        )
        return request.render("aftersales_return.portal_return", values)

    def _get_shown(self, return_id, access_token, records, record_id):
        """Return ``(return, one of its records)`` that its page shows.

        An id of somebody else's is not found, whoever asks with whatever token.

        :param records: method of the return that tells which records it shows
        """
        rma, _elsewhere = self._check_access(
            "aftersales.return", return_id, access_token
        )
        shown = rma and getattr(rma, records)().filtered(
            lambda record: record.id == record_id
        )
        if not shown:
            raise NotFound()
        return rma, shown

    @route(
        "/my/returns/<int:return_id>/report/<string:kind>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def portal_return_report(
        self, return_id, kind, access_token=None, download=False, **kwargs
    ):
        rma, elsewhere = self._check_access(
            "aftersales.return", return_id, access_token
        )
        if not rma:
            return elsewhere
        report = rma._get_portal_reports().get(kind)
        if not report:
            raise NotFound()
        return self._show_report(
            model=rma, report_type="pdf", report_ref=report, download=download
        )

    @route(
        "/my/returns/<int:return_id>/credit-note/<int:invoice_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def portal_return_invoice(self, return_id, invoice_id, access_token=None, **kwargs):
        """Lead to a credit note of this return, with its own token."""
        rma, invoice = self._get_shown(
            return_id, access_token, "_get_portal_invoices", invoice_id
        )
        has_account = rma.with_user(request.env.user).has_access("read")
        return request.redirect(rma._get_portal_invoice_url(invoice, has_account))

    @route(
        "/my/returns/<int:return_id>/delivery/<int:picking_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def portal_return_delivery(
        self, return_id, picking_id, access_token=None, download=False, **kwargs
    ):
        _rma, picking = self._get_shown(
            return_id, access_token, "_get_portal_pickings", picking_id
        )
        # As superuser, since the paper was found to be the customer's own.
        report = (
            request.env["ir.actions.report"].sudo().with_company(picking.company_id)
        )
        content, _type = report._render_qweb_pdf(
            "stock.action_report_delivery", picking.ids
        )
        disposition = "attachment" if download else "inline"
        name = picking.name.replace("/", "-")
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                ("Content-Disposition", f"{disposition}; filename={name}.pdf"),
            ],
        )

    @route(
        "/my/returns/<int:return_id>/photo/<int:photo_id>/<any(thumb,large):size>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
    )
    def portal_return_photo(
        self, return_id, photo_id, size, access_token=None, **kwargs
    ):
        _rma, photo = self._get_shown(
            return_id, access_token, "_get_portal_photos", photo_id
        )
        return self._get_photo_response(photo, size)
