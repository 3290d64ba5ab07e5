from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_bad_input import BadInputCommon

R, W, C, D = "read", "write", "create", "unlink"
NOTHING = set()


class AccessCommon(BadInputCommon):
    """The people of the shop and one of its customers, with a return of his."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls._create_user("salesman", "sales_team.group_sale_salesman")
        cls.auditor = cls._create_user("auditor", "account.group_account_readonly")
        cls.stranger = cls._create_user("stranger", "base.group_user")
        cls.portal_user = new_test_user(
            cls.env, "aftersales_return_portal", groups="base.group_portal"
        )
        cls.portal_user.partner_id.parent_id = cls.fleet

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20, 10.0)
        self.sale_line = self._sell(self.part_avco, 5)

    def _as(self, user, records):
        """Return the records as a fresh request of this user sees them."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_user(user)


@tagged("post_install", "-at_install")
class TestAccess(AccessCommon):
    """Who reads, writes and decides what."""

    def _get_users(self):
        return {
            "technician": self.technician,
            "advisor": self.advisor,
            "manager": self.manager,
            "storekeeper": self.storekeeper,
            "accountant": self.accountant,
            "auditor": self.auditor,
            "salesman": self.salesman,
            "portal": self.portal_user,
            "stranger": self.stranger,
        }

    def test_rights_by_role(self):
        readers = ("storekeeper", "accountant", "auditor", "salesman")
        expected = {
            "aftersales.return": {
                "technician": {R},
                "advisor": {R, W, C},
                "manager": {R, W, C, D},
                **dict.fromkeys(readers, {R}),
                "portal": {R},
            },
            "aftersales.return.line": {
                "technician": {R, W},
                "advisor": {R, W, C, D},
                "manager": {R, W, C, D},
                **dict.fromkeys(readers, {R}),
            },
            "aftersales.return.operation": {
                "technician": {R},
                "advisor": {R},
                "manager": {R, W, C, D},
                **dict.fromkeys(readers, {R}),
            },
            "aftersales.shipment": {
                "technician": {R},
                "advisor": {R, W, C},
                "manager": {R, W, C, D},
                **dict.fromkeys(readers, {R}),
                "storekeeper": {R, W, C},
            },
            "aftersales.return.difference": {
                "technician": {R},
                "advisor": {R, W, C},
                "manager": {R, W, C, D},
                **dict.fromkeys(readers, {R}),
                "storekeeper": {R, W},
            },
            "aftersales.supplier.trip": {
                "technician": {R},
                "advisor": {R, W, C},
                "manager": {R, W, C, D},
                **dict.fromkeys(readers, {R}),
                "storekeeper": {R, W},
            },
            "aftersales.return.analysis": {
                "advisor": {R},
                "manager": {R},
                "accountant": {R},
                "auditor": {R},
            },
        }
        users = self._get_users()
        for model, rights in expected.items():
            for name, user in users.items():
                Model = self.env[model].with_user(user)
                with self.subTest(model=model, user=name):
                    self.assertEqual(
                        {what for what in (R, W, C, D) if Model.has_access(what)},
                        rights.get(name, NOTHING),
                    )

    def test_nobody_else_sees_anything(self):
        ours = [
            name
            for name, model in self.registry.items()
            if name.startswith(("aftersales.return", "aftersales.shipment"))
            and not model._abstract
        ]
        self.assertGreater(len(ours), 5)
        for name in ours:
            with self.subTest(name):
                Model = self.env[name].with_user(self.stranger)
                self.assertFalse(Model.has_access(R))
                if name != "aftersales.return":
                    Model = self.env[name].with_user(self.portal_user)
                    self.assertFalse(Model.has_access(R), "portal")

    # Peers 23, 26: rules of several add-ons are joined by OR
    def test_customers_see_their_own(self):
        own = self._create_return(partner_id=self.fleet.id)
        other = self._create_return((self.sale_line, 1))
        visible = (
            self.env["aftersales.return"]
            .with_user(self.portal_user)
            .search([("id", "in", (own | other).ids)])
        )
        self.assertEqual(visible.sudo(), own)
        with self.assertRaises(AccessError):
            self._as(self.portal_user, other).read(["name"])

    def test_customers_read_no_notes(self):
        own = self._create_return(partner_id=self.fleet.id)
        own.note = "Third time this year"
        for name in ("note", "line_ids"):
            with self.subTest(name), self.assertRaises(AccessError):
                self._as(self.portal_user, own).read([name])

    # What each role does

    def _assert_no_right(self, user, rma):
        own = self._as(user, rma)
        for call in (
            own.action_accept,
            own.action_reopen,
            lambda: own.action_cancel(reason="Keeps it"),
            lambda: own.action_refuse(reason="Too late"),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_technician_tests_and_promises_nothing(self):
        rma = self._create_return((self.sale_line, 1))
        self._assert_no_right(self.technician, rma)
        rma.action_accept()
        self._receive(rma)
        line = self._as(self.technician, rma.line_ids)
        line.action_test(grade=self.grade_a.id, note="Works")
        self.assertEqual(line.sudo().test_user_id, self.technician)
        with self.assertRaises(AccessError):
            line.action_settle()
        with self.assertRaises(AccessError):
            line.unlink()
        with self.assertRaises(AccessError):
            self.env["aftersales.return"].with_user(self.technician).create(
                {"partner_id": self.customer.id}
            )

    def test_advisor_asks_for_what_the_manager_grants(self):
        rma = self._create_return((self.sale_line, 1))
        self._as(self.advisor, rma).action_accept()
        self._receive(rma)
        line = self._as(self.advisor, rma.line_ids)
        line.action_test(grade=self.grade_a.id)
        with self.assertRaisesRegex(AccessError, rma.name):
            line.action_settle()
        self._as(self.manager, rma.line_ids).action_settle()
        self.assertEqual(rma.line_ids.state, "settled")

    def test_storekeeper_receives_without_a_right_to_returns(self):
        rma = self._create_return((self.sale_line, 1))
        self._assert_no_right(self.storekeeper, rma)
        rma.action_accept()
        picking = self._as(self.storekeeper, rma.picking_ids)
        picking.move_ids.picked = True
        picking.button_validate()
        line = self._as(self.storekeeper, rma.line_ids)
        self.assertEqual(line.state, "received")
        for step in ("action_test", "action_settle", "action_cancel"):
            with self.subTest(step), self.assertRaises(AccessError):
                getattr(line, step)()
        with self.assertRaises(AccessError):
            line.quantity = 2

    def test_storekeeper_records_what_the_customer_says(self):
        rma = self._create_return((self.sale_line, 1))
        rma.action_accept()
        rma.picking_ids.move_ids.quantity = 2
        self._receive(rma)
        case = self._as(self.storekeeper, rma.line_ids.difference_ids)
        case.action_contact(name="Wang Fang", note="One more by mistake")
        self.assertEqual(case.contact_name, "Wang Fang")

    def test_accountant_posts_the_credit_note(self):
        rma = self._create_return((self.sale_line, 1))
        rma.action_accept()
        self._receive(rma)
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        note = rma.line_ids.refund_line_ids.move_id
        self._put_away(rma)
        self._as(self.accountant, note).action_post()
        self.assertEqual(rma.state, "done")
        for step in ("action_accept", "action_reopen"):
            with self.subTest(step), self.assertRaises(AccessError):
                getattr(self._as(self.accountant, rma), step)()

    def test_salesman_looks(self):
        rma = self._create_return((self.sale_line, 1))
        self.assertEqual(self._as(self.salesman, rma).name, rma.sudo().name)
        self._assert_no_right(self.salesman, rma)

    # What nobody writes past the steps

    def test_accepted_goods_are_not_exchanged_or_multiplied(self):
        self._stock(self.part_fifo, 5)
        self._sell(self.part_fifo, 2)
        rma = self._create_return((self.sale_line, 1))
        rma.action_accept()
        self._receive(rma)
        line = self._as(self.manager, rma.line_ids)
        for values in (
            {"quantity": 5},
            {"product_id": self.part_fifo.id},
            {"product_uom_id": self.env.ref("uom.product_uom_dozen").id},
            {"move_id": False},
        ):
            with self.subTest(values):
                with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                    line.write(values)
                self.assertIn("accepted as it is", str(caught.exception))
        line.write({"quantity": 1, "reason_note": "Scratched"})

    def test_operation_and_bearer_are_decided_by_their_steps(self):
        rma = self._create_return((self.sale_line, 1), operation="repair")
        refund = self._get_operation("refund")
        exchange = self._get_operation("exchange")
        line = self._as(self.advisor, rma.line_ids)
        line.write({"operation_id": exchange.id, "payer_id": self.payer_internal.id})
        rma.action_accept()
        self._receive(rma)
        for values in (
            {"operation_id": refund.id},
            {"payer_id": self.payer_goodwill.id},
        ):
            with self.subTest(values), self.assertRaisesRegex(AccessError, "advisor"):
                self._as(self.technician, rma.line_ids).write(values)
        line = self._as(self.advisor, rma.line_ids)
        with self.assertRaisesRegex(UserError, "by the button"):
            line.operation_id = refund
        # What the screen writes back is no change.
        line.write({"operation_id": exchange.id, "reason_note": "Loose"})
        line.action_change_operation(refund, reason="None left")
        line.action_change_operation(exchange, reason="One came")
        line.payer_id = self.payer_goodwill
        rma.line_ids.action_test(grade=self.grade_a)
        rma.line_ids.action_settle()
        self.assertEqual(rma.line_ids.payer_id, self.payer_goodwill)
        with self.assertRaisesRegex(UserError, "who bears it stays"):
            line.payer_id = self.payer_internal

    def test_steps_fill_in_their_fields(self):
        rma = self._create_return((self.sale_line, 1))
        line = self._as(self.manager, rma.line_ids)
        for values in (
            {"test_result": "pass"},
            {"date_given": "2026-01-01"},
            {"date_received": "2026-01-01"},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                line.write(values)


@tagged("post_install", "-at_install")
class TestCompany(AccessCommon):
    """Two companies: each sees, matches and counts its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreigner = new_test_user(
            cls.env,
            "aftersales_return_foreigner",
            groups="base.group_user,aftersales.aftersales_group_manager,"
            "stock.group_stock_user,account.group_account_invoice",
            company_id=cls.elsewhere.id,
            company_ids=[Command.set(cls.elsewhere.ids)],
        )

    def test_rows_of_one_company(self):
        rma = self._create_return((self.sale_line, 1))
        rma.action_accept()
        rma.picking_ids.move_ids.quantity = 2
        self._receive(rma)
        self.env["aftersales.shipment"].create({"return_id": rma.id})
        for model in (
            "aftersales.return",
            "aftersales.return.line",
            "aftersales.return.difference",
            "aftersales.shipment",
            "aftersales.return.analysis",
        ):
            Model = self.env[model].with_user(self.foreigner)
            with self.subTest(model):
                self.assertFalse(Model.search([("company_id", "=", self.company.id)]))
                self.assertTrue(
                    self.env[model].search([("company_id", "=", self.company.id)])
                )
        with self.assertRaises(AccessError):
            self._as(self.foreigner, rma).action_cancel(reason="Not mine")

    def test_deliveries_of_one_company(self):
        rma = self.env["aftersales.return"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.elsewhere.id,
                "line_ids": [Command.create({"product_id": self.part_avco.id})],
            }
        )
        self.assertEqual(rma.warehouse_id.company_id, self.elsewhere)
        self.assertFalse(rma.line_ids.move_id)
        with self.assertRaises(UserError):
            rma.line_ids.move_id = self.sale_line.move_ids
            self.env.flush_all()

    def test_warehouse_of_the_same_company(self):
        with self.assertRaises(UserError):
            self._create_return((self.sale_line, 1), company_id=self.elsewhere.id)

    def test_new_companies_have_their_place_and_types(self):
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.elsewhere.id)], limit=1
        )
        place = warehouse.aftersales_return_loc_id
        self.assertEqual(place.company_id, self.elsewhere)
        self.assertFalse(place.warehouse_id, "outside what is on hand")
        self.assertTrue(warehouse.aftersales_return_type_id.aftersales_is_return)
        self.assertEqual(warehouse.aftersales_return_out_type_id.code, "outgoing")
