from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .test_portal_request import PortalRequestCommon


@tagged("post_install", "-at_install")
class TestCodeDoors(PortalRequestCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bin = cls.env["stock.location"].create(
            {
                "name": "A-01-02",
                "location_id": cls.warehouse.lot_stock_id.id,
                "company_id": cls.company.id,
            }
        )

    def _open(self, record, user=None):
        """Return ``(status, where to)`` of the label's address."""
        login = user.login if user else None
        self.authenticate(login, login)
        url = record._get_code_url().partition("/aftersales/")[2]
        answer = self.url_open(f"/aftersales/{url}", allow_redirects=False)
        self.text = answer.text
        location = answer.headers.get("Location", "")
        return answer.status_code, location.replace(self.base_url(), "")

    def test_door_of_each_role(self):
        for user, target in (
            (self.portal_user, f"/my/assets/{self.asset.id}"),
            (self.advisor, f"/odoo/action-aftersales.asset_action/{self.asset.id}"),
            (self.technician, f"/odoo/action-aftersales.asset_action/{self.asset.id}"),
            (
                self.storekeeper,
                f"/odoo/action-aftersales_field.asset_store_action/{self.asset.id}",
            ),
        ):
            with self.subTest(user.login):
                self.assertEqual(self._open(self.asset, user), (303, target))

    def test_engineer_is_led_to_the_own_visit(self):
        visit = self._create_visit(2, "2027-03-02 09:00")
        app = f"/aftersales/field#asset={self.asset.id}"
        self.assertEqual(self._open(self.asset, self.anna_user), (303, app))
        self.assertNotEqual(self._open(self.asset, self.ben_user)[1], app)
        visit.action_plan(technician=self.employee_carl)
        self.assertEqual(self._open(self.asset, self.portal_engineer_user), (303, app))
        visit.action_cancel(reason="Sold")
        status, target = self._open(self.asset, self.portal_engineer_user)
        self.assertEqual((status, target), (200, ""), "nothing any more")
        self.assertNotIn(self.asset.name, self.text)

    def test_nothing_is_given_away(self):
        for user in (None, self.portal_stranger):
            status, target = self._open(self.asset, user)
            self.assertEqual((status, target), (200, ""))
            for word in (self.asset.name, self.customer.name, "Workshop"):
                self.assertNotIn(word, self.text)

    def test_withdrawn_code_opens_nothing(self):
        for record, user in (
            (self.asset, self.portal_user),
            (self.bin, self.storekeeper),
        ):
            url = "/aftersales/" + record._get_code_url().partition("/aftersales/")[2]
            record.action_withdraw_code()
            self.authenticate(user.login, user.login)
            answer = self.url_open(url, allow_redirects=False)
            self.assertEqual(answer.status_code, 404)
            self.assertNotIn(record.name, answer.text)
        with self.assertRaises(AccessError):
            self.bin.with_user(self.storekeeper).action_withdraw_code()

    def test_other_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.flush_all()
        for user in (self.advisor, self.storekeeper):
            user.write(
                {"company_ids": [Command.set(other.ids)], "company_id": other.id}
            )
            for record in (self.asset, self.bin):
                status, target = self._open(record, user)
                self.assertEqual((status, target), (200, ""))
                self.assertNotIn(record.name, self.text)

    def test_bin_opens_what_lies_in_it(self):
        status, target = self._open(self.bin, self.storekeeper)
        self.assertEqual(status, 303)
        self.assertTrue(
            target.endswith(f"/{self.bin.id}/action-aftersales_field.bin_quant_action")
        )
        for user in (None, self.portal_user, self.technician, self.advisor):
            status, target = self._open(self.bin, user)
            self.assertEqual((status, target), (200, ""))
            self.assertNotIn(self.bin.name, self.text)
        forged = f"/aftersales/bin/{self.bin.id}-0000-{'0' * 20}"
        self.assertEqual(self.url_open(forged).status_code, 404)
        # A code opens its own door only.
        code = self.asset._get_code()
        self.assertEqual(self.url_open(f"/aftersales/bin/{code}").status_code, 404)

    def test_storekeeper_sees_the_parts_of_an_asset(self):
        self._stock(self.part_avco, 5)
        order = self._create_order()
        self._approve(order)
        asset = self.asset.with_user(self.storekeeper)
        self.assertEqual(asset.store_move_ids.product_id, self.part_avco)
        self.assertIn(self.part_avco, asset.store_quant_ids.product_id)
        other = self.asset.copy({"serial": False})
        self.assertFalse(other.with_user(self.storekeeper).store_move_ids)

    def test_labels_are_printed(self):
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales_field.report_bin_label", (self.bin | self.bin.copy()).ids
        )
        self.assertEqual(content.decode().count("A-01-02</strong>"), 1)
        self.assertIn("data:image/png", content.decode())
