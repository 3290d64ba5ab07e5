from odoo import models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    _inherit = "aftersales.return.line"

    def _check_changeable(self, operation):
        """What the supplier lost can't come back: only its remedy is left."""
        lost = self.filtered(lambda line: line._has_trip("lost"))
        unfit = lost.filtered(
            lambda line: operation.goods != "stay" or line.state in ("settled", "done")
        )
        if unfit:
            raise UserError(
                self.env._(
                    "%(lines)s is lost at the supplier. Choose an operation without "
                    "the goods, once.",
                    lines=", ".join(unfit.mapped("display_name")),
                )
            )
        return super(AftersalesReturnLine, self - lost)._check_changeable(operation)


class AftersalesSupplierTrip(models.Model):
    """Lost at the supplier: ours is claimed, for the customer's somebody decides."""

    _inherit = "aftersales.supplier.trip"

    def action_lose(self, reason=None):
        """Record that the thing is lost at the supplier.

        Ours becomes a claim at its value. The customer's is gone without value: the
        responsible decides what he gets, and that becomes the claim.

        :param str reason: what is known about it; required
        """
        self.return_id._check_decides()
        self._check_reason(reason)
        trips = self._lock()
        todo = trips.filtered(lambda trip: trip.state != "lost")
        todo._check_transition("lost")
        todo._check_no_difference()
        for trip in todo:
            trip._lose(reason)
        return True

    def _lose(self, reason):
        self.ensure_one()
        line = self.line_id
        is_ours = self.is_ours
        place = (
            self._get_loss_payer().location_id
            if is_ours
            else self.product_id.with_company(self.company_id).property_stock_inventory
        )
        there = line._get_place()
        line._transfer_now([self._prepare_move_values(there, place)])
        self._end("lost", reason=reason)
        if is_ours:
            line._claim_from_supplier()
            if line.state == "settled":
                line._finish()
            elif line.state in ("received", "tested"):
                # Nothing is left to be settled: it is gone, and claimed.
                self._ask_loss_decision(reason)
            return
        line.filtered(lambda line: line.remedy == "repair").date_given = False
        line._set_state("received")
        self._ask_loss_decision(reason)

    def _ask_loss_decision(self, reason):
        self._ask_decision(
            self.env._(
                "%(supplier)s lost it: %(reason)s. Choose an operation without the "
                "goods.",
                supplier=self.partner_id.name,
                reason=reason,
            )
        )

    def _get_loss_payer(self):
        """Return the payer whose account takes what the supplier owes for a loss."""
        self.ensure_one()
        payer = self.company_id._get_recovery_payer()
        if not payer:
            raise UserError(
                self.env._(
                    "%(company)s has no payer that asks suppliers for refunds. Add one "
                    "under Work Orders / Configuration / Payers.",
                    company=self.company_id.name,
                )
            )
        payer._check_ready_for_parts(self.product_id)
        return payer
