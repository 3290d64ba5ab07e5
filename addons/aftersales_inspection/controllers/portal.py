from werkzeug.exceptions import NotFound

from odoo.http import request, route

from odoo.addons.aftersales.controllers.portal import AftersalesPortal


class InspectionPortal(AftersalesPortal):
    """Photos and sheets of the inspections that a work order's page shows."""

    def _get_portal_inspection(self, order, inspection_id):
        """Return an inspection the page of ``order`` shows, and none of another one."""
        inspection = order._get_portal_inspections().filtered(
            lambda inspection: inspection.id == inspection_id
        )
        if not inspection:
            raise NotFound()
        return inspection

    @route(
        "/my/work-orders/<int:order_id>/photo/<int:photo_id>/<any(thumb,large):size>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
    )
    def portal_work_order_photo(
        self, order_id, photo_id, size, access_token=None, **kwargs
    ):
        """Return a photo the page of the order shows; every other does not exist."""
        order, _elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        photo = order and order._get_portal_photos().filtered(
            lambda photo: photo.id == photo_id
        )
        if not photo:
            raise NotFound()
        return self._get_photo_response(photo, size)

    @route(
        "/my/work-orders/<int:order_id>/inspection/<int:inspection_id>",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
    )
    def portal_work_order_inspection(
        self, order_id, inspection_id, access_token=None, **kwargs
    ):
        order, elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        if not order:
            return elsewhere
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "work_order",
            "work_order": order,
            "inspection": self._get_portal_inspection(order, inspection_id),
            "token_query": self._get_token_query(access_token),
            "res_company": order.company_id,
        }
        return request.render("aftersales_inspection.portal_inspection", values)

    @route(
        "/my/work-orders/<int:order_id>/inspection/<int:inspection_id>/pdf",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def portal_work_order_inspection_pdf(
        self, order_id, inspection_id, access_token=None, download=False, **kwargs
    ):
        order, elsewhere = self._check_access(
            "aftersales.order", order_id, access_token
        )
        if not order:
            return elsewhere
        return self._show_report(
            model=self._get_portal_inspection(order, inspection_id),
            report_type="pdf",
            report_ref="aftersales_inspection.action_report_inspection",
            download=download,
        )
