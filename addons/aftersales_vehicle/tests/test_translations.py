import re

from lxml import html

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.aftersales.tests.translations import TranslationsMixin

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestTranslations(TranslationsMixin, ReceptionCommon):
    module = "aftersales_vehicle"
    modules = (
        "aftersales",
        "aftersales_inspection",
        "aftersales_planning",
        "aftersales_warranty",
        "aftersales_vehicle",
    )

    def setUp(self):
        super().setUp()
        self._load_language("zh_CN")

    def assertChinese(self, text, *names):
        """Assert that what is said is Chinese, but for names and codes."""
        self.assertRegex(text, "[一-鿿]")
        for name in sorted(filter(None, names), key=len, reverse=True):
            text = text.replace(name, "")
        self.assertFalse(re.findall("[A-Za-z]{2,}", text), text)

    def _get_page(self, report, record):
        """Return what stands on a paper, without the company's letterhead."""
        paper, _format = self.env["ir.actions.report"]._render_qweb_html(
            report, record.ids
        )
        pages = html.fromstring(paper).xpath("//div[hasclass('page')]")
        return " ".join(" ".join(page.text_content() for page in pages).split())

    def test_a_comeback_is_told_in_chinese(self):
        first = self._visit(12, job={"fault_id": self.fault_noise.id})
        again = self._come_back(self.fault_noise, meter=10300)
        again = again.with_context(lang="zh_CN")
        self.assertEqual(
            again.job_ids.comeback_offer,
            f"与 {first.name} 的“{first.job_ids.name}”同为"
            f"“{self.group_engine.display_name}”，"
            f"交付后仅 12 天、300 公里（{self.employee.name}）",
        )
        self.assertChinese(
            f"{again.comeback_notice}\n{again.repeat_notice}",
            *(first.name, first.job_ids.name, again.job_ids.name),
            *(self.group_engine.display_name, self.employee.name),
        )

    def test_the_reception_sheet_is_in_the_customers_language(self):
        self.customer.lang = "zh_CN"
        order = self._order(
            [(self.labour, 1)],
            payment_way="cash",
            old_parts_choice="keep",
            visit_kind="maintenance",
        )
        order.action_receive(fuel_level="4")
        text = self._get_page("aftersales_vehicle.action_report_reception", order)
        for words in ("第一联", "业务类型: 保养", "接车油量: 满", "本店不承担责任"):
            self.assertIn(words, text)
        self.assertChinese(text, order.complaint, self.advisor.name)

    def test_the_gate_pass_is_in_the_customers_language(self):
        self.customer.lang = "zh_CN"
        order = self._finish_order(self._approve(self._order([(self.labour, 1)])))
        order.with_user(self.manager).action_release(reason="明天付款")
        text = self._get_page(
            "aftersales_vehicle.action_report_gate_pass", order.gate_pass_id
        )
        self.assertIn("准予放行 欠款放行 – 明天付款", text)
        self.assertChinese(
            text,
            *(order.display_name, self.vehicle.display_name, self.vehicle.plate),
            self.vehicle._get_name_beside_plate(),
            *(self.customer.name, self.manager.name),
        )

    def test_what_is_refused_is_said_in_chinese(self):
        vehicle = self.vehicle.with_context(lang="zh_CN")
        with self.assertRaises(ValidationError) as caught:
            vehicle.copy({"serial": self.VIN})
        self.assertIn(f"{self.VIN} 已是 {vehicle.display_name}", str(caught.exception))
        order = self._finish_order(self._approve(self._order([(self.labour, 1)])))
        with self.assertRaises(UserError) as caught:
            order.with_context(lang="zh_CN").action_gate_pass()
        self.assertIn("未付。请先收款，", str(caught.exception))

    def test_the_shipped_plan_is_chinese(self):
        plan = self.env.ref("aftersales_vehicle.maintenance_plan_car")
        plan = plan.with_context(lang="zh_CN")
        self.assertEqual(plan.line_ids[0].name, "5,000 公里首保")
        items = plan.line_ids.item_ids
        self.assertLessEqual({"机油", "机油滤清器", "火花塞"}, {*items.mapped("name")})
        for text in (
            *(plan.name, *plan.line_ids.mapped("name"), *items.mapped("name")),
            *plan.line_ids.mapped("driving_note"),
        ):
            self.assertChinese(text)
