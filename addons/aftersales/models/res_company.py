from odoo import api, fields, models
from odoo.tools.translate import code_translations


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_old_parts_location_id = fields.Many2one(
        "stock.location",
        "Old Parts Location",
        check_company=True,
        help="Where parts taken out of customers' goods wait. It lies outside the "
        "warehouses, so nothing in it is sold, reserved or valued.",
    )
    aftersales_invoice_posting = fields.Selection(
        [("draft", "Leave as draft for the accountant"), ("post", "Post at once")],
        "Service Invoices",
        default="draft",
        required=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_aftersales_payers()
        self._translate_aftersales_names()
        return companies

    @api.model
    def _get_standard_payers(self):
        """Return ``{code: values}`` of the payers every company starts with.

        The consumption accounts of the absorbed ones are the company's own choice;
        see ``aftersales.payer.account_id``.
        """
        return {
            "customer": {"kind": "invoiced", "price_basis": "list"},
            "maker": {"kind": "invoiced", "price_basis": "claim"},
            "insurer": {"kind": "invoiced", "price_basis": "list"},
            "goodwill": {"kind": "absorbed", "price_basis": "zero"},
            "internal": {"kind": "absorbed", "price_basis": "cost"},
            "rework": {"kind": "absorbed", "price_basis": "zero"},
        }

    def _get_standard_payer_names(self):
        return {
            "customer": self.env._("Customer"),
            "maker": self.env._("Maker warranty"),
            "insurer": self.env._("Insurer"),
            "goodwill": self.env._("Goodwill"),
            "internal": self.env._("Internal"),
            "rework": self.env._("Rework"),
        }

    def _create_aftersales_payers(self):
        """Create the standard payers, and the location for old parts, where missing."""
        customers, _suppliers = self.env["stock.warehouse"]._get_partner_locations()
        Payer = self.env["aftersales.payer"].sudo()
        Location = self.env["stock.location"].sudo()
        names = self._get_standard_payer_names()
        for company in self:
            if not company.aftersales_old_parts_location_id:
                company.sudo().aftersales_old_parts_location_id = Location.create(
                    {
                        "name": self.env._("Old Parts"),
                        "usage": "internal",
                        "company_id": company.id,
                    }
                )
            existing = Payer.with_context(active_test=False).search(
                [("company_id", "=", company.id), ("code", "!=", False)]
            )
            standard = self._get_standard_payers()
            for sequence, (code, values) in enumerate(standard.items(), 1):
                if code in existing.mapped("code"):
                    continue
                location = Location
                if values["kind"] == "absorbed":
                    location = Location.create(
                        {
                            "name": names[code],
                            "usage": "customer",
                            "location_id": customers.id,
                            "company_id": company.id,
                        }
                    )
                Payer.create(
                    {
                        "name": names[code],
                        "code": code,
                        "sequence": sequence,
                        "company_id": company.id,
                        "location_id": location.id,
                        **values,
                    }
                )
        self._set_aftersales_payer_accounts()

    def _set_aftersales_payer_accounts(self):
        """Let absorbed payers without an account use the company's expense account."""
        for company in self.filtered("expense_account_id"):
            self.env["aftersales.payer"].sudo().search(
                [
                    ("company_id", "=", company.id),
                    ("kind", "=", "absorbed"),
                    ("location_id.valuation_account_id", "=", False),
                ]
            ).account_id = company.expense_account_id

    @api.model
    def _get_aftersales_name_modules(self):
        """Return the add-ons whose code names standard payers and operation types."""
        return ["aftersales"]

    @api.model
    def _translate_aftersales_names(self, langs=None):
        """Give payers and operation types their names in ``langs``, else in every one.

        Odoo translates the records of data files; these are made by code. A name that
        somebody chose stays.
        """
        env = self.with_context(active_test=False).sudo().env
        codes = list(self._get_standard_payers())
        payers = env["aftersales.payer"].search([("code", "in", codes)])
        warehouses = env["stock.warehouse"].search(
            [("aftersales_issue_type_id", "!=", False)]
        )
        types = warehouses.aftersales_staging_type_id
        types |= warehouses.aftersales_issue_type_id
        for lang in langs or dict(env["res.lang"].get_installed()):
            terms = {}
            for module in self._get_aftersales_name_modules():
                terms |= code_translations.get_python_translations(module, lang)
            for record in [*payers, *types]:
                english = record.with_context(lang="en_US").name
                translated = record.with_context(lang=lang)
                if translated.name == english and english in terms:
                    translated.name = terms[english]
