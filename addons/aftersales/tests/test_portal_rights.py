from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalRights(PortalCommon):
    def test_visible_records_are_those_of_the_own_company(self):
        mine = self._create_estimate()
        fleet_asset = self.asset.copy({"partner_id": self.fleet.id})
        fleet_order = self._create_estimate(
            partner_id=self.fleet.id, asset_id=fleet_asset.id
        )
        everything = {
            "aftersales.order": mine + fleet_order,
            "aftersales.asset": self.asset + fleet_asset,
        }
        for user, order, asset in (
            (self.portal_user, mine, self.asset),
            (self.portal_driver, fleet_order, fleet_asset),
            (self.portal_stranger, mine.browse(), self.asset.browse()),
        ):
            for model, visible in (
                ("aftersales.order", order),
                ("aftersales.asset", asset),
            ):
                with self.subTest(user=user.login, model=model):
                    found = self.env[model].with_user(user).search([])
                    self.assertEqual(found.ids, visible.ids)
                    hidden = (everything[model] - visible).with_user(user)
                    with self.assertRaises(AccessError):
                        hidden[:1].read(["name"])

    def test_nothing_else_is_readable(self):
        """Of all our models, portal users read those that tell field by field what."""
        readable = {
            model
            for model in self.env
            if model.startswith("aftersales.")
            and not self.env[model]._abstract
            and self.env[model].with_user(self.portal_user).has_access("read")
        }
        self.assertLessEqual({"aftersales.order", "aftersales.asset"}, readable)
        guarded = {
            model
            for model in readable
            if hasattr(self.env[model], "_get_portal_fields")
        }
        self.assertEqual(readable, guarded)

    def test_private_fields_are_refused(self):
        order = self._create_estimate()
        order.job_ids[0].write({"cause": "SECRET cause", "correction": "SECRET"})
        self.asset.note = "SECRET note"
        for record, private in (
            (
                order,
                (
                    "amount_total",
                    "approval_ids",
                    "cancel_reason",
                    "job_ids",
                    "line_ids",
                    "next_step",
                    "purchase_order_ids",
                    "rework_count",
                    "sale_order_ids",
                    "signature",
                    "tag_ids",
                ),
            ),
            (self.asset, ("note", "old_part_ids", "order_ids", "code_url")),
        ):
            record = record.with_user(self.portal_user)
            allowed = set(record.fields_get())
            self.assertEqual(allowed, record._get_portal_fields() & set(record._fields))
            for field in private:
                with self.subTest(field=field), self.assertRaises(AccessError):
                    record.read([field])
                self.assertNotIn(field, allowed)
            self.assertNotIn("SECRET", str(record.read()))

    def test_private_fields_are_not_searched(self):
        Order = self.env["aftersales.order"].with_user(self.portal_user)
        for domain in (
            [("job_ids.cause", "ilike", "x")],
            [("request_key", "=like", "a%")],
        ):
            with self.subTest(domain), self.assertRaises(AccessError):
                Order.search(domain)

    @mute_logger("odoo.models.unlink")
    def test_steps_are_not_for_portal_users(self):
        order = self._create_estimate()
        mine = order.with_user(self.portal_user)
        for step in (
            "action_estimate",
            "action_approve",
            "action_decline",
            "action_start",
            "action_complete",
            "action_cancel",
            "action_invoice",
            "action_deliver",
        ):
            with (
                self.subTest(step),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                getattr(mine, step)()
        order.invalidate_recordset()
        self.assertEqual(order.state, "quoted")
        self.assertFalse(order.approval_ids)
        for values in ({"complaint": "x"}, {"user_id": False}):
            with self.assertRaises(AccessError):
                mine.write(values)

    def test_second_company_is_apart(self):
        other = self.env["res.company"].create({"name": "Other Workshop"})
        foreign_user = self._create_portal_user("foreign", self.driver.copy(), other)
        foreign_user.partner_id.parent_id = self.customer
        order = self._create_estimate()
        self.assertIn(order, order.search([]))
        self.assertFalse(order.with_user(foreign_user).search([]))
        with self.assertRaises(AccessError):
            order.with_user(foreign_user).read(["name"])
