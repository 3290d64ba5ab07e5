from odoo import api, fields, models


class AftersalesJobTemplate(models.Model):
    """Labour by the table: the same job takes longer on another car."""

    _inherit = "aftersales.job.template"
    _rec_names_search = ["name", "code"]

    labour_time_ids = fields.One2many(
        "aftersales.labour.time", "job_template_id", "Labour Times"
    )

    def _prepare_job_line_commands(self, asset):
        commands = super()._prepare_job_line_commands(asset)
        hours = self.env["aftersales.labour.time"]._get_hours(self, asset)
        if hours is not None:
            labour = [
                values for *_command, values in commands if values["kind"] == "labour"
            ]
            units = [self._get_labour_unit(values["product_id"]) for values in labour]
            hour = self.env.ref("uom.product_uom_hour")
            standard = [
                unit._compute_quantity(values["product_uom_qty"], hour, round=False)
                for unit, values in zip(units, labour, strict=True)
            ]
            total = sum(standard)
            for unit, values, part in zip(units, labour, standard, strict=True):
                # Several kinds of labour keep their shares of the time.
                share = part / total if total else 1 / len(labour)
                values["product_uom_qty"] = hour._compute_quantity(
                    hours * share, unit, round=False
                )
        return commands

    def _get_labour_unit(self, product_id):
        """Return the unit labour is sold in; what is no time counts one an hour."""
        hour = self.env.ref("uom.product_uom_hour")
        unit = self.env["product.product"].browse(product_id).uom_id
        return unit if unit._has_common_reference(hour) else hour


class AftersalesJobTemplateLine(models.Model):
    """Lines for certain brands or models of vehicles."""

    _inherit = "aftersales.job.template.line"

    fleet_brand_ids = fields.Many2many(
        "fleet.vehicle.model.brand",
        "aftersales_template_line_brand_rel",
        string="Only for Brands",
    )
    fleet_model_ids = fields.Many2many(
        "fleet.vehicle.model",
        "aftersales_template_line_fleet_model_rel",
        string="Only for Vehicle Models",
    )
    # Stored with the line: templates without it don't look at the two lists.
    is_for_models = fields.Boolean(
        compute="_compute_is_for_models", store=True, precompute=True
    )

    @api.depends("fleet_brand_ids", "fleet_model_ids")
    def _compute_is_for_models(self):
        for line in self:
            line.is_for_models = bool(line.fleet_brand_ids or line.fleet_model_ids)

    def _applies_to(self, asset):
        if not super()._applies_to(asset):
            return False
        return not self.is_for_models or (
            asset.fleet_brand_id in self.fleet_brand_ids
            or asset.fleet_model_id in self.fleet_model_ids
        )
