import re

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_visit_close import CloseCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestForm(CloseCommon):
    def _finish(self, start="2026-03-02 09:00", **values):
        visit = self._arrive(start, **values)
        self._write_down(visit)
        visit.action_finish("fixed")
        return visit.sudo()

    def _render(self, issue):
        report = {
            "complaint": "aftersales_field.action_report_form_complaint",
            "service": "aftersales_field.action_report_form_service",
            "month": "aftersales_field.action_report_form_month",
        }[issue.kind]
        Report = self.env["ir.actions.report"]
        content, _kind = Report._render_qweb_pdf(report, issue.ids)
        text = re.sub(r"<[^>]*>", " ", content.decode())
        return re.sub(r"\s+", " ", text)

    def test_numbers_follow_each_other_by_form_and_year(self):
        one, two = self._finish(), self._finish("2026-03-02 13:00")
        one.action_print_service()
        two.action_print_service()
        two.action_print_complaint()
        names = (one | two).form_issue_ids.sorted("id").mapped("name")
        self.assertEqual(names, ["FORM-002-2026-0001", "FORM-002-2026-0002"])
        self.assertEqual(two.order_id.form_issue_ids[:1].code, "FORM-002")
        complaint = two.order_id.form_issue_ids.filtered(
            lambda issue: issue.kind == "complaint"
        )
        self.assertEqual(complaint.name, "FORM-001-2026-0001")
        with freeze_time("2027-01-04 08:30:00"):
            one.order_id.action_print_service()
        self.assertIn("FORM-002-2027-0001", one.order_id.form_issue_ids.mapped("name"))

    def test_refused_issue_leaves_no_gap(self):
        visit = self._finish()
        with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
            visit.action_print_service()
            raise ZeroDivisionError
        visit.action_print_service()
        self.assertEqual(visit.form_issue_ids.name, "FORM-002-2026-0001")

    def test_reprint_keeps_the_number_and_says_copy(self):
        self.company.write({"street": "2 Street of the House", "phone": "030 4711"})
        visit = self._finish()
        visit.action_print_service()
        issue = visit.form_issue_ids
        first = self._render(issue)
        for words in (
            issue.name,
            "FORM-002, version 1.0",
            "1 of 3: Stub",
            "2 of 3: Service department",
            "3 of 3: Customer",
            "Wang Fang",
            "Worn",
            "Replaced",
            "Department Head",
            "Storekeeper",
            "Technician Anna",
            "Very satisfied",
            "2 Street of the House",
            "030 4711",
        ):
            self.assertIn(words, first)
        self.assertNotIn(" Copy ", first)
        visit.action_print_service()
        self.assertEqual(visit.form_issue_ids, issue)
        self.assertEqual(issue.print_count, 1)
        self.assertEqual(self._render(issue).count(" Copy "), 3)

    def test_version_is_frozen_with_the_paper(self):
        visit = self._finish()
        visit.action_print_service()
        issue = visit.form_issue_ids
        form = issue.form_id
        with self.assertRaisesRegex(UserError, "new version"):
            form.code = "X"
        with self.assertRaisesRegex(UserError, "new version"):
            form.copy_ids[0].name = "Boss"
        form.action_new_version()
        other = self._finish("2026-03-02 13:00")
        other.action_print_service()
        self.assertEqual(other.form_issue_ids.version, "1.1")
        self.assertEqual(other.form_issue_ids.name, "FORM-002-2026-0002")
        self.assertIn("version 1.0", self._render(issue))

    def test_complaint_record(self):
        visit = self._finish()
        visit.order_id.action_print_complaint()
        text = self._render(visit.order_id.form_issue_ids)
        for words in ("Squeals when braking", "Recorder", "FORM-001", "Sedan 1.6"):
            self.assertIn(words, text)

    def test_monthly_record(self):
        self._finish()
        visit = self._finish("2026-03-02 13:00")
        visit.with_user(self.dispatcher).record_opinion(2, "Too late")
        self.env["aftersales.call"].create(
            {
                "order_id": visit.order_id.id,
                "direction": "out",
                "words": "All is well now",
                "date": "2026-03-05 09:00:00",
                "company_id": self.company.id,
            }
        )
        wizard = self.env["aftersales.form.month"].create(
            {"company_id": self.company.id, "month": "2026-03-15"}
        )
        wizard.action_print()
        issue = self.env["aftersales.form.issue"].search(
            [("kind", "=", "month"), ("company_id", "=", self.company.id)]
        )
        text = self._render(issue)
        for words in (
            "March 2026",
            visit.order_id.name,
            "Too late",
            "All is well now",
            "Visits: 2",
            "Mean opinion (of 5): 3.5",
            "Customers called afterwards: 1",
        ):
            self.assertIn(words, text)
        wizard.action_print()
        self.assertEqual(
            self.env["aftersales.form.issue"].search_count(
                [("kind", "=", "month"), ("company_id", "=", self.company.id)]
            ),
            1,
        )

    def test_void_paper_stays_in_the_register(self):
        visit = self._finish()
        visit.action_print_service()
        issue = visit.form_issue_ids
        with self.assertRaisesRegex(UserError, "stays in the register"):
            issue.unlink()
        with self.assertRaisesRegex(UserError, "say why"):
            issue.with_user(self.dispatcher).action_void()
        issue.with_user(self.dispatcher).action_void(reason="Wrong customer")
        visit.action_print_service()
        self.assertEqual(
            visit.form_issue_ids.sorted("id").mapped("name"),
            ["FORM-002-2026-0001", "FORM-002-2026-0002"],
        )

    def test_engineer_prints_the_own_visit_alone(self):
        visit = self._finish()
        visit.with_user(self.anna_user).action_print_service()
        issue = visit.form_issue_ids
        self.assertEqual(issue.user_id, self.anna_user)
        self.assertEqual(issue.with_user(self.anna_user).name, issue.name)
        with self.assertRaises(AccessError):
            visit.with_user(self.ben_user).action_print_service()
        self.assertFalse(
            self.env["aftersales.form.issue"]
            .with_user(self.ben_user)
            .search([("id", "=", issue.id)])
        )
        with self.assertRaises(AccessError):
            issue.with_user(self.anna_user).action_void(reason="x")

    def test_register_is_not_rewritten(self):
        visit = self._finish()
        visit.with_user(self.dispatcher).action_print_service()
        paper = visit.form_issue_ids.with_user(self.dispatcher)
        name = paper.name
        for values in (
            {"name": "FAKE-1"},
            {"date": "2020-01-01"},
            {"print_count": 0, "file_place": "Box 1"},
            {"date_filed": False},
        ):
            with self.assertRaisesRegex(AccessError, "as it was issued"):
                paper.write(values)
        self.assertEqual(paper.name, name)
        paper.file_place = "Box 1"
        self.assertEqual(paper.file_place, "Box 1")
