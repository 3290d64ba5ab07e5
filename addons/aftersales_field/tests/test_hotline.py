from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import FieldCommon


@tagged("post_install", "-at_install")
class TestHotline(FieldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"phone": "+49 171 555-1234", "email": "wang@home.example"})
        cls.asset.serial = "SN-4711-A"
        cls.contact = cls.env["res.partner"].create(
            {"name": "Janitor", "parent_id": cls.fleet.id, "phone": "030 7778889"}
        )
        cls.truck = cls.env["aftersales.asset"].create(
            {
                "name": "Chiller",
                "serial": "CH900",
                "partner_id": cls.fleet.id,
                "company_id": cls.company.id,
            }
        )

    def setUp(self):
        super().setUp()
        self.hotline = (
            self.env["aftersales.hotline"]
            .with_user(self.advisor)
            .with_company(self.company)
        )

    def _search(self, text):
        results = self.hotline.search(text)["results"]
        return {(item["kind"], item["id"]) for item in results}

    def test_search_by_phone_in_any_spelling(self):
        for text in (
            "01715551234",
            "+49 (171) 555 12 34",
            "0049171/5551234",
            "5551234",
        ):
            answer = self.hotline.search(text)
            self.assertTrue(answer["phone"], text)
            self.assertIn(("partner", self.customer.id), self._search(text), text)
        self.assertIn(("partner", self.contact.id), self._search("+49307778889"))

    def test_search_by_serial_name_and_numbers(self):
        order = self._create_order()
        visit = order.action_create_visit()
        for text in ("sn-4711", "sn 4711 a", "SN-4711-A"):
            kind = ("asset", self.asset.id)
            self.assertIn(kind, self._search(text.replace(" ", "-")), text)
        self.assertIn(("asset", self.truck.id), self._search("CH 900"))
        self.assertIn(("partner", self.customer.id), self._search("wang fang"))
        self.assertIn(("partner", self.customer.id), self._search("wang@home"))
        for text in (order.name, visit.name):
            self.assertIn(("order", order.id), self._search(text))
        self.assertFalse(self._search("w"))
        self.assertFalse(self._search(""))
        self.assertFalse(self._search("%%%"))

    def test_number_nobody_has_leads_to_the_last_call(self):
        call = self.env["aftersales.call"].create(
            {"phone": "0160 999 8877", "caller": "Somebody", "words": "Asked a price"}
        )
        call.company_id = self.company
        self.assertIn(("call", call.id), self._search("+49 1609998877"))

    def test_card_tells_what_is_open(self):
        visit = self._create_visit(2, "2027-03-02 09:00", site=self.site_mitte)
        self.env["aftersales.finding"].create(
            {"asset_id": self.asset.id, "name": "Hose brittle", "rating": "red"}
        )
        self._stock(self.part_avco, 5)
        done = self._create_order(complaint="Was loud")
        self._approve(done)
        self._finish_order(done, invoice=False)
        done.action_deliver()
        self.env["aftersales.call"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "words": "When do you come?",
            }
        )
        card = self.hotline.get_card(asset_id=self.asset.id)
        self.assertEqual(card["partner"]["name"], "Wang Fang")
        self.assertEqual(card["assets"][0]["id"], self.asset.id)
        self.assertEqual(card["orders"][0]["name"], visit.order_id.name)
        self.assertEqual(card["orders"][0]["visits"][0]["technician"], "Anna")
        self.assertIn("Anna comes", card["orders"][0]["next_step"])
        self.assertEqual(card["findings"][0]["name"], "Hose brittle")
        self.assertEqual(card["past"][0]["complaint"], "Was loud")
        self.assertEqual(card["calls"][0]["words"], "When do you come?")

    def test_card_of_a_contact_shows_the_company(self):
        card = self.hotline.get_card(partner_id=self.contact.id)
        self.assertEqual(card["partner"]["company"], "Blue Fleet")
        self.assertEqual([each["id"] for each in card["assets"]], [self.truck.id])

    def test_only_asset_is_chosen_and_of_several_none(self):
        card = self.hotline.get_card(partner_id=self.fleet.id)
        self.assertEqual(card["asset_id"], self.truck.id)
        self.truck.copy({"serial": False})
        card = self.hotline.get_card(partner_id=self.fleet.id)
        self.assertFalse(card["asset_id"])
        order = self._create_order(asset_id=False)
        card = self.hotline.get_card(order_id=order.id)
        self.assertFalse(card["asset_id"], "this order is about none")

    def test_answer_of_the_call_stands_on_the_new_order(self):
        values = {
            "partner_id": self.customer.id,
            "words": "It is full",
            "answer": "Empty the hopper",
            "make_order": True,
        }
        done = self.hotline.take_call(values)
        card = self.hotline.get_card(order_id=done["order_id"])
        self.assertEqual(card["orders"][0]["answer"], "Empty the hopper")

    def test_queries_do_not_grow_with_what_is_shown(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.hotline.get_card(partner_id=self.customer.id)
            self.hotline.search("wang")
            return self.cr.sql_log_count - before

        def add():
            asset = self.asset.copy({"serial": False})
            order = self._create_order(asset_id=asset.id)
            order.action_create_visit()
            self.env["aftersales.finding"].create({"asset_id": asset.id, "name": "x"})

        add()
        count()
        one = count()
        for _number in range(8):
            add()
        self.assertLessEqual(count(), one + 2)
        self.assertLessEqual(one, 60)

    def test_take_call_makes_order_and_visit_once(self):
        values = {
            "operation": "call-1",
            "partner_id": self.customer.id,
            "asset_id": self.asset.id,
            "caller": "Mrs Wang",
            "phone": "0171 5551234",
            "words": "It stopped",
            "make_order": True,
            "make_visit": True,
            "priority": "1",
            "deadline": "2027-03-02 16:00:00",
            "note": "Ring twice",
        }
        done = self.hotline.take_call(values)
        self.assertEqual(self.hotline.take_call(values), done, "the same again")
        order = self.env["aftersales.order"].browse(done["order_id"])
        self.assertEqual(order.complaint, "It stopped")
        self.assertEqual(order.channel, "phone")
        self.assertEqual(order.user_id, self.advisor)
        self.assertTrue(order.is_onsite)
        self.assertFalse(order.needs_call)
        self.assertEqual(order.priority, "1")
        self.assertEqual(len(order.call_ids), 1)
        visit = order.visit_ids
        self.assertEqual(visit.state, "draft")
        self.assertEqual(visit.note, "Ring twice")
        self.assertEqual(str(visit.date_deadline), "2027-03-02 16:00:00")

    def test_second_call_joins_the_open_order(self):
        first = self.hotline.take_call(
            {
                "partner_id": self.customer.id,
                "asset_id": self.asset.id,
                "words": "It drips",
                "make_order": True,
            }
        )
        self.assertFalse(first["visit_id"])
        second = self.hotline.take_call(
            {"order_id": first["order_id"], "words": "It pours", "make_visit": True}
        )
        self.assertEqual(second["order_id"], first["order_id"])
        self.assertEqual(second["partner_id"], self.customer.id)
        self.assertTrue(second["visit_id"])
        order = self.env["aftersales.order"].browse(first["order_id"])
        self.assertEqual(len(order.call_ids), 2)

    def test_solved_on_the_phone(self):
        done = self.hotline.take_call(
            {
                "partner_id": self.customer.id,
                "words": "The display is dark",
                "answer": "Switch it off and on",
                "answer_kind": "remote",
                "solved": True,
                "make_order": True,
                "make_visit": True,
            }
        )
        order = self.env["aftersales.order"].browse(done["order_id"])
        self.assertEqual(order.state, "done")
        self.assertTrue(order.is_solved_remotely)
        self.assertFalse(order.visit_ids)

    def test_new_customer_and_asset_on_the_fly(self):
        done = self.hotline.take_call(
            {
                "new_partner": {
                    "name": "Zhao Min",
                    "phone": "0170 1",
                    "parent_id": self.fleet.id,
                },
                "new_asset": {"name": "Boiler", "serial": "B-1"},
                "words": "Cold water",
                "make_order": True,
            }
        )
        order = self.env["aftersales.order"].browse(done["order_id"])
        self.assertEqual(order.partner_id.name, "Zhao Min")
        self.assertFalse(order.partner_id.parent_id, "only what the screen asks for")
        self.assertEqual(order.asset_id.partner_id, order.partner_id)
        with self.assertRaisesRegex(UserError, "Boiler"):
            self.hotline.take_call(
                {
                    "partner_id": self.customer.id,
                    "new_asset": {"name": "Mine", "serial": "b-1"},
                    "words": "x",
                }
            )

    def test_only_a_note(self):
        done = self.hotline.take_call({"caller": "Somebody", "words": "Wrong number"})
        self.assertFalse(done["order_id"])
        with self.assertRaisesRegex(UserError, "what was said"):
            self.hotline.take_call({"caller": "Somebody"})
        with self.assertRaisesRegex(UserError, "Choose the customer"):
            self.hotline.take_call({"words": "Come quickly", "make_order": True})

    def test_what_does_not_belong_together_is_refused(self):
        order = self._create_order()
        with self.assertRaisesRegex(UserError, "belongs to Blue Fleet"):
            self.hotline.take_call(
                {
                    "partner_id": self.customer.id,
                    "asset_id": self.truck.id,
                    "words": "x",
                }
            )
        with self.assertRaisesRegex(UserError, order.name):
            self.hotline.take_call(
                {"partner_id": self.fleet.id, "order_id": order.id, "words": "x"}
            )

    def test_rights_of_who_asks(self):
        other_team = self.team.copy({"name": "North", "member_ids": False})
        order = self._create_order(team_id=other_team.id, user_id=self.manager.id)
        card = self.hotline.get_card(partner_id=self.customer.id)
        self.assertNotIn(order.id, [each["id"] for each in card["orders"]])
        self.assertFalse(self._search(order.name))
        with self.assertRaises(AccessError):
            self.hotline.get_card(order_id=order.id)
        hotline = self.hotline.with_user(self.technician)
        for call in (
            lambda: hotline.search("wang"),
            lambda: hotline.get_card(partner_id=self.customer.id),
            lambda: hotline.get_start(),
            lambda: hotline.take_call({"words": "x"}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_two_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.asset.copy({"company_id": other.id, "serial": "SN-4712"})
        self.assertNotIn(("asset", foreign.id), self._search("SN-47"))
        with self.assertRaises(AccessError):
            self.hotline.get_card(asset_id=foreign.id)
        self.advisor.company_ids = [Command.link(other.id)]
        both = self.hotline.with_context(
            allowed_company_ids=[self.company.id, other.id]
        )
        done = both.take_call(
            {
                "asset_id": foreign.id,
                "words": "It stopped",
                "make_order": True,
            }
        )
        order = self.env["aftersales.order"].browse(done["order_id"])
        self.assertEqual(order.company_id, other, "that of the asset")
        self.assertEqual(order.call_ids.company_id, other)

    def test_start_lists_who_is_to_be_called(self):
        order = self._create_order(is_onsite=True, channel="partner")
        start = self.hotline.get_start()
        self.assertIn(order.id, [each["id"] for each in start["to_call"]])
        self.assertEqual(start["to_call_count"], len(start["to_call"]))

    def test_what_helped_before_while_the_caller_speaks(self):
        self.env["aftersales.solution"].create(
            {
                "symptom": "Compressor trips at noon",
                "cause": "Condenser dirty",
                "remedy": "Clean the condenser",
                "category_id": self.category.id,
                "company_id": self.company.id,
            }
        )
        self._create_order(complaint="The compressor trips")
        card = self.hotline.get_card(asset_id=self.asset.id)
        self.assertEqual(card["solutions"][0]["remedy"], "Clean the condenser")
        found = self.hotline.find_solutions("it trips again", self.asset.id)
        self.assertEqual(found[0]["cause"], "Condenser dirty")
