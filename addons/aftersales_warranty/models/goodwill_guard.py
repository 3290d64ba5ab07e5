from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesGoodwillBudget(models.Model):
    _inherit = "aftersales.goodwill.budget"

    @api.model
    def _check_given(self, records):
        """Refuse goodwill past the budget of its day, but to managers.

        :param records: jobs, lines or shares whose payer somebody chose by hand.
            What ``aftersales.goodwill`` and verdicts give is written as superuser.
        """
        group = "aftersales.aftersales_group_manager"
        if self.env.su or self.env.user.has_group(group):
            return
        given = records.filtered(lambda record: record.payer_id.code == "goodwill")
        today = fields.Date.context_today(self)
        for job in given if given._name == "aftersales.job" else given.job_id:
            budget = self.sudo()._get_budget(
                job.company_id, job.order_id.team_id, today
            )
            if budget:
                raise UserError(
                    self.env._(
                        "%(job)s of %(order)s: goodwill comes out of %(budget)s. Use "
                        "Give Goodwill, which asks for the reason and counts it.",
                        job=job.name,
                        order=job.order_id.name,
                        budget=budget.display_name,
                    )
                )


class AftersalesGoodwillGuard(models.AbstractModel):
    """What has a payer: where goodwill has a budget it is given, not just entered."""

    _name = "aftersales.goodwill.guard"
    _description = "Goodwill Past Its Budget"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        chosen = [
            record.id
            for record, vals in zip(records, vals_list, strict=True)
            if vals.get("payer_id")
        ]
        self.env["aftersales.goodwill.budget"]._check_given(self.browse(chosen))
        return records

    def write(self, vals):
        result = super().write(vals)
        if vals.get("payer_id"):
            self.env["aftersales.goodwill.budget"]._check_given(self)
        return result


class AftersalesJob(models.Model):
    _name = "aftersales.job"
    _inherit = ["aftersales.job", "aftersales.goodwill.guard"]


class AftersalesJobLine(models.Model):
    _name = "aftersales.job.line"
    _inherit = ["aftersales.job.line", "aftersales.goodwill.guard"]


class AftersalesJobShare(models.Model):
    _name = "aftersales.job.share"
    _inherit = ["aftersales.job.share", "aftersales.goodwill.guard"]
