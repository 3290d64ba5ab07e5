import base64
import io
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html
from reportlab.pdfgen import canvas

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from .test_visit_close import CloseCommon

OTHER = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
        "AABJRU5ErkJggg=="
    )
)


def print_bodies(_self, bodies, **_options):
    """Print the words of each page, as a renderer does, without one."""
    packet = io.BytesIO()
    sheet = canvas.Canvas(packet)
    for body in bodies:
        for page in html.fromstring(body).xpath("//div[contains(@class, 'page')]"):
            for number, line in enumerate(page.text_content().split("\n")):
                sheet.drawString(40, 800 - 6 * number, line.strip())
            sheet.showPage()
    sheet.save()
    return packet.getvalue()


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestFormKeep(CloseCommon):
    """Finding: what was signed is what is printed again."""

    def setUp(self):
        super().setUp()
        model = self.env.registry["ir.actions.report"]
        self.prints = self.startPatcher(
            patch.object(
                model, "_run_wkhtmltopdf", autospec=True, side_effect=print_bodies
            )
        )
        self.startPatcher(
            patch.object(model, "get_wkhtmltopdf_state", lambda _self: "ok")
        )

    def _finish(self, start="2026-03-02 09:00"):
        visit = self._arrive(start)
        self._write_down(visit)
        visit.action_finish("fixed")
        return visit.sudo()

    def _print(self, issues, user=None):
        action = issues.with_user(user or self.dispatcher).action_print()
        content, kind = (
            self.env["ir.actions.report"]
            .with_user(user or self.dispatcher)
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(action["report_name"], issues.ids)
        )
        self.assertEqual(kind, "pdf")
        return [
            page.extract_text() for page in PdfFileReader(io.BytesIO(content)).pages
        ]

    def _issue(self, visit):
        visit.with_user(self.dispatcher).action_print_service()
        return visit.form_issue_ids.filtered(lambda each: each.state == "issued")

    def test_printed_again_from_what_was_kept(self):
        visit = self._finish()
        issue = self._issue(visit)
        first = self._print(issue)
        self.assertEqual(len(first), 3, "a page for each copy of the form")
        self.assertIn("Replaced", "".join(first))
        self.assertNotIn("Copy", "".join(first).replace("Copy For", ""))
        original = issue.pdf
        visit.job_ids.correction = "Painted over"
        again = self._print(issue)
        self.assertEqual(self.prints.call_count, 1)
        self.assertEqual(len(again), 3)
        for page in again:
            self.assertIn("Copy", page)
            self.assertIn("Replaced", page)
            self.assertNotIn("Painted over", page)
        self.assertEqual(issue.pdf, original)
        self.assertEqual(issue.print_count, 2)

    def test_order_that_changed_gets_a_new_paper(self):
        visit = self._finish()
        old = self._issue(visit)
        self._print(old)
        self.assertEqual(self._issue(visit), old, "nothing changed")
        visit.job_ids.correction = "Painted over"
        new = self._issue(visit)
        self.assertEqual((new.replaces_id, old.state), (old, "replaced"))
        self.assertEqual(new.name, "FORM-002-2026-0002")
        text = "".join(self._print(new))
        self.assertIn("Painted over", text)
        self.assertIn(f"Replaces No. {old.name}", text)
        text = "".join(self._print(old))
        self.assertIn(f"Replaced by No. {new.name}", text)
        self.assertNotIn("Painted over", text)
        self.assertEqual(self._issue(visit), new)

    def test_clock_of_who_prints_changes_nothing(self):
        visit = self._finish()
        issue = self._issue(visit)
        self.dispatcher.tz = "Asia/Shanghai"
        self._print(issue)
        self.dispatcher.tz = "America/New_York"
        self.assertEqual(self._issue(visit), issue)

    def test_batch_of_new_and_kept_papers(self):
        one, two = self._finish(), self._finish("2026-03-02 13:00")
        papers = self._issue(one)
        self._print(papers)
        papers |= self._issue(two)
        pages = self._print(papers)
        self.assertEqual(len(pages), 6)
        self.assertEqual([("Copy" in page) for page in pages], [True] * 3 + [False] * 3)
        self.assertTrue(all(papers.mapped("pdf")))
        self.assertEqual(self.prints.call_count, 2)

    def test_void_paper_says_so_above_the_original(self):
        issue = self._issue(self._finish())
        self._print(issue)
        issue.with_user(self.dispatcher).action_void(reason="Wrong customer")
        self.assertIn("Void: Wrong customer", self._print(issue)[0])

    def test_original_is_not_rewritten_and_not_for_others(self):
        issue = self._issue(self._finish())
        self._print(issue, self.anna_user)
        with self.assertRaises(AccessError):
            issue.with_user(self.dispatcher).pdf = base64.b64encode(b"%PDF-forged")
        with self.assertRaises(AccessError):
            self._print(issue, self.ben_user)

    def _find_file(self, issue):
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", issue._name),
                ("res_id", "=", issue.id),
                ("res_field", "=", "pdf"),
            ]
        )

    def test_file_behind_is_not_exchanged_nor_deleted(self):
        issue = self._issue(self._finish())
        self._print(issue)
        file = self._find_file(issue).with_user(self.dispatcher)
        self.assertTrue(file)
        with self.assertRaises(AccessError):
            file.write({"raw": b"%PDF-forged"})
        with self.assertRaises(AccessError):
            file.unlink()
        with self.assertRaises(AccessError):
            file.create(
                {
                    "name": "forged",
                    "raw": b"%PDF-forged",
                    "res_model": issue._name,
                    "res_id": issue.id,
                    "res_field": "pdf",
                }
            )
        self.assertIn("Copy", self._print(issue)[0])

    def test_paper_whose_file_is_another_one_or_gone_is_not_printed(self):
        issue = self._issue(self._finish())
        self._print(issue)
        for change in (
            lambda file: file.write({"raw": b"%PDF-forged"}),
            lambda file: file.unlink(),
        ):
            change(self._find_file(issue))
            issue.invalidate_recordset()
            with self.assertRaisesRegex(UserError, "missing or was changed"):
                self._print(issue)
        self.assertEqual(self.prints.call_count, 1)
        self.assertEqual(issue.print_count, 1)

    def test_page_never_shows_other_words_under_a_kept_number(self):
        visit = self._finish()
        issue = self._issue(visit)
        self._print(issue)
        visit.job_ids.correction = "Painted over"
        Report = self.env["ir.actions.report"].with_user(self.dispatcher)
        for render in (Report._render_qweb_html, Report._render_qweb_text):
            with self.assertRaisesRegex(UserError, "Print it as PDF"):
                render("aftersales_field.report_form_service", issue.ids)
        self.assertEqual(issue.print_count, 1)

    def test_names_and_labels_replace_nothing(self):
        visit = self._finish()
        visit.with_user(self.dispatcher).action_print_complaint()
        service = self._issue(visit)
        complaint = visit.order_id.form_issue_ids - service
        month = self._get_month()
        for papers in (service, complaint, month):
            self._print(papers)
        self.company.write({"name": "New Ltd", "phone": "+49 30 9", "vat": "77"})
        self.employee_anna.name = "Anna Married"
        self.customer.write({"phone": "+49 999111", "street": "Elsewhere 7"})
        label = self.env.ref("aftersales_field.form_customer")
        label.arch_db = label.arch_db.replace(">Customer<", ">Client<")
        self.assertEqual(self._issue(visit), service)
        visit.with_user(self.dispatcher).action_print_complaint()
        self.assertEqual(visit.order_id.form_issue_ids - service, complaint)
        self.assertEqual(self._get_month(), month)

    def _get_month(self):
        self.company._print_month(fields.Date.to_date("2026-03-01"))
        return self.env["aftersales.form.issue"].search(
            [
                ("company_id", "=", self.company.id),
                ("kind", "=", "month"),
                ("state", "=", "issued"),
            ]
        )

    def test_what_the_paper_says_replaces_it(self):
        visit = self._finish()
        order = visit.order_id
        changes = {
            "complaint": lambda: order.write({"complaint": "Smells"}),
            "work": lambda: visit.job_ids.write({"name": "Windows"}),
            "opinion": lambda: visit.write({"opinion_comment": "Fine"}),
            "signature": lambda: visit.write({"signature": OTHER}),
            "time": lambda: visit.write({"date_left": "2026-03-02 20:00:00"}),
            "serial": lambda: order.asset_id.write({"serial": "CORRECTED-1"}),
        }
        for name, change in changes.items():
            with self.subTest(name):
                old = self._issue(visit)
                self._print(old)
                change()
                self.assertEqual(self._issue(visit).replaces_id, old)
        month = self._get_month()
        self._print(month)
        visit.opinion_comment = "Poor"
        self.assertEqual(self._get_month().replaces_id, month)

    def test_marks_in_chinese(self):
        issue = self._issue(self._finish())
        pages = PdfFileReader(io.BytesIO(print_bodies(None, ["<div class='page'/>"])))
        marks = issue._draw_marks("副本", "zh_CN", pages.pages)
        self.assertEqual(len(marks.pages), 1)

    def test_other_reports_are_left_alone(self):
        Report = self.env["ir.actions.report"]
        other = self.env.ref("sale.action_report_saleorder")
        for reference in ("sale.report_saleorder", other, other.id):
            self.assertFalse(Report._is_service_paper(reference))
        ours = self.env.ref("aftersales_field.action_report_form_service")
        for reference in (ours.report_name, ours, ours.id):
            self.assertTrue(Report._is_service_paper(reference))
