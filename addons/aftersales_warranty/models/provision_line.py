from odoo import api, fields, models


class AftersalesProvisionLine(models.Model):
    """One model at one month of age: what it cost, and what it will still cost."""

    _name = "aftersales.provision.line"
    _description = "Warranty Provision Line"
    _order = "provision_id desc, product_id, age"

    provision_id = fields.Many2one(
        "aftersales.provision", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="provision_id.company_id", store=True, precompute=True
    )
    date = fields.Date(related="provision_id.date", store=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one("product.product", "Model", index="btree_not_null")
    product_categ_id = fields.Many2one("product.category", "Product Category")
    age = fields.Integer(
        aggregator=None,
        help="Full months since the guarantee began; 0 is the first month.",
    )
    units_exposed = fields.Float(
        "Months Seen",
        digits=(16, 2),
        help="Months that units of this model were under guarantee at this age, within "
        "the history.",
    )
    cost = fields.Monetary(help="What the guarantee bore for them, in the history.")
    basis = fields.Selection(
        [
            ("model", "Model"),
            ("category", "Category"),
            ("all", "All models"),
            ("average", "All, any age"),
            ("none", "None"),
        ],
        "Experience",
        help="Whose experience the expected cost rests on.",
    )
    rate = fields.Float(
        digits=(16, 4), aggregator="avg", help="Cost per unit and month."
    )
    units_covered = fields.Float(
        "Months Ahead",
        digits=(16, 2),
        help="Months of cover at this age that units of this model still have ahead.",
    )
    amount = fields.Monetary("Expected")

    @api.depends("product_id", "age")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "%(product)s, age %(age)s",
                product=line.product_id.display_name or self.env._("No model"),
                age=line.age,
            )
