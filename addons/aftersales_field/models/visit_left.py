from odoo import fields, models


class AftersalesVisitStamp(models.Model):
    _inherit = "aftersales.visit.stamp"

    kind = fields.Selection(
        selection_add=[("leave", "Left Unfinished")], ondelete={"leave": "cascade"}
    )

    def _tell_left(self):
        """Tell the dispatcher of visits that the engineer of this step left open.

        Who was on site and sets off to somebody else has neither finished there nor
        handed over.
        """
        self.ensure_one()
        visits = self.visit_id.search(
            [
                ("technician_id", "=", self.employee_id.id),
                ("state", "in", ("onsite", "paused")),
                ("id", "!=", self.visit_id.id),
            ]
        )
        for visit in visits.filtered(lambda visit: visit._is_there(self.employee_id)):
            words = self.env._(
                "%(engineer)s set off to %(next)s; %(visit)s was neither finished nor "
                "handed over.",
                engineer=self.employee_id.name,
                next=self.visit_id.display_name,
                visit=visit.display_name,
            )
            self.copy({"visit_id": visit.id, "kind": "leave", "note": words})
            visit.order_id._remind_advisor(
                self.env._("%(visit)s was left unfinished", visit=visit.name),
                note=words,
            )


class AftersalesVisit(models.Model):
    """Headquarters knows of everybody who leaves a customer too early (R220)."""

    _inherit = "aftersales.visit"

    def _is_there(self, employee):
        """Whether an employee came here and has not gone since, by the steps."""
        self.ensure_one()
        own = self.stamp_ids.filtered(lambda stamp: stamp.employee_id == employee)
        last = own.sorted(lambda stamp: (stamp.date, stamp.id))[-1:]
        return last.kind not in ("leave", "hand_over")

    def _stamp(self, kind, moment=None, place=None, note=None):
        stamps = super()._stamp(kind, moment, place, note)
        if kind in ("travel", "arrive"):
            for stamp in stamps.filtered("employee_id"):
                stamp._tell_left()
        return stamps
