from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def copy_data(self, default=None):
        """A duplicate of a claim's invoice bills no work: it is claimed once.

        A credit note, and what replaces the invoice after it, stay with the order.
        """
        values_list = super().copy_data(default)
        if self.env.context.get("include_business_fields"):
            return values_list
        for move, values in zip(self, values_list, strict=True):
            if move.sudo().aftersales_payer_id.claim_method != "invoice":
                continue
            values.update(aftersales_payer_id=False, aftersales_order_id=False)
            for _command, _id, line_values in values["line_ids"]:
                line_values.update(
                    aftersales_order_id=False, aftersales_correction_id=False
                )
        return values_list
