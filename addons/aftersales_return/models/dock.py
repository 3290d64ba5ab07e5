import re

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import escape_psql

SIGNED_CODE = re.compile(r"\d+-[0-9a-f]{8}-[0-9a-f]{20}")
# What is still to do comes before what is over.
OPEN_STATES = ("received", "tested", "settled", "expected", "draft")


class AftersalesReturnDock(models.AbstractModel):
    """At the dock: what was scanned, whose it is, and what is done with it next.

    ``scan`` says it and changes nothing; ``act`` takes the step that it named.
    """

    _name = "aftersales.return.dock"
    _description = "Receiving Dock"

    @api.model
    @api.readonly
    def scan(self, code, lot_id=None, line_id=None):
        """Say what a code is: of a label, a tag, a serial, a waybill or a product.

        :param str code: as it was read; also the address in a QR code
        :param int lot_id: which one, if the serial is known of several products
        :param int line_id: which of the goods, if the code is of several
        :return: plain data: ``kind`` (``goods``, ``return``, ``choice``,
            ``unknown``), ``product``, ``serial``, ``customer``, ``sold``, ``place``,
            ``verdict`` (``level``, ``label``, ``until``, ``text``, ``reasons``),
            ``supplier``, ``return``, ``step`` (``name``, ``text``, ``label`` of the
            button, or no label if somebody else goes on), ``lines``, ``choices``
        :raises UserError: for an empty code
        """
        self._check_may_scan()
        text = self._clean_code(code)
        if not text:
            raise UserError(self.env._("Scan a code, or type a number."))
        if line_id:
            line = self._get_line(line_id)
            return {"code": text, **self._describe_line(line)}
        for identify in (
            self._identify_signed,
            self._identify_document,
            self._identify_tag,
            self._identify_serial,
            self._identify_gs1,
            self._identify_product,
        ):
            if answer := identify(text, lot_id):
                return {"code": text, **answer}
        return {"code": text, **self._describe_unknown(text)}

    @api.model
    def _check_may_scan(self):
        """Refuse who does not work here: it tells who bought what."""
        if not self.env.user._is_internal() and not self.env.su:
            raise AccessError(self.env._("Only employees scan at the dock."))
        self.env["aftersales.return"].check_access("read")

    @api.model
    def _clean_code(self, code):
        """Return what the scanner read: without spaces, and of an address its end."""
        text = str(code or "").strip()
        if re.match(r"https?://", text):
            text = text.partition("?")[0].rstrip("/").rpartition("/")[2]
        return text[:200]

    def _open(self, code):
        """Return the action that opens the dock with ``code`` scanned."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "aftersales_return.dock_action"
        )
        return {**action, "params": {"code": code}}

    # What it is

    def _identify_signed(self, text, _lot_id):
        """The code on a return label, or on the label of an asset."""
        if not SIGNED_CODE.fullmatch(text):
            return None
        if rma := self.env["aftersales.return"]._browse_code(text):
            rma.check_access("read")
            return self._describe_return(rma)
        if asset := self.env["aftersales.asset"]._browse_code(text):
            asset.check_access("read")
            return self._describe_thing(asset.sudo().lot_id, asset)
        return None

    def _identify_document(self, text, _lot_id):
        """The number of a return, a transfer or a parcel, or its waybill."""
        Return = self.env["aftersales.return"]
        rma = Return.search([("name", "=ilike", escape_psql(text))], limit=1)
        # Advisors and technicians need not have a right to transfers.
        own = Domain("company_id", "in", self.env.companies.ids)
        number = Domain("name", "=ilike", escape_psql(text))
        if not rma:
            picking = (
                self.env["stock.picking"]
                .sudo()
                .search(
                    number & own & Domain("aftersales_return_id", "!=", False), limit=1
                )
            )
            rma = picking.aftersales_return_id.with_env(self.env)
        if not rma:
            waybill = Domain("waybill", "=ilike", escape_psql(text))
            parcel = (
                self.env["aftersales.shipment"]
                .sudo()
                .search(
                    (number | waybill)
                    & own
                    & Domain("return_id", "!=", False)
                    & Domain("state", "!=", "cancel"),
                    limit=1,
                )
            )
            rma = parcel.return_id.with_env(self.env)
        return self._describe_return(rma) if rma else None

    def _identify_tag(self, text, _lot_id):
        """The tag that was put on goods: number of the return and line."""
        name, _dash, number = text.rpartition("-")
        if not (name and number.isdecimal()) or len(number) > 9:
            return None
        line = self.env["aftersales.return.line"].search(
            [("id", "=", int(number)), ("return_id.name", "=ilike", escape_psql(name))]
        )
        return self._describe_line(line) if line else None

    def _identify_serial(self, text, lot_id, products=None):
        """A serial number: of ours, of an asset, or as a customer wrote it down."""
        companies = (*self.env.companies.ids, False)
        Lot = self.env["stock.lot"].sudo()
        of_product = (
            Domain("product_id", "in", products.ids) if products else Domain.TRUE
        )
        lots = Lot.search(
            of_product
            & Domain("name", "=ilike", escape_psql(text))
            & Domain("company_id", "in", companies),
            limit=20,
        )
        if lot_id:
            lots = lots.filtered(lambda lot: lot.id == lot_id)
        if len(lots) > 1:
            return self._describe_choice(text, lots)
        Asset = self.env["aftersales.asset"].sudo()
        own = [("company_id", "in", self.env.companies.ids)]
        assets = (
            Asset.search(Domain("lot_id", "=", lots.id) & Domain(own), limit=1)
            if lots
            else Asset.search(
                of_product
                & Domain("serial", "=ilike", escape_psql(text))
                & Domain(own),
                limit=1,
            )
        )
        if lots or assets:
            return self._describe_thing(lots, assets)
        line = self.env["aftersales.return.line"].search(
            of_product
            & Domain("serial", "=ilike", escape_psql(text))
            & Domain("state", "in", OPEN_STATES),
            limit=1,
        )
        return self._describe_line(line) if line else None

    def _identify_product(self, text, _lot_id):
        """A product that has no serial: which of the awaited goods is it?"""
        product = self.env["product.product"].search(
            ["|", ("barcode", "=", text), ("default_code", "=", text)], limit=1
        )
        if not product:
            return None
        lines = self.env["aftersales.return.line"].search(
            [("product_id", "=", product.id), ("state", "=", "expected")], limit=20
        )
        if len(lines) == 1:
            return self._describe_line(lines)
        answer = {
            "kind": "choice" if lines else "unknown",
            "product": self._describe_product(product),
            "title": product.display_name,
            "choices": [
                {
                    "line_id": line.id,
                    "label": " · ".join(
                        (line.return_id.name, line.partner_id.display_name)
                    ),
                    "text": self._get_quantity_text(line),
                }
                for line in lines.sudo()
            ],
        }
        if lines:
            return {**answer, "text": self.env._("Whose is it?")}
        return {
            **answer,
            **self._describe_receipt(
                self.env._("No return of this product is awaited.")
            ),
        }


class StockLot(models.Model):
    _inherit = "stock.lot"

    def action_view_return_state(self):
        """Open the dock as if this serial had been scanned."""
        self.ensure_one()
        return self.env["aftersales.return.dock"]._open(self.name)


class AftersalesAsset(models.Model):
    _inherit = "aftersales.asset"

    def action_view_return_state(self):
        """Open the dock as if the number of this asset had been scanned."""
        self.ensure_one()
        return self.env["aftersales.return.dock"]._open(self.serial)
