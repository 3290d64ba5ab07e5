from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_aftersales_revaluation_accounts(self):
        """Return the stock account, and the one that changes of its value go to.

        The accounts by which Odoo closes the stock, in the company of the context.
        """
        self.ensure_one()
        accounts = self._get_product_accounts()
        variation = accounts["stock_variation"] or self.env.company.expense_account_id
        return accounts["stock_valuation"], variation

    def _with_valuation_context(self):
        """Goods of customers have no value, whatever the costing method.

        First in, first out, Odoo counts them and values as many of ours wrongly.
        """
        valued = super()._with_valuation_context()
        if "owners" in valued.env.context:
            return valued
        return valued.with_context(owners=[False, self.env.company.partner_id.id])
