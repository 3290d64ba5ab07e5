from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_visit_close import CloseCommon

KEYS = {
    "state",
    "words",
    "window",
    "what",
    "where",
    "engineer",
    "company",
    "phone",
    "can_change",
    "fees",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestTracking(CloseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "wang@example.com"
        cls.employee_anna.name = "Anna Secretname"
        cls.Visit = cls.env["aftersales.visit"]

    def test_page_shows_these_things_alone(self):
        visit = self._create_visit(2, "2026-03-03 09:00")
        tracking = self.Visit._browse_tracking(visit._get_code())._get_tracking()
        self.assertEqual(set(tracking), KEYS)
        self.assertEqual(tracking["state"], "planned")
        self.assertEqual(tracking["engineer"], "Anna")
        self.assertEqual(tracking["window"], "Tuesday, 3 March 2026, 09:00 – 11:00")
        self.assertTrue(tracking["can_change"])
        self.assertEqual(tracking["what"], self.asset.name)
        self.assertNotIn("\n", tracking["where"])
        words = str(tracking)
        for private in ("Secretname", "Wang", visit.name, visit.order_id.name):
            self.assertNotIn(private, words)

    def test_state_on_the_way_and_after(self):
        visit = self._create_visit(2, "2026-03-02 09:00").with_user(self.anna_user)
        visit.action_travel()
        tracking = visit.sudo()._get_tracking()
        self.assertEqual(tracking["state"], "travel")
        self.assertFalse(tracking["can_change"])
        visit.action_arrive()
        self._write_down(visit)
        visit.action_finish("fixed")
        self.assertEqual(visit.sudo()._get_tracking()["state"], "done")

    def test_link_ends_and_can_be_withdrawn(self):
        visit = self._create_visit(2, "2026-03-02 09:00")
        code = visit._get_code()
        self.assertTrue(self.Visit._browse_tracking(code))
        with freeze_time("2026-03-04 08:30:00"):
            self.assertTrue(self.Visit._browse_tracking(code))
        with freeze_time("2026-03-06 08:30:00"):
            self.assertFalse(self.Visit._browse_tracking(code))
        for forged in (
            "",
            "1",
            f"{visit.id}--",
            code[:-1],
            f"{visit.id + 1}{code[1:]}",
        ):
            self.assertFalse(self.Visit._browse_tracking(forged), forged)
        with self.assertRaises(AccessError):
            visit.with_user(self.ben_user).action_withdraw_code()
        visit.with_user(self.dispatcher).action_withdraw_code()
        self.assertFalse(self.Visit._browse_tracking(code))
        self.assertTrue(self.Visit._browse_tracking(visit._get_code()))

    def test_customer_moves_to_a_time_that_is_offered(self):
        visit = self._create_visit(2, "2026-03-03 09:00", site=self.site_mitte)
        offers = visit._get_offers()
        self.assertTrue(offers)
        first = fields.Datetime.now() + timedelta(hours=4)
        self.assertTrue(all(offer["start"] >= first for offer in offers))
        start = offers[-1]["start"]
        visit._move_by_customer(start)
        self.assertEqual(visit.start, start)
        self.assertEqual(visit.state, "planned")
        visit._move_by_customer(start)
        with self.assertRaisesRegex(UserError, "choose another"):
            visit._move_by_customer(start + timedelta(minutes=7))
        with self.assertRaisesRegex(UserError, "choose another"):
            visit._move_by_customer(None)

    def test_not_once_it_is_too_late(self):
        self.company.phone = "030 123"
        visit = self._create_visit(2, "2026-03-02 10:00")
        self.assertFalse(visit._can_customer_change())
        with self.assertRaisesRegex(UserError, "030 123"):
            visit._move_by_customer(self._local("2026-03-04 09:00"))
        with self.assertRaisesRegex(UserError, "030 123"):
            visit._cancel_by_customer("x")
        later = self._create_visit(2, "2026-03-04 09:00")
        later.with_user(self.anna_user).action_travel()
        with self.assertRaisesRegex(UserError, "can't be changed"):
            later._cancel_by_customer("x")

    def test_customer_calls_it_off(self):
        visit = self._create_visit(2, "2026-03-04 09:00")
        visit._cancel_by_customer("Away")
        visit._cancel_by_customer("Away")
        self.assertEqual(visit.state, "cancel")
        self.assertEqual(visit.cancel_reason, "Away")
        self.assertEqual(visit.order_id.state, "approved")
        self.assertEqual(len(visit.order_id.activity_ids), 1)

    # What the customer is told

    def _tell(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "aftersales_field.ir_cron_tell_customers"
            ).method_direct_trigger()

    def _get_mails(self, visit):
        return visit.message_ids.filtered(
            lambda message: message.message_type == "auto_comment"
        ).sorted("id")

    def test_nothing_is_sent_unless_the_team_wants_it(self):
        visit = self._create_visit(2, "2026-03-03 09:00")
        visit.with_user(self.anna_user).action_travel()
        self.assertFalse(visit.tell)
        self.assertFalse(self._get_mails(visit))
        self.assertFalse(visit.activity_ids)

    def test_told_of_plan_move_and_way(self):
        self.team.tells_customers = True
        visit = self._create_visit(2, "2026-03-03 09:00")
        self.assertEqual(visit.tell, "plan")
        self._tell()
        self.assertFalse(visit.tell)
        mail = self._get_mails(visit)
        self.assertIn("3 March 2026, 09:00", mail.subject)
        self.assertIn(visit._get_code(), mail.body)
        self.assertEqual(mail.partner_ids, self.customer)
        self.assertEqual(visit.window_start, visit.start)
        visit.action_plan(technician=self.employee_ben)
        self.assertFalse(visit.tell, "the time is the same")
        visit.action_plan(start=self._local("2026-03-03 14:00"))
        visit.action_plan(start=self._local("2026-03-03 15:00"))
        self._tell()
        self.assertEqual(len(self._get_mails(visit)), 2)
        self.assertIn("15:00", self._get_mails(visit)[-1].subject)
        visit.with_user(self.ben_user).action_travel()
        visit.with_user(self.ben_user).action_travel()
        self.assertEqual(len(self._get_mails(visit)), 3)
        self.assertIn("on the way", self._get_mails(visit)[-1].subject)

    def _create_told(self):
        """Return a visit of Wednesday whose customer had the mail."""
        self.team.tells_customers = True
        visit = self._create_visit(2, "2026-03-04 09:30", site=self.site_mitte)
        self._tell()
        self.assertEqual(visit.window_start, visit.start)
        return visit

    def test_whoever_had_the_mail_may_move_the_visit(self):
        visit = self._create_told()
        offers = visit._get_offers()
        self.assertGreater(len({offer["start"].date() for offer in offers}), 3)
        start = next(o["start"] for o in offers if o["start"] > visit.window_stop)
        visit._move_by_customer(start)
        self.assertEqual(visit.start, start)
        self.assertFalse(visit.window_start or visit.window_stop, "holds no more")
        self.assertEqual(visit.tell, "move")
        self._tell()
        self.assertEqual(visit.window_start, start)

    def test_customer_moves_out_of_a_window_written_by_hand(self):
        visit = self._create_visit(2, "2026-03-04 09:30", site=self.site_mitte)
        visit.window_start = self._local("2026-03-04 09:00")
        visit.window_stop = self._local("2026-03-04 11:00")
        start = visit._get_offers()[-1]["start"]
        visit._move_by_customer(start)
        self.assertFalse(visit.window_start or visit.window_stop)

    def test_what_was_told_ends_with_the_plan(self):
        visit = self._create_told()
        visit.action_unplan(reason="Ill")
        self.assertFalse(visit.window_start or visit.window_stop or visit.date_told)
        activities = visit.order_id.activity_ids
        told = activities.filtered(lambda each: "it is off" in each.summary)
        self.assertIn("9:30", told.note, "the advisor sees what was told")
        visit.action_plan(
            start=self._local("2026-03-04 09:30"), technician=self.employee_anna
        )
        self._tell()
        self.assertTrue(visit.window_start)
        visit.action_plan(start=self._local("2026-03-04 10:30"))
        self.assertTrue(visit.window_start, "kept: it lies in what was told")
        visit.action_plan(start=self._local("2026-03-05 08:00"))
        self.assertFalse(visit.window_start)

    def test_others_are_found_after_the_mail(self):
        visit = self._create_told()
        Dispatch = self.env["aftersales.dispatch"]
        found = Dispatch.get_candidates(visit)
        kept = [each for each in found if each["start"]]
        self.assertTrue(kept)
        self.assertTrue(all(visit._is_in_window(each["start"]) for each in kept))
        later = self._local("2026-03-05 00:00")
        found = Dispatch.get_candidates(visit, date_from=later)
        self.assertTrue(found[0]["start"] > later)
        self.assertIn("The customer was told", " ".join(found[0]["reasons"]))

    def test_quiet_hours_are_kept(self):
        self.team.tells_customers = True
        visit = self._create_visit(2, "2026-03-04 09:00")
        with freeze_time("2026-03-02 22:30:00"):
            self._tell()
            self.assertEqual(visit.tell, "plan")
        with freeze_time("2026-03-03 08:30:00"):
            self._tell()
            self.assertFalse(visit.tell)

    def test_who_has_no_address_is_called(self):
        self.team.tells_customers = True
        self.customer.email = False
        visit = self._create_visit(2, "2026-03-03 09:00")
        self._tell()
        self.assertIn("tell the customer", visit.order_id.activity_ids.summary)

    def test_told_and_then_off(self):
        self.team.tells_customers = True
        visit = self._create_visit(2, "2026-03-03 09:00")
        self._tell()
        visit.action_unplan(reason="Ill")
        self.assertIn("it is off", visit.order_id.activity_ids.summary)

    def test_somebody_calls_on_the_day_before(self):
        self.team.calls_ahead = True
        visit = self._create_visit(2, "2026-03-05 09:00")
        self.assertEqual(
            visit.activity_ids.date_deadline, fields.Date.to_date("2026-03-04")
        )
        self.assertEqual(visit.activity_ids.user_id, self.advisor)
        visit.action_plan(start=self._local("2026-03-06 09:00"))
        self.assertEqual(
            visit.activity_ids.date_deadline, fields.Date.to_date("2026-03-05")
        )
        visit.action_unplan(reason="x")
        self.assertFalse(visit.activity_ids)

    def test_first_name_where_the_family_comes_first(self):
        visit = self._create_visit(2, "2026-03-03 09:00")
        for name in ("王芳", "欧阳 娜娜", "田中 太郎", "Cher"):
            self.employee_anna.name = name
            self.assertEqual(visit._get_tracking()["engineer"], name)
