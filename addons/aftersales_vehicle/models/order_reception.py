from odoo import api, fields, models

FUEL_LEVELS = [
    ("0", "Empty"),
    ("1", "1/4"),
    ("2", "1/2"),
    ("3", "3/4"),
    ("4", "Full"),
]


class AftersalesOrder(models.Model):
    """What reception records about a vehicle and agrees with who brings it."""

    _inherit = "aftersales.order"
    # By plate, VIN and owner, as the vehicle itself is found.
    _rec_names_search = ["name", "asset_id"]

    # Kept here so that the steps of other work orders need not look at their asset.
    is_vehicle = fields.Boolean(
        related="asset_id.is_vehicle", store=True, precompute=True
    )
    plate = fields.Char(related="asset_id.plate")
    next_service = fields.Char(compute="_compute_next_service")
    visit_kind = fields.Selection(
        [
            ("maintenance", "Maintenance"),
            ("repair", "Repair"),
            ("diagnosis", "Diagnosis and quote only"),
            ("campaign", "Campaign or recall"),
            ("accident", "Accident"),
        ],
        "Kind of Visit",
        help="Decided at reception: reports count by it, and close checks follow it.",
    )
    fuel_level = fields.Selection(FUEL_LEVELS, "Fuel at Reception", copy=False)
    has_licence_shown = fields.Boolean("Driving Licence Shown", copy=False)
    has_handbook_shown = fields.Boolean("Service Book Shown", copy=False)
    is_agreement_signed = fields.Boolean(
        "Service Agreement Signed",
        copy=False,
        help="Rights and duties of both sides, as printed on the reception sheet.",
    )
    driving_notes = fields.Text(
        help="What the customer should know on the road: run in the brakes, tighten "
        "the wheels after 50 km …",
        copy=False,
    )

    @api.depends("asset_id.next_service_date", "asset_id.next_service_meter")
    @api.depends_context("lang")
    def _compute_next_service(self):
        for order in self:
            asset = order.asset_id
            order.next_service = asset and asset._get_next_service_words()

    def _get_next_step(self):
        self.ensure_one()
        if (
            self.is_vehicle
            and self.booking_state == "confirmed"
            and self.state in ("draft", "quoted", "approved")
        ):
            return self.env._("Receive the vehicle when it comes.")
        return super()._get_next_step()

    def action_receive(self, meter_in=None, fuel_level=None):
        """Turn bookings into arrivals: the vehicle is here, the sheet can be filled.

        :param float meter_in: what the odometer shows
        :param str fuel_level: 0 to 4 quarters
        :return: the walk-around to fill in, if there is one, or True
        """
        self._check_decides()
        orders = self._lock()
        values = {"meter_in": meter_in, "fuel_level": fuel_level}
        values = {field: value for field, value in values.items() if value is not None}
        if values:
            orders.write(values)
        # What was booked online has nobody yet: who receives it looks after it.
        orders.filtered(lambda order: not order.user_id).user_id = self.env.user
        waiting = orders.filtered(lambda order: not order.date_arrived)
        waiting.action_arrive()
        orders._make_walkarounds()
        walkaround = self.inspection_ids.filtered(
            lambda item: (
                item.use == "walkaround" and item.state in ("draft", "progress")
            )
        )
        if len(self) == 1 and walkaround:
            return walkaround[:1].action_open_runner()
        return True

    def _make_walkarounds(self):
        """Give each vehicle the walk-around sheet of its kind, once per visit."""
        Template = self.env["aftersales.inspection.template"]
        templates = Template.search(
            [
                ("use", "=", "walkaround"),
                ("company_id", "in", (False, *self.company_id.ids)),
                ("version_id", "!=", False),
            ]
        )
        values_list = []
        for order in self:
            sheets = order.inspection_ids.filtered(
                lambda item: item.use == "walkaround" and item.state != "cancel"
            )
            fitting = templates.filtered(
                lambda template, order=order: (
                    template.company_id <= order.company_id
                    and order.asset_id
                    and template._applies_to(order.asset_id)
                )
            )
            if not sheets and fitting:
                values_list.append({"template_id": fitting[0].id, "order_id": order.id})
        return self.env["aftersales.inspection"].create(values_list)


class AftersalesTeam(models.Model):
    _inherit = "aftersales.team"

    service_agreement = fields.Html(
        translate=True,
        help="Rights and duties of both sides, printed on the reception sheet.",
    )
