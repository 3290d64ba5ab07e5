from odoo import api, models
from odoo.exceptions import ValidationError


class StockLocation(models.Model):
    _inherit = "stock.location"

    @api.constrains("valuation_account_id")
    def _check_aftersales_cost_booked_once(self):
        """A place that books the cost itself can't be where invoiced parts go."""
        self.env["aftersales.payer"].sudo().search(
            [("location_id", "in", self.ids)]
        )._check_cost_booked_once()
        customers, _suppliers = self.env["stock.warehouse"]._get_partner_locations()
        invoiced = self.filtered(
            lambda location: location == customers and location.valuation_account_id
        )
        if invoiced and self.env["aftersales.payer"].sudo().search_count(
            [("kind", "=", "invoiced"), ("location_id", "=", False)], limit=1
        ):
            raise ValidationError(
                self.env._(
                    "%(location)s receives parts that are invoiced: with a valuation "
                    "account their cost would be booked twice, at the issue and with "
                    "the invoice. Use a location below it instead.",
                    location=invoiced.display_name,
                )
            )
