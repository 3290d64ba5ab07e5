from odoo import api, models
from odoo.exceptions import UserError


class AftersalesVisitPart(models.Model):
    """Parts that were used and are booked later: when the customer agrees.

    What is not in the van then is tried again with the next part of the work order,
    when the visit ends, and by the scheduler.
    """

    _inherit = "aftersales.visit.part"

    def _is_consented(self):
        """Whether this was used and agreed to, but could not be booked yet."""
        self.ensure_one()
        return (
            self.kind == "used"
            and self.state == "waiting"
            and self.job_id.state in ("approved", "progress")
        )

    def _get_van(self):
        """Return the van this was used from, or none.

        Who handed the visit over since had it from the own van.
        """
        self.ensure_one()
        visit = self.visit_id
        if self.employee_id in visit.technician_id | visit.helper_ids:
            return visit._get_van()
        van = self.employee_id.aftersales_van_id
        own = van.filtered(lambda place: place.company_id == self.company_id)
        return own or visit._get_van()

    @api.model
    def _find_unbooked(self, van, domain):
        """Return what was used from a van and is in its books until it is booked."""
        return self.search(
            [("state", "=", "waiting"), ("kind", "=", "used"), *domain]
        ).filtered(lambda record: record._get_van() == van)

    def _take_from_van(self):
        """Take one part from the van that it was used from, at its company's cost."""
        self.ensure_one()
        self = self.with_company(self.company_id)  # noqa: PLW0642
        visit, line = self.visit_id, self.job_line_id
        van = self._get_van()
        if van != visit._get_van():
            line._get_usable_moves(visit)._bring_to(van, visit.start)
        line.with_context(aftersales_moment=self.date)._use(
            visit, self.quantity, self.lot_id
        )

    def _take_off(self, quantity):
        """Take pieces off what was said; the last said go first."""
        for record in self.sorted("id", reverse=True):
            uom = record.uom_id
            take = min(quantity, record.quantity)
            if uom.compare(take, 0) <= 0:
                break
            quantity -= take
            if uom.compare(take, record.quantity) == 0:
                record.write({"state": "cancel", "problem": False})
            else:
                record.quantity -= take

    def _issue_waiting(self):
        """Take parts from the van that were used before the customer agreed.

        The consent holds in any case: what can't be taken is told to the advisor.
        """
        for record in self:
            try:
                with self.env.cr.savepoint():
                    record._take_from_van()
                record.write({"state": "done", "problem": False})
            except UserError as error:
                record.problem = str(error)
                record.visit_id._ask_dispatcher(
                    self.env._("Part used on site could not be booked"), str(error)
                )

    @api.model
    def _issue_late(self):
        """Book what was agreed to and was not in the van when it should have been."""
        records = self.search(
            [
                ("kind", "=", "used"),
                ("state", "=", "waiting"),
                ("problem", "!=", False),
                ("job_id.state", "in", ("approved", "progress")),
            ],
            order="id",
            limit=200,
        )
        records._issue_waiting()


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def _issue_consented(self):
        """Try again to book what was used and agreed to on these work orders."""
        records = self.order_id.visit_ids.part_ids
        records.filtered(lambda record: record._is_consented())._issue_waiting()
