from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .claim_common import ClaimCommon


@tagged("post_install", "-at_install")
class TestClaimViews(ClaimCommon):
    def _open(self, action, user):
        return Form(
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
        )

    def test_answer_on_screen(self):
        claim = self._create_claim(send=True).with_user(self.advisor)
        with self._open(claim.action_open_answer(), self.advisor) as wizard:
            wizard.reference = "DF-1"
            self.assertEqual(len(wizard.line_ids), 2)
            with wizard.line_ids.edit(1) as line:
                self.assertEqual(line.amount_approved, 160.0)
                line.amount_approved = 100.0
                line.reason = "Too long"
                line.reason_code = "T2"
            self.assertEqual(wizard.amount_refused, 60.0)
        wizard.record.action_save()
        self.assertEqual(claim.state, "part_approved")
        self.assertEqual(claim.reference, "DF-1")
        refused = claim.line_ids[1]
        self.assertEqual((refused.reason, refused.reason_code), ("Too long", "T2"))

    def test_all_refused_on_screen(self):
        claim = self._create_claim(send=True)
        with self._open(claim.action_open_answer(), self.advisor) as wizard:
            wizard.reason = "Too late"
        wizard.record.action_refuse()
        self.assertEqual(claim.state, "refused")

    def test_payment_of_two_claims_on_screen(self):
        claims = self._create_claim(send=True) + self._create_claim(send=True)
        action = claims.with_user(self.accountant).action_open_settle()
        with self._open(action, self.accountant) as wizard:
            self.assertEqual(wizard.journal_id.type, "bank")
            self.assertEqual(wizard.amount, 360.0)
            with wizard.line_ids.edit(0) as line:
                line.amount = 15.0
            self.assertEqual(wizard.difference, 5.0)
            wizard.reference = "R1"
        wizard.record.action_save()
        self.assertEqual(claims.mapped("state"), ["partial", "paid"])
        with self.assertRaises(AccessError):
            claims.with_user(self.advisor).action_open_settle()

    def test_reasons_on_screen(self):
        claims = self._create_claim(send=True) + self._create_claim(send=True)
        refused, again = claims
        claims.action_refuse(reason="No")
        with self._open(refused.action_open_decide(), self.manager) as wizard:
            self.assertEqual(len(wizard.line_ids), 2)
            wizard.decision = "rework"
            wizard.reason = "Ours"
        wizard.record.action_apply()
        self.assertEqual(refused.line_ids.mapped("decision"), ["rework", "rework"])
        with self._open(again.action_open_resubmit(), self.advisor) as wizard:
            wizard.reason = "Photo added"
        wizard.record.action_apply()
        self.assertEqual(again.state, "resubmitted")
        with self._open(again.action_open_write_off(), self.manager) as wizard:
            wizard.reason = "Enough"
        wizard.record.action_apply()
        self.assertEqual(again.state, "written_off")
        draft = self._create_claim()
        with self._open(draft.action_open_cancel(), self.advisor) as wizard:
            wizard.reason = "Mistake"
        wizard.record.action_apply()
        self.assertEqual(draft.state, "cancel")

    def test_change_of_payer_on_screen(self):
        self._stock(self.part_avco, 5)
        order = self._approve(self._create_order())
        self.assertFalse(order.can_correct_payer)
        self._finish_order(order)
        order.invalidate_recordset()
        self.assertTrue(order.can_correct_payer)
        for user in (self.manager, self.accountant):
            action = order.with_user(user).action_open_correct_payer()
            with self._open(action, user) as wizard:
                self.assertEqual(wizard.from_payer_id, self.payer_customer)
                wizard.payer_id = self.payer_goodwill
                wizard.percentage = 10
                wizard.reason = "Waited"
            wizard.record.action_apply()
        self.assertEqual(order.correction_ids.mapped("amount"), [16, 2, 16, 2])

    def test_claim_is_opened_from_where_people_are(self):
        claim = self._create_claim()
        order = claim.order_ids
        for record in (order, claim.move_id, self.maker):
            action = (
                record.action_view_claims()
                if record == order
                else record.action_view_aftersales_claims()
            )
            if action.get("res_id"):
                self.assertEqual(action["res_id"], claim.id)
            else:
                found = self.env["aftersales.claim"].search(action["domain"])
                self.assertIn(claim, found)
        self.assertEqual(order.claim_count, 1)
        self.assertEqual(self.maker.aftersales_claim_count, 1)

    def test_documents_are_seen_by_who_sees_the_claim(self):
        claim = self._create_claim().with_user(self.advisor)
        document = (
            self.env["ir.attachment"]
            .with_user(self.advisor)
            .create({"name": "photo.jpg", "raw": b"x"})
        )
        claim.document_ids = document
        self.assertEqual(document.with_user(self.accountant).name, "photo.jpg")

    def test_forms_open_for_each_role(self):
        claim = self._create_claim(send=True)
        for user in (self.advisor, self.manager, self.accountant):
            with Form(claim.with_user(user)) as form:
                form.reference = user.login
            self.assertEqual(claim.reference, user.login)

    def test_printed_claim(self):
        self.part_avco.aftersales_exchange = True
        claims = self._create_claim(send=True) + self._create_claim()
        claims[0].order_ids.job_ids.cause = "Bearing worn"
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.advisor)
            ._render_qweb_html("aftersales_warranty.report_claim", claims.ids)
        )
        text = html.decode()
        for expected in (
            *claims.mapped("name"),
            *claims.order_ids.mapped("name"),
            "Sedan 1.6",
            "Bearing worn",
            "180.00",
            claims[0].old_part_ids.name,
            claims[0].move_id.name,
        ):
            self.assertIn(expected, text)
