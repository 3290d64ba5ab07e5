from odoo import models
from odoo.tools import is_html_empty


class AftersalesReturn(models.Model):
    """What the papers of a return say: the label, and how to pack."""

    _inherit = "aftersales.return"

    def _get_report_lang(self):
        """Return the language of the papers the customer gets."""
        self.ensure_one()
        return self.partner_id.lang or self.env.lang

    def _get_paper_receiver(self):
        """Return where the goods are sent to: the warehouse, else the company."""
        self.ensure_one()
        return self.sudo().warehouse_id.partner_id or self.company_id.partner_id

    def _get_paper_lines(self):
        """Return the goods that are to be sent in; all of them if none is."""
        self.ensure_one()
        lines = self.line_ids.filtered(
            lambda line: line.state != "cancel" and line.goods != "stay"
        )
        return lines.filtered(lambda line: line.state in ("draft", "expected")) or lines

    def _get_paper_notes(self):
        """Return ``[(operation, goods)]`` of operations with words for the customer."""
        self.ensure_one()
        lines = self._get_paper_lines()
        return [
            (operation, own)
            for operation, own in lines.grouped("operation_id").items()
            if not is_html_empty(operation.note)
        ]


class AftersalesReturnLine(models.Model):
    """What the tag on goods says to whoever picks them up next."""

    _inherit = "aftersales.return.line"

    def _get_tag_code(self):
        """Return the code on the tag, as the dock reads it: return and line."""
        self.ensure_one()
        return f"{self.return_id.name}-{self.id}"

    def _get_tag_serial(self):
        self.ensure_one()
        return self.sudo()._get_received_lot().name or self.serial or ""

    def _get_tag_owner(self):
        """Return whose the goods are: of the customer, or taken back by us."""
        self.ensure_one()
        line = self.sudo()
        if line.move_ids.filtered(lambda move: move.state == "done"):
            customers = line._is_customers()
        else:
            customers = not line._is_ours()
        return line.partner_id if customers else line.company_id.partner_id

    def _get_tag_next(self):
        """Return in a few words what happens next with the goods."""
        self.ensure_one()
        line = self.sudo().with_context(lang=self.env.lang)
        operation = line.operation_id.name or line.env._("Operation open")
        if line.has_difference:
            return line.env._("Keep apart: something else came than announced")
        if line.state in ("draft", "expected"):
            return line.env._("Receive · %(operation)s", operation=operation)
        if line.state == "received":
            return line.env._("Test · %(operation)s", operation=operation)
        if line.state == "tested":
            return line.env._("Settle · %(operation)s", operation=operation)
        if line.state == "settled":
            if line.order_id:
                return line.env._("Repair %(order)s", order=line.order_id.name)
            goods = dict(self._fields["goods"]._description_selection(line.env))
            return goods.get(line._get_goods(), operation)
        return line._get_state_label(line.state)


class StockPicking(models.Model):
    """The inbound note and the packing list."""

    _inherit = "stock.picking"

    def _get_return_lang(self):
        """Return the language of the papers in the box: the customer's."""
        self.ensure_one()
        partner = self.aftersales_return_id.partner_id or self.partner_id
        return partner.lang or self.env.lang

    def _get_inbound_note_rows(self):
        """Return what arrived with this transfer beside what was announced.

        :return: list of dicts ``line``, ``product``, ``serial``, ``announced``,
            ``arrived``, ``uom``, ``owner``, ``differences``
        """
        self.ensure_one()
        rows = []
        for move in self.move_ids.filtered(lambda move: move.state != "cancel"):
            line = move.aftersales_return_line_id
            cases = line.difference_ids.filtered(
                lambda case: case.picking_id in (self, self.browse())
            )
            announced = move.product_uom_qty
            if {"more", "product"} & set(cases.mapped("kind")):
                announced = 0.0
            if move.product_uom.compare(announced, move.quantity) <= 0:
                # A move that was split says only what came with it.
                announced += sum(
                    line.product_uom_id._compute_quantity(
                        case.quantity_missing, move.product_uom
                    )
                    for case in cases
                    if case.kind == "less"
                )
            serials = [item.lot_id.name or item.lot_name for item in move.move_line_ids]
            rows.append(
                {
                    "line": line,
                    "product": move.product_id,
                    "serial": ", ".join(filter(None, serials)) or line.serial or "",
                    "announced": announced,
                    "arrived": move.quantity if move.state == "done" else 0.0,
                    "uom": move.product_uom,
                    "owner": move.restrict_partner_id or move.company_id.partner_id,
                    "differences": cases,
                }
            )
        return rows

    def _get_packing_rows(self):
        """Return what is in the box, serial by serial.

        :return: list of dicts ``product``, ``serial``, ``quantity``, ``uom``,
            ``remark``, ``line``
        """
        self.ensure_one()
        rows = []
        for move in self.move_ids.filtered(lambda move: move.state != "cancel"):
            line = move.aftersales_return_line_id
            items = move.move_line_ids.filtered(
                lambda item: not item.product_uom_id.is_zero(item.quantity)
            )
            if move.aftersales_return_direction == "new":
                remark = self.env._("Replacement")
            elif line.order_id:
                remark = self.env._("Repaired: %(order)s", order=line.order_id.name)
            else:
                remark = line.operation_id.name or ""
            common = {"product": move.product_id, "remark": remark, "line": line}
            rows += [
                {
                    **common,
                    "serial": item.lot_id.name or item.lot_name or "",
                    "quantity": item.quantity,
                    "uom": item.product_uom_id,
                }
                for item in items
            ] or [
                {
                    **common,
                    "serial": line.serial or "",
                    "quantity": move.product_uom_qty,
                    "uom": move.product_uom,
                }
            ]
        return rows


class AftersalesShipment(models.Model):
    """The claim to the carrier."""

    _inherit = "aftersales.shipment"

    def _get_report_lang(self):
        """Return the language of a claim: the carrier's."""
        self.ensure_one()
        return self.carrier_id.lang or self.env.lang
