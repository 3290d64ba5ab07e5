from lxml import html

from odoo.tests import tagged

from .common import AftersalesCommon
from .translations import TranslationsMixin


@tagged("post_install", "-at_install")
class TestTranslations(TranslationsMixin, AftersalesCommon):
    def test_an_order_is_chinese_for_who_reads_chinese(self):
        self._load_language("zh_CN")
        order = self._create_order([(self.part_avco, 1)])
        order.action_estimate()
        chinese = order.with_context(lang="zh_CN")
        form = html.fromstring(chinese.get_view(view_type="form")["arch"])
        self.assertTrue(form.xpath("//button[@string='客户答复']"))
        self.assertIn("客户", chinese.next_step)
        self.assertEqual(chinese.job_ids.payers, "客户", "made by code, not by a file")
        order.partner_id.lang = "zh_CN"
        paper, _format = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales.action_report_task_order", order.ids
        )
        text = html.fromstring(paper).text_content()
        self.assertIn("任务委托书", text)
        self.assertNotIn("Task Order", text)

    def test_the_answer_form_on_the_portal_gets_its_words(self):
        modules = self.env["ir.http"]._get_translation_frontend_modules_name()
        self.assertIn("aftersales", modules)

    def test_names_that_somebody_chose_stay(self):
        self._load_language("zh_TW")
        goodwill = self.payer_goodwill.with_context(lang="zh_TW")
        maker = self.payer_maker.with_context(lang="zh_TW")
        issue = self.warehouse.aftersales_issue_type_id.with_context(lang="zh_TW")
        self.assertEqual(goodwill.name, "善意補償")
        self.assertEqual(issue.name, "零件領料")
        maker.name = "台灣原廠"
        self._load_language("zh_TW")
        self.assertEqual(maker.name, "台灣原廠")
