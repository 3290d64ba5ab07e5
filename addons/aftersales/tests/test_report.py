import re

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AftersalesCommon

PNG = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    b"AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestReport(AftersalesCommon):
    def _print(self, report, records, user=None):
        """Return the paper as an HTML tree."""
        Report = self.env["ir.actions.report"].with_user(user or self.advisor)
        content, _format = Report._render_qweb_html(
            f"aftersales.action_report_{report}", records.ids
        )
        return html.fromstring(content)

    def _get_text(self, node):
        return re.sub(r"\s+", " ", node.text_content())

    def _get_rows(self, tree, name):
        """Return the texts of the cells of the tables called ``name``."""
        return [
            [self._get_text(cell).strip() for cell in row.xpath("./td")]
            for row in tree.xpath(f"//table[@name='{name}']//tr[td]")
        ]

    def test_estimate_of_two_orders(self):
        one = self._create_order(
            [(self.part_avco, 1), (self.labour, 2)], complaint="Squeals\nwhen braking"
        )
        two = self._create_order([(self.fee, 3)])
        orders = one + two
        orders.action_estimate()
        tree = self._print("estimate", orders)
        articles = tree.xpath("//div[hasclass('article')]")
        self.assertEqual(len(articles), 2)
        texts = [self._get_text(article) for article in articles]
        for order, text, amount in zip(orders, texts, ("180.00", "45.00"), strict=True):
            self.assertIn(order.name, text)
            self.assertIn("Sedan 1.6", text)
            self.assertIn(amount, text)
            self.assertIn("Waits for your answer", text)
            self.assertIn("Customer's signature", text)
        self.assertNotIn(two.name, texts[0])
        self.assertTrue(articles[0].xpath(".//td[@name='validity']"))

    def test_estimate_before_it_is_made(self):
        """The same prices as a preview, and work that somebody else bears."""
        order = self._create_order(
            [(self.part_avco, 1)],
            {"lines": [(self.labour, 2)], "payer_id": self.payer_goodwill.id},
        )
        bill = order._get_paper_bill()
        self.assertEqual([entry["amount"] for entry in bill["jobs"]], [20.0, 0.0])
        self.assertEqual(bill["jobs"][1]["rows"][0]["value"], 160.0)
        [total] = bill["totals"]
        self.assertEqual(total["tax_totals"]["total_amount_currency"], 20.0)
        self.assertIn(
            "Borne by Goodwill", self._get_text(self._print("estimate", order))
        )

    def test_signed_and_added_and_declined(self):
        order = self._create_order([(self.labour, 2)], [(self.fee, 1)])
        order.action_estimate()
        kept, declined = order.job_ids
        order.action_approve(
            jobs=kept, method="portal", signer="Wang Fang", signature=PNG
        )
        order.action_decline(jobs=declined, reason="Too dear")
        order.approval_ids.sudo().date = "2020-01-01 10:00:00"
        kept.flush_recordset()
        self.env.cr.execute(
            "UPDATE aftersales_job SET create_date = '2020-01-01' WHERE id IN %s",
            [tuple(order.job_ids.ids)],
        )
        order.job_ids.invalidate_recordset()
        added = self._add_job(order, [(self.fee, 2)], name="Wiper blades")
        order.action_estimate()
        self.assertEqual(order._get_paper_added_jobs(), added)
        tree = self._print("estimate", order)
        text = self._get_text(tree)
        self.assertIn("Added work", text)
        self.assertIn(
            "Too dear", self._get_text(tree.xpath("//div[@name='declined']")[0])
        )
        answers = tree.xpath("//div[@name='answers']")[0]
        self.assertIn("Wang Fang", self._get_text(answers))
        self.assertTrue(answers.xpath(".//img[starts-with(@src, 'data:image')]"))
        self.assertIn("30.00", self._get_text(tree.xpath("//table[@name='bill']")[0]))
        # Everything answered: nothing left to sign.
        order.action_approve()
        tree = self._print("estimate", order)
        self.assertFalse(tree.xpath("//div[@name='signature']"))

    def test_customers_language(self):
        """Terms are looked up in the customer's language, also for two at once."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "zh_CN"
        orders = self._create_order() + self._create_order(partner_id=self.fleet.id)
        orders.action_estimate()
        view = self.env.ref("aftersales.report_estimate_document")
        view.update_field_translations(
            "arch_db",
            {
                "zh_CN": {
                    "<strong>What you told us</strong>": "<strong>客户陈述</strong>"
                }
            },
        )
        for report in ("estimate", "task_order", "settlement"):
            tree = self._print(report, orders)
            languages = tree.xpath("//div[hasclass('article')]/@data-oe-lang")
            self.assertEqual(languages, ["zh_CN", "en_US"])
        texts = [
            self._get_text(article)
            for article in self._print("estimate", orders).xpath(
                "//div[hasclass('article')]"
            )
        ]
        self.assertIn("客户陈述", texts[0])
        self.assertNotIn("客户陈述", texts[1])
        self.assertIn("What you told us", texts[1])

    def test_task_order(self):
        order = self._create_order(
            payment_way="mobile",
            old_parts_choice="keep",
            customer_waits="leave",
            wash=True,
            date_promised="2026-05-04 09:30:00",
            meter_in=48200,
        )
        self.asset.serial = "LFV2A21K8G4000001"
        self.company.phone = "+86 21 5555 0101"
        self._approve(order)
        tree = self._print("task_order", order)
        copies = tree.xpath("//strong[@name='copy']")
        self.assertEqual(
            [self._get_text(copy) for copy in copies],
            ["Copy 1 of 2 – workshop", "Copy 2 of 2 – customer"],
        )
        text = self._get_text(tree)
        for said in (
            order.name,
            "Wang Fang",
            "LFV2A21K8G4000001",
            "48,200",
            "Squeals when braking",
            "Job 1",
            "Form AS-TO, version 1",
        ):
            self.assertEqual(text.count(said) >= 2, True, said)
        crossed = tree.xpath(
            "(//table[@name='agreements'])[1]//span[span[normalize-space()='X']]"
        )
        self.assertEqual(
            [self._get_text(choice).strip() for choice in crossed],
            ["X Mobile payment", "X Customer takes them", "X Free wash"],
        )
        [coupon] = tree.xpath("//div[@name='coupon']")
        for said in (order.name, "Sedan 1.6", "LFV2A21K8G4000001", "+86 21 5555 0101"):
            self.assertIn(said, self._get_text(coupon))
        self.assertTrue(coupon.xpath(".//img"), "a barcode")

    def test_settlement_shows_what_is_free_in_full(self):
        self._stock(self.part_avco, 5)
        order = self._create_order(
            [
                {"product_id": self.part_avco.id, "product_uom_qty": 1},
                {
                    "product_id": self.labour.id,
                    "product_uom_qty": 2,
                    "discount": 100.0,
                    "discount_reason": "Spring campaign",
                },
            ],
            {
                "lines": [(self.part_avco, 2), (self.labour, 1)],
                "payer_id": self.payer_goodwill.id,
            },
            {"lines": [(self.fee, 2)], "payer_id": self.payer_maker.id},
        )
        self._finish_order(self._approve(order))
        for user in (self.advisor, self.accountant):
            with self.subTest(user.login):
                tree = self._print("settlement", order, user)
                rows = self._get_rows(tree, "bill")
                free = next(row for row in rows if "Spring campaign" in row[0])
                self.assertIn("160.00", free[3])
                self.assertEqual(free[4], "100.00")
                self.assertIn("0.00", free[-1])
                self.assertEqual(
                    sorted(
                        (row[3].strip("$ "), row[-1].strip("$ "))
                        for row in rows
                        if "Borne by" in row[0]
                    ),
                    [("30.00", "0.00"), ("40.00", "0.00"), ("80.00", "0.00")],
                )
                self.assertIn("Borne by Maker warranty", self._get_text(tree))
                [invoice_row] = self._get_rows(tree, "invoices")
                invoice = order.invoice_ids.filtered(
                    lambda move: move.partner_id == self.customer
                )
                self.assertEqual(invoice_row[0], invoice.name)
                self.assertIn("20.00", invoice_row[2])
        bill = order._get_paper_bill(settled=True)
        self.assertEqual(
            {kind["label"]: (kind["value"], kind["amount"]) for kind in bill["kinds"]},
            {"Part": (60.0, 20.0), "Labour": (240.0, 0.0), "Fee": (30.0, 0.0)},
        )

    def test_settlement_adds_up_to_the_invoice(self):
        """Partial use, a share, a discount and a tax: the same cents on both."""
        tax = self.env["account.tax"].create(
            {"name": "VAT 13%", "amount": 13.0, "company_id": self.company.id}
        )
        products = (
            self.part_avco | self.labour | self.env.ref("aftersales.product_share")
        )
        products.taxes_id = tax
        self.part_avco.list_price = 33.33
        self._stock(self.part_avco, 2)
        order = self._create_order(
            {
                "lines": [
                    {"product_id": self.part_avco.id, "product_uom_qty": 3},
                    {
                        "product_id": self.labour.id,
                        "product_uom_qty": 1.7,
                        "discount": 7.5,
                    },
                ],
                "share_ids": [
                    Command.create(
                        {"payer_id": self.payer_maker.id, "percentage": 30.0}
                    )
                ],
            }
        )
        self._approve(order).action_start()
        order.action_complete(accept_differences=True, reason="Two were enough")
        order.action_pass_quality()
        order.action_invoice()
        order.invoice_ids.action_post()
        invoice = order.invoice_ids.filtered(
            lambda move: move.partner_id == self.customer
        )
        bill = order._get_paper_bill(settled=True)
        [total] = bill["totals"]
        self.assertAlmostEqual(
            total["tax_totals"]["total_amount_currency"], invoice.amount_total, 2
        )
        self.assertAlmostEqual(
            sum(entry["amount"] for entry in bill["jobs"]), invoice.amount_untaxed, 2
        )
        part, _labour, share = bill["jobs"][0]["rows"]
        self.assertEqual(part["quantity"], 2)
        self.assertEqual(share["kind"], "share")
        self.assertLess(share["amount"], 0)
        text = self._get_text(self._print("settlement", order))
        self.assertIn("share of Maker warranty", text)
        self.assertIn("VAT 13%", text)

    def test_settlement_lists_old_parts(self):
        self.part_avco.aftersales_exchange = True
        self._stock(self.part_avco, 1)
        order = self._create_order([(self.part_avco, 1)], old_parts_choice="keep")
        self._finish_order(self._approve(order))
        [row] = self._get_rows(self._print("settlement", order), "old_parts")
        self.assertEqual(row[-1], "Customer takes it")
        order.old_part_ids.action_give_up(signer="Wang Fang")
        [row] = self._get_rows(
            self._print("settlement", order, self.accountant), "old_parts"
        )
        self.assertEqual(row[0], order.old_part_ids.name)
        self.assertEqual(row[-1], "Given up (Wang Fang)")

    def test_storekeeper_prints_the_issue_slip(self):
        shelf = self.env["stock.location"].create(
            {"name": "A-03-2", "location_id": self.warehouse.lot_stock_id.id}
        )
        self._stock(self.part_avco, 1)
        self.env["stock.quant"]._update_available_quantity(self.part_avco, shelf, 1)
        lots = self._stock_serial(["SN-1"])
        bay = self.env["stock.location"].create(
            {"name": "Bay 4", "location_id": self.warehouse.lot_stock_id.id}
        )
        orders = self._create_order(
            [(self.part_avco, 2), (self.part_serial, 1)],
            bay_id=bay.id,
            date_promised="2026-05-04 09:30:00",
        ) + self._create_order([(self.part_avco, 7)])
        self._approve(orders)
        tree = self._print("issue_slip", orders.picking_ids, self.storekeeper)
        self.assertEqual(len(tree.xpath("//div[hasclass('article')]")), 2)
        first, second = orders.picking_ids.sorted("id")
        text = self._get_text(tree)
        for said in (first.name, second.name, orders[0].name, "Bay 4", "Sedan 1.6"):
            self.assertIn(said, text)
        rows = self._get_rows(tree, "parts")
        places = [(row[0], row[2], row[3]) for row in rows]
        self.assertIn((shelf.display_name, "", "1.00 Units"), places)
        self.assertIn(
            (self.warehouse.lot_stock_id.display_name, lots.name, "1.00 Units"), places
        )
        self.assertIn(("Not reserved", "", "7.00 Units"), places)

    def test_a_transfer_of_nobodys_order_prints_too(self):
        move = self._make_in_move(self.part_avco, 1, 10.0, create_picking=True)
        text = self._get_text(
            self._print("issue_slip", move.picking_id, self.storekeeper)
        )
        self.assertIn(move.picking_id.name, text)
        self.assertNotIn("Work Order", text)

    def test_labels(self):
        self.part_avco.aftersales_exchange = True
        self._stock(self.part_avco, 2)
        order = self._create_order([(self.part_avco, 1)], old_parts_choice="keep")
        self._finish_order(self._approve(order))
        tree = self._print("old_part_tag", order.old_part_ids)
        for said in (order.old_part_ids.name, order.name, "Customer takes it"):
            self.assertIn(said, self._get_text(tree))
        other = self.asset.copy({"name": "Van"})
        tree = self._print("asset_label", self.asset + other)
        self.assertEqual(len(tree.xpath("//div[hasclass('page')]")), 2)
        self.assertEqual(len(tree.xpath("//div[hasclass('page')]//img")), 2)

    def test_who_may_not(self):
        order = self._create_order(team_id=self.team.copy({"member_ids": False}).id)
        order.user_id = self.manager
        with self.assertRaises(AccessError):
            self._print("estimate", order)
        with self.assertRaises(AccessError):
            self._print("estimate", order, self.technician)

    def test_pdf(self):
        Report = self.env["ir.actions.report"]
        if Report.get_wkhtmltopdf_state() not in ("ok", "workers"):
            self.skipTest("nothing here prints PDF")
        orders = self._create_order() + self._create_order()
        orders.action_estimate()
        content, _format = Report.with_context(
            force_report_rendering=True
        )._render_qweb_pdf("aftersales.action_report_task_order", orders.ids)
        self.assertTrue(content.startswith(b"%PDF"))
