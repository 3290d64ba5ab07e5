from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_visit_close import PNG, CloseCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestConsent(CloseCommon):
    def _add_found(self, visit, lines=None, **values):
        """Add work that was found on site, priced by the office."""
        lines = [(self.labour, 1)] if lines is None else lines
        order = visit.sudo().order_id
        return self._add_job(order, lines, name="Seal", **values)

    def test_price_and_cover_are_shown(self):
        visit = self._arrive()
        found = self._add_found(visit)
        cover = visit.get_cover()
        self.assertEqual(cover["total"], 240.0)
        self.assertEqual(cover["waiting"], 80.0)
        done, asked = cover["jobs"]
        self.assertFalse(done["needs_consent"])
        self.assertEqual(asked["id"], found.id)
        self.assertTrue(asked["needs_consent"])
        self.assertFalse(asked["covered"])
        self.assertEqual(asked["price"], 80.0)
        self.assertEqual(asked["currency"], "USD")
        self.assertIn("No guarantee", asked["reason"])
        self.assertIn("proof of purchase", asked["missing"][0])

    def test_tax_is_in_the_price(self):
        tax = self.env["account.tax"].create(
            {"name": "VAT", "amount": 20, "company_id": self.company.id}
        )
        self.labour.taxes_id = [Command.set(tax.ids)]
        visit = self._arrive()
        self.assertEqual(visit.get_cover()["total"], 192.0)

    def test_guarantee_bears_it(self):
        self._register_guarantee()
        visit = self._arrive()
        self._add_found(visit)
        row = visit.get_cover()["jobs"][1]
        self.assertTrue(row["covered"])
        self.assertEqual(row["price"], 0.0)
        self.assertIn("Free by the guarantee", row["reason"])
        self.assertEqual(row["missing"], [])

    def test_proof_that_is_missing_is_asked_for(self):
        self._register_guarantee(document_state="missing")
        visit = self._arrive()
        self._add_found(visit)
        row = visit.get_cover()["jobs"][1]
        self.assertFalse(row["covered"])
        self.assertIn("proof of purchase", row["missing"][0])

    def _register_guarantee(self, **values):
        pack = self.env["aftersales.warranty.pack"].create(
            {
                "name": "Two years",
                "document_required": True,
                "code": "T-SITE",
                "version_ids": [
                    Command.create(
                        {
                            "date_from": "2000-01-01",
                            "rule_ids": [
                                Command.create(
                                    {
                                        "code": "T-ALL",
                                        "name": "Free repair",
                                        "period": 2,
                                        "parts_charge": "free",
                                        "labour_charge": "free",
                                        "bearer": "maker",
                                    }
                                )
                            ],
                        }
                    )
                ],
            }
        )
        pack.version_ids.action_publish()
        return self.env["aftersales.warranty.registration"].create(
            {
                "asset_id": self.asset.id,
                "pack_id": pack.id,
                "date_start": "2025-06-01",
                "document_state": "checked",
                **values,
            }
        )

    def test_contract_decides_the_price_list(self):
        price_list = self.env["product.pricelist"].create(
            {
                "name": "Maintenance contract",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create(
                        {"compute_price": "percentage", "percent_price": 25.0}
                    )
                ],
            }
        )
        contract = self.env["aftersales.payer"].create(
            {
                "name": "Contract 12",
                "pricelist_id": price_list.id,
                "company_id": self.company.id,
            }
        )
        visit = self._arrive()
        self._add_found(visit, payer_id=contract.id)
        row = visit.get_cover()["jobs"][1]
        self.assertEqual(row["price"], 60.0)
        self.assertEqual(row["price_list"], "Maintenance contract")
        self.assertIn("Contract 12", row["reason"])

    def test_consent_on_site_lets_the_work_begin(self):
        visit = self._arrive()
        found = self._add_found(visit)
        offer = visit.get_cover()["jobs"][1]["offer"]
        visit.action_consent(
            [found.id],
            signer="Wang Fang",
            signature=PNG,
            moment="2026-03-02 08:15:00",
            offers={str(found.id): offer},
            device="Phone 7",
        )
        self.assertEqual(found.state, "progress")
        answer = visit.sudo().approval_ids
        self.assertEqual(answer.method, "site")
        self.assertEqual(answer.signer, "Wang Fang")
        self.assertEqual(answer.user_id, self.anna_user)
        self.assertEqual(answer.amount_total, 80.0)
        self.assertEqual(answer.device, "Phone 7")
        self.assertEqual(answer.date.minute, 15)
        self.assertEqual(found.technician_id, self.employee_anna)
        visit.action_consent([found.id], signer="Wang Fang", signature=PNG)
        self.assertEqual(visit.sudo().approval_ids, answer, "once")
        self.assertIn(found, visit.sudo().job_ids)

    def test_price_changed_since_is_refused(self):
        visit = self._arrive()
        found = self._add_found(visit)
        offer = visit.get_cover()["jobs"][1]["offer"]
        found.line_ids.product_uom_qty = 3
        with self.assertRaisesRegex(UserError, "changed since"):
            visit.action_consent(
                signer="Wang Fang", signature=PNG, offers={found.id: offer}
            )
        self.assertEqual(found.state, "draft")

    def test_what_would_not_hold_is_refused(self):
        visit = self._create_visit(2, "2026-03-02 09:00").with_user(self.anna_user)
        self._add_found(visit)
        yes = {"signer": "Wang Fang", "signature": PNG}
        with self.assertRaisesRegex(UserError, "arrived"):
            visit.action_consent(**yes)
        visit.action_arrive()
        with self.assertRaisesRegex(UserError, "who answered"):
            visit.action_consent(signature=PNG)
        with self.assertRaisesRegex(UserError, "have Wang Fang sign"):
            visit.action_consent(signer="Wang Fang")
        with self.assertRaises(AccessError):
            visit.with_user(self.ben_user).action_consent(**yes)
        other = self._create_visit(1)
        with self.assertRaisesRegex(UserError, "not work of"):
            visit.action_consent(other.job_ids.ids, **yes)
        visit.action_consent(**yes)

    def test_work_without_a_price_is_the_offices_first(self):
        visit = self._arrive()
        self._add_found(visit, lines=[])
        with self.assertRaisesRegex(UserError, "no price yet"):
            visit.action_consent(signer="Wang Fang", signature=PNG)

    def test_engineer_can_not_approve_otherwise(self):
        visit = self._arrive()
        found = self._add_found(visit)
        with self.assertRaises(AccessError):
            found.with_user(self.anna_user).action_approve()
        with self.assertRaises(AccessError):
            found.order_id.with_user(self.anna_user).action_approve()

    def test_draft_order_is_approved_and_started_on_site(self):
        work = self._create_work(1)
        visit = work.action_create_visit()
        visit.action_plan(
            start=self._local("2026-03-02 09:00"), technician=self.employee_carl
        )
        visit = visit.with_user(self.portal_engineer_user)
        visit.action_arrive()
        self.assertEqual(work.state, "draft")
        visit.action_consent(signer="Wang Fang", note="Go ahead")
        self.assertEqual(work.state, "progress")
        self.assertEqual(work.job_ids.state, "progress")
        self.assertEqual(work.sale_order_ids.state, "sale")

    def test_later_work_is_not_meant(self):
        visit = self._arrive()
        found = self._add_found(visit)
        self.env.cr.execute(
            "UPDATE aftersales_job SET create_date = '2026-03-02 08:29:00' "
            "WHERE id = %s",
            [found.id],
        )
        found.invalidate_recordset()
        visit.action_consent(
            signer="Wang Fang", signature=PNG, moment="2026-03-02 08:10:00"
        )
        self.assertEqual(found.state, "draft")

    def test_refused_and_restored_as_found(self):
        visit = self._arrive()
        found = self._add_found(visit)
        with self.assertRaisesRegex(UserError, "say why"):
            visit.action_refuse_paid("")
        visit.action_refuse_paid(
            "Too dear", [found.id], signer="Wang Fang", signature=PNG, restored=False
        )
        self.assertEqual(found.state, "declined")
        self.assertEqual(found.decline_reason, "Too dear")
        answer = visit.sudo().approval_ids
        self.assertEqual((answer.decision, answer.method), ("declined", "site"))
        self.assertEqual(answer.signature, PNG)
        with self.assertRaisesRegex(UserError, "put it back"):
            visit.action_finish("declined")
        visit.action_refuse_paid("Too dear", [found.id], restored=True)
        self.assertTrue(answer.is_restored)
        self.assertEqual(visit.sudo().approval_ids, answer)
        visit.action_finish("declined")
        self.assertEqual(visit.sudo().next_ids.job_ids, visit.sudo().job_ids - found)

    def test_declined_outcome_needs_a_refusal(self):
        visit = self._arrive()
        with self.assertRaisesRegex(UserError, "what the customer declined"):
            visit.action_finish("declined")

    def test_everything_declined_goes_before_the_advisor(self):
        work = self._create_work(1)
        work.action_estimate()
        visit = work.action_create_visit()
        visit.action_plan(
            start=self._local("2026-03-02 09:00"), technician=self.employee_anna
        )
        visit = visit.with_user(self.anna_user)
        visit.action_arrive()
        visit.action_refuse_paid("Buys a new one")
        visit.action_finish("declined")
        self.assertEqual(work.state, "quoted")
        self.assertIn("declined", work.activity_ids.summary)

    def test_batch_of_two(self):
        one = self._arrive()
        two = self._arrive("2026-03-02 13:00")
        jobs = self._add_found(one) | self._add_found(two)
        (one + two).action_consent(signer="Wang Fang", signature=PNG)
        self.assertEqual(jobs.mapped("state"), ["progress", "progress"])
