from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_recurring import RecurringCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 06:00:00")
class TestContract(RecurringCommon):
    """A contract: a cover that is sold, with a price list for the rest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price_list = cls.env["product.pricelist"].create(
            {
                "name": "Contract −20 %",
                "company_id": cls.company.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "percentage",
                            "percent_price": 20,
                        }
                    )
                ],
            }
        )
        cls.payer_terms = cls.env["aftersales.payer"].create(
            {
                "name": "Contract customers",
                "kind": "invoiced",
                "pricelist_id": cls.price_list.id,
                "company_id": cls.company.id,
            }
        )
        cls.pack = cls.env["aftersales.warranty.pack"].create(
            {
                "name": "Gold",
                "code": "T-GOLD",
                "kind": "extended",
                "start_basis": "hand",
                "version_ids": [
                    Command.create(
                        {
                            "date_from": "2000-01-01",
                            "rule_ids": [
                                Command.create(
                                    {
                                        "code": "T-GOLD-1",
                                        "name": "Free labour of maintenance",
                                        "period": 2,
                                        "labour_charge": "free",
                                        "bearer": "contract",
                                        "template_ids": [Command.set(cls.template.ids)],
                                    }
                                )
                            ],
                        }
                    )
                ],
            }
        )
        cls.pack.version_ids.action_publish()
        cls.pack.with_company(cls.company).contract_payer_id = cls.payer_terms
        cls.account_contract = cls.env["account.account"].create(
            {"name": "Contracts", "code": "650970", "account_type": "expense"}
        )
        cls.payer_contract.account_id = cls.account_contract

    def _register(self, asset=None, **values):
        return self.env["aftersales.warranty.registration"].create(
            {
                "asset_id": (asset or self.asset).id,
                "pack_id": self.pack.id,
                "date_start": "2026-01-10",
                "document_state": "checked",
                **values,
            }
        )

    def _create_onsite(self, asset=None, template=None):
        order = self.env["aftersales.order"].create(
            {
                "partner_id": self.customer.id,
                "asset_id": (asset or self.asset).id,
                "company_id": self.company.id,
                "is_onsite": True,
                "date_reported": "2026-03-02",
            }
        )
        job = {"order_id": order.id, "template_id": template and template.id}
        if not template:
            job = {
                "order_id": order.id,
                "name": "Repair",
                "line_ids": [
                    Command.create({"product_id": self.labour.id, "product_uom_qty": 1})
                ],
            }
        self.env["aftersales.job"].create(job)
        return order

    def test_what_is_not_free_has_the_price_of_the_contract(self):
        self._register()
        order = self._create_onsite()
        line = order.job_ids.line_ids
        self.assertEqual(line.payer_id, self.payer_terms)
        self.assertAlmostEqual(line.price_subtotal, 64.0)
        self.assertIn("Gold", line.verdict_summary)
        self.assertIn("−20", line.verdict_summary)
        order.action_estimate()
        self.assertAlmostEqual(order.amount_untaxed, 64.0)
        sale = order.sale_order_ids
        self.assertEqual(sale.partner_id, self.customer)
        self.assertEqual(sale.pricelist_id, self.price_list)

    def test_what_the_contract_covers_is_free(self):
        self._register()
        order = self._create_onsite(template=self.template)
        self.assertEqual(order.job_ids.payer_id, self.payer_contract)

    def test_visit_says_why(self):
        self._register()
        order = self._create_onsite()
        (job,) = order.action_create_visit().get_cover()["jobs"]
        self.assertIn("By the contract “Gold”", job["reason"])
        self.assertEqual(job["price_list"], self.price_list.name)
        self.assertFalse(job["covered"])
        self.assertAlmostEqual(job["price"], 64.0)

    def test_without_or_after_the_contract(self):
        other = self.asset.copy({"name": "Without"})
        self._register(date_start="2023-01-01")
        for asset in (other, self.asset):
            line = self._create_onsite(asset).job_ids.line_ids
            self.assertEqual(line.payer_id, self.payer_customer)
            self.assertAlmostEqual(line.price_subtotal, 80.0)

    def test_a_payer_chosen_by_hand_stays(self):
        self._register()
        order = self._create_onsite()
        order.job_ids.payer_id = self.payer_goodwill
        order.action_check_warranty()
        self.assertEqual(order.job_ids.line_ids.payer_id, self.payer_goodwill)

    def test_payer_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.pack.with_company(other).contract_payer_id)
        payer_ids = self.pack._get_contract_payer_ids
        self.assertNotIn(self.pack.id, payer_ids(other))
        self.assertEqual(payer_ids(self.company)[self.pack.id], self.payer_terms.id)
        self.pack.with_company(self.company).contract_payer_id = False
        self.assertFalse(payer_ids(self.company))

    def test_verdicts_without_a_contract_cost_nothing_more(self):
        """Which contracts there are is remembered: see ``tests/test_benchmark``."""
        self.pack.with_company(self.company).contract_payer_id = False
        self._register()
        order = self._create_onsite()
        order.action_check_warranty()
        verdict = order.job_ids.line_ids.verdict_id
        verdict.mapped("result")
        with self.assertQueryCount(0):
            self.assertFalse(verdict._get_line_payer())

    def test_visits_of_the_contract_end_with_it(self):
        self._register(date_start="2025-12-10")
        recurring = self._create_recurring(
            partner_id=False,
            asset_ids=[Command.clear()],
            pack_id=self.pack.id,
            interval=6,
            date_start="2026-01-01",
        )
        self._run_cron()
        turn = self._get_open(recurring)
        self.assertEqual(str(turn.date), "2026-06-10", "half a year after it began")
        self.assertEqual(turn.registration_id.pack_id, self.pack)
        for day in ("2026-06-01", "2026-12-01", "2027-06-01", "2027-12-01"):
            with freeze_time(f"{day} 02:00:00"):
                self._run_cron()
        made = recurring.turn_ids.filtered("order_id").sorted("date")
        self.assertEqual(
            [str(each.date) for each in made],
            ["2026-06-10", "2026-12-10", "2027-06-10", "2027-12-10"],
            "two years, until 10 December 2027",
        )
        self.assertEqual(set(made.order_id.mapped("state")), {"approved"})
        self.assertFalse(self._get_open(recurring))

    def test_void_contract_ends_the_visits(self):
        registration = self._register()
        recurring = self._create_recurring(
            partner_id=False, asset_ids=[Command.clear()], pack_id=self.pack.id
        )
        recurring.action_update()
        self.assertEqual(len(self._get_open(recurring)), 1)
        registration.action_void(reason="Not paid")
        recurring.action_update()
        self.assertEqual(recurring.turn_ids.state, "lapsed")
