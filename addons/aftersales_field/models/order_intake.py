from odoo import api, fields, models
from odoo.fields import Domain

# Nobody of the house has spoken with the customer when the order comes in like this.
SILENT_CHANNELS = ("portal", "email", "partner")


class AftersalesOrder(models.Model):
    """How an order on site came in, and whether the customer was called about it.

    What is handed to us, by the portal, by mail, by a dealer or by another team, is
    called about on the same day (R184).
    """

    _inherit = "aftersales.order"

    call_ids = fields.One2many("aftersales.call", "order_id", "Calls")
    call_count = fields.Integer(compute="_compute_call_count")
    date_received = fields.Datetime(
        "Received", copy=False, help="When the customer told us. Empty: when entered."
    )
    needs_call = fields.Boolean(
        "To Call Today",
        copy=False,
        help="It was handed to us, and nobody has called the customer yet.",
    )
    call_phone = fields.Char("Number to Call", compute="_compute_call_phone")
    asset_words = fields.Char(
        "Asset as Described",
        copy=False,
        help="What the customer wrote about the thing, where it is not registered.",
    )
    request_site_id = fields.Many2one(
        "res.partner", "Address", check_company=True, copy=False
    )
    date_wished = fields.Datetime("Not Before", copy=False)
    time_wishes = fields.Text("Times That Suit", copy=False)

    _needs_call_idx = models.Index("(company_id) WHERE needs_call IS TRUE")

    def _compute_call_count(self):
        counts = dict(
            self.env["aftersales.call"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.call_count = counts.get(order._origin, 0)

    @api.depends("contact_id.phone", "partner_id.phone")
    def _compute_call_phone(self):
        for order in self:
            order.call_phone = order.contact_id.phone or order.partner_id.phone

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("is_onsite") and vals.get("channel") in SILENT_CHANNELS:
                vals.setdefault("needs_call", True)
        return super().create(vals_list)

    def write(self, vals):
        transferred = self.browse()
        if "team_id" in vals and "needs_call" not in vals:
            transferred = self.filtered(
                lambda order: (
                    order.is_onsite
                    and order.team_id
                    and order.team_id.id != vals["team_id"]
                    and order.state not in ("ready", "done", "cancel")
                )
            )
        result = super().write(vals)
        if transferred:
            transferred.needs_call = True
        return result

    @api.model
    def _get_to_call_domain(self):
        """Return which orders wait for a call to the customer."""
        return Domain("needs_call", "=", True) & Domain(
            "state", "not in", ("done", "cancel")
        )

    def _note_call(self):
        """The customer was spoken with: nobody has to call any more."""
        # Whoever notes a call has the right to it, if not to the order's fields.
        orders = self.sudo().filtered("needs_call")
        if orders:
            orders.needs_call = False
            orders.activity_feedback(["mail.mail_activity_data_call"])

    def action_call(self):
        """Open an empty call to the customer of this order."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Call"),
            "res_model": "aftersales.call",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_order_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_asset_id": self.asset_id.id,
                "default_company_id": self.company_id.id,
                "default_caller": self.contact_id.name,
                "default_phone": self.call_phone,
                "default_direction": "out",
            },
        }

    def action_view_calls(self):
        """Open the calls about these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_field.call_action"
        )
        return {
            **action,
            "domain": [("order_id", "in", self.ids)],
            "context": {"default_order_id": self.id if len(self) == 1 else False},
        }

    def action_open_hotline(self):
        """Open the hotline with the customer and asset of this order."""
        self.ensure_one()
        return self.env["aftersales.hotline"]._get_action(
            partner=self.partner_id, asset=self.asset_id
        )

    def _prepare_visit_values(self):
        """Return what a visit of this order takes from the request."""
        values = super()._prepare_visit_values()
        if self.date_promised:
            values["date_deadline"] = self.date_promised
        if self.request_site_id:
            values["site_id"] = self.request_site_id.id
        if self.visit_ids:
            # What suited the customer was said about the first one.
            return values
        if self.date_wished:
            values["date_earliest"] = self.date_wished
        if self.time_wishes:
            values["note"] = self.time_wishes
        return values

    def _get_next_step(self):
        """On site, what is next is a call, an answer or a visit."""
        if not self.is_onsite or self.state not in ("draft", "quoted", "approved"):
            return super()._get_next_step()
        if self.needs_call:
            return self.env._("Call the customer today.")
        if visit := self._get_next_visit():
            return visit._get_coming_words()
        # Also accountants and salespeople read what comes next.
        all_visits = self.sudo().visit_ids
        visits = all_visits.filtered(
            lambda visit: visit.state not in ("done", "cancel")
        )
        if visits and any(job.state == "proposed" for job in self.job_ids):
            return self.env._(
                "Get the customer's answer for each job, then plan the visit."
            )
        if visits:
            return self.env._("Plan the visit.")
        if self.is_solved_remotely and self.state == "draft":
            return self.env._("It is solved: close the order.")
        if self.answer_date and not all_visits:
            return self.env._("Ask whether our answer helped, or plan a visit.")
        if self.state == "draft" and not self.job_ids and not all_visits:
            return self.env._("Answer the customer: help from afar, or plan a visit.")
        return super()._get_next_step()
