from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestRehearsal(WarrantyCommon):
    """A changed rule on the work of the last months, before it is in force."""

    def setUp(self):
        super().setUp()
        self.payer_maker.price_basis = "list"
        self._register()
        self._stock(self.part_avco, 50, 12.0)

    def _draft(self, code="T-REPAIR", **values):
        """A copy of the car's guarantee with one rule changed."""
        action = self.version_car.action_new_version()
        draft = self.version_car.browse(action["res_id"])
        draft.rule_ids.filtered(lambda rule: rule.code == code).write(values)
        return draft

    def _rehearse(self, draft, **values):
        rehearsal = self.env["aftersales.warranty.rehearsal"].browse(
            draft.action_rehearse()["res_id"]
        )
        rehearsal.write(values)
        rehearsal.with_user(self.manager).action_run()
        return rehearsal

    def _work(self, **values):
        """An order with parts, a wear part and labour, weighed."""
        order = self._create_order(
            [(self.part_avco, 2), (self.part_standard, 1), (self.labour, 3)], **values
        )
        order.action_estimate()
        return order

    def _totals(self, rehearsal, field="amount_after"):
        return {
            total.payer_id: total[field]
            for total in rehearsal.payer_ids
            if total[field]
        }

    def _pay(self, orders):
        """Money by payer as the orders themselves have it."""
        money = {}
        for line in orders.job_ids.line_ids:
            absorbed = line.payer_id.kind == "absorbed"
            amount = line.cost if absorbed else line.amount_company
            money[line.payer_id] = money.get(line.payer_id, 0) + amount
        return {payer: amount for payer, amount in money.items() if amount}

    def _run_for_real(self, draft, orders):
        """Publish the draft, register copies of the assets under it, and work."""
        draft.date_from = "2010-01-01"
        self.version_car.date_to = "2009-12-31"
        draft.action_publish()
        copies = orders.browse()
        for order in orders:
            asset = order.asset_id.copy()
            asset.meter = order.meter_in or order.asset_id.meter
            self._register(asset=asset)
            self.assertEqual(asset.registration_ids.version_id, draft)
            copies |= self._work(asset_id=asset.id, meter_in=order.meter_in)
        return self._pay(copies)

    def test_narrower_rule(self):
        orders = self._work() | self._work() | self._work(meter_in=70000)
        draft = self._draft(meter_limit=5000)
        rehearsal = self._rehearse(draft)
        self.assertEqual(rehearsal.replaced_id, self.version_car)
        self.assertEqual(rehearsal.weighed_count, 9)
        # Two lines each of the two orders within 60,000 km: parts and labour.
        self.assertEqual(rehearsal.changed_count, 4)
        self.assertEqual(rehearsal.order_count, 2)
        self.assertEqual(self._totals(rehearsal, "amount_before"), self._pay(orders))
        line = rehearsal.line_ids[0]
        self.assertEqual(line.result_before, "covered")
        self.assertEqual(line.result_after, "charged")
        self.assertIn("Maker", line.words_before)
        self.assertIn("5,000", line.words_after)
        self.assertEqual((line.amount_before, line.amount_after), (0, 40))
        self.assertEqual(self._totals(rehearsal), self._run_for_real(draft, orders))

    def test_wider_rule(self):
        orders = self._work(meter_in=70000) | self._work(meter_in=80000)
        draft = self._draft(meter_limit=100000)
        rehearsal = self._rehearse(draft)
        self.assertEqual(rehearsal.changed_count, 4)
        self.assertEqual(set(rehearsal.line_ids.mapped("result_after")), {"covered"})
        self.assertEqual(self._totals(rehearsal, "amount_before"), self._pay(orders))
        after = self._totals(rehearsal)
        self.assertEqual(after[self.payer_maker], 2 * (40 + 240))
        self.assertEqual(after, self._run_for_real(draft, orders))

    def test_borne_by_ourselves_costs_the_cost(self):
        orders = self._work()
        draft = self._draft(bearer="warranty")
        rehearsal = self._rehearse(draft)
        # Two parts at 12.00 and three hours at 30.00
        self.assertEqual(self._totals(rehearsal)[self.payer_warranty], 24 + 90)
        self.assertNotIn(self.payer_maker, self._totals(rehearsal))
        self.assertEqual(self._totals(rehearsal), self._run_for_real(draft, orders))

    def test_share_and_cost_price(self):
        self._work()
        shared = self._rehearse(self._draft(share_percent=60))
        after = self._totals(shared)
        self.assertEqual(after[self.payer_maker], 0.6 * 280)
        # 40 % of it, and the wear part
        self.assertAlmostEqual(after[self.payer_customer], 0.4 * 280 + 20)
        reduced = self._rehearse(self._draft(parts_charge="cost"))
        self.assertEqual(self._totals(reduced)[self.payer_customer], 24 + 20)

    def test_nothing_is_written(self):
        orders = self._work() | self._work(meter_in=70000)
        draft = self._draft(meter_limit=5000, share_percent=50)
        rehearsal = self.env["aftersales.warranty.rehearsal"].browse(
            draft.action_rehearse()["res_id"]
        )
        before = self._get_state()
        rehearsal.action_run()
        self.assertTrue(rehearsal.line_ids)
        self.assertEqual(self._get_state(), before)
        self.assertEqual(orders.verdict_ids.version_id, self.version_car)

    def _get_state(self):
        """Return counts, last ids and last row versions of every real table."""
        self.env.flush_all()
        state = {}
        for name, model in self.env.registry.items():
            if model._auto and not model._abstract and not model._transient:
                self.env.cr.execute(
                    f"SELECT count(*), max(id), max(xmin::text::bigint), "  # noqa: S608
                    f'sum(hashtext(t::text)::bigint) FROM "{model._table}" t'
                )
                state[name] = self.env.cr.fetchone()
        self.env.cr.execute(
            "SELECT sum(last_value) FROM pg_sequences WHERE"
            " sequencename NOT LIKE '%rehearsal%'"
            " AND sequencename NOT LIKE 'base_cache_%'"
        )
        state["sequences"] = self.env.cr.fetchone()
        return state

    def test_decisions_of_people_stay(self):
        order = self._work(meter_in=70000)
        by_hand = self._create_order([(self.part_avco, 1)], meter_in=70000)
        by_hand.job_ids.payer_id = self.payer_internal
        by_hand.action_check_warranty()
        verdict = order.verdict_ids[0]
        verdict.with_user(self.manager).action_override(
            "covered", payer=self.payer_goodwill, reason="Loyal", evidence_note="Call"
        )
        rehearsal = self._rehearse(self._draft(meter_limit=100000))
        self.assertEqual(rehearsal.decided_count, 2)
        self.assertEqual(rehearsal.order_count, 1)

    def test_only_the_months_chosen(self):
        day = fields.Date.subtract(fields.Date.today(), months=5)
        order = self._work(date_reported=day, meter_in=70000)
        draft = self._draft(meter_limit=100000)
        rehearsal = self._rehearse(draft)
        self.assertFalse(rehearsal.weighed_count)
        rehearsal.action_again()
        rehearsal.date_from = day
        rehearsal.action_run()
        self.assertEqual(rehearsal.line_ids.order_id, order)

    def test_no_change(self):
        self._work()
        rehearsal = self._rehearse(self._draft())
        self.assertEqual(rehearsal.weighed_count, 3)
        self.assertFalse(rehearsal.line_ids)
        self.assertEqual(
            rehearsal.payer_ids.mapped("amount_change"),
            [0] * len(rehearsal.payer_ids),
        )

    def test_two_companies(self):
        """Each company rehearses its own work."""
        self._work(meter_in=70000)
        other = self.env["res.company"].create({"name": "Branch"})
        self.manager.company_ids = [Command.link(other.id)]
        draft = self._draft(meter_limit=100000)
        rehearsal = self._rehearse(draft, company_id=other.id)
        self.assertFalse(rehearsal.weighed_count)
        rehearsal = self._rehearse(draft)
        self.assertEqual(rehearsal.company_id, self.company)
        self.assertEqual(rehearsal.weighed_count, 3)

    def test_screen(self):
        self._work(meter_in=70000)
        draft = self._draft(meter_limit=100000)
        action = draft.with_user(self.manager).action_rehearse()
        rehearsal = self.env[action["res_model"]].browse(action["res_id"])
        with Form(rehearsal.with_user(self.manager)) as form:
            form.date_from = "2020-01-01"
        rehearsal.with_user(self.manager).action_run()
        self.assertEqual(rehearsal.state, "done")
        orders = rehearsal.action_view_orders()
        self.assertTrue(self.env["aftersales.order"].search(orders["domain"]))

    def test_refused(self):
        with self.assertRaisesRegex(UserError, "replaces no other"):
            self.version_car.action_rehearse()
        draft = self._draft()
        with self.assertRaisesRegex(UserError, "before they begin"):
            self._rehearse(draft, date_from="2030-01-01")
        draft.rule_ids.active = False
        with self.assertRaisesRegex(UserError, "no applied rules"):
            self._rehearse(draft)
