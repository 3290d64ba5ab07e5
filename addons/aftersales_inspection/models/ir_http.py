from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """Send the words of the photo viewer to the portal."""
        names = super()._get_translation_frontend_modules_name()
        return [*names, "aftersales_inspection"]
