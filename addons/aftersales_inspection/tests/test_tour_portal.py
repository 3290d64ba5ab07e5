from odoo.tests import HttpCase, tagged

from .test_portal import InspectionPortalCommon


class TourPortalCommon(InspectionPortalCommon, HttpCase):
    """The customer's page walked in a browser, by the link in the mail."""

    def _walk(self):
        self.customer.name = "Wang Fang"
        order = self._create_inspected()
        self.start_tour(
            f"/my/work-orders/{order.id}?access_token={order._portal_ensure_token()}",
            "aftersales_inspection_portal",
        )
        fee, pads = order.job_ids
        self.assertEqual((fee.state, pads.state), ("approved", "declined"))
        self.assertEqual(pads.decline_reason, "Done elsewhere")
        finding = pads.finding_id
        self.assertEqual(finding.state, "declined")
        self.assertEqual(
            (finding.warning_method, finding.warned_name), ("portal", "Wang Fang")
        )
        self.assertIn("by link", finding.warning_note)
        self.assertTrue(order.approval_ids.filtered("signature"))


@tagged("post_install", "-at_install")
class TestTourPortalPhone(TourPortalCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_phone(self):
        self._walk()


@tagged("post_install", "-at_install")
class TestTourPortalDesk(TourPortalCommon):
    browser_size = "1400x900"

    def test_desk(self):
        self._walk()
