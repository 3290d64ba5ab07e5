from odoo import models


class AftersalesInspection(models.Model):
    _inherit = "aftersales.inspection"

    def _prepare_runner_asset(self):
        """A vehicle is recognized by its plate; without one, by its VIN."""
        values = super()._prepare_runner_asset()
        if self.asset_id.plate:
            values["number"] = self.asset_id.plate
            values["name"] = self.asset_id._get_name_beside_plate()
        return values


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    def _get_technicians(self):
        """Helpers work on a job too, and who clocked on it."""
        technicians = super()._get_technicians()
        helpers = technicians.browse(self.helper_ids.ids)
        entries = self.sudo().clock_entry_ids.filtered(lambda each: each.kind == "work")
        return technicians | helpers | entries.employee_id.with_env(self.env)
