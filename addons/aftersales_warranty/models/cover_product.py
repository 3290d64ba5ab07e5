from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import get_last_day


class ProductTemplate(models.Model):
    """A cover that is sold: which guarantee it gives, and for how long."""

    _inherit = "product.template"

    aftersales_pack_id = fields.Many2one(
        "aftersales.warranty.pack",
        "Cover Sold",
        check_company=True,
        domain="[('kind', '=', 'extended')]",
        index="btree_not_null",
        help="Whoever buys this product gets that guarantee for an asset. Its revenue "
        "is deferred and taken in over the term.",
    )
    aftersales_cover_months = fields.Integer("Months of Cover")
    aftersales_cover_start = fields.Selection(
        [("sale", "At sale"), ("after", "After the base guarantee")],
        "Cover Begins",
        default="after",
        required=True,
        help="The base guarantee is what law, maker or seller give anyway.",
    )

    _aftersales_cover_months_positive = models.Constraint(
        "CHECK(aftersales_cover_months >= 0)",
        "The term of a cover can't be negative.",
    )

    # Not on the pack: from a variant, Odoo writes it before the months beside it.
    @api.constrains("aftersales_cover_months", "type")
    def _check_aftersales_cover(self):
        for product in self.filtered("aftersales_pack_id"):
            if not product.aftersales_cover_months:
                raise ValidationError(
                    self.env._(
                        "%(product)s gives the cover %(pack)s: say for how many "
                        "months.",
                        product=product.display_name,
                        pack=product.aftersales_pack_id.name,
                    )
                )
            if product.type != "service":
                raise ValidationError(
                    self.env._(
                        "%(product)s gives the cover %(pack)s, so it must be a "
                        "service.",
                        product=product.display_name,
                        pack=product.aftersales_pack_id.name,
                    )
                )


class AftersalesWarrantyRegistration(models.Model):
    _inherit = "aftersales.warranty.registration"

    cover_months = fields.Integer(
        "Months Sold",
        readonly=True,
        help="The term that was sold, where the guarantee is a product.",
    )

    @api.depends("cover_months")
    def _compute_date_end(self):
        """A cover that was sold lasts as long as was paid for."""
        sold = self.filtered(
            lambda registration: registration.cover_months and registration.date_start
        )
        for registration in sold:
            registration.date_end = get_last_day(
                {},
                registration.date_start,
                months_sold=registration.cover_months,
                days_out=registration.days_out,
            )
        return super(AftersalesWarrantyRegistration, self - sold)._compute_date_end()
