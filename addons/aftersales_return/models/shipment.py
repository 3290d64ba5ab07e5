from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesShipment(models.Model):
    """The register of parcels, in and out: who carries what where, with which waybill.

    A parcel is announced, on its way, arrived, or lost; who looks after it may hand it
    over, with a trace.
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
    waybill = fields.Char("Waybill Number", index="trigram", tracking=True)
    goods = fields.Char(
        "Goods",
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
    user_id = fields.Many2one(
        "res.users",
        "In the Hands Of",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
    )
    handover_ids = fields.One2many(
        "aftersales.shipment.handover", "shipment_id", "Handed Over", readonly=True
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

    @api.depends("return_id", "trip_id")
    def _compute_from_return(self):
        for parcel in self:
            rma = parcel.return_id
            parcel.company_id = (
                rma.company_id or parcel.company_id or self.env.company
            )
            parcel.partner_id = parcel.partner_id or rma.partner_id
            parcel.contact_name = parcel.contact_name or rma.contact_name
            parcel.contact_phone = parcel.contact_phone or rma.contact_phone
            parcel.goods = parcel.goods or ", ".join(
                line._describe(line.quantity, line.serial) for line in rma.line_ids
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
        return super().create(vals_list)

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
        }

    # Steps

    def action_ship(self, waybill=None, date=None):
        """Record that the parcel is on its way.

        :param str waybill: the carrier's number; required, it is what a lost parcel
            is traced by
        :param date: the day it left; without it today
        """
        todo = self._lock().filtered(lambda parcel: parcel.state != "transit")
        for parcel in todo:
            number = waybill or parcel.waybill
            if not (number or "").strip():
                raise UserError(
                    self.env._(
                        "%(parcel)s: write down the number of the waybill, by which a "
                        "lost parcel is traced.",
                        parcel=parcel.display_name,
                    )
                )
            parcel._set_state(
                "transit",
                waybill=number,
                date_shipped=date
                or parcel.date_shipped
                or fields.Date.context_today(parcel),
            )
        return True

    def action_arrive(self):
        """Record that the parcel is here, or with the customer."""
        todo = self._lock().filtered(lambda parcel: parcel.state != "arrived")
        todo._set_state("arrived", date_arrived=fields.Datetime.now())
        return True

    def action_cancel(self):
        """Call a parcel off that never left."""
        self._lock()._set_state("cancel")
        return True

    def action_hand_over(self, user=None, reason=None):
        """Let a colleague look after the parcels; who did so before stays on record.

        :param user: a ``res.users``, as record or id
        :param str reason: why
        """
        user = self.env["res.users"].browse(getattr(user, "id", user) or ())
        parcels = self._lock()
        if not user:
            raise UserError(
                self.env._(
                    "%(parcels)s: choose the colleague who takes it over.",
                    parcels=", ".join(parcels.mapped("display_name")),
                )
            )
        todo = parcels.filtered(lambda parcel: parcel.user_id != user)
        self.env["aftersales.shipment.handover"].sudo().create(
            [
                {
                    "shipment_id": parcel.id,
                    "from_user_id": parcel.user_id.id,
                    "to_user_id": user.id,
                    "reason": reason,
                    "author_id": self.env.uid,
                }
                for parcel in todo
            ]
        )
        todo.user_id = user
        for parcel in todo:
            parcel.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=self.env._("Look after %(parcel)s", parcel=parcel.display_name),
            )
        return True


class AftersalesShipmentHandover(models.Model):
    """Who gave a parcel to whom: a trace nobody changes."""

    _name = "aftersales.shipment.handover"
    _description = "Parcel Handed Over"
    _order = "id desc"

    shipment_id = fields.Many2one(
        "aftersales.shipment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="shipment_id.company_id", store=True)
    from_user_id = fields.Many2one("res.users", "From")
    to_user_id = fields.Many2one("res.users", "To", required=True)
    author_id = fields.Many2one("res.users", "Recorded By")
    reason = fields.Char()


class AftersalesReturn(models.Model):
    _inherit = "aftersales.return"

    shipment_ids = fields.One2many("aftersales.shipment", "return_id", "Parcels")


class StockPicking(models.Model):
    _inherit = "stock.picking"

    aftersales_shipment_id = fields.Many2one(
        "aftersales.shipment",
        "Parcel",
        index="btree_not_null",
        check_company=True,
        copy=False,
    )
