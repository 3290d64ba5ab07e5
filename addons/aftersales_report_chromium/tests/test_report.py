import io
import json
import os
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.http import root
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from odoo.addons.base.models.ir_actions_report import IrActionsReport as Base

from ..chromium import Chromium
from .common import ChromiumCommon, get_texts

MODELS = "odoo.addons.aftersales_report_chromium.models.ir_actions_report"


@tagged("post_install", "-at_install")
class TestReport(ChromiumCommon):
    def test_header_footer_and_number_on_every_page(self):
        texts = get_texts(self._print(self.partners[0]))
        self.assertEqual(len(texts), 2)
        for number, text in enumerate(texts, 1):
            self.assertIn("Workshop 1, Harbour Road", text)
            self.assertIn("Open from 8 to 17", text)
            self.assertIn(f"Page {number} / 2", " ".join(text.split()))
        self.assertNotIn("End of the list", texts[0])
        self.assertIn("End of the list", texts[1])

    def test_chinese_text_can_be_searched(self):
        texts = get_texts(self._print(self.partners))
        self.assertIn("上海轴承维修有限公司", texts[0])
        self.assertIn("廣州冷氣保養中心", texts[2])

    def test_characters_are_not_taken_for_radicals(self):
        # Each shares its glyph with a radical.
        for name in (
            "车门风扇长青马达龙齿轮",
            "金工心手日月水火木石",
            "車門風長龜食",
        ):
            with self.subTest(name=name):
                self.partners[0].name = name
                self.assertIn(name, get_texts(self._print(self.partners[0]))[0])

    def test_records_are_numbered_and_attached_one_by_one(self):
        self.report.attachment = "'%s.pdf' % object.id"
        with patch.object(
            Chromium, "__enter__", autospec=True, side_effect=Chromium.__enter__
        ) as start:
            texts = get_texts(self._print(self.partners))
        self.assertEqual(start.call_count, 1, "Odoo could split the print")
        self.assertEqual(len(texts), 4)
        for partner in self.partners:
            attachment = self.report.retrieve_attachment(partner)
            first, second = get_texts(attachment.raw)
            self.assertIn(partner.name, first)
            self.assertIn("Page 1 / 2", " ".join(first.split()))
            self.assertIn("Page 2 / 2", " ".join(second.split()))

    def test_paper_format(self):
        self.report.paperformat_id = self.env["report.paperformat"].create(
            {
                "name": "Label",
                "format": "custom",
                "page_width": 100,
                "page_height": 50,
                "orientation": "Portrait",
                "margin_top": 10,
                "margin_bottom": 10,
            }
        )

        def get_size(**arguments):
            content = self.env["ir.actions.report"]._run_wkhtmltopdf(
                ["<p>Label</p>"], report_ref=self.report, **arguments
            )
            return [
                float(x) for x in PdfFileReader(io.BytesIO(content)).pages[0].mediabox
            ]

        self.assertEqual(get_size(), [0, 0, 283, 142])
        self.assertEqual(get_size(landscape=True), [0, 0, 142, 283])

    def test_template_overrides_margins(self):
        def count_pages(**arguments):
            content = self.env["ir.actions.report"]._run_wkhtmltopdf(
                ["<p style='height: 250mm'>Tall</p>"],
                report_ref=self.report,
                **arguments,
            )
            return len(get_texts(content))

        self.assertEqual(count_pages(), 2)
        narrow = {"data-report-margin-top": "5", "data-report-margin-bottom": 5}
        self.assertEqual(count_pages(specific_paperformat_args=narrow), 1)

    def test_print_over_http_uses_a_session_that_ends(self):
        self._print(self.partners[0])  # style sheets, which a reader cannot store
        self.authenticate("admin", "admin")
        context = json.dumps({"force_report_rendering": True})
        store = root.session_store
        with patch.object(store, "save", wraps=store.save) as save:
            answer = self.url_open(
                f"/report/pdf/{self.report.report_name}/{self.partners[0].id}"
                f"?context={context}"
            )
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(len(get_texts(answer.content)), 2)
        session = save.call_args_list[0].args[0]
        self.assertNotEqual(session.sid, self.session.sid)
        self.assertEqual(session.uid, self.env.ref("base.user_admin").id)
        self.assertFalse(os.path.exists(store.get_session_filename(session.sid)))

    def test_without_chromium_wkhtmltopdf_prints(self):
        with (
            patch(f"{MODELS}.find_in_path", side_effect=OSError),
            patch.object(Base, "_run_wkhtmltopdf", return_value=b"wk") as run,
            patch.object(Base, "get_wkhtmltopdf_state", return_value="broken"),
        ):
            report = self.env["ir.actions.report"]
            self.assertEqual(report.get_wkhtmltopdf_state(), "broken")
            self.assertEqual(report._run_wkhtmltopdf(["<p/>"], landscape=True), b"wk")
        self.assertTrue(run.call_args.kwargs["landscape"])

    def test_mode_decides_who_prints(self):
        def prints(mode, patched):
            self.env["ir.config_parameter"].set_param(
                "aftersales_report_chromium.mode", mode
            )
            with patch(f"{MODELS}._wkhtml") as info:
                info.return_value.is_patched_qt = patched
                return bool(self.env["ir.actions.report"]._get_chromium())

        self.assertTrue(prints("auto", patched=False))
        self.assertFalse(prints("auto", patched=True))
        self.assertTrue(prints("always", patched=True))
        self.assertFalse(prints("never", patched=False))

    def test_state_is_ok_and_a_single_worker_is_reported(self):
        report = self.env["ir.actions.report"]
        self.assertEqual(report.get_wkhtmltopdf_state(), "ok")
        with patch.dict(f"{MODELS}.config.options", {"workers": 1}):
            self.assertEqual(report.get_wkhtmltopdf_state(), "workers")

    def test_failure_is_told_to_the_user(self):
        with (
            patch(f"{MODELS}.find_in_path", return_value="/bin/false"),
            self.assertLogs(MODELS, "WARNING"),
            self.assertRaisesRegex(UserError, "Chromium could not print"),
        ):
            self.env["ir.actions.report"]._run_wkhtmltopdf(["<p/>"])
