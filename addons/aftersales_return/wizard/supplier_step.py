from odoo import Command, api, fields, models


class AftersalesSupplierStep(models.TransientModel):
    """Ask what a step of a trip needs: date, serials, price, or why."""

    _name = "aftersales.supplier.step"
    _description = "Step of a Trip to a Supplier"

    step = fields.Selection(
        [
            ("send", "Send"),
            ("promise", "New Date"),
            ("quote", "Price Told"),
            ("receive", "Came Back"),
            ("replace", "Replaced"),
            ("credit", "Credited"),
            ("refuse", "Refused"),
            ("lose", "Lost"),
        ],
        required=True,
        readonly=True,
    )
    trip_ids = fields.Many2many(
        "aftersales.supplier.trip", string="Trips", required=True, readonly=True
    )
    line_ids = fields.One2many(
        "aftersales.supplier.step.line",
        "step_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_promised = fields.Date(
        "Promised", compute="_compute_line_ids", store=True, readonly=False
    )
    reference = fields.Char("Supplier's Number")
    amount = fields.Monetary("Supplier's Price")
    price = fields.Monetary(
        "Price for the Customer",
        compute="_compute_price",
        store=True,
        readonly=False,
    )
    asks_customer = fields.Boolean(compute="_compute_company_id")
    reason = fields.Char()

    @api.depends("trip_ids")
    def _compute_line_ids(self):
        for step in self:
            step.date_promised = step.trip_ids[:1].date_promised
            step.line_ids = [
                Command.create({"trip_id": trip.id}) for trip in step.trip_ids
            ]

    @api.depends("trip_ids")
    def _compute_company_id(self):
        for step in self:
            step.company_id = step.trip_ids.company_id[:1]
            step.asks_customer = not all(step.trip_ids.mapped("is_ours"))

    @api.depends("amount")
    def _compute_price(self):
        for step in self:
            step.price = step.amount

    def action_apply(self):
        """Do the step on the trips the wizard was opened from."""
        self.ensure_one()
        return getattr(self, f"_apply_{self.step}")(self.trip_ids) or True

    def _apply_send(self, trips):
        return trips.action_send(
            date_promised=self.date_promised, reference=self.reference
        )

    def _apply_promise(self, trips):
        return trips.action_promise(
            date_promised=self.date_promised, reference=self.reference
        )

    def _apply_quote(self, trips):
        return trips.action_quote(
            amount=self.amount,
            price=self.price,
            date_promised=self.date_promised,
            note=self.reason,
        )

    def _apply_receive(self, trips):
        trips.action_receive(serials=self._get_serials(), note=self.reason)
        cases = trips.difference_ids.filtered(lambda case: case.state == "open")
        return cases[:1].get_formview_action() if cases else True

    def _apply_replace(self, trips):
        return trips.action_replace(serials=self._get_serials())

    def _apply_credit(self, trips):
        return trips.action_credit(reference=self.reference)

    def _apply_refuse(self, trips):
        return trips.action_refuse(reason=self.reason)

    def _apply_lose(self, trips):
        return trips.action_lose(reason=self.reason)

    def _get_serials(self):
        return {line.trip_id: line.serial for line in self.line_ids if line.serial}


class AftersalesSupplierStepLine(models.TransientModel):
    _name = "aftersales.supplier.step.line"
    _description = "Serial That Came from a Supplier"

    step_id = fields.Many2one(
        "aftersales.supplier.step", required=True, ondelete="cascade"
    )
    trip_id = fields.Many2one("aftersales.supplier.trip", required=True, readonly=True)
    product_id = fields.Many2one(related="trip_id.product_id")
    lot_id = fields.Many2one(related="trip_id.lot_id", string="Sent")
    serial = fields.Char("Serial Read")


class AftersalesSupplierTrip(models.Model):
    """Buttons that ask before they do."""

    _inherit = "aftersales.supplier.trip"

    def action_open_send(self):
        return self._open_step("send", self.env._("Send to the Supplier"))

    def action_open_promise(self):
        return self._open_step("promise", self.env._("What Is Promised Now"))

    def action_open_quote(self):
        return self._open_step("quote", self.env._("What the Supplier Asks"))

    def action_open_receive(self):
        return self._open_step("receive", self.env._("Came Back"))

    def action_open_replace(self):
        return self._open_step("replace", self.env._("Replaced"))

    def action_open_credit(self):
        return self._open_step("credit", self.env._("Credited"))

    def action_open_refuse(self):
        return self._open_step("refuse", self.env._("Refused"))

    def action_open_lose(self):
        return self._open_step("lose", self.env._("Lost at the Supplier"))

    def _open_step(self, step, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "aftersales.supplier.step",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_step": step, "default_trip_ids": self.ids},
        }
