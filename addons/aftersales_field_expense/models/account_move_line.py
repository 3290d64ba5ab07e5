from odoo import api, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.depends("expense_id")
    def _compute_aftersales_order_id(self):
        """What a visit cost can be filtered by its work order like all else."""
        result = super()._compute_aftersales_order_id()
        for line in self.filtered("expense_id"):
            # Accountants post claims, and need not see the work order.
            order = line.expense_id.sudo().aftersales_order_id
            line.aftersales_order_id = line.aftersales_order_id or order
        return result
