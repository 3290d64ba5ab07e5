from odoo import api, fields, models


class AftersalesVisitFind(models.TransientModel):
    """Who could make a visit, best first; one click plans it."""

    _name = "aftersales.visit.find"
    _description = "Find an Engineer"

    visit_id = fields.Many2one("aftersales.visit", required=True, readonly=True)
    date_from = fields.Datetime("Not Before")
    date_to = fields.Datetime("Not After")
    line_ids = fields.One2many(
        "aftersales.visit.find.line",
        "find_id",
        "Candidates",
        domain=[("start", "!=", False)],
        readonly=True,
    )
    other_ids = fields.One2many(
        "aftersales.visit.find.line",
        "find_id",
        "Why Not the Others",
        domain=[("start", "=", False)],
        readonly=True,
    )
    duration = fields.Float(related="visit_id.duration")
    site_id = fields.Many2one(related="visit_id.site_id")
    date_deadline = fields.Datetime(related="visit_id.date_deadline")
    window_start = fields.Datetime(related="visit_id.window_start")
    window_stop = fields.Datetime(related="visit_id.window_stop")

    @api.model_create_multi
    def create(self, vals_list):
        finds = super().create(vals_list)
        finds._look()
        return finds

    def action_look(self):
        """Ask again, for the times that were entered."""
        self._look()
        return self._get_action()

    def _look(self):
        Line = self.env["aftersales.visit.find.line"]
        Line.search([("find_id", "in", self.ids)]).unlink()
        for find in self:
            candidates = self.env["aftersales.dispatch"].get_candidates(
                find.visit_id, find.date_from, find.date_to
            )
            Line.create(
                [
                    {
                        "find_id": find.id,
                        "sequence": sequence,
                        "employee_id": each["employee_id"],
                        "start": each["start"],
                        "stop": each["stop"],
                        "travel_minutes": each["travel_minutes"],
                        "reasons": "\n".join(each["reasons"]),
                    }
                    for sequence, each in enumerate(candidates, 1)
                ]
            )

    def _get_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Find an Engineer"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class AftersalesVisitFindLine(models.TransientModel):
    _name = "aftersales.visit.find.line"
    _description = "Engineer for a Visit"
    _order = "sequence, id"

    find_id = fields.Many2one(
        "aftersales.visit.find", required=True, ondelete="cascade"
    )
    sequence = fields.Integer()
    employee_id = fields.Many2one("hr.employee", "Engineer", required=True)
    start = fields.Datetime()
    stop = fields.Datetime("End")
    travel_minutes = fields.Integer("Travel (minutes)")
    reasons = fields.Text()

    def action_plan(self):
        """Plan the visit with this engineer."""
        self.ensure_one()
        self.find_id.visit_id.action_plan(
            start=self.start, technician=self.employee_id.id
        )
        return {"type": "ir.actions.act_window_close"}


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def action_open_find(self):
        """Look for an engineer and a time."""
        self.ensure_one()
        self._check_dispatches()
        self._check_plannable()
        find = self.env["aftersales.visit.find"].create({"visit_id": self.id})
        return find._get_action()
