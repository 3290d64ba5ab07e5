from odoo import api, models


class ResCompany(models.Model):
    """Payers of warranty: supplier, our own guarantee, contract."""

    _inherit = "res.company"

    @api.model
    def _get_standard_payers(self):
        payers = super()._get_standard_payers()
        payers["maker"]["claim_method"] = "invoice"
        return payers | {
            "supplier": {
                "kind": "absorbed",
                "price_basis": "zero",
                "claim_method": "refund",
            },
            "warranty": {"kind": "absorbed", "price_basis": "zero"},
            "contract": {"kind": "absorbed", "price_basis": "zero"},
        }

    def _get_standard_payer_names(self):
        return super()._get_standard_payer_names() | {
            "supplier": self.env._("Supplier"),
            "warranty": self.env._("Our guarantee"),
            "contract": self.env._("Contract"),
        }

    @api.model
    def _get_aftersales_name_modules(self):
        return super()._get_aftersales_name_modules() + ["aftersales_warranty"]

    @api.model
    def _init_aftersales_warranty_payers(self):
        """Give companies that exist the payers that new ones get by themselves.

        Repeated, it changes nothing: payers and choices made since then stay.
        """
        Payer = self.env["aftersales.payer"].with_context(active_test=False)
        equipped = Payer.search([("code", "=", "supplier")]).company_id
        companies = self.search([("id", "not in", equipped.ids)])
        Payer.search(
            [
                ("company_id", "in", companies.ids),
                ("code", "=", "maker"),
                ("kind", "=", "invoiced"),
                ("claim_method", "=", False),
            ]
        ).claim_method = "invoice"
        companies._create_aftersales_payers()
        self._translate_aftersales_names()
