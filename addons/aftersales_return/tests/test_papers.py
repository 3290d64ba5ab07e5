import re

from lxml import html

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import format_date

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestPapers(ReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lots = cls.env["stock.lot"]

    def _print(self, report, records, user=None):
        """Return the paper as an HTML tree."""
        Report = self.env["ir.actions.report"].with_user(user or self.storekeeper)
        content, _format = Report._render_qweb_html(
            f"aftersales_return.action_report_{report}", records.ids
        )
        return html.fromstring(content)

    def _get_text(self, node):
        return re.sub(r"\s+", " ", node.text_content())

    def _get_pages(self, tree):
        return [self._get_text(page) for page in tree.xpath("//div[hasclass('page')]")]

    def _get_rows(self, tree, name):
        return [
            [self._get_text(cell).strip() for cell in row.xpath("./td")]
            for row in tree.xpath(f"//table[@name='{name}']//tr[td]")
        ]

    def _create_accepted(self, serials=("S1",), operation="as_is"):
        lots = self._stock_serial(list(serials))
        for lot in lots:
            self._sell(self.part_serial, 1, lots=lot)
        rma = self._create_return(
            *[{"product_id": self.part_serial.id, "serial": lot.name} for lot in lots],
            operation=operation,
        )
        rma.action_accept()
        return rma

    def test_labels_of_two_returns(self):
        rmas = self._create_accepted(["S1"]) + self._create_accepted(["S2"])
        self.warehouse.partner_id.write(
            {"name": "Returns Depot", "street": "5 Dock Road", "city": "Suzhou"}
        )
        pages = self._get_pages(self._print("label", rmas, user=self.advisor))
        self.assertEqual(len(pages), 2)
        for rma, page, serial in zip(rmas, pages, ("S1", "S2"), strict=True):
            for words in (rma.name, "Returns Depot", "5 Dock Road", "Suzhou", serial):
                self.assertIn(words, page)
            self.assertIn("12 Zhongshan Road", page, "the sender")
        tree = self._print("label", rmas[0])
        self.assertEqual(len(tree.xpath("//img")), 2, "a QR code and a bar code")

    def test_dock_reads_what_is_printed(self):
        rma = self._create_accepted()
        Dock = self.env["aftersales.return.dock"].with_user(self.storekeeper)
        for code in (rma._get_code(), rma.line_ids._get_tag_code(), rma.name):
            self.assertEqual(Dock.scan(code)["return"]["name"], rma.name)

    def test_packing_instructions(self):
        rma = self._create_accepted(["S1", "S2"])
        operation = self._get_operation("as_is")
        operation.note = "<p>Take out the <b>batteries</b>.</p>"
        tree = self._print("packing", rma, user=self.advisor)
        rows = self._get_rows(tree, "goods")
        self.assertEqual([row[1] for row in rows], ["S1", "S2"])
        [note] = tree.xpath("//div[@name='note']")
        self.assertIn("batteries", self._get_text(note))
        self.assertIn(operation.name, self._get_text(note))
        self.assertEqual(len(tree.xpath("//ol[@name='steps']/li")), 5)

    def test_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        operation = self._get_operation("as_is").with_context(lang="fr_FR")
        operation.name = "Renvoyer tel quel"
        rma = self._create_accepted()
        for report in ("packing",):
            tree = self._print(report, rma, user=self.advisor)
            self.assertIn("Renvoyer tel quel", self._get_text(tree))
        self._receive(rma)
        rma.line_ids.action_test()
        rma.line_ids.action_settle()
        picking = self._get_out(rma)
        tree = self._print("packing_list", picking)
        self.assertIn("Renvoyer tel quel", self._get_text(tree))
        inbound = rma.picking_ids - picking
        self.assertNotIn(
            "Renvoyer", self._get_text(self._print("inbound_note", inbound)), "ours"
        )

    def _get_out(self, rma):
        return rma.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
        )

    def test_goods_tags(self):
        rma = self._create_accepted(["S1", "S2"])
        lines = rma.line_ids
        self._receive(rma)
        for report, records in (
            ("tag", lines),
            ("return_tags", rma),
            ("picking_tags", rma.picking_ids),
        ):
            pages = self._get_pages(self._print(report, records))
            self.assertEqual(len(pages), 2, report)
            self.assertIn(rma.name, pages[0])
            self.assertIn("S1", pages[0])
            self.assertIn("Property of Wang Fang", pages[0])
            self.assertIn("Test · Return as is", pages[0])
        lines.action_test(result="fail", grade=self.grade_a)
        [page, _other] = self._get_pages(self._print("tag", lines))
        self.assertIn("Settle", page)
        self.assertIn("Faulty", page)
        self.assertIn(self.grade_a.name, page)

    def test_tag_says_the_guarantee(self):
        rma = self._create_accepted()
        self._receive(rma)
        rma.line_ids.write({"verdict": "exchange", "verdict_until": "2026-06-01"})
        [page] = self._get_pages(self._print("tag", rma.line_ids))
        self.assertIn("Exchange period until 06/01/2026", page)

    def test_tag_of_our_own_and_of_differences(self):
        self._stock(self.part_avco, 5, 10.0)
        rma = self._create_return((self._sell(self.part_avco, 2), 2))
        rma.action_accept()
        rma.picking_ids.move_ids.quantity = 3
        self._receive(rma)
        ours, extra = rma.line_ids.sorted("id")
        self.assertEqual(ours._get_tag_owner(), self.company.partner_id)
        self.assertEqual(extra._get_tag_owner(), self.customer)
        self.assertIn("Keep apart", extra._get_tag_next())

    def test_inbound_note(self):
        self._stock(self.part_avco, 20, 10.0)
        sale_line = self._sell(self.part_avco, 10)
        rma = self._create_return((sale_line, 4))
        rma.action_accept()
        picking = rma.picking_ids
        rows = self._get_rows(self._print("inbound_note", picking), "goods")
        self.assertEqual(rows[0][2:4], ["4.00 Units", "________"])
        picking.move_ids.quantity = 6
        self._receive(rma)
        rows = self._get_rows(self._print("inbound_note", picking), "goods")
        self.assertEqual(
            [row[2:5] for row in rows],
            [
                ["4.00 Units", "4.00 Units", self.company.name],
                ["0.00 Units", "2.00 Units", "Wang Fang"],
            ],
        )
        self.assertIn("More than announced", rows[1][5])

    def test_inbound_note_of_less(self):
        self._stock(self.part_avco, 20, 10.0)
        rma = self._create_return((self._sell(self.part_avco, 10), 4))
        rma.action_accept()
        picking = rma.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=picking.ids
        ).button_validate()
        [row] = self._get_rows(self._print("inbound_note", picking), "goods")
        self.assertEqual(row[2:4], ["4.00 Units", "1.00 Units"])

    def test_packing_list(self):
        rma = self._create_accepted(["S1", "S2"])
        self._receive(rma)
        one, two = rma.line_ids
        one.action_test()
        one.action_settle()
        picking = self._get_out(rma)
        tree = self._print("packing_list", picking)
        [head] = tree.xpath("//td[@name='consignee']")
        for words in ("Wang Fang", "12 Zhongshan Road", "Nanjing", "210005", "+86 25"):
            self.assertIn(words, self._get_text(head))
        [row] = self._get_rows(tree, "goods")
        self.assertEqual(row[1], "S1")
        rows = self._get_rows(tree, "inbound")
        self.assertEqual([row[1] for row in rows], ["S1", "S2"])
        self.assertEqual(rows[0][4], "Sent back")
        self.assertIn("Left over: 1.00", rows[1][4])
        two.action_agree("later", name="Wang Fang")
        rows = self._get_rows(self._print("packing_list", picking), "inbound")
        day = format_date(self.env, two.agreement_date)
        self.assertEqual(rows[1][4], f"Follows by {day}, agreed with Wang Fang")

    def test_loss_claim(self):
        carrier = self.env["res.partner"].create({"name": "SF Express"})
        parcel = self._create_accepted().shipment_ids
        parcel.write({"carrier_id": carrier.id, "waybill": "SF1"})
        parcel.proof_ids = self.env["ir.attachment"].create(
            {
                "name": "waybill.jpg",
                "raw": b"x",
                "res_model": parcel._name,
                "res_id": parcel.id,
            }
        )
        parcel.action_ship()
        parcel.action_lose(reason="Never scanned again", amount=120.0)
        text = self._get_text(self._print("loss_claim", parcel))
        for words in (
            "SF Express",
            "SF1",
            "Never scanned again",
            "120.00",
            "S1",
            "waybill.jpg",
        ):
            self.assertIn(words, text)

    def test_every_paper_as_pdf(self):
        """As it is printed, not only as a page."""
        rma = self._create_accepted()
        Report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        if Report.get_wkhtmltopdf_state() not in ("ok", "upgrade"):
            self.skipTest("No program prints PDF here.")
        for report, records in (("label", rma), ("tag", rma.line_ids)):
            try:
                content, kind = Report._render_qweb_pdf(
                    f"aftersales_return.action_report_{report}", records.ids
                )
            except UserError as error:
                self.skipTest(str(error))
            self.assertEqual(kind, "pdf")
            self.assertEqual(content[:4], b"%PDF")

    def test_the_delivery_slip_names_the_serial_that_was_exchanged(self):
        old = self._stock_serial(["OLD-1"])
        sold = self._sell(self.part_serial, 1, lots=old)
        self._stock_serial(["NEW-1"])
        rma = self._create_return(
            {**self._prepare_line((sold, 1), "advance"), "lot_id": old.id}
        )
        rma.action_accept()
        picking = rma.line_ids._get_moves("new").picking_id
        picking.move_ids.picked = True
        picking.button_validate()
        paper, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "stock.action_report_delivery", picking.ids
        )
        self.assertIn(b"NEW-1", paper)
