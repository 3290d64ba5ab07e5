from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import FieldCommon


@tagged("post_install", "-at_install")
class TestTrackingPage(FieldCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = fields.Date.add(fields.Date.today(), days=2)
        while cls.day.weekday() > 3:
            cls.day = fields.Date.add(cls.day, days=1)

    def _get_page(self, code, path="", **data):
        return self.url_open(f"/aftersales/visit/{code}{path}", data=data or None)

    def test_customer_follows_moves_and_calls_off(self):
        visit = self._create_visit(2, f"{self.day} 09:00", site=self.site_mitte)
        code = visit._get_code()
        page = self._get_page(code)
        self.assertEqual(page.status_code, 200)
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertIn("Anna", page.text)
        for private in ("Wang Fang", visit.name, visit.order_id.name, "Squeals"):
            self.assertNotIn(private, page.text)
        page = self._get_page(code, "/times")
        self.assertIn("Choose another time", page.text)
        start = visit._get_offers()[0]["start"]
        page = self._get_page(code, "/move", start=fields.Datetime.to_string(start))
        self.assertIn("Your visit was moved", page.text)
        self.assertEqual(visit.start, start)
        page = self._get_page(code, "/move", start="rubbish")
        self.assertIn("choose another one", page.text)
        page = self._get_page(code, "/cancel", reason="Away")
        self.assertIn("called off", page.text)
        self.assertEqual(visit.state, "cancel")

    def test_link_that_ended_tells_nothing(self):
        visit = self._create_visit(2, f"{self.day} 09:00")
        code = visit._get_code()
        visit.action_withdraw_code()
        for path in ("", "/times"):
            page = self._get_page(code, path)
            self.assertEqual(page.status_code, 404)
            self.assertNotIn("Anna", page.text)
        page = self._get_page(code, "/cancel", reason="x")
        self.assertEqual(page.status_code, 404)
        self.assertEqual(visit.state, "planned")
        self.assertEqual(self._get_page("1-a-b").status_code, 404)
