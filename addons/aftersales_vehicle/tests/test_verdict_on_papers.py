import re

from lxml import html

from odoo import fields
from odoo.tests import Form, HttpCase, tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestVerdictOnPapers(ReceptionCommon, HttpCase):
    """What the guarantee says is told where the car is taken in, quoted and fetched.

    * ``covered``: under guarantee, and the noise was repaired four times already
    * ``past``: of a car whose guarantee ended years ago, repaired as often
    """

    def setUp(self):
        super().setUp()
        self.old_car = self._create_vehicle(plate="京B·99999", serial=self.VIN_EUROPE)
        long_ago = fields.Date.subtract(fields.Date.today(), years=12)
        self._register(asset=self.vehicle, price=150000)
        self._register(asset=self.old_car, date_start=long_ago)
        self._stock(self.part_avco, 5)
        self.covered = self._take_in(self.vehicle)
        self.past = self._take_in(self.old_car)

    def _take_in(self, car):
        self._repair(self.fault_noise, times=4, asset=car, days=1.5)
        job = {
            "lines": [(self.part_avco, 1), (self.labour, 2)],
            "fault_id": self.fault_noise.id,
        }
        return self._create_order(job, asset_id=car.id, meter_in=12000)

    def _print(self, report, order):
        Report = self.env["ir.actions.report"].with_user(self.advisor)
        content, _format = Report._render_qweb_html(report, order.ids)
        return html.fromstring(content)

    def _get_texts(self, tree, name):
        return [
            re.sub(r"\s+", " ", node.text_content()).strip()
            for node in tree.xpath(f"//*[@name='{name}']")
        ]

    def _assert_says(self, texts, *words):
        text = " | ".join(texts)
        for word in words:
            self.assertIn(word, text)

    def test_reception_form_warns_before_anything_is_promised(self):
        form = Form(self.covered.with_user(self.advisor))
        self.assertTrue(form.has_cover)
        self.assertEqual(form.right_level, "reached")
        self.assertIn("this is number 5", form.rights_notice)
        self.assertIn("for 48,000 km more", form.cover_summary)
        past = Form(self.past.with_user(self.advisor))
        self.assertFalse(past.has_cover)
        self.assertFalse(past.right_level)
        self.assertIn("ended", past.cover_summary.lower())

    def test_reception_sheet_tells_the_customer_and_warns_the_workshop(self):
        self.covered.with_user(self.advisor).action_check_warranty()
        tree = self._print("aftersales_vehicle.action_report_reception", self.covered)
        customer, workshop = tree.xpath("//div[hasclass('page')]")
        self._assert_says(
            self._get_texts(customer, "cover")[:1],
            "for 48,000 km more",
            "Free by the guarantee: Free repair",
        )
        for page, words, rights in (
            (customer, "cover", False),
            (workshop, "guarantee", True),
        ):
            [said] = page.xpath(f".//*[@name='{words}']")
            self.assertEqual("this is number 5" in said.text_content(), rights)
            self.assertEqual("Do not promise" in said.text_content(), rights)
        [counters] = customer.xpath(".//*[@name='counters']")
        self.assertIn("repaired 4 ×", counters.text_content())
        self.assertIn("Days in repair: 6", counters.text_content())

    def test_reception_sheet_says_that_the_guarantee_is_over(self):
        tree = self._print("aftersales_vehicle.action_report_reception", self.past)
        [said] = self._get_texts(tree, "cover")
        self.assertIn("ended", said.lower())

    def test_estimate_says_why_on_paper_and_on_the_portal(self):
        orders = self.covered | self.past
        orders.with_user(self.advisor).action_estimate()
        for order, why in (
            (self.covered, "Free by the guarantee: Free repair, Article 1"),
            (self.past, "Not covered by the guarantee"),
        ):
            tree = self._print("aftersales.action_report_estimate", order)
            said = self._get_texts(tree, "warranty")
            self.assertEqual(len(said), 2, "each line says it")
            self._assert_says(said, why)
            page = self.url_open(order.get_portal_url())
            self.assertEqual(page.status_code, 200)
            self.assertIn(why, re.sub(r"\s+", " ", page.text))
        self._assert_says(
            self._get_texts(
                self._print("aftersales.action_report_estimate", self.covered),
                "counters",
            ),
            "repaired 4 ×",
        )

    def test_delivery_sheet_says_why_and_counts_this_repair(self):
        orders = self.covered | self.past
        self._finish_order(self._approve(orders))
        self._pay(orders)
        for order in orders:
            order.action_deliver(meter_out=12010)
        tree = self._print("aftersales.action_report_settlement", self.covered)
        self._assert_says(self._get_texts(tree, "warranty"), "Free by the guarantee")
        self._assert_says(self._get_texts(tree, "counters"), "repaired 5 ×")
        tree = self._print("aftersales.action_report_settlement", self.past)
        self._assert_says(
            self._get_texts(tree, "warranty"), "Not covered by the guarantee"
        )
        self._assert_says(self._get_texts(tree, "counters"), "repaired 4 ×")
