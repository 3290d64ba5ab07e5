import base64
import io
from datetime import datetime

import openpyxl

from odoo import fields
from odoo.tests import Form, HttpCase, tagged

from .common import ReturnCommon


@tagged("post_install", "-at_install")
class TestRegisterXlsx(ReturnCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.env["res.partner"].create(
            {"name": "SF Express", "phone": "95338"}
        )

    def _create_parcel(self, direction="in", **values):
        return self.env["aftersales.shipment"].create(
            {
                "direction": direction,
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                **values,
            }
        )

    def _read(self, content):
        """Return ``{sheet: [{heading: value}]}`` of an xlsx file."""
        book = openpyxl.load_workbook(io.BytesIO(content))
        sheets = {}
        for sheet in book.worksheets:
            head, *rows = sheet.iter_rows(values_only=True)
            sheets[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows]
        return sheets

    def test_in_and_out_with_every_column(self):
        self.env.user.tz = "Asia/Shanghai"
        first = self._create_parcel(
            contact_name="Wang Fang",
            contact_phone="025 1",
            carrier_id=self.carrier.id,
            carrier_place="East station",
            date_pickup="2026-05-06 08:00:00",
            waybill="SF0012",
            date_shipped="2026-05-04",
            goods="2 Kettles",
        )
        second = self._create_parcel("out", waybill="9", goods="1 Lamp", packages=3)
        first.action_ship()
        first.action_hand_over(self.advisor, reason="On holiday")
        first.action_lose(reason="Gone", amount=120.5)
        sheets = self._read((first + second)._get_register_xlsx())
        self.assertEqual(list(sheets), ["In", "Out"])
        [row] = sheets["In"]
        self.assertEqual(row["Number"], first.name)
        self.assertEqual(row["State"], "Lost")
        self.assertEqual(row["Contact"], "Wang Fang")
        self.assertEqual(row["Carrier"], "SF Express")
        self.assertEqual(row["Pick-up Place"], "East station")
        self.assertEqual(row["Waybill Number"], "SF0012", "a text, with its zeros")
        self.assertEqual(row["Shipped On"], datetime(2026, 5, 4))
        self.assertEqual(row["Pick-up Time"], datetime(2026, 5, 6, 16, 0))
        self.assertEqual(row["Claimed"], 120.5)
        self.assertIn(self.advisor.name, row["Handed Over"])
        [row] = sheets["Out"]
        self.assertEqual(row["Number"], second.name)
        self.assertEqual(row["Packages"], 3)

    def test_words_of_customers_are_no_formulas(self):
        parcel = self._create_parcel(goods='=HYPERLINK("http://x.example")')
        book = openpyxl.load_workbook(io.BytesIO(parcel._get_register_xlsx()))
        cells = [cell for row in book["In"].iter_rows() for cell in row]
        self.assertNotIn("f", {cell.data_type for cell in cells})
        self.assertIn('=HYPERLINK("http://x.example")', [cell.value for cell in cells])

    def test_empty(self):
        sheets = self._read(self.env["aftersales.shipment"]._get_register_xlsx())
        self.assertEqual(sheets, {"In": [], "Out": []})

    def test_days_and_direction(self):
        old, new = self._create_parcel(), self._create_parcel()
        out = self._create_parcel("out")
        self.env.cr.execute(
            "UPDATE aftersales_shipment SET create_date = '2020-03-31 23:59' "
            "WHERE id = %s",
            [old.id],
        )
        old.invalidate_recordset(["create_date"])
        register = self.env["aftersales.shipment.register"].create(
            {"date_from": "2020-03-01", "date_to": "2020-03-31"}
        )
        self.assertEqual(register._get_shipments(), old)
        register.write({"date_from": "2020-04-01", "date_to": False, "direction": "in"})
        self.assertIn(new, register._get_shipments())
        self.assertNotIn(out, register._get_shipments())
        self.assertNotIn(old, register._get_shipments())

    def test_download_as_storekeeper(self):
        parcels = self._create_parcel() + self._create_parcel("out")
        self.storekeeper.password = "aftersales_storekeeper"
        register = Form(
            self.env["aftersales.shipment.register"]
            .with_user(self.storekeeper)
            .with_context(active_ids=parcels.ids)
        ).save()
        self.assertEqual(register.shipment_count, 2)
        action = register.action_download()
        self.assertEqual(
            self._read(base64.b64decode(register.file))["In"][0]["Number"],
            parcels[0].name,
        )
        self.authenticate("aftersales_storekeeper", "aftersales_storekeeper")
        response = self.url_open(action["url"])
        self.assertEqual(response.status_code, 200)
        self.assertIn(".xlsx", response.headers["Content-Disposition"])
        self.assertEqual(len(self._read(response.content)["Out"]), 1)

    def test_other_company_is_not_in_it(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["aftersales.shipment"].create({"company_id": other.id})
        register = self.env["aftersales.shipment.register"].create(
            {"date_from": fields.Date.today(), "date_to": fields.Date.today()}
        )
        shipments = register.with_user(self.storekeeper)._get_shipments()
        self.assertNotIn(theirs, shipments)
