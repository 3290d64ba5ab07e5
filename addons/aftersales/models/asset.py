import base64

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .meter import METER_UNITS


class AftersalesAssetCategory(models.Model):
    _name = "aftersales.asset.category"
    _description = "Asset Category"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    meter_unit = fields.Selection(
        METER_UNITS, help="What the assets of this category count, if anything."
    )
    meter_required = fields.Boolean(
        "Meter at Start and Hand-over",
        help="Work can't start, and the asset can't be handed over, without a reading.",
    )

    def _get_meter_unit_label(self):
        labels = dict(self._fields["meter_unit"]._description_selection(self.env))
        return labels.get(self.meter_unit, "")


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
    # Technicians and storekeepers don't change the register but tell what they saw.
    _mail_post_access = "read"

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
        check_company=True,
        index="btree_not_null",
        help="Where the asset stands, if not at the owner's address.",
    )
    category_id = fields.Many2one(
        "aftersales.asset.category",
        index="btree_not_null",
        compute="_compute_category_id",
        store=True,
        readonly=False,
        precompute=True,
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
        copy=False,
        tracking=True,
    )
    serial = fields.Char(
        "Serial Number",
        compute="_compute_serial",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        index="trigram",
    )
    date_sold = fields.Date("Sold On")
    note = fields.Html()
    meter_ids = fields.One2many("aftersales.meter", "asset_id", "Meters")
    reading_ids = fields.One2many("aftersales.meter.reading", "asset_id", "Readings")
    meter = fields.Float(
        digits=(16, 1),
        compute="_compute_meter",
        inverse="_inverse_meter",
        help="The last reading of the main meter.",
    )
    meter_unit = fields.Char(compute="_compute_meter")
    order_ids = fields.One2many("aftersales.order", "asset_id", "Work Orders")
    order_count = fields.Integer(compute="_compute_order_count")
    old_part_ids = fields.One2many("aftersales.old.part", "asset_id", "Old Parts")
    code_url = fields.Char("Address on the Label", compute="_compute_code_url")
    code_image = fields.Binary("QR Code", compute="_compute_code_image")

    _lot_unique = models.UniqueIndex(
        "(lot_id, company_id) WHERE lot_id IS NOT NULL",
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

    @api.depends("product_id")
    def _compute_category_id(self):
        for asset in self:
            asset.category_id = (
                asset.category_id or asset.product_id.aftersales_category_id
            )

    @api.depends("lot_id")
    def _compute_serial(self):
        for asset in self:
            asset.serial = asset.lot_id.name or asset.serial

    @api.depends(
        "meter_ids.value", "meter_ids.unit", "meter_ids.sequence", "category_id"
    )
    def _compute_meter(self):
        self.meter_ids.mapped("value")  # read in one go
        for asset in self:
            main = asset.meter_ids[:1]
            asset.meter = main.value
            asset.meter_unit = (
                main._get_unit_label() or asset.category_id._get_meter_unit_label()
            )

    def _inverse_meter(self):
        counted = self.filtered(lambda asset: asset.meter or asset.meter_ids)
        values = {asset: asset.meter for asset in counted}
        meters = counted._get_main_meters()
        self.env["aftersales.meter.reading"].create(
            [
                {"meter_id": meters[asset].id, "value": value}
                for asset, value in values.items()
            ]
        )

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

    @api.depends("code_nonce")
    def _compute_code_url(self):
        for asset in self:
            saved = asset._origin
            asset.code_url = saved._get_code_url() if saved else False

    @api.depends("code_url")
    def _compute_code_image(self):
        # Apart: to draw one takes longer than all else that is read of an asset.
        Report = self.env["ir.actions.report"]
        for asset in self:
            asset.code_image = False
            if asset.code_url:
                image = Report.barcode("QR", asset.code_url, width=200, height=200)
                asset.code_image = base64.b64encode(image)

    def _get_main_meters(self):
        """Return ``{asset: its main meter}``; assets without one get it."""
        Meter = self.env["aftersales.meter"]
        bare = self.filtered(lambda asset: not asset.meter_ids)
        new = Meter.create(
            [
                {"asset_id": asset.id, "unit": asset.category_id.meter_unit or "km"}
                for asset in bare
            ]
        )
        meters = {asset: asset.meter_ids[:1] for asset in self - bare}
        return {**meters, **dict(zip(bare, new, strict=True))}

    def _record_meter(self, value, order=None, moment=None, meter_change_reason=None):
        """Add a reading to the main meter, which is made if there is none.

        A second value for the same moment of a work order corrects the first.

        :param float value: what the meter shows, in its own unit
        :param order: the work order at which it was read
        :param str moment: when on that order: ``in`` or ``out``
        :param str meter_change_reason: why the meter now shows less: it was exchanged
        :raises ValidationError: if it fell and no reason is given
        """
        self.ensure_one()
        # Whoever may write the work order notes its readings; technicians have no
        # right to the register of assets.
        asset = self.sudo() if order else self
        Reading = asset.env["aftersales.meter.reading"]
        known = (
            order
            and moment
            and Reading.search([("order_id", "=", order.id), ("moment", "=", moment)])
        )
        if known:
            known.value = value
            return known
        return Reading.create(
            {
                "meter_id": asset._get_main_meters()[asset].id,
                "value": value,
                "order_id": order.id if order else False,
                "moment": moment,
                "is_meter_change": bool(meter_change_reason),
                "reason": meter_change_reason,
            }
        )

    @api.model
    def _create_from_deliveries(self, move_lines):
        """Make, or hand to their new owner, the assets of delivered serials.

        :param move_lines: done ``stock.move.line`` to customers, with lots
        """
        known = self.with_context(active_test=False).search(
            [
                ("lot_id", "in", move_lines.lot_id.ids),
                ("company_id", "in", move_lines.company_id.ids),
            ]
        )
        asset_by_lot = known.grouped(lambda asset: (asset.lot_id, asset.company_id))
        values_list = []
        for line in move_lines:
            receiver = line.move_id._get_receiver()
            owner = receiver.commercial_partner_id
            values = {
                "partner_id": owner.id,
                "site_id": (receiver - owner).id,
                "date_sold": fields.Date.to_date(line.date),
            }
            if asset := asset_by_lot.get((line.lot_id, line.company_id)):
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
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.order_action"
        )
        action["domain"] = [("asset_id", "in", self.ids)]
        action["context"] = {
            "default_asset_id": self[:1].id,
            "default_partner_id": self[:1].partner_id.id,
        }
        return action

    def action_view_readings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.meter_reading_action"
        )
        action["domain"] = [("asset_id", "=", self.id)]
        action["context"] = {"default_meter_id": self.meter_ids[:1].id}
        return action

    def _get_code_url(self):
        """Return the address that the printed QR label leads to."""
        self.ensure_one()
        return f"{self.get_base_url()}/aftersales/asset/{self._get_code()}"
