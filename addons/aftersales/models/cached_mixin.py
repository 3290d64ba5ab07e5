from odoo import api, models


class AftersalesCachedMixin(models.AbstractModel):
    """Configuration that is remembered: steps ask for it all the time.

    Methods of such a model that are kept with ``tools.ormcache`` are asked anew
    after each change.
    """

    _name = "aftersales.cached.mixin"
    _description = "Remembered Configuration"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
