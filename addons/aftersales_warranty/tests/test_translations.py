import re

from lxml import html

from odoo.tests import tagged

from odoo.addons.aftersales.tests.translations import TranslationsMixin

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestTranslations(TranslationsMixin, WarrantyCommon):
    module = "aftersales_warranty"
    modules = ("aftersales", "aftersales_warranty")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rules = cls.version_car.rule_ids
        groups = cls.group_engine | cls.group_wear | cls.group_piston
        partners = cls.customer | cls.company.partner_id
        cls.names = {
            *(groups.mapped("name") + partners.mapped("name") + rules.mapped("name")),
            *filter(None, rules.mapped("source")),
            *(cls.asset.name, cls.asset.serial or "", cls.pack_car.name),
            *(cls.exclusion_misuse.name, cls.fault_noise.name),
        }

    def assertChinese(self, text):
        """Assert that what is said is Chinese, but for names and codes."""
        self.assertRegex(text, "[一-鿿]")
        for name in sorted(self.names, key=len, reverse=True):
            text = text.replace(name, "")
        words = re.findall("[A-Za-z]{2,}", re.sub("T-[A-Z0-9]+", "", text))
        self.assertFalse(words, text)

    def test_payers_made_by_code_have_chinese_names(self):
        self._load_language("zh_CN")
        payers = self.env["aftersales.payer"].search(
            [
                ("company_id", "=", self.company.id),
                ("code", "in", ["supplier", "warranty", "contract"]),
            ]
        )
        self.assertEqual(
            set(payers.with_context(lang="zh_CN").mapped("name")),
            {"供应商", "我方保修", "合同"},
        )

    def test_a_verdict_is_chinese_for_who_reads_chinese(self):
        self._load_language("zh_CN")
        self._register(price=150000)
        self._repair(self.fault_noise, times=4)
        order = self._create_order(
            {
                "lines": [(self.part_avco, 1), (self.part_standard, 1)],
                "fault_id": self.fault_noise.id,
            },
            meter_in=12000,
        )
        order.action_estimate()
        for verdict in order.job_ids.line_ids.verdict_id.with_context(lang="zh_CN"):
            self.assertChinese(verdict.summary)
            self.assertChinese(verdict._get_customer_text())
            explanation = html.fromstring(verdict.explanation).text_content()
            self.assertChinese(explanation)
        notice = order.with_context(lang="zh_CN").rights_notice
        self.assertIn("第 5 次", notice)
        self.assertIn("更换或退货", notice)
        self.assertIn("使用补偿费", notice)
        self.assertChinese(html.fromstring(notice).text_content())

    def test_a_certificate_is_chinese_for_who_reads_chinese(self):
        self._load_language("zh_CN")
        registration = self._register(price=150000)
        self.customer.lang = "zh_CN"
        paper, _format = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales_warranty.action_report_certificate", registration.ids
        )
        tree = html.fromstring(paper)
        self.assertIn("保修凭证", tree.text_content())
        [page] = tree.xpath("//div[hasclass('page')]")
        self.assertIn("以先到者为准", page.text_content())
        self.assertChinese(page.text_content())

    def test_groups_are_named_in_the_readers_language(self):
        self._load_language("zh_CN")
        for group, name in ((self.group_engine, "发动机"), (self.group_piston, "活塞")):
            group.update_field_translations("name", {"zh_CN": name})
        chinese = self.group_piston.with_context(lang="zh_CN")
        self.assertEqual(chinese.display_name, "发动机 / 活塞")
        self.assertEqual(self.group_piston.display_name, "Engine / Piston")
        chinese.name = "活塞组"
        self.assertEqual(chinese.complete_name, "Engine / Piston", "the order stays")
