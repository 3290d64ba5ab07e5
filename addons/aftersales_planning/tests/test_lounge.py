from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .test_board import BoardCommon

KEYS = {"label", "step", "text", "ready"}
LIVE = """
(async () => {
    const lounge = document.getElementById("lounge");
    const until = async (test) => {
        for (let i = 0; i < 80 && !test(); i++) {
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        if (!test()) {
            throw new Error(`Not so: ${test}: ${lounge.textContent}`);
        }
    };
    await until(() => lounge.dataset.live);
    await until(() => lounge.textContent.includes("Received"));
    // Past the look that follows the connection.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await fetch("/web/dataset/call_kw/aftersales.order/action_start", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
            jsonrpc: "2.0",
            params: {
                model: "aftersales.order",
                method: "action_start",
                args: [[ORDER_ID]],
                kwargs: {},
            },
        }),
    });
    await until(() => lounge.textContent.includes("In work"));
    console.log("test successful");
})();
"""


@tagged("post_install", "-at_install")
class TestLounge(BoardCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.order = self._create_approved()
        self.order.action_arrive()

    def _get(self, code=None, part=""):
        code = code or self.lounge._get_code()
        return self.url_open(f"/aftersales/lounge/{code}{part}")

    def test_page(self):
        page = self._get()
        self.assertEqual(page.status_code, 200)
        self.assertIn("3456", page.text)
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertIn("noindex", page.headers["X-Robots-Tag"])

    def test_tells_nothing_else(self):
        """Neither names, numbers, times nor ids are in what the public gets."""
        promised = fields.Datetime.now() + timedelta(days=1)
        self.order.write({"complaint": "Smells of fish", "date_promised": promised})
        answer = self._get(part="/data")
        payload = answer.json()
        self.assertEqual(payload.keys(), {"title", "time", "cars"})
        self.assertEqual([car.keys() for car in payload["cars"]], [KEYS])
        self.assertEqual(
            payload["cars"],
            [
                {
                    "label": "3456",
                    "step": 1,
                    "text": "Received",
                    "ready": False,
                }
            ],
        )
        order = self.order
        for secret in (
            order.name,
            order.partner_id.name,
            order.asset_id.name,
            order.asset_id.serial,
            order.complaint,
            self.company.name,
        ):
            self.assertNotIn(secret, answer.text)
            self.assertNotIn(secret, self._get().text)

    def test_promise_if_the_board_shows_it(self):
        self.lounge.shows_promise = True
        self.order.date_promised = fields.Datetime.now() + timedelta(minutes=1)
        [car] = self._get(part="/data").json()["cars"]
        self.assertEqual(car.keys(), KEYS | {"promise"})
        self.assertRegex(car["promise"], r"\d+:\d\d")
        self.order.date_promised = fields.Datetime.now() - timedelta(minutes=1)
        [car] = self._get(part="/data").json()["cars"]
        self.assertFalse(car["promise"], "a broken promise is not put on a wall")
        self._finish_order(self.order, invoice=False)
        [car] = self._get(part="/data").json()["cars"]
        self.assertFalse(car["promise"])

    def test_stages_in_words(self):
        self.order.action_start()
        [car] = self._get(part="/data").json()["cars"]
        self.assertEqual((car["text"], car["step"]), ("In work", 2))
        self._add_job(self.order, [(self.labour, 1)])
        self.order.action_estimate()
        [car] = self._get(part="/data").json()["cars"]
        self.assertEqual(car["text"], "We have a question for you")
        self.order.action_approve()
        self.order.action_complete()
        [car] = self._get(part="/data").json()["cars"]
        self.assertEqual((car["text"], car["ready"]), ("Final check", False))
        self.order.action_pass_quality()
        [car] = self._get(part="/data").json()["cars"]
        self.assertEqual((car["text"], car["ready"]), ("Ready", True))
        self.order.action_deliver()
        self.assertFalse(self._get(part="/data").json()["cars"])

    def test_ready_first_and_not_for_ever(self):
        waiting = self._create_approved()
        waiting.action_arrive()
        waiting.date_promised = fields.Datetime.now() - timedelta(days=1)
        self._finish_order(self.order, invoice=False)
        cars = self._get(part="/data").json()["cars"]
        self.assertEqual([car["ready"] for car in cars], [True, False])
        self.order.date_completed -= timedelta(days=2)
        cars = self._get(part="/data").json()["cars"]
        self.assertEqual([car["ready"] for car in cars], [False])

    def test_tail_of_short_serials(self):
        asset = self.asset
        for serial, tail in (
            ("浙A 12345", "345"),
            ("沪AD-12345", "2345"),
            ("B-MW 7", "MW7"),
            ("M-1", "1"),
            ("7", ""),
            (False, ""),
        ):
            asset.serial = serial
            self.assertEqual(asset._get_lounge_label(), tail)
        self.assertEqual(self.order._get_lounge_label(), self.order.name[-3:])

    def test_language_and_time_zone(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.lounge.write({"lang": "fr_FR", "tz": "Asia/Shanghai"})
        page = self._get()
        self.assertIn('lang="fr-FR"', page.text)
        self.assertIn('data-tz="Asia/Shanghai"', page.text)

    def test_bad_code(self):
        code = self.lounge._get_code()
        for bad in ("nonsense", "1-2-3", code[:-1], code + "0", f"9{code}"):
            page = self._get(bad)
            self.assertEqual(page.status_code, 404)
            self.assertIn("ask at the desk", page.text)
            self.assertEqual(self._get(bad, "/data").status_code, 404)

    def test_withdrawn_expired_archived(self):
        old = self.lounge._get_code()
        self.lounge.with_user(self.manager).action_withdraw_code()
        self.assertEqual(self._get(old).status_code, 404)
        self.assertEqual(self._get().status_code, 200)
        self.assertIn(self.lounge._get_code(), self.lounge.url)
        self.lounge.expiry = fields.Datetime.now() - timedelta(seconds=1)
        self.assertEqual(self._get().status_code, 404)
        self.lounge.expiry = fields.Datetime.now() + timedelta(hours=1)
        self.assertEqual(self._get().status_code, 200)
        self.lounge.active = False
        self.assertEqual(self._get(part="/data").status_code, 404)

    def test_words_fit_whatever_is_repaired(self):
        self.order.action_cancel()
        for page in (self._get().text, self._get("nonsense").text):
            self.assertNotRegex(page, r"(?i)your car|no car|vehicle|number plate")

    def test_open_and_copy_the_link(self):
        """Opened on this host, whatever address Odoo believes to have."""
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("web.base.url", "https://elsewhere.example.com")
        lounge = self.lounge.with_user(self.manager)
        action = lounge.action_open()
        self.assertEqual(action["url"], f"/aftersales/lounge/{lounge._get_code()}")
        self.assertEqual(self.url_open(action["url"]).status_code, 200)
        arch = self.env["aftersales.board"].get_view(view_type="list")["arch"]
        self.assertRegex(arch, r'name="url"[^>]*optional="show"')

    def test_shop_board_has_no_page(self):
        self.assertFalse(self.board.url)
        self.assertEqual(self._get(self.board._get_code()).status_code, 404)

    def test_no_session(self):
        for part in ("", "/data"):
            self.opener.cookies.clear()
            self.assertNotIn("Set-Cookie", self._get(part=part).headers)

    def test_two_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.env["aftersales.board"].create(
            {
                "name": "Theirs",
                "kind": "lounge",
                "company_id": other.id,
                "lang": "en_US",
                "tz": "UTC",
            }
        )
        self.assertFalse(self._get(theirs._get_code(), "/data").json()["cars"])

    def test_cheap(self):
        code = self.lounge._get_code()
        for _time in range(2):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.lounge._get_lounge_payload()
            statements = self.env.cr.sql_log_count - before
        self.assertLess(statements, 10)
        self.env.invalidate_all()
        with self.assertQueryCount(0):
            self.env["aftersales.board"]._browse_lounge(code[:-1] + "x")

    def test_changes_by_itself(self):
        """Somebody else starts the work; the page, left alone, shows it."""
        # Asking by itself would come much later than this waits.
        self.browser_js(
            f"/aftersales/lounge/{self.lounge._get_code()}",
            LIVE.replace("ORDER_ID", str(self.order.id)),
            "!!document.querySelector('#lounge .car')",
            login=self.advisor.login,
        )
