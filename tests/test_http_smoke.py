"""The server answers, and its client starts in a browser."""

from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestHttpSmoke(HttpCase):
    def test_login_page(self):
        page = self.url_open("/web/login")
        self.assertEqual(page.status_code, 200)
        self.assertIn('name="login"', page.text)

    def test_health(self):
        self.assertEqual(self.url_open("/web/health").json(), {"status": "pass"})

    def test_web_client(self):
        self.browser_js(
            "/odoo",
            "console.log('test successful')",
            "!!document.querySelector('.o_main_navbar')",
            login="admin",
        )
