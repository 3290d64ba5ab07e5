from freezegun import freeze_time

from odoo.tests import tagged

from .test_visit_close import CloseCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestVisitLeft(CloseCommon):
    """R220: nobody leaves a customer without headquarters knowing."""

    def setUp(self):
        super().setUp()
        self.visit = self._arrive()
        self.order = self.visit.sudo().order_id
        self.next = self._create_visit(1, "2026-03-02 14:00").with_user(self.anna_user)

    def _get_told(self):
        return self.order.activity_ids.filtered(
            lambda activity: "left unfinished" in (activity.summary or "")
        )

    def _get_stamps(self):
        return self.visit.sudo().stamp_ids.filtered(lambda each: each.kind == "leave")

    def test_dispatcher_is_told_once(self):
        self.next.action_travel(place={"latitude": 52.5, "longitude": 13.4})
        self.next.action_arrive()
        told = self._get_told()
        self.assertEqual(len(told), 1)
        self.assertIn(self.next.sudo().name, told.note)
        stamp = self._get_stamps()
        self.assertEqual(
            (stamp.employee_id, stamp.latitude), (self.employee_anna, 52.5)
        )
        self.assertEqual(self.visit.sudo().state, "onsite", "it still waits for her")

    def test_who_comes_back_and_leaves_again_is_told_again(self):
        self.next.action_travel()
        self.next.action_turn_back()
        self.visit.action_pause(reason="Back at once")
        self.visit.action_resume()
        self.next.action_travel()
        self.assertEqual(len(self._get_stamps()), 2)

    def test_properly_handed_over_or_finished(self):
        self.visit.action_hand_over(note="I have to go")
        self.next.action_travel()
        self.assertFalse(self._get_told())
        self.next.action_arrive()
        self._write_down(self.next)
        self.next.action_finish("fixed")
        third = self._create_visit(1, "2026-03-02 16:00").with_user(self.anna_user)
        third.action_travel()
        self.assertFalse(
            self.next.sudo().stamp_ids.filtered(lambda e: e.kind == "leave")
        )

    def test_others_leave_nothing(self):
        other = self._create_visit(1, "2026-03-02 14:00", self.employee_ben)
        other.with_user(self.ben_user).action_travel()
        self.assertFalse(self._get_told())
