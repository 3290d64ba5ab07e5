from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_repair_pack_id = fields.Many2one(
        related="company_id.aftersales_repair_pack_id", readonly=False
    )
    aftersales_closing_journal_id = fields.Many2one(
        related="company_id.aftersales_closing_journal_id", readonly=False
    )
    aftersales_deferred_revenue_account_id = fields.Many2one(
        related="company_id.aftersales_deferred_revenue_account_id", readonly=False
    )
    aftersales_deferral_posting = fields.Selection(
        related="company_id.aftersales_deferral_posting", readonly=False
    )
    aftersales_provision_account_id = fields.Many2one(
        related="company_id.aftersales_provision_account_id", readonly=False
    )
    aftersales_provision_expense_account_id = fields.Many2one(
        related="company_id.aftersales_provision_expense_account_id", readonly=False
    )
    aftersales_provision_months = fields.Integer(
        related="company_id.aftersales_provision_months", readonly=False
    )
    aftersales_provision_payer_ids = fields.Many2many(
        related="company_id.aftersales_provision_payer_ids", readonly=False
    )
    aftersales_provision_mode = fields.Selection(
        related="company_id.aftersales_provision_mode", readonly=False
    )
    aftersales_allowance_account_id = fields.Many2one(
        related="company_id.aftersales_allowance_account_id", readonly=False
    )
    aftersales_allowance_expense_account_id = fields.Many2one(
        related="company_id.aftersales_allowance_expense_account_id", readonly=False
    )
    aftersales_allowance_days = fields.Integer(
        related="company_id.aftersales_allowance_days", readonly=False
    )
