from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_visit_close import CloseCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestFormFiling(CloseCommon):
    """R230, R231: signed papers are handed in, and what is missing is found."""

    def _finish(self, start="2026-03-02 09:00"):
        visit = self._arrive(start)
        self._write_down(visit)
        visit.action_finish("fixed")
        return visit.sudo()

    def _issue(self, start="2026-03-02 09:00"):
        visit = self._finish(start)
        visit.action_print_service()
        return visit.form_issue_ids

    def test_handed_in_once(self):
        papers = self._issue() | self._issue("2026-03-02 13:00")
        missing = [("id", "in", papers.ids), ("date_filed", "=", False)]
        self.assertEqual(papers.search_count(missing), 2)
        papers[0].with_user(self.advisor).action_file(place="Folder 3")
        self.assertEqual(papers.search(missing), papers[1])
        with freeze_time("2026-03-05 08:30:00"):
            papers.with_user(self.manager).action_file()
        self.assertEqual(
            papers.mapped("date_filed"), [date(2026, 3, 2), date(2026, 3, 5)]
        )
        self.assertEqual(papers[0].filed_user_id, self.advisor)
        self.assertEqual(papers[0].file_place, "Folder 3")

    def test_void_papers_and_engineers_are_refused(self):
        paper = self._issue()
        with self.assertRaises(AccessError):
            paper.with_user(self.anna_user).action_file()
        paper.action_void(reason="Torn")
        with self.assertRaisesRegex(UserError, "is void"):
            paper.action_file()

    def test_visits_without_a_paper(self):
        bare = self._finish()
        printed = self._issue("2026-03-02 13:00").visit_id
        found = self.env["aftersales.visit"].search(
            [("state", "=", "done"), ("form_issue_ids", "=", False)]
        )
        self.assertIn(bare, found)
        self.assertNotIn(printed, found)
