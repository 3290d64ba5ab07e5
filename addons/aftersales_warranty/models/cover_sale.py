from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    has_aftersales_cover = fields.Boolean(
        compute="_compute_has_aftersales_cover", export_string_translation=False
    )

    @api.depends("order_line.product_id")
    def _compute_has_aftersales_cover(self):
        for sale in self:
            sale.has_aftersales_cover = any(
                line.is_aftersales_cover for line in sale.order_line
            )

    def _confirmation_error_message(self):
        """A cover is for a thing: named, on the work order, or delivered with it."""
        error = super()._confirmation_error_message()
        if error:
            return error
        for line in self.order_line.filtered("product_id.aftersales_pack_id"):
            if error := line._get_cover_error():
                return error
        return False


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    is_aftersales_cover = fields.Boolean(
        compute="_compute_is_aftersales_cover", export_string_translation=False
    )
    aftersales_cover_asset_id = fields.Many2one(
        "aftersales.asset",
        "Asset Covered",
        compute="_compute_aftersales_cover_asset_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        help="The thing that a cover is sold for. Empty if it is delivered by serial "
        "number with this order.",
    )
    aftersales_deferral_ids = fields.One2many(
        "aftersales.deferral", "sale_line_id", "Deferred Revenue"
    )

    @api.depends("product_id.aftersales_pack_id")
    def _compute_is_aftersales_cover(self):
        for line in self:
            line.is_aftersales_cover = bool(line.product_id.aftersales_pack_id)

    @api.depends("product_id", "job_line_id")
    def _compute_aftersales_cover_asset_id(self):
        for line in self:
            if not line.product_id.aftersales_pack_id:
                line.aftersales_cover_asset_id = False
            elif not line.aftersales_cover_asset_id:
                line.aftersales_cover_asset_id = line.job_line_id.order_id.asset_id

    def _prepare_invoice_line(self, **optional_values):
        values = super()._prepare_invoice_line(**optional_values)
        if self.aftersales_cover_asset_id:
            values["aftersales_cover_asset_id"] = self.aftersales_cover_asset_id.id
        return values

    def _get_serial_lines(self):
        """Return the lines for goods with serial numbers on the same sales orders."""
        return self.order_id.order_line.filtered(
            lambda line: line.product_id.tracking == "serial" and not line.job_line_id
        )

    def _get_delivered_assets(self):
        """Return the assets of the serials that these sales orders delivered."""
        moves = self._get_serial_lines().move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_usage == "customer"
        )
        return self.env["aftersales.asset"].search(
            [
                ("lot_id", "in", moves.lot_ids.ids),
                # One serial may be an asset of several companies.
                ("company_id", "in", self.company_id.ids),
            ],
            order="id",
        )

    def _get_cover_error(self):
        """Return what keeps this cover from being sold, or False."""
        self.ensure_one()
        quantity = self.product_uom_qty
        if quantity != int(quantity) or (
            self.aftersales_cover_asset_id and quantity > 1
        ):
            return self.env._(
                "%(order)s: %(cover)s is sold per asset. Give each asset a line of "
                "its own, with quantity 1.",
                order=self.order_id.name,
                cover=self.product_id.display_name,
            )
        if not self.product_id.aftersales_cover_months:
            return self.env._(
                "%(order)s: %(cover)s has no term. Set its months of cover on the "
                "product.",
                order=self.order_id.name,
                cover=self.product_id.display_name,
            )
        if self.aftersales_cover_asset_id or self._get_serial_lines():
            return False
        return self.env._(
            "%(order)s: choose the asset that %(cover)s is sold for, on its line.",
            order=self.order_id.name,
            cover=self.product_id.display_name,
        )


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        """Covers sold with goods begin once the customer has the serial numbers."""
        result = super()._action_done()
        sold = self.move_ids.filtered(
            lambda move: (
                move.product_id.tracking == "serial"
                and move.sale_line_id
                and not move.job_line_id
            )
        )
        if sold:
            # The storekeeper delivers; revenue is the accountant's.
            self.env["aftersales.deferral"].sudo().search(
                [
                    ("state", "=", "waiting"),
                    ("sale_line_id.order_id", "in", sold.sale_line_id.order_id.ids),
                ]
            )._try_start()
        return result
