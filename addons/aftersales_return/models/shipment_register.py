import io

import xlsxwriter

from odoo import api, fields, models


class AftersalesShipment(models.Model):
    """The register on paper: every parcel in and out, as a spreadsheet."""

    _inherit = "aftersales.shipment"

    @api.model
    def _get_register_columns(self):
        """Return the fields of the register, in the order of its columns."""
        return [
            "name",
            "state",
            "return_id",
            "partner_id",
            "contact_name",
            "contact_phone",
            "goods",
            "packages",
            "transport",
            "carrier_id",
            "carrier_phone",
            "carrier_place",
            "date_pickup",
            "waybill",
            "date_shipped",
            "date_expected",
            "date_arrived",
            "receiver",
            "consignee_address",
            "date_told",
            "user_id",
            "handover_ids",
            "date_lost",
            "amount_claimed",
            "amount_recovered",
            "loss_result",
        ]

    def _get_register_value(self, name):
        """Return what a cell of the register says: a word, number, date or nothing."""
        self.ensure_one()
        field, value = self._fields[name], self[name]
        if name == "handover_ids":
            return self._get_handover_words()
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "datetime" and value:
            local = fields.Datetime.context_timestamp(self, value)
            return local.replace(tzinfo=None)
        return value or ""

    def _get_handover_words(self):
        self.ensure_one()
        return "; ".join(
            self.env._(
                "%(date)s %(before)s → %(after)s",
                date=fields.Date.to_string(
                    fields.Datetime.context_timestamp(self, handover.create_date)
                ),
                before=handover.from_user_id.name or "–",
                after=handover.to_user_id.name,
            )
            for handover in self.handover_ids.sorted("id")
        )

    def _get_register_xlsx(self):
        """Return the register of these parcels as xlsx file: one sheet in, one out."""
        self.check_access("read")
        output = io.BytesIO()
        with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
            formats = {
                "head": book.add_format(
                    {
                        "bold": True,
                        "bg_color": "#E9ECEF",
                        "text_wrap": True,
                        "border": 1,
                    }
                ),
                "text": book.add_format({"text_wrap": True, "valign": "top"}),
                "date": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
                "datetime": book.add_format(
                    {"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}
                ),
                "monetary": book.add_format(
                    {"num_format": "#,##0.00", "valign": "top"}
                ),
            }
            directions = dict(
                self._fields["direction"]._description_selection(self.env)
            )
            for direction, title in directions.items():
                parcels = self.filtered(
                    lambda parcel, direction=direction: parcel.direction == direction
                )
                sheet = book.add_worksheet(title[:31])
                parcels.sorted("id")._write_register_sheet(sheet, formats)
        return output.getvalue()

    def _write_register_sheet(self, sheet, formats):
        columns = self._get_register_columns()
        labels = self.fields_get(columns, ["string"])
        sheet.freeze_panes(1, 1)
        for column, name in enumerate(columns):
            sheet.write_string(0, column, labels[name]["string"], formats["head"])
            wide = name in ("goods", "consignee_address", "handover_ids")
            sheet.set_column(column, column, 36 if wide else 17)
        for row, parcel in enumerate(self, start=1):
            for column, name in enumerate(columns):
                kind = self._fields[name].type
                value = parcel._get_register_value(name)
                if value == "":
                    continue
                if kind in ("date", "datetime"):
                    sheet.write_datetime(row, column, value, formats[kind])
                elif kind in ("integer", "monetary"):
                    style = formats.get(kind, formats["text"])
                    sheet.write_number(row, column, value, style)
                else:
                    # As text: what a customer wrote is never a formula.
                    sheet.write_string(row, column, str(value), formats["text"])
        sheet.autofilter(0, 0, max(len(self), 1), len(columns) - 1)

    @api.model
    def _get_register_domain(self, date_from=None, date_to=None, direction=None):
        """Return which parcels are in a register: those noted in that time."""
        domain = fields.Domain("company_id", "in", self.env.companies.ids)
        if direction:
            domain &= fields.Domain("direction", "=", direction)
        if date_from:
            domain &= fields.Domain("create_date", ">=", date_from)
        if date_to:
            domain &= fields.Domain(
                "create_date", "<", fields.Date.add(date_to, days=1)
            )
        return domain
