from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesOrder(models.Model):
    """The loaner cars of a work order."""

    _inherit = "aftersales.order"

    loan_ids = fields.One2many("aftersales.loan", "order_id", "Loaner Cars")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_lent(self):
        loans = self.sudo().loan_ids
        if loans:
            raise UserError(
                self.env._(
                    "%(orders)s has the loaner agreements %(loans)s, which stay on "
                    "record. Cancel the order instead of deleting it.",
                    orders=", ".join(loans.order_id.mapped("name")),
                    loans=", ".join(loans.mapped("name")),
                )
            )

    def action_cancel(self, reason=None):
        result = super().action_cancel(reason=reason)
        loans = self.sudo().loan_ids
        loans.filtered(lambda loan: loan.state == "draft").action_cancel()
        return result

    def action_lend(self):
        """Open the agreement of this order, or a new one for the time it takes."""
        self.ensure_one()
        loan = self.loan_ids.filtered(lambda loan: loan.state in ("draft", "out"))
        if loan:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Loaner Car"),
                "res_model": "aftersales.loan",
                "res_id": loan[:1].id,
                "view_mode": "form",
            }
        start = self.date_planned or fields.Datetime.now()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Loaner Car"),
            "res_model": "aftersales.loan",
            "view_mode": "form",
            "context": {
                "default_order_id": self.id,
                "default_date_from": start,
                "default_date_due": max(
                    self.date_promised or start, start + timedelta(days=1)
                ),
            },
        }

    def _get_missing(self):
        missing = super()._get_missing()
        if self.state == "ready" and self.loaner:
            missing += [
                self.env._(
                    "%(car)s is still with the customer", car=loan.resource_id.name
                )
                for loan in self.sudo().loan_ids
                if loan.state == "out"
            ]
        return missing
