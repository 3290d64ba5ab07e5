from odoo import fields, models


class AftersalesMaintenanceItem(models.Model):
    """Something that is done at a service: change the oil, align the wheels.

    Parts and time come from its job template, by model; where the maker specifies
    the material, only the products named here may be used.
    """

    _name = "aftersales.maintenance.item"
    _description = "Maintenance Item"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    job_template_id = fields.Many2one(
        "aftersales.job.template",
        check_company=True,
        help="Parts and labour of this item; its lines may be for certain models.",
    )
    is_specified = fields.Boolean(
        "Specified Material Only",
        help="Only the products below may be used: the maker specifies them.",
    )
    material_ids = fields.One2many(
        "aftersales.maintenance.material", "item_id", "Specified Materials", copy=True
    )

    def _get_allowed_products(self, asset):
        """Return the products these items may take on ``asset``.

        Of items with specified materials: those named for its model; of the others:
        what their job template brings.
        """
        specified = self.filtered("is_specified")
        materials = specified.material_ids.filtered(
            lambda material: material._applies_to(asset)
        )
        lines = (self - specified).job_template_id.line_ids.filtered(
            lambda line: line._applies_to(asset)
        )
        return materials.product_ids | lines.product_id


class AftersalesMaintenanceMaterial(models.Model):
    """The products a maker specifies for an item, for all its cars or some models."""

    _name = "aftersales.maintenance.material"
    _description = "Specified Material"
    _order = "item_id, id"
    _check_company_auto = True

    item_id = fields.Many2one(
        "aftersales.maintenance.item", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="item_id.company_id", store=True, precompute=True
    )
    fleet_brand_id = fields.Many2one("fleet.vehicle.model.brand", "Brand")
    fleet_model_ids = fields.Many2many(
        "fleet.vehicle.model", "aftersales_material_model_rel", string="Models"
    )
    product_ids = fields.Many2many(
        "product.product",
        "aftersales_material_product_rel",
        string="Products",
        required=True,
        check_company=True,
    )
    note = fields.Char("Specification", help="As the maker writes it, e.g. API SP.")

    def _applies_to(self, asset):
        self.ensure_one()
        return (
            not self.fleet_brand_id or self.fleet_brand_id == asset.fleet_brand_id
        ) and (not self.fleet_model_ids or asset.fleet_model_id in self.fleet_model_ids)
