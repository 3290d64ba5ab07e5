import re

from lxml import html

from odoo import Command
from odoo.tests import tagged

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestReport(WarrantyCommon):
    def _print(self, report, records, user=None):
        """Return the paper as an HTML tree."""
        Report = self.env["ir.actions.report"].with_user(user or self.advisor)
        content, _format = Report._render_qweb_html(report, records.ids)
        return html.fromstring(content)

    def _get_text(self, node):
        return re.sub(r"\s+", " ", node.text_content()).strip()

    def _get_texts(self, tree, name):
        return [self._get_text(node) for node in tree.xpath(f"//*[@name='{name}']")]

    def _create_repair_pack(self):
        pack = self._create_pack(
            [
                {
                    "code": "T-REP",
                    "name": "Parts and labour",
                    "period": 6,
                    "period_unit": "month",
                    "meter_limit": 10000,
                    "parts_charge": "free",
                    "labour_charge": "free",
                    "bearer": "warranty",
                }
            ],
            name="Guarantee on repairs",
            code="T-REP",
            kind="repair",
        )
        self.company.aftersales_repair_pack_id = pack
        return pack

    def test_estimate_says_at_each_line_what_the_guarantee_does(self):
        self._register()
        order = self._create_order(
            [(self.part_avco, 1), (self.labour, 2)], [(self.part_standard, 1)]
        )
        order.action_estimate()
        tree = self._print("aftersales.action_report_estimate", order)
        said = self._get_texts(tree, "warranty")
        self.assertEqual(len(said), 3)
        self.assertEqual(
            said[:2], ["Free by the guarantee: Free repair, Article 1"] * 2
        )
        self.assertIn("Not covered by the guarantee: belongs to Filters", said[2])
        bill = self._get_texts(tree, "bill")[0]
        self.assertIn("Borne by Maker warranty", bill)
        self.assertIn("160.00", bill, "the full value of free work")

    def test_invoice_says_why_on_the_customers_own(self):
        self._register()
        self._stock(self.part_avco, 5)
        self._stock(self.part_standard, 5)
        order = self._create_order([(self.part_avco, 1), (self.part_standard, 1)])
        self._finish_order(self._approve(order), invoice=False)
        order.action_invoice()
        mine = order.invoice_ids.filtered(lambda move: move.partner_id == self.customer)
        self.assertTrue(order.invoice_ids - mine, "one to the maker")
        said = []
        for moves in (mine, order.invoice_ids - mine):
            tree = self._print("account.account_invoices", moves, self.accountant)
            said.append(self._get_texts(tree, "warranty"))
        self.assertEqual(len(said[0]), 1)
        self.assertIn("Not covered by the guarantee: belongs to Filters", said[0][0])
        self.assertFalse(said[1], "their terms are their own")

    def test_reduced_line_says_once_why(self):
        pack = self._create_pack(
            [
                {
                    "code": "T-MISUSE",
                    "name": "Misuse",
                    "cause": "abnormal",
                    "parts_charge": "cost",
                    "labour_charge": "free",
                    "bearer": False,
                }
            ],
            code="T-MATRIX",
            exclusion_ids=[Command.link(self.exclusion_misuse.id)],
        )
        self._register(pack)
        order = self._create_order([(self.part_avco, 1), (self.labour, 1)])
        order.job_ids.exclusion_ids = [
            Command.create(
                {"exclusion_id": self.exclusion_misuse.id, "evidence_note": "Photo"}
            )
        ]
        order.action_estimate()
        tree = self._print("aftersales.action_report_estimate", order)
        self.assertEqual(
            self._get_texts(tree, "warranty"),
            ["Charged at cost: Misuse", "No charge: Misuse"],
        )
        self.assertEqual(self._get_texts(tree, "bill")[0].count("Misuse"), 2)

    def test_task_order_warns_the_workshop_only(self):
        self._register(price=150000)
        self._repair(self.fault_noise, times=4)
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id},
            meter_in=12000,
        )
        order.action_estimate()
        tree = self._print("aftersales.action_report_task_order", order)
        [said] = self._get_texts(tree, "guarantee")
        self.assertIn("for 48,000 km more", said)
        self.assertIn("this is number 5", said)
        self.assertIn("Do not promise an exchange", said)
        copies = tree.xpath("//div[hasclass('page')]")
        self.assertTrue(copies[0].xpath(".//*[@name='guarantee']"))
        self.assertFalse(copies[1].xpath(".//*[@name='guarantee']"))

    def test_task_order_without_a_guarantee_says_nothing(self):
        order = self._create_order()
        tree = self._print("aftersales.action_report_task_order", order)
        self.assertFalse(self._get_texts(tree, "guarantee"))

    def test_hand_over_tells_the_guarantee_on_the_repair(self):
        """What, how long and how far: before the hand-over as after it."""
        self._create_repair_pack()
        self._stock(self.part_avco, 5)
        order = self._create_order(meter_in=12000)
        self._approve(order)
        self._finish_order(order)
        before = self._get_texts(
            self._print("aftersales.action_report_settlement", order),
            "repair_guarantee",
        )
        order.action_deliver(meter_out=12000)
        tree = self._print("aftersales.action_report_settlement", order)
        after = self._get_texts(tree, "repair_guarantee")
        self.assertEqual(before, after)
        [said] = after
        for words in (
            "Guarantee on repairs: Job 1",
            "Parts and labour (Parts: Free, Labour: Free)",
            "up to 22,000 km",
            "whichever first",
        ):
            self.assertIn(words, said)

    def test_hand_over_without_guarantee_on_repairs_promises_none(self):
        self._stock(self.part_avco, 5)
        order = self._finish_order(self._approve(self._create_order()))
        tree = self._print("aftersales.action_report_settlement", order)
        self.assertFalse(self._get_texts(tree, "repair_guarantee"))

    def test_certificate(self):
        self.asset.write({"serial": "LFV2A21K8G4000001", "date_sold": "2024-02-27"})
        registration = self._register(
            price=150000, date_start="2024-03-01", meter_start=10
        )
        tree = self._print(
            "aftersales_warranty.action_report_certificate", registration
        )
        [head] = self._get_texts(tree, "head")
        for words in (
            "T-CAR, version 1",
            "Wang Fang",
            "LFV2A21K8G4000001",
            "03/01/2024",
            "Delivered 02/27/2024",
            "150,000.00",
        ):
            self.assertIn(words, head)
        [covers] = self._get_texts(tree, "covers")
        for words in ("Free repair", "Article 1", "03/01/2027", "60,010 km"):
            self.assertIn(words, covers)
        self.assertNotIn("Wear parts", covers)
        [wear] = self._get_texts(tree, "wear")
        self.assertIn("06/01/2024", wear)
        [rights] = self._get_texts(tree, "rights")
        self.assertIn("Repairs of the same fault: 5", rights)
        [deduction] = self._get_texts(tree, "deduction")
        self.assertIn("price × kilometres ÷ 1,000 × 0.5 %", deduction)
        [excluded] = self._get_texts(tree, "exclusions")
        self.assertIn("Misuse", excluded)
        self.assertTrue(tree.xpath("//table[@name='head']//img"), "a QR code")

    def test_certificates_of_two_in_their_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "zh_CN"
        other = self.asset.copy({"partner_id": self.fleet.id})
        registrations = self._register() | self._register(asset=other)
        registrations[0].action_void(reason="Forged paper")
        tree = self._print(
            "aftersales_warranty.action_report_certificate", registrations
        )
        languages = tree.xpath("//div[hasclass('article')]/@data-oe-lang")
        self.assertEqual(languages, ["zh_CN", "en_US"])
        self.assertEqual(len(self._get_texts(tree, "void")), 1)
