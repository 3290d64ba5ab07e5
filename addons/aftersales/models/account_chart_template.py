from odoo import models


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        """With a chart of accounts, absorbed payers get one to book their cost to."""
        result = super()._post_load_data(template_code, company, template_data)
        company._set_aftersales_payer_accounts()
        return result
