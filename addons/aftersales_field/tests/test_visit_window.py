from freezegun import freeze_time

from odoo.tests import tagged

from .common import FieldCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestVisitWindow(FieldCommon):
    """What the customer is told about the time is the same wherever it is read."""

    def setUp(self):
        super().setUp()
        self.visit = self._create_visit(2, "2026-03-03 09:00")
        self.order = self.visit.order_id
        self.window = "Tuesday, 3 March 2026, 09:00 – 11:00"

    def _get_answers(self):
        """Return what each screen says of the time, after the screens were left."""
        self.env.invalidate_all()
        hotline = self.env["aftersales.hotline"].with_company(self.company)
        card = hotline.get_card(order_id=self.order.id)
        order = next(each for each in card["orders"] if each["id"] == self.order.id)
        return [
            self.visit.customer_time,
            self.visit._get_tracking()["window"],
            self.order._get_portal_status()[1],
            self.order._get_customer_promise()[1],
            order["next_step"],
            order["visits"][0]["time"],
        ]

    def test_planned_time_and_as_long_as_the_company_says(self):
        for answer in self._get_answers():
            self.assertIn(self.window, answer)
        self.order.date_promised = "2026-03-05 12:00:00"
        for answer in self._get_answers():
            self.assertIn(self.window, answer, "the visit says more than the promise")

    def test_what_was_told_holds(self):
        self.visit.write(
            {
                "window_start": self._local("2026-03-03 08:00"),
                "window_stop": self._local("2026-03-03 12:00"),
            }
        )
        for answer in self._get_answers():
            self.assertIn("3 March 2026, 08:00 – 12:00", answer)

    def test_without_a_visit_the_promise_or_nothing(self):
        order = self._create_order(is_onsite=True)
        self.assertEqual(order._get_customer_promise(), ("Promised", ""))
        order.date_promised = "2026-03-05 12:00:00"
        self.assertIn("03/05/2026", order._get_customer_promise()[1])
        order.action_create_visit()
        self.assertEqual(order._get_customer_promise()[0], "Promised")
        self.assertEqual(order._get_portal_status()[0], "We plan your visit")

    def test_late_once_the_window_is_over_and_nobody_is_there(self):
        payload = self.env["aftersales.field.app"]._prepare_visits(self.visit)[0]
        late_after = self._local("2026-03-03 11:00")
        self.assertIn(late_after.strftime("%Y-%m-%d"), payload["late_after"])
        self.assertIn(late_after.strftime("%H:%M"), payload["late_after"])
        with freeze_time("2026-03-03 09:30:00"):
            self.env.invalidate_all()
            self.assertFalse(self.visit.is_overdue)
        with freeze_time("2026-03-03 18:30:00"):
            answers = self._get_answers()
            self.assertTrue(self.visit.is_overdue)
            self.assertIn("Anna is late", answers[4])
            self.assertIn("We are late", answers[2])
            self.assertIn("We are late", self.visit._get_tracking()["words"])
            for answer in answers:
                self.assertIn(self.window, answer)
            visit = self.visit.with_user(self.anna_user)
            visit.action_travel()
            visit.action_arrive()
            self.assertFalse(self.visit.is_overdue, "somebody is there")
            self.assertEqual(self.order._get_portal_status()[0], "At your place")

    def test_paper_of_an_order_on_site_is_the_customers(self):
        def render(order):
            content, _kind = self.env["ir.actions.report"]._render_qweb_html(
                "aftersales.action_report_task_order", order.ids
            )
            return content.decode()

        text = render(self.order)
        self.assertIn("Customer&#39;s copy", text.replace("'", "&#39;"))
        self.assertIn(self.window, text)
        workshop = ("Copy 1 of 2", "Waits here", "Free wash", "Test runs", "Tear off")
        for words in workshop:
            self.assertNotIn(words, text)
        text = render(self._create_order())
        for words in workshop:
            self.assertIn(words, text)
