from odoo import api, models
from odoo.exceptions import AccessError

from odoo.addons.aftersales.models.rights import PRICE_GROUPS


class AftersalesVisit(models.Model):
    """Whose van may be spoken of, and who may see what parts cost."""

    _inherit = "aftersales.visit"

    @api.model
    def _get_own_employee(self):
        """Return the user as an engineer of the current company, as superuser."""
        own = self.env["hr.employee"]._get_own()
        return own.filtered(lambda each: each.company_id == self.env.company)[:1]

    @api.model
    def _can_see_prices(self):
        """Whether the user may know what parts cost any customer.

        Who has a portal login knows what is offered to that customer, or on the visit.
        """
        user = self.env.user
        return self.env.su or (not user.share and user.has_groups(PRICE_GROUPS))

    @api.model
    def _check_van_of(self, employee):
        """Return the van to speak of: the user's own, or any for the store.

        :raises AccessError: for somebody else's van
        """
        own = self._get_own_employee()
        if employee and not isinstance(employee, models.BaseModel):
            employee = self.env["hr.employee"].sudo().browse(employee).exists()
        chosen = (employee or own).sudo()
        if chosen != own and not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(
                self.env._("This is not your van. The store can do that for you.")
            )
        if chosen.company_id not in self.env.companies:
            chosen = chosen.browse()
        return chosen.aftersales_van_id
