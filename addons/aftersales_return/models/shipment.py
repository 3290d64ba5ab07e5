from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesShipment(models.Model):
    """The register of parcels, in and out: who carries what where, with which waybill.

    A parcel is announced, on its way, arrived, or lost. Who looks after it may hand it
    over, with a trace. What is brought to the desk or fetched there is in the register
    too, with the name of who took it in place of a waybill.
    """

    _name = "aftersales.shipment"
    _description = "Parcel"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "waybill", "return_id.name", "partner_id.name"]

    name = fields.Char("Number", default="/", readonly=True, copy=False)
    direction = fields.Selection(
        [("in", "In"), ("out", "Out")], required=True, default="in", index=True
    )
    transport = fields.Selection(
        [("carrier", "Carrier"), ("driver", "Our driver"), ("desk", "At the desk")],
        "Sent By",
        required=True,
        compute="_compute_transport",
        store=True,
        readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        [
            ("announced", "Announced"),
            ("transit", "On the Way"),
            ("arrived", "Arrived"),
            ("lost", "Lost"),
            ("settled", "Loss Settled"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="announced",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    return_id = fields.Many2one(
        "aftersales.return", index="btree_not_null", check_company=True
    )
    trip_id = fields.Many2one(
        "aftersales.supplier.trip", index="btree_not_null", check_company=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_from_return",
        store=True,
        readonly=False,
        precompute=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer or Supplier",
        check_company=True,
        compute="_compute_from_return",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
    )
    consignee_id = fields.Many2one(
        "res.partner",
        check_company=True,
        compute="_compute_consignee_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Where the parcel goes, with the full address.",
    )
    consignee_address = fields.Text(
        "Sent To", readonly=True, copy=False, help="As it was written when it left."
    )
    contact_name = fields.Char(
        "Contact",
        compute="_compute_from_return",
        store=True,
        readonly=False,
        precompute=True,
    )
    contact_phone = fields.Char(
        "Phone",
        compute="_compute_from_return",
        store=True,
        readonly=False,
        precompute=True,
    )
    carrier_id = fields.Many2one("res.partner", check_company=True)
    carrier_phone = fields.Char(
        compute="_compute_carrier_phone", store=True, readonly=False, precompute=True
    )
    carrier_place = fields.Char("Pick-up Place", help="Where the carrier keeps it.")
    date_pickup = fields.Datetime("Pick-up Time")
    receiver = fields.Char(
        "Handed To",
        copy=False,
        tracking=True,
        help="Who took it, where there is no waybill.",
    )
    waybill = fields.Char("Waybill Number", index="trigram", tracking=True)
    goods = fields.Char(
        compute="_compute_from_return",
        store=True,
        readonly=False,
        precompute=True,
        help="As announced, in words.",
    )
    packages = fields.Integer(default=1)
    insured_value = fields.Monetary("Declared Value")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_shipped = fields.Date("Shipped On", tracking=True)
    date_expected = fields.Date("Expected On")
    date_arrived = fields.Datetime("Arrived On", readonly=True, copy=False)
    picking_ids = fields.One2many(
        "stock.picking", "aftersales_shipment_id", "Transfers"
    )
    # Who sees parcels need not have a right to Inventory.
    has_transfers = fields.Boolean(compute="_compute_has_transfers", compute_sudo=True)
    user_id = fields.Many2one(
        "res.users",
        "In the Hands Of",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
    )
    proof_ids = fields.Many2many(
        "ir.attachment",
        string="Waybill and Papers",
        help="The carrier's waybill, the packing list: proof for a claim.",
    )
    note = fields.Text()

    _waybill_once = models.UniqueIndex(
        "(company_id, carrier_id, waybill, direction) WHERE waybill IS NOT NULL "
        "AND carrier_id IS NOT NULL AND state != 'cancel'",
        "That waybill of this carrier is in the register already.",
    )
    _packages_positive = models.Constraint(
        "CHECK(packages > 0)", "A parcel has at least one package."
    )

    @api.depends("return_id")
    def _compute_transport(self):
        for parcel in self:
            at_desk = parcel.return_id.channel in ("desk", "order")
            parcel.transport = parcel.transport or ("desk" if at_desk else "carrier")

    @api.depends("picking_ids")
    def _compute_has_transfers(self):
        for parcel in self:
            parcel.has_transfers = bool(parcel.picking_ids)

    @api.depends("return_id", "trip_id")
    def _compute_from_return(self):
        for parcel in self:
            rma, trip = parcel.return_id, parcel.trip_id
            parcel.company_id = (
                trip.company_id
                or rma.company_id
                or parcel.company_id
                or self.env.company
            )
            partner = trip.partner_id or rma.partner_id
            parcel.partner_id = parcel.partner_id or partner
            parcel.contact_name = parcel.contact_name or (
                trip.partner_id.name if trip else rma.contact_name or partner.name
            )
            parcel.contact_phone = parcel.contact_phone or (
                trip.partner_id.phone if trip else rma.contact_phone
            )
            lines = trip.line_id or rma.line_ids.filtered(
                lambda line: line.state not in ("cancel", "lost")
            )
            parcel.goods = parcel.goods or lines._describe_all()

    @api.depends("return_id", "trip_id", "direction")
    def _compute_consignee_id(self):
        for parcel in self:
            if parcel.direction == "in":
                warehouse = parcel.return_id.warehouse_id
                parcel.consignee_id = warehouse.partner_id
            else:
                parcel.consignee_id = (
                    parcel.trip_id.partner_id
                    or parcel.return_id.shipping_id
                    or parcel.consignee_id
                )

    @api.depends("carrier_id")
    def _compute_carrier_phone(self):
        for parcel in self:
            parcel.carrier_phone = parcel.carrier_id.phone or parcel.carrier_phone

    @api.depends("name", "waybill")
    def _compute_display_name(self):
        for parcel in self:
            parcel.display_name = " · ".join(
                part for part in (parcel.name, parcel.waybill) if part and part != "/"
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self.env["ir.sequence"].next_by_code(
                    "aftersales.shipment"
                )
        parcels = super().create(vals_list)
        parcels.proof_ids._belong_to_parcel(parcels)
        return parcels

    def write(self, vals):
        result = super().write(vals)
        if "proof_ids" in vals:
            self.proof_ids._belong_to_parcel(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_announced(self):
        kept = self.filtered(lambda parcel: parcel.state not in ("announced", "cancel"))
        if kept:
            raise UserError(
                self.env._(
                    "%(parcels)s stays in the register. Cancel it instead.",
                    parcels=", ".join(kept.mapped("display_name")),
                )
            )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "announced": {"transit", "arrived", "lost", "cancel"},
            "transit": {"arrived", "lost", "cancel"},
            "lost": {"settled", "arrived"},
            "settled": {"arrived"},
        }

    def action_view_pickings(self):
        """Open the transfers of these parcels."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.stock_picking_action_picking_type"
        )
        action.update(
            domain=[("id", "in", self.picking_ids.ids)],
            context={},
            display_name=self.env._("Transfers"),
        )
        if len(self.picking_ids) == 1:
            action.update(views=[(False, "form")], res_id=self.picking_ids.id)
        return action


class AftersalesReturn(models.Model):
    _inherit = "aftersales.return"

    shipment_ids = fields.One2many("aftersales.shipment", "return_id", "Parcels")
    shipment_count = fields.Integer(compute="_compute_shipment_count")

    @api.depends("shipment_ids")
    def _compute_shipment_count(self):
        for rma in self:
            rma.shipment_count = len(rma.shipment_ids)

    def action_view_shipments(self):
        """Open the parcels of these returns."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_return.shipment_action"
        )
        parcels = self.shipment_ids
        action["domain"] = [("return_id", "in", self.ids)]
        action["context"] = {"default_return_id": self[:1].id}
        if len(parcels) == 1:
            action.update(views=[(False, "form")], res_id=parcels.id)
        return action


class AftersalesReturnLine(models.Model):
    _inherit = "aftersales.return.line"

    def _describe_all(self):
        """Return these goods in words, for a label or the register."""
        return ", ".join(line._describe(line.quantity, line.serial) for line in self)


class StockPicking(models.Model):
    _inherit = "stock.picking"

    aftersales_shipment_id = fields.Many2one(
        "aftersales.shipment",
        "Parcel",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )
    aftersales_carrier_id = fields.Many2one(
        related="aftersales_shipment_id.carrier_id", string="Carrier", readonly=False
    )
    aftersales_waybill = fields.Char(
        related="aftersales_shipment_id.waybill", readonly=False
    )

    def action_view_shipment(self):
        """Open the parcel this transfer travels in."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_return.shipment_action"
        )
        action.update(views=[(False, "form")], res_id=self.aftersales_shipment_id.id)
        return action


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _belong_to_parcel(self, parcels):
        """Let everybody who sees the parcels read the proofs uploaded for them."""
        for file in self.sudo().filtered(
            lambda file: file.res_model == parcels._name and not file.res_id
        ):
            parcel = parcels.filtered(
                lambda parcel, file=file: file in parcel.proof_ids
            )
            file.res_id = parcel[:1].id
