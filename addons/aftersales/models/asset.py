from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesAssetCategory(models.Model):
    _name = "aftersales.asset.category"
    _description = "Asset Category"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    meter_unit = fields.Selection(
        [("km", "km"), ("mi", "mi"), ("h", "h"), ("cycle", "cycles")],
        help="What the assets of this category count, if anything.",
    )
    meter_required = fields.Boolean(
        "Meter at Start and Hand-over",
        help="Work can't start, and the asset can't be handed over, without a reading.",
    )


class AftersalesAsset(models.Model):
    """The customer's thing that is serviced: a car, a fridge, a camera, a machine.

    It belongs to its owner, may stand at another address, counts on one meter or
    several, and keeps its history through owners and serial numbers.
    """

    _name = "aftersales.asset"
    _description = "Asset"
    _inherit = ["mail.thread", "mail.activity.mixin", "aftersales.code.mixin"]
    _order = "name, id"
    _check_company_auto = True
    _rec_names_search = ["name", "serial", "partner_id.name"]

    name = fields.Char(
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner", "Owner", check_company=True, index=True, tracking=True
    )
    site_id = fields.Many2one(
        "res.partner",
        "Site",
        check_company=True,
        index="btree_not_null",
        help="Where the asset stands, if not at the owner's address.",
    )
    category_id = fields.Many2one(
        "aftersales.asset.category", "Category", index="btree_not_null"
    )
    product_id = fields.Many2one(
        "product.product",
        "Model",
        check_company=True,
        index="btree_not_null",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    lot_id = fields.Many2one(
        "stock.lot",
        "Lot/Serial",
        check_company=True,
        domain="[('product_id', '=?', product_id)]",
        help="Set when we sold this very unit with a serial number.",
        tracking=True,
    )
    serial = fields.Char(
        "Serial Number",
        compute="_compute_serial",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
    )
    date_sold = fields.Date("Sold On")
    note = fields.Html()
    meter_ids = fields.One2many("aftersales.meter", "asset_id", "Meters")
    reading_ids = fields.One2many("aftersales.meter.reading", "asset_id", "Readings")
    meter = fields.Float(
        compute="_compute_meter",
        inverse="_inverse_meter",
        help="The last reading of the main meter.",
    )
    meter_unit = fields.Char(compute="_compute_meter")
    order_ids = fields.One2many("aftersales.order", "asset_id", "Work Orders")
    order_count = fields.Integer(compute="_compute_order_count")
    old_part_ids = fields.One2many("aftersales.old.part", "asset_id", "Old Parts")

    _lot_unique = models.UniqueIndex(
        "(lot_id) WHERE lot_id IS NOT NULL",
        "This lot or serial number already has an asset. Change the owner there "
        "instead of making a second one.",
    )

    @api.depends("product_id", "serial")
    def _compute_name(self):
        for asset in self:
            if not asset.name:
                parts = (asset.product_id.display_name, asset.serial)
                asset.name = " ".join(part for part in parts if part)

    @api.depends("lot_id")
    def _compute_product_id(self):
        for asset in self:
            asset.product_id = asset.lot_id.product_id or asset.product_id

    @api.depends("lot_id")
    def _compute_serial(self):
        for asset in self:
            asset.serial = asset.lot_id.name or asset.serial

    @api.depends("meter_ids.value", "meter_ids.unit", "category_id")
    def _compute_meter(self):
        for asset in self:
            main = asset.meter_ids[:1]
            asset.meter = main.value
            asset.meter_unit = main._get_unit_label() or asset.category_id.meter_unit

    def _inverse_meter(self):
        for asset in self:
            if asset.meter or asset.meter_ids:
                asset._record_meter(asset.meter)

    def _compute_order_count(self):
        counts = dict(
            self.env["aftersales.order"]._read_group(
                [("asset_id", "in", self.ids)], ["asset_id"], ["__count"]
            )
        )
        for asset in self:
            asset.order_count = counts.get(asset._origin, 0)

    @api.constrains("lot_id", "product_id")
    def _check_lot_product(self):
        for asset in self:
            if asset.lot_id and asset.lot_id.product_id != asset.product_id:
                raise ValidationError(
                    self.env._(
                        "%(asset)s: serial %(serial)s belongs to %(product)s. "
                        "Choose that model, or another serial.",
                        asset=asset.display_name,
                        serial=asset.lot_id.name,
                        product=asset.lot_id.product_id.display_name,
                    )
                )

    def _record_meter(self, value, order=None, meter_change_reason=None):
        """Add a reading to the main meter, which is made if there is none.

        :param float value: what the meter shows, in its own unit
        :param order: the work order at which it was read
        :param meter_change_reason: why the meter now shows less: it was exchanged
        :raises ValidationError: if it fell and no reason is given
        """
        self.ensure_one()
        main = self.meter_ids[:1] or self.env["aftersales.meter"].create(
            {"asset_id": self.id, "unit": self.category_id.meter_unit or "km"}
        )
        return self.env["aftersales.meter.reading"].create(
            {
                "meter_id": main.id,
                "value": value,
                "order_id": order.id if order else False,
                "is_meter_change": bool(meter_change_reason),
                "reason": meter_change_reason,
            }
        )

    @api.model
    def _create_from_deliveries(self, move_lines):
        """Make, or hand to their new owner, the assets of delivered serials.

        :param move_lines: done ``stock.move.line`` to customers, with lots
        """
        lots = move_lines.lot_id
        known = self.with_context(active_test=False).search(
            [("lot_id", "in", lots.ids)]
        )
        asset_by_lot = known.grouped("lot_id")
        values_list = []
        for line in move_lines:
            owner = line.picking_id.partner_id.commercial_partner_id
            values = {
                "partner_id": owner.id,
                "site_id": (line.picking_id.partner_id - owner).id,
                "date_sold": fields.Date.to_date(line.date),
            }
            if asset := asset_by_lot.get(line.lot_id):
                # It came back once and is sold again: same thing, next owner.
                asset.write({**values, "active": True})
            elif owner:
                values_list.append(
                    {
                        **values,
                        "lot_id": line.lot_id.id,
                        "company_id": line.company_id.id,
                    }
                )
        return self.create(values_list)

    def action_view_orders(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("aftersales.order_action")
        action["domain"] = [("asset_id", "in", self.ids)]
        action["context"] = {
            "default_asset_id": self[:1].id,
            "default_partner_id": self[:1].partner_id.id,
        }
        return action

    def _get_code_url(self):
        """Return the address that the printed QR label leads to."""
        self.ensure_one()
        return f"{self.get_base_url()}/aftersales/asset/{self._get_code()}"
