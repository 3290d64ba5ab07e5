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
