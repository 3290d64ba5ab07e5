from odoo import models


class AftersalesJob(models.Model):
    """Work on returned goods: the supplier of the whole thing may answer for it."""

    _inherit = "aftersales.job"

    def _may_be_recovered(self):
        return super()._may_be_recovered() or (
            self.state == "done"
            and bool(self.order_id.return_line_id)
            and "absorbed" in self.line_ids.mapped("payer_kind")
        )

    def _get_supplier_warranty(self):
        """A part's supplier answers first, then that of the thing it is in."""
        seller, asserted, note = super()._get_supplier_warranty()
        line = self.order_id.return_line_id.sudo()
        if seller or not line:
            return seller, asserted, note
        warranty = line._get_supplier_warranty()
        if not warranty.is_claimable:
            return seller, asserted, note
        return warranty.seller, warranty.state == "valid", warranty.note
