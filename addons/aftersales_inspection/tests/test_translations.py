import re

from lxml import html

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.aftersales.tests.translations import TranslationsMixin

from .test_portal import InspectionPortalCommon


@tagged("post_install", "-at_install")
class TestTranslations(TranslationsMixin, InspectionPortalCommon, HttpCase):
    module = "aftersales_inspection"
    modules = ("aftersales", "aftersales_inspection")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.multipoint = cls.env.ref("aftersales_inspection.template_multipoint")
        cls.names = [
            *(cls.asset.name, cls.customer.name, cls.company.name, cls.advisor.name),
            cls.multipoint.code,
        ]

    def setUp(self):
        super().setUp()
        self._load_language("zh_CN")

    def assertChinese(self, text):
        """Assert that what is said is Chinese, but for names, numbers and units."""
        self.assertRegex(text, "[一-鿿]")
        for name in sorted(self.names, key=len, reverse=True):
            text = text.replace(name, "")
        words = re.findall("[A-Za-z]{3,}", re.sub(r"\S+/\d+", "", text))
        self.assertFalse(words, text)

    def _inspect_in_chinese(self):
        """Return a finished check of a car, with one thing to be warned of."""
        order = self._create_order([(self.fee, 1)])
        inspection = order.with_context(lang="zh_CN").action_inspect(
            template=self.multipoint
        )
        pads = self.env.ref("aftersales_inspection.item_multipoint_pads_front")
        for item in inspection.version_id.item_ids:
            number = 1.2 if item == pads else item.green_max or item.green_min
            values = {
                "yes_no": {"value_yes_no": "yes"},
                "rating": {"rating": "green"},
                "measure": {"value_number": number},
                "choice": {"choice_id": item.choice_ids[:1].id},
            }[item.kind]
            answer = inspection._write_answer(item, values)
            if item == pads:
                self._add_photo(answer)
        inspection.action_finish()
        return inspection

    def test_shipped_checklists_are_chinese(self):
        """Every word of them, also what can be chosen."""
        shipped = self.env["ir.model.data"].search(
            [
                ("module", "=", self.module),
                ("model", "=", "aftersales.inspection.template"),
            ]
        )
        templates = self.env["aftersales.inspection.template"].browse(
            shipped.mapped("res_id")
        )
        templates = templates.with_context(lang="zh_CN")
        items = templates.version_id.item_ids
        texts = set(templates.mapped("name"))
        for field in ("section", "name", "help", "words_red", "words_yellow"):
            texts |= set(filter(None, items.mapped(field)))
        self.assertLessEqual({"环车检查", "车身外观", "前刹车片"}, texts)
        for text in texts:
            self.assertChinese(text.replace("ETC", ""))
        for choice in items.choice_ids:
            self.assertRegex(choice.name, "[一-鿿]|^[1-4]/[1-4]$")

    def test_an_error_is_chinese(self):
        order = self._create_order([(self.fee, 1)])
        inspection = order.with_context(lang="zh_CN").action_inspect(
            template=self.multipoint
        )
        with self.assertRaisesRegex(UserError, "还不能完成") as error:
            inspection.action_finish()
        self.assertIn("近光灯与远光灯：未填写", str(error.exception))
        self.assertChinese(str(error.exception))

    def test_a_finding_is_told_in_the_customers_language(self):
        self.customer.lang = "zh_CN"
        [finding] = self._inspect_in_chinese().finding_ids
        self.assertEqual(finding.words, "前刹车片已磨到极限，刹车距离变长。")
        chinese = finding.with_context(lang="zh_CN")
        self.assertEqual(chinese._get_portal_rating()[0], "需立即处理")

    def test_the_sheet_is_chinese(self):
        self.customer.lang = "zh_CN"
        inspection = self._inspect_in_chinese()
        paper, _format = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales_inspection.action_report_inspection", inspection.ids
        )
        tree = html.fromstring(paper)
        for said in ("车辆全项检查", "制动系统", "1.2 mm", "不低于 4 mm", "检查人"):
            self.assertIn(said, tree.text_content())
        for part in tree.xpath("//table[@name='section'] | //div[@name='form']"):
            self.assertChinese(part.text_content())

    def test_the_pages_of_the_customer_are_chinese(self):
        self.portal_user.lang = "zh_CN"
        inspection = self._inspect_in_chinese()
        self.authenticate(self.portal_user.login, self.portal_user.login)
        url = f"/my/work-orders/{inspection.order_id.id}"
        for path, part in (
            (url, "@id='findings'"),
            (f"{url}/inspection/{inspection.id}", "hasclass('o_aftersales_portal')"),
        ):
            page = html.fromstring(self.url_open(path).text)
            [part] = page.xpath(f"//div[{part}]")
            text = re.sub("PDF", "", part.text_content())
            self.assertIn("需立即处理", text)
            self.assertIn("前刹车片已磨到极限", text)
            self.assertChinese(text)

    def test_the_photo_viewer_gets_its_words(self):
        modules = self.env["ir.http"]._get_translation_frontend_modules_name()
        self.assertIn("aftersales_inspection", modules)
