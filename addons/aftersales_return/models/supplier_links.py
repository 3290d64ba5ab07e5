from odoo import fields, models


class AftersalesSupplierLinkMixin(models.AbstractModel):
    """A record that shows how many things from it are at a supplier.

    The host says by which field trips refer to it, and in
    ``_get_aftersales_trip_domain`` which are its own.
    """

    _name = "aftersales.supplier.link.mixin"
    _description = "Has Goods at a Supplier"
    _aftersales_trip_field = None

    aftersales_trip_count = fields.Integer(
        "At Supplier", compute="_compute_aftersales_trip_count"
    )

    def _get_aftersales_trip_domain(self):
        raise NotImplementedError

    def _compute_aftersales_trip_count(self):
        self.aftersales_trip_count = 0
        Trip = self.env["aftersales.supplier.trip"]
        if not self.ids or not Trip.has_access("read"):
            return
        for host, count in Trip._read_group(
            self._get_aftersales_trip_domain(),
            [self._aftersales_trip_field],
            ["__count"],
        ):
            for record in host._get_aftersales_trip_hosts() & self:
                record.aftersales_trip_count += count

    def _get_aftersales_trip_hosts(self):
        """Return the records that count the trips of this one."""
        return self

    def action_view_aftersales_trips(self):
        """Open what of this went to its supplier."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_return.supplier_trip_action"
        )
        domain = self._get_aftersales_trip_domain()
        return {**action, "domain": domain, "context": {"create": False}}


class PurchaseOrder(models.Model):
    _name = "purchase.order"
    _inherit = ["purchase.order", "aftersales.supplier.link.mixin"]
    _aftersales_trip_field = "purchase_id"

    def _get_aftersales_trip_domain(self):
        return [("purchase_id", "in", self.ids)]


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "aftersales.supplier.link.mixin"]
    _aftersales_trip_field = "partner_id"

    def _get_aftersales_trip_hosts(self):
        # A group counts what is at its companies.
        hosts = self
        while parent := hosts[-1:].sudo().parent_id:
            hosts |= parent.sudo(False)
        return hosts

    def _get_aftersales_trip_domain(self):
        return [("partner_id", "child_of", self.ids)]


class AftersalesReturnLine(models.Model):
    _inherit = "aftersales.return.line"

    def action_open_supplier(self):
        """Open the trips of these goods, made if they are on none."""
        trips = self.action_send_to_supplier()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_return.supplier_trip_action"
        )
        action |= {"domain": [("id", "in", trips.ids)], "context": {"create": False}}
        if len(trips) == 1:
            action |= {"res_id": trips.id, "views": [(False, "form")]}
        return action


class AftersalesSupplierTrip(models.Model):
    _inherit = "aftersales.supplier.trip"

    claim_count = fields.Integer(compute="_compute_claim_count", compute_sudo=True)

    def _get_claims(self):
        items = self.line_id.claim_line_ids | self.line_id.order_id.claim_line_ids
        return items.claim_id.filtered(lambda claim: claim.method == "refund")

    def _compute_claim_count(self):
        for trip in self:
            trip.claim_count = len(trip._get_claims())

    def action_view_claims(self):
        return self.sudo()._get_claims().with_env(self.env)._get_open_action()

    def action_view_return(self):
        self.ensure_one()
        return self.return_id.get_formview_action()

    def action_view_refunds(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_in_refund_type"
        )
        refunds = self.refund_ids
        action |= {"domain": [("id", "in", refunds.ids)], "context": {"create": False}}
        if len(refunds) == 1:
            action |= {"res_id": refunds.id, "views": [(False, "form")]}
        return action


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_supplier_remind_days = fields.Integer(
        related="company_id.aftersales_supplier_remind_days", readonly=False
    )
    aftersales_freight_account_id = fields.Many2one(
        related="company_id.aftersales_freight_account_id", readonly=False
    )
