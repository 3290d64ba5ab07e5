from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """Send the words of the customer's answer form to the portal."""
        return [*super()._get_translation_frontend_modules_name(), "aftersales"]
