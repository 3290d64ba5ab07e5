import re

from freezegun import freeze_time
from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.aftersales.tests.translations import TranslationsMixin

from .test_board import BoardCommon
from .visit_common import NOW, VisitCommon


@tagged("post_install", "-at_install")
class TestTranslations(TranslationsMixin, VisitCommon, BoardCommon, HttpCase):
    module = "aftersales_planning"
    modules = ("aftersales", "aftersales_planning")

    def setUp(self):
        super().setUp()
        self._load_language("zh_CN")

    def assertChinese(self, text, *names):
        """Assert that what is said is Chinese, but for names and codes."""
        self.assertRegex(text, "[一-鿿]")
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, "")
        self.assertFalse(re.findall("[A-Za-z]{2,}", text), text)

    @freeze_time(NOW)
    def test_why_nothing_earlier_is_offered(self):
        self._stock(self.part_avco, 1)
        order = self._create_work(
            parts=[self.part_avco],
            resource_type_ids=self.alignment.ids,
            skill_ids=self.brakes.ids,
            skill_progress=60,
        ).with_context(lang="zh_CN")
        self._create_booking(self.anna, "2026-03-03 08:00", "2026-03-03 12:00")
        self._create_booking(self.bay_alignment, "2026-03-03 08:00", "2026-03-04 10:00")
        self._create_work(parts=[self.part_avco]).action_book()
        reasons = {
            reason["role"]: reason["reason"]
            for reason in order.env["aftersales.availability"].get_late_reasons(order)
        }
        self.assertEqual(
            reasons["bay"],
            "在 3月4日周三 10:00 之前没有空闲的工位（Alignment bench (test)）。",
        )
        self.assertIn("Brakes（60 %）", reasons["technician"])
        self.assertIn("先订货", reasons["part"])
        names = self.alignment.name, self.brakes.name, self.part_avco.display_name
        for reason in reasons.values():
            self.assertChinese(reason, *names)

    def test_the_lounge_board_is_in_its_own_language(self):
        self._create_approved().action_arrive()
        self.lounge.lang = "zh_CN"
        page = self.url_open(f"/aftersales/lounge/{self.lounge._get_code()}").text
        [lounge] = html.fromstring(page).xpath("//div[@id='lounge']")
        self.assertEqual(lounge.getroottree().getroot().get("lang"), "zh-CN")
        self.assertIn("仅显示车牌号或序列号的末几位", lounge.text_content())
        self.assertChinese(lounge.text_content(), self.lounge.name)
        self.assertIn("连接中断", lounge.get("data-offline"))
        data = self.url_open(f"/aftersales/lounge/{self.lounge._get_code()}/data")
        self.assertEqual(data.json()["cars"][0]["text"], "已接车")

    @freeze_time(NOW)
    def test_the_reminder_is_in_the_customers_language(self):
        self.customer.lang = "zh_CN"
        order = self._book_visit("2026-03-05 10:00")
        self._run_cron("_cron_remind_visits", self._local("2026-03-04 10:00"))
        reminder = order.message_ids.filtered(
            lambda message: "恭候您" in (message.subject or "")
        )
        self.assertEqual(reminder.partner_ids, self.customer)
        self.assertIn("2026年3月5日 星期四 10:00", reminder.subject)
        [body] = html.fragments_fromstring(reminder.body)
        self.assertIn("请确认您会到店", body.text_content())
        self.assertChinese(
            body.text_content(),
            *(self.customer.name, self.asset.name, self.advisor.name),
            *(order._get_visit_tz_label(), order._get_visit_address()),
        )

    def test_the_clock_refuses_in_chinese(self):
        job = self._create_approved().job_ids.with_context(lang="zh_CN")
        with self.assertRaises(AccessError) as caught:
            job.with_user(self.technician).action_clock_on()
        self.assertEqual(
            str(caught.exception),
            f"{job.name} 不是您的作业项目。请服务顾问分配给您，或将您设为协助技师。",
        )
