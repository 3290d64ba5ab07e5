from odoo import api, fields, models


class AftersalesWarrantyRegistration(models.Model):
    """Guarantees that begin with a delivery or an invoice."""

    _inherit = "aftersales.warranty.registration"

    @api.model
    def _register_deliveries(self, move_lines):
        """Register the guarantees of delivered serials.

        Those that begin with the invoice or the installation wait for it, unless it
        came before.

        :param move_lines: done ``stock.move.line`` to customers, with lots
        """
        assets = self.env["aftersales.asset"].search(
            [
                ("lot_id", "in", move_lines.lot_id.ids),
                ("company_id", "in", move_lines.company_id.ids),
            ]
        )
        by_lot = assets.grouped(lambda asset: (asset.lot_id, asset.company_id))
        packs = self._get_automatic_packs()
        values_list = []
        for line in move_lines:
            asset = by_lot.get((line.lot_id, line.company_id))
            if not asset:
                continue
            for pack in packs:
                if pack.company_id not in (line.company_id, packs.company_id.browse()):
                    continue
                if pack._covers_product(line.product_id, asset.category_id):
                    values_list.append(self._prepare_delivery_values(asset, pack, line))
        return self.sudo().create(values_list)

    @api.model
    def _get_automatic_packs(self):
        return (
            self.env["aftersales.warranty.pack"]
            .sudo()
            .search(
                [
                    ("kind", "in", ("legal", "promise")),
                    ("version_ids.state", "=", "published"),
                    "|",
                    "|",
                    ("category_ids", "!=", False),
                    ("product_categ_ids", "!=", False),
                    ("product_ids", "!=", False),
                ]
            )
        )

    def _prepare_delivery_values(self, asset, pack, move_line):
        """Return the values of the guarantee that a delivered serial gets."""
        sale_line = move_line.move_id.sale_line_id
        invoice = sale_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )[:1]
        day = self._get_start(
            pack,
            delivered=fields.Date.context_today(self, move_line.date),
            invoiced=invoice.invoice_date,
            installed=asset.date_installed,
        )
        if day and not pack._get_version(day):
            # Nothing is in force for that day: a person registers it by hand.
            day = False
        return {
            "asset_id": asset.id,
            "pack_id": pack.id,
            "partner_id": asset.partner_id.id,
            "date_start": day,
            "source": "delivery",
            "document_state": "looked_up",
            "picking_id": move_line.picking_id.id,
            "sale_line_id": sale_line.id,
            "invoice_id": invoice.id,
            "price": sale_line._get_price_paid() if sale_line else 0.0,
            "currency_id": sale_line.currency_id.id or asset.company_id.currency_id.id,
            **({} if day else {"state": "pending"}),
        }

    @api.model
    def _get_start(self, pack, delivered, invoiced, installed):
        """Return the day ``pack`` begins, or False while that is not known."""
        if pack.start_basis == "delivery":
            return delivered
        if pack.start_basis == "invoice":
            return invoiced
        if pack.start_basis == "later":
            return invoiced and max(invoiced, delivered)
        if pack.start_basis == "installation":
            return installed
        return False

    @api.model
    def _start_with_invoices(self, invoices):
        """Begin what waited for these posted customer invoices."""
        # Only serials are registered: other people's invoices cost nothing more.
        lines = invoices.invoice_line_ids.sale_line_ids.filtered(
            lambda line: line.product_id.tracking == "serial"
        )
        if not lines:
            return
        waiting = self.sudo().search(
            [("sale_line_id", "in", lines.ids), ("state", "=", "pending")]
        )
        for registration in waiting:
            pack = registration.pack_id
            invoice = registration.sale_line_id.invoice_lines.move_id & invoices
            day = self._get_start(
                pack,
                delivered=fields.Date.context_today(
                    registration, registration.picking_id.date_done
                ),
                invoiced=invoice[:1].invoice_date,
                installed=registration.asset_id.date_installed,
            )
            registration.invoice_id = invoice[:1]
            if day and pack._get_version(day):
                registration.action_start(day)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        invoices = posted.filtered(lambda move: move.move_type == "out_invoice")
        if invoices:
            self.env["aftersales.warranty.registration"]._start_with_invoices(invoices)
        return posted


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_price_paid(self):
        """Return what one unit cost the customer, taxes included."""
        self.ensure_one()
        if not self.product_uom_qty:
            return 0.0
        return self.currency_id.round(self.price_total / self.product_uom_qty)
