from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    aftersales_exchange = fields.Boolean(
        "Exchanged Part",
        help="When this part is fitted, one comes out: each piece used on a work order "
        "needs an old-part record, or the order can't be closed.",
    )
    aftersales_category_id = fields.Many2one(
        "aftersales.asset.category",
        "Asset Category",
        index="btree_not_null",
        help="What the pieces of this product are, once they are assets of a customer.",
    )
    aftersales_hours_basis = fields.Selection(
        [("standard", "Standard hours"), ("clocked", "Clocked hours")],
        "Service Hours",
        default="standard",
        help="Labour on work orders is charged by the standard time of the job, or by "
        "the hours recorded on it.",
    )


class ProductProduct(models.Model):
    _inherit = "product.product"

    aftersales_is_held = fields.Boolean(
        "Held for Customers",
        readonly=True,
        copy=False,
        help="Some of it was taken in for customers who own it. Their goods are left "
        "out of the stock value with every costing method.",
    )

    def _hold_for_customers(self):
        """Leave goods that belong to customers out of the stock value of these."""
        self.sudo().filtered(
            lambda product: not product.aftersales_is_held
        ).aftersales_is_held = True

    def _with_valuation_context(self):
        """Count ours alone where we hold goods of customers.

        First in, first out, Odoo counts all and values the customers' as ours.
        """
        valued = super()._with_valuation_context()
        if not valued.env["stock.move"].has_access("read"):
            # Odoo weighs the stock as the user; whoever uses a part on a work order
            # need not have Inventory rights.
            valued = valued.sudo()
        if not self.aftersales_is_held or "owners" in valued.env.context:
            return valued
        return valued.with_context(owners=[False, self.env.company.partner_id.id])

    def _get_aftersales_kinds(self):
        """Return ``{product: kind}``: what each is on a job, part, labour or fee."""
        hours = self.env.ref("uom.product_uom_hour")
        (self.uom_id | hours).mapped("parent_path")  # read in one go
        return {
            product: (
                "part"
                if product.type == "consu"
                else "labour"
                if product.uom_id._has_common_reference(hours)
                else "fee"
            )
            for product in self
        }
