import base64
import hashlib

from odoo.tests import HttpCase, new_test_user, tagged

from .app_common import pixel


@tagged("post_install", "-at_install")
class TestAppRoutes(HttpCase):
    """The routes as the phone calls them."""

    def _call(self, route, **params):
        return self.url_open(
            f"/aftersales/field/{route}", json={"jsonrpc": "2.0", "params": params}
        ).json()

    def test_logged_in(self):
        new_test_user(
            self.env, "field_route", groups="aftersales.aftersales_group_technician"
        )
        self.authenticate("field_route", "field_route")
        answer = self._call("pull", device="phone", now="2026-03-02T10:00:00Z")
        self.assertEqual(answer["result"]["visits"], [])
        self.assertTrue(answer["result"]["reference"]["products"] is not None)
        version = answer["result"]["reference_version"]
        answer = self._call(
            "sync",
            device="phone",
            operations=[{"id": "a", "kind": "travel", "visit_id": 10**8}],
            known={"100000000": "x"},
            known_reference=version,
        )["result"]
        self.assertEqual(answer["results"][0]["state"], "refused")
        self.assertEqual(answer["gone"][0]["id"], 10**8)
        self.assertFalse(answer["reference"])
        raw = base64.b64decode(pixel())
        answer = self._call(
            "photo",
            photo="a",
            visit_id=10**8,
            size=len(raw),
            sha256=hashlib.sha256(raw).hexdigest(),
            offset=0,
            data=pixel(),
        )["result"]
        self.assertTrue(answer["refused"])
        self.assertIn("not yours", answer["error"])

    def test_session_that_is_over(self):
        for route in ("pull", "sync", "photo"):
            answer = self._call(route)
            self.assertEqual(answer["error"]["code"], 100, "logged out")

    def test_batch_that_is_no_list(self):
        self.authenticate("admin", "admin")
        for operations in ({"id": "a"}, [{}] * 1000):
            answer = self._call("sync", operations=operations)
            self.assertIn("at most 200", answer["error"]["data"]["message"])
