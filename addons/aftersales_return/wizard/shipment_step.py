from odoo import api, fields, models


class AftersalesShipmentStep(models.TransientModel):
    """Ask what a step of a parcel needs: waybill, colleague, what is lost."""

    _name = "aftersales.shipment.step"
    _description = "Step of a Parcel"

    step = fields.Selection(
        [
            ("ship", "Sent"),
            ("hand_over", "Hand Over"),
            ("tell", "Customer Told"),
            ("lose", "Lost"),
            ("settle_loss", "Claim Settled"),
        ],
        required=True,
    )
    shipment_ids = fields.Many2many(
        "aftersales.shipment",
        string="Parcels",
        default=lambda self: self.env.context.get("active_ids"),
    )
    shipment_id = fields.Many2one("aftersales.shipment", compute="_compute_shipment_id")
    direction = fields.Selection(related="shipment_id.direction")
    transport = fields.Selection(related="shipment_id.transport")
    company_id = fields.Many2one(related="shipment_id.company_id")
    currency_id = fields.Many2one(related="shipment_id.currency_id")
    carrier_id = fields.Many2one(
        "res.partner",
        compute="_compute_from_shipment",
        store=True,
        readonly=False,
        check_company=True,
    )
    waybill = fields.Char(
        "Waybill Number", compute="_compute_from_shipment", store=True, readonly=False
    )
    receiver = fields.Char(
        "Handed To", compute="_compute_from_shipment", store=True, readonly=False
    )
    date_shipped = fields.Date("Shipped On", default=fields.Date.context_today)
    user_id = fields.Many2one("res.users", "Colleague")
    method = fields.Selection(
        [("phone", "Phone"), ("email", "E-mail"), ("desk", "At the desk")],
        "By",
        default="phone",
    )
    contact = fields.Char(
        "Who Was Told", compute="_compute_from_shipment", store=True, readonly=False
    )
    reason = fields.Char()
    amount = fields.Monetary()

    @api.depends("shipment_ids")
    def _compute_shipment_id(self):
        for step in self:
            step.shipment_id = step.shipment_ids[:1]._origin

    @api.depends("shipment_ids")
    def _compute_from_shipment(self):
        for step in self:
            parcel = step.shipment_ids[:1]
            step.carrier_id = parcel.carrier_id
            step.waybill = parcel.waybill
            step.receiver = parcel.receiver or (
                parcel.contact_name if parcel.transport == "desk" else False
            )
            step.contact = parcel.contact_name

    def action_apply(self):
        """Do the step on the parcels the wizard was opened from."""
        self.ensure_one()
        return getattr(self, f"_apply_{self.step}")(self.shipment_ids)

    def _apply_ship(self, parcels):
        return parcels.action_ship(
            waybill=self.waybill,
            date=self.date_shipped,
            carrier=self.carrier_id,
            receiver=self.receiver,
        )

    def _apply_hand_over(self, parcels):
        return parcels.action_hand_over(user=self.user_id, reason=self.reason)

    def _apply_tell(self, parcels):
        return parcels.action_tell(method=self.method, name=self.contact)

    def _apply_lose(self, parcels):
        return parcels.action_lose(reason=self.reason, amount=self.amount)

    def _apply_settle_loss(self, parcels):
        return parcels.action_settle_loss(amount=self.amount, result=self.reason)
