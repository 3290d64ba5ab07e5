from odoo import fields, models
from odoo.exceptions import UserError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    aftersales_is_travel = fields.Boolean(
        "Travel", help="On work orders, guarantees treat it as travel and not labour."
    )
    aftersales_maker_payer_id = fields.Many2one(
        "aftersales.payer",
        "Maker as Payer",
        company_dependent=True,
        help="Who bears what the maker's guarantee covers on assets of this model. "
        "Empty: the payer with the code maker.",
    )


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_customer_payers(self):
        """Return ``{company: payer}`` of what nobody else bears."""
        payers = (
            self.env["aftersales.payer"]
            .sudo()
            .search([("company_id", "in", self.ids), ("kind", "=", "invoiced")])
        )
        by_company = payers.grouped("company_id")
        none = payers.browse()
        return {
            company: (
                by_company.get(company, none).filtered(
                    lambda payer: payer.code == "customer"
                )
                or by_company.get(company, none)
            )[:1]
            for company in self
        }

    def _get_bearer(self, code, model=None):
        """Return the payer of this company who bears what a rule says.

        :param str code: the bearer of the rule, the code of a standard payer
        :param model: the asset's product, whose maker may be another one
        :raises UserError: if there is no such payer, or nobody to bill
        """
        self.ensure_one()
        payer = self.env["aftersales.payer"]
        if code == "maker" and model:
            payer = model.sudo().with_company(self).aftersales_maker_payer_id
        payer = payer or payer.sudo().search(
            [("company_id", "=", self.id), ("code", "=", code)], limit=1
        )
        if not payer:
            raise UserError(
                self.env._(
                    "%(company)s has no payer with the code %(code)s, who bears this "
                    "by the guarantee. Add it under Work Orders / Configuration / "
                    "Payers.",
                    company=self.name,
                    code=code,
                )
            )
        if payer.kind == "invoiced" and not payer.partner_id:
            raise UserError(
                self.env._(
                    "Payer %(payer)s bears this by the guarantee and has nobody to "
                    "bill: without “Bill To” the customer would pay. Set it under "
                    "Work Orders / Configuration / Payers.",
                    payer=payer.name,
                )
            )
        return payer
