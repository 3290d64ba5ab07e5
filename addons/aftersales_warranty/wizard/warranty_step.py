from odoo import api, fields, models


class AftersalesWarrantyStep(models.TransientModel):
    """Ask what a step of registered guarantees needs: a day, an owner, a thing."""

    _name = "aftersales.warranty.step"
    _description = "Step of a Registered Guarantee"

    step = fields.Selection(
        [("start", "Start"), ("transfer", "New Owner"), ("exchange", "Exchange")],
        required=True,
    )
    registration_ids = fields.Many2many(
        "aftersales.warranty.registration",
        string="Guarantees",
        required=True,
        default=lambda self: self._default_registration_ids(),
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    currency_id = fields.Many2one("res.currency", compute="_compute_company_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    meter_start = fields.Float(
        "Meter on That Day", digits=(16, 1), help="Empty: what is noted already."
    )
    partner_id = fields.Many2one("res.partner", "New Owner")
    asset_id = fields.Many2one("aftersales.asset", "New Asset")
    price = fields.Monetary("Price Paid", help="Empty: the price of the old one.")

    @api.model
    def _default_registration_ids(self):
        model = "aftersales.warranty.registration"
        if self.env.context.get("active_model") != model:
            return False
        return self.env[model].browse(self.env.context["active_ids"])

    @api.depends("registration_ids")
    def _compute_company_id(self):
        for step in self:
            registration = step.registration_ids[:1]
            step.company_id = registration.company_id
            step.currency_id = registration.currency_id

    def action_apply(self):
        """Do the step on the guarantees the wizard was opened from."""
        self.ensure_one()
        return getattr(self, f"_apply_{self.step}")()

    def _apply_start(self):
        return self.registration_ids.action_start(
            self.date, meter_start=self.meter_start or None
        )

    def _apply_transfer(self):
        return self.registration_ids.action_transfer(self.partner_id, date=self.date)

    def _apply_exchange(self):
        new = self.registration_ids.action_restart(
            self.asset_id, date=self.date, price=self.price or None
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.registration_action"
        )
        return {**action, "domain": [("id", "in", new.ids)], "context": {}}
