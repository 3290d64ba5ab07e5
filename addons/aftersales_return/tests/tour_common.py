from odoo.tests import HttpCase


class TourCase(HttpCase):
    """Somebody walks in a browser, from the home screen, with no rights but his own."""

    def _walk(self, tour, user):
        self.start_tour(
            "/odoo", f"aftersales_return_{tour}", login=user.login, timeout=180
        )
        self.env.invalidate_all()
