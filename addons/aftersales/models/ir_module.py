from odoo import models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _load_module_terms(self, modules, langs, overwrite=False):
        """Translate the names that code gave to records with those in data files."""
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        Company = self.env["res.company"]
        if not set(modules).isdisjoint(Company._get_aftersales_name_modules()):
            Company._translate_aftersales_names(langs)
        return result
