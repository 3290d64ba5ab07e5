from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import PIXEL, InspectionCommon


@tagged("post_install", "-at_install")
class TestFinding(InspectionCommon):
    def _find(self, order=None, **answers):
        """Inspect an order and return what was found."""
        order = order or self._create_order([(self.labour, 1)])
        inspection = self._answer_all(self._inspect(order), **answers)
        inspection.action_finish()
        return inspection.finding_ids

    def _hand_over(self, order):
        order.action_start()
        order.action_complete()
        order.action_pass_quality()
        order.action_deliver()

    def test_next_step_is_to_offer_what_was_found(self):
        order = self._create_order([(self.labour, 1)])
        self._approve(order).action_start()
        tyres, lights = self._find(order, tyres="red", lights="no").sorted("name")
        order.invalidate_recordset(["next_step"])
        self.assertIn("Make jobs of what was found", order.next_step)
        self.assertIn(tyres.name, order.next_step)
        order.action_complete()
        order.action_pass_quality()
        order.invalidate_recordset(["next_step"])
        self.assertIn("Offer it on a new work order", order.next_step)
        order = order.with_user(self.advisor)
        new = order.browse(order.action_order_findings()["res_id"])
        self.assertEqual(new.job_ids.finding_id, tyres | lights)
        self.assertEqual((new.asset_id, new.state), (order.asset_id, "draft"))
        self.assertEqual(new.team_id, order.team_id)
        self.assertIn(order.name, new.complaint)
        with self.assertRaisesRegex(UserError, order.name):
            order.action_order_findings()
        order.invalidate_recordset(["next_step"])
        self.assertNotIn("Offer", order.next_step)

    def test_what_was_found_goes_on_the_open_order(self):
        order = self._create_worked_order()
        finding = self._find(order, tyres="red")
        order.action_pass_quality()
        current = self._create_order([(self.labour, 1)])
        self.assertEqual(order.action_order_findings()["res_id"], current.id)
        self.assertEqual(finding.job_ids.order_id, current)

    def test_of_several_open_orders_the_newest_takes_it(self):
        orders = self._create_worked_order() | self._create_worked_order()
        findings = [self._find(order, tyres="red") for order in orders]
        orders.action_pass_quality()
        self._create_order([(self.labour, 1)])
        newest = self._create_order([(self.labour, 1)])
        findings[0].action_create_job()
        self.assertEqual(findings[0].job_ids.order_id, newest)
        orders[1].action_order_findings()
        self.assertEqual(findings[1].job_ids.order_id, newest)

    def test_words_are_in_the_language_of_the_customer(self):
        """Whoever inspects, and whoever makes the job of it."""
        self.env["res.lang"]._activate_lang("fr_FR")
        version = self.version.copy()
        (
            self.item_lights,
            self.item_brakes,
            self.item_tyres,
            self.item_wipers,
            self.item_note,
        ) = version.item_ids
        french = {
            self.item_brakes: {
                "name": "Plaquettes avant",
                "words_red": "Les plaquettes sont usées.",
            },
            self.job_brakes: {"name": "Plaquettes", "description": "Plaquettes neuves"},
        }
        for record, values in french.items():
            for field, text in values.items():
                record.update_field_translations(field, {"fr_FR": text})
        version.action_publish()
        self.customer.lang = "fr_FR"
        finding = self._find(brakes=1)
        self.assertEqual(finding.name, "Plaquettes avant")
        self.assertEqual(finding.words, "Les plaquettes sont usées.")
        job = finding.with_user(self.advisor).action_create_job()
        self.assertEqual(job.name, "Plaquettes")
        self.assertEqual(
            job.description, "Plaquettes neuves\nLes plaquettes sont usées."
        )
        self.customer.lang = "en_US"
        findings = self._find(brakes=1).with_context(lang="fr_FR")
        self.assertEqual(findings.name, "Front pads")

    # Made by answers

    def test_yellow_and_red_become_findings(self):
        inspection = self._inspect(self._create_order())
        self._answer_all(inspection, brakes=3, tyres="red", lights="no")
        pads, tyres, lights = (
            self._get_answer(inspection, item).finding_ids
            for item in (self.item_brakes, self.item_tyres, self.item_lights)
        )
        self.assertEqual(len(inspection.finding_ids), 3)
        self.assertEqual(pads.rating, "yellow")
        self.assertEqual(pads.asset_id, self.asset)
        self.assertEqual(pads.order_id, inspection.order_id)
        self.assertEqual(pads.job_template_id, self.job_brakes)
        self.assertIn("few thousand km", pads.words)
        self.assertFalse(pads.is_safety, "not yet")
        self.assertEqual(lights.words, "All lights work", "no words were given")
        self.assertEqual(set(inspection.finding_ids.mapped("state")), {"open"})
        self.assertIn("below the limit", tyres.words)
        self.assertEqual(len(pads.photo_ids), 1)

    def test_a_changed_answer_changes_its_finding(self):
        inspection = self._inspect(self._create_order())
        self._answer(inspection, {self.item_brakes: 3})
        finding = inspection.finding_ids
        self._answer(
            inspection, {self.item_brakes: {"value_number": 1, "note": "Metal"}}
        )
        self.assertEqual(inspection.finding_ids, finding)
        self.assertEqual(finding.rating, "red")
        self.assertTrue(finding.is_safety)
        self.assertEqual(finding.note, "Metal")
        self.assertIn("worn out", finding.words)
        self._answer(inspection, {self.item_brakes: 8})
        self.assertFalse(finding.exists())

    def test_a_finding_somebody_acted_on_stays(self):
        inspection = self._inspect(self._create_order())
        self._answer(inspection, {self.item_brakes: 1})
        finding = inspection.finding_ids
        finding.action_create_job()
        self._answer(inspection, {self.item_brakes: 8})
        self.assertEqual(inspection.finding_ids, finding)
        with self.assertRaisesRegex(UserError, "Dismiss it"):
            finding.unlink()

    # Jobs

    def test_one_click_makes_the_job(self):
        finding = self._find(brakes=1)
        job = finding.action_create_job()
        self.assertEqual(job.order_id, finding.order_id)
        self.assertEqual(job.finding_id, finding)
        self.assertEqual(job.name, "Replace brake pads")
        self.assertEqual(job.line_ids.product_id, self.part_avco | self.labour)
        self.assertEqual(job.payer_id, self.payer_customer)
        self.assertIn("worn out", job.description)
        self.assertGreater(job.amount_total, 0)
        self.assertEqual(finding.state, "proposed")
        self.assertEqual(finding.action_create_job(), job, "pressed twice")

    def test_jobs_of_a_batch(self):
        one, two = (self._find(brakes=1) for _each in range(2))
        jobs = (one | two).action_create_job()
        self.assertEqual(jobs.order_id, one.order_id | two.order_id)

    def test_a_finding_without_template_becomes_an_empty_job(self):
        finding = self._find(tyres="red")
        job = finding.action_create_job()
        self.assertEqual(job.name, "Tyres")
        self.assertFalse(job.line_ids)

    def test_one_job_for_several_findings(self):
        order = self._create_order([(self.labour, 1)])
        findings = self._find(order, brakes=1, tyres="red", lights="no")
        job = findings.action_create_job(together=True)
        self.assertEqual(len(job), 1)
        self.assertEqual(job._get_findings(), findings)
        self.assertEqual(set(findings.mapped("state")), {"proposed"})
        self.assertEqual(findings.action_create_job(together=True), job)
        self._approve(order)
        self.assertEqual(set(findings.mapped("state")), {"approved"})
        self._stock(self.part_avco, 5)
        order.action_start()
        self._issue(order)
        order.action_complete()
        order.action_pass_quality()
        order.action_deliver()
        self.assertEqual(set(findings.mapped("state")), {"fixed"})
        found = self.env["aftersales.finding"].search(
            [("state", "=", "fixed"), ("asset_id", "=", self.asset.id)]
        )
        self.assertEqual(found, findings)

    def test_followers_get_a_job_of_their_own_later(self):
        order = self._create_order([(self.labour, 1)])
        findings = self._find(order, brakes=1, tyres="red")
        job = findings.action_create_job(together=True)
        order.action_estimate()
        order.action_decline(jobs=job, reason="Too much")
        self.assertEqual(set(findings.mapped("state")), {"declined"})
        follower = findings.filtered("with_id")
        own = follower.action_create_job()
        self.assertEqual(own.finding_id, follower)
        self.assertFalse(follower.with_id)
        self.assertEqual((findings - follower).state, "declined")

    def test_findings_of_different_assets_do_not_share_a_job(self):
        one = self._find(tyres="red")
        other = self._create_order(
            [(self.labour, 1)], asset_id=self.asset.copy({"name": "Wagon"}).id
        )
        two = self._find(other, tyres="red")
        jobs = (one | two).action_create_job(together=True)
        self.assertEqual(jobs.order_id, one.order_id | two.order_id)
        with self.assertRaisesRegex(ValidationError, "fixed together"):
            two.with_id = one
        with self.assertRaisesRegex(UserError, "another asset"):
            two.action_create_job(order=one.order_id)

    def test_without_an_open_order_it_says_so(self):
        finding = self._find(tyres="red")
        finding.order_id.action_cancel("Changed mind")
        with self.assertRaisesRegex(UserError, "no open work order"):
            finding.action_create_job()
        order = self._create_order([(self.labour, 1)])
        job = finding.action_create_job()
        self.assertEqual(job.order_id, order)

    # States

    def test_state_follows_the_job(self):
        Finding = self.env["aftersales.finding"]
        finding = self._find(brakes=1)
        order = finding.order_id
        self._stock(self.part_avco, 5)
        states = []

        def check(state):
            states.append(state)
            self.assertEqual(finding.state, state)
            domain = [("asset_id", "=", self.asset.id)]
            for each in ("open", "proposed", "approved", "fixed", "declined"):
                found = Finding.search([*domain, ("state", "=", each)])
                self.assertEqual(found, finding if each == state else found.browse())
            self.assertTrue(Finding.search([*domain, ("state", "!=", "dismissed")]))

        check("open")
        job = finding.action_create_job()
        check("proposed")
        order.action_estimate()
        check("proposed")
        order.action_decline(jobs=job, reason="Later")
        check("declined")
        job.action_requote()
        check("proposed")
        order.action_approve()
        check("approved")
        order.action_start()
        self._issue(order)
        order.action_complete()
        check("approved")
        order.action_pass_quality()
        order.action_deliver()
        check("fixed")

    def test_cancelled_order_opens_it_again(self):
        finding = self._find(tyres="red")
        finding.action_create_job()
        self._approve(finding.order_id)
        self.assertEqual(finding.state, "approved")
        finding.order_id.action_cancel("Sold the car")
        self.assertEqual(finding.state, "open")

    def test_deleted_job_opens_it_again(self):
        finding = self._find(tyres="red")
        finding.action_create_job().unlink()
        self.assertEqual(finding.state, "open")

    # The next order

    def test_what_was_not_done_comes_up_on_the_next_order(self):
        order = self._create_order([(self.labour, 1)])
        findings = self._find(order, tyres="red", brakes=3)
        declined = findings.filtered(lambda finding: finding.name == "Tyres")
        job = declined.action_create_job()
        order.action_estimate()
        order.action_decline(jobs=job, reason="Later")
        order.action_approve(jobs=order.job_ids - job)
        self.assertEqual(order.open_finding_ids, findings - declined)
        self.assertFalse(order.earlier_finding_ids, "found just now")
        self._hand_over(order)
        self.assertEqual(declined.state, "declined")
        self.assertEqual((findings - declined).state, "open")
        later = self._create_order([(self.labour, 1)])
        self.assertEqual(later.open_finding_ids, findings)
        self.assertEqual(later.earlier_finding_ids, findings)
        self.assertIn("Found before and not done: Tyres; Front pads", later.missing)
        self.assertEqual(self.asset.open_finding_count, 2)
        new = self.env["aftersales.order"].new({"asset_id": self.asset.id})
        self.assertEqual(new.earlier_finding_ids._origin, findings, "before saving")
        later.action_add_findings()
        self.assertEqual(later.job_ids.finding_id, findings)
        self.assertFalse(later.open_finding_ids)
        self.assertNotIn("Found before", later.missing or "")
        self.assertEqual(set(findings.mapped("state")), {"proposed"})
        later.action_estimate()
        later.action_decline(reason="No money")
        self.assertFalse(later.earlier_finding_ids, "asked and declined here")

    def test_orders_of_other_assets_do_not_show_it(self):
        self._find(tyres="red")
        other = self.asset.copy({"name": "Wagon"})
        self.assertFalse(other.has_findings)
        order = self._create_order([(self.labour, 1)], asset_id=other.id)
        self.assertFalse(order.open_finding_ids)
        self.assertFalse(other.open_finding_count)

    # Safety

    def test_danger_is_not_handed_over_without_a_warning(self):
        finding = self._find(brakes=1)
        self.assertTrue(finding.is_safety)
        order = finding.order_id
        order.action_approve()
        order.action_start()
        self.assertIn("Safety warning: Front pads", order.missing)
        order.action_complete()
        order.action_pass_quality()
        with self.assertRaisesRegex(UserError, "Front pads affects safety"):
            order.action_deliver()
        self.assertEqual(order.state, "ready")
        for method, name in (("desk", ""), ("shout", "Wang Fang"), (None, None)):
            with self.assertRaisesRegex(UserError, "who was warned"):
                finding.action_record_warning(method=method, name=name)
        finding.with_user(self.advisor).action_record_warning(
            method="phone", name="Wang Fang", note="Will come back", signature=PIXEL
        )
        finding.action_record_warning(method="desk", name="Somebody")
        self.assertEqual(finding.warned_name, "Wang Fang", "the first stays")
        self.assertEqual(finding.warning_user_id, self.advisor)
        self.assertTrue(finding.warning_date and finding.warning_signature)
        self.assertIn("Wang Fang", "".join(order.message_ids.mapped("body")))
        order.action_deliver()
        self.assertEqual(order.state, "done")

    def test_approved_danger_needs_no_warning(self):
        finding = self._find(brakes=1)
        finding.action_create_job()
        self._stock(self.part_avco, 5)
        order = self._approve(finding.order_id)
        order.action_start()
        self._issue(order)
        order.action_complete()
        order.action_pass_quality()
        order.action_deliver()
        self.assertEqual(finding.state, "fixed")

    def test_dismissed_danger_needs_no_warning(self):
        finding = self._find(brakes=1)
        order = finding.order_id
        finding.action_dismiss("Measured wrong")
        order.action_approve()
        self._hand_over(order)
        self.assertEqual(order.state, "done")

    # Dismissing

    def test_dismissing_needs_a_reason_and_no_job(self):
        finding = self._find(tyres="red")
        with self.assertRaisesRegex(UserError, "say why"):
            finding.action_dismiss(" ")
        finding.action_create_job()
        with self.assertRaisesRegex(UserError, "on a work order"):
            finding.action_dismiss("Mistake")
        finding.job_ids.unlink()
        finding.with_user(self.advisor).action_dismiss("Mistake")
        finding.action_dismiss("Another reason")
        self.assertEqual(finding.state, "dismissed")
        self.assertEqual(finding.dismiss_reason, "Mistake")
        self.assertEqual(finding.dismiss_user_id, self.advisor)
        with self.assertRaisesRegex(UserError, "needs no job"):
            finding.action_create_job()
        later = self._create_order([(self.labour, 1)])
        self.assertFalse(later.open_finding_ids)

    def test_proofs_are_not_written_by_hand(self):
        finding = self._find(tyres="red").with_user(self.manager)
        for values in (
            {"warning_date": "2026-01-01"},
            {"warned_name": "Somebody"},
            {"date_dismissed": "2026-01-01"},
            {"dismiss_reason": "No"},
            {"fixed_answer_id": finding.answer_id.id},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                finding.write(values)

    def test_advisor_is_told_what_the_technician_found(self):
        order = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}
        )
        inspection = self._inspect(order, user=self.technician)
        self._answer_all(inspection, tyres="red")
        inspection.action_finish()
        activity = order.activity_ids
        self.assertEqual(activity.user_id, self.advisor)
        self.assertIn("below the limit", activity.note)

    def test_asset_with_findings_is_archived_instead_of_deleted(self):
        asset = self._find(tyres="red").asset_id
        with self.assertRaisesRegex(UserError, "has findings.*Archive it"):
            asset.with_user(self.manager).unlink()

    def test_inspection_needs_a_template(self):
        order = self._create_order([(self.labour, 1)])
        with self.assertRaisesRegex(UserError, "say which inspection template"):
            order.action_inspect()
