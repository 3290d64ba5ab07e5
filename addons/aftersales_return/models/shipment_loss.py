from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesShipment(models.Model):
    """A parcel that is lost: the file for the claim against the carrier, and its end."""

    _inherit = "aftersales.shipment"

    date_lost = fields.Date("Reported Lost On", readonly=True, copy=False)
    loss_reason = fields.Text("What Happened", copy=False)
    loss_reference = fields.Char("Carrier's Reference", copy=False, tracking=True)
    amount_claimed = fields.Monetary("Claimed", copy=False, tracking=True)
    amount_recovered = fields.Monetary("Recovered", readonly=True, copy=False)
    loss_result = fields.Char("Outcome", readonly=True, copy=False)
    missing_proof = fields.Char(compute="_compute_missing_proof")

    def _compute_missing_proof(self):
        for parcel in self:
            parcel.missing_proof = ", ".join(parcel._get_missing_proof())

    def _get_missing_proof(self):
        """Return in words what a claim against the carrier still lacks."""
        self.ensure_one()
        missing = []
        if not self.waybill:
            missing.append(self.env._("the waybill number"))
        if not self.carrier_id:
            missing.append(self.env._("the carrier"))
        if not self.date_shipped:
            missing.append(self.env._("the day it was sent"))
        if not self.proof_ids:
            missing.append(self.env._("a copy of the waybill or the packing list"))
        if not self.goods:
            missing.append(self.env._("what was in it"))
        return missing

    def action_lose(self, reason=None, amount=None):
        """Record that the parcel is lost: its goods are too, and the claim begins.

        :param str reason: what is known about it; required
        :param float amount: what is claimed, in company currency; without it the
            value of the goods
        """
        todo = self._lock().filtered(lambda parcel: parcel.state != "lost")
        if todo and not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(parcels)s: say what is known about the loss.",
                    parcels=", ".join(todo.mapped("display_name")),
                )
            )
        for parcel in todo:
            parcel._set_state(
                "lost",
                date_lost=fields.Date.context_today(parcel),
                loss_reason=reason,
                amount_claimed=amount or parcel.insured_value or parcel._get_value(),
            )
            parcel._lose_goods()
        return True

    def _get_value(self):
        """Return what the goods in the parcel were sold for, or cost us."""
        self.ensure_one()
        lines = self._get_lines()
        return sum(line._get_limit_amount() for line in lines)

    def _get_lines(self):
        """Return the goods that travel in this parcel."""
        self.ensure_one()
        direction = self.direction
        moves = self.picking_ids.move_ids
        if moves:
            return moves.aftersales_return_line_id
        return self.return_id.line_ids.filtered(
            lambda line: (
                line.state == "expected"
                if direction == "in"
                else line._get_moves("out")
            )
        )

    def _lose_goods(self):
        """Goods that were on their way to us never arrive."""
        if self.direction == "in":
            lines = self._get_lines().filtered(lambda line: line.state == "expected")
            lines._get_open_moves()._action_cancel()
            lines._set_state("lost")
            lines.return_id._close_finished()

    def action_settle_loss(self, amount=0.0, result=None):
        """End the claim against the carrier.

        :param float amount: what the carrier paid, in company currency
        :param str result: how it ended; required
        """
        todo = self._lock().filtered(lambda parcel: parcel.state != "settled")
        if todo and not (result or "").strip():
            raise UserError(
                self.env._(
                    "%(parcels)s: say how the claim ended.",
                    parcels=", ".join(todo.mapped("display_name")),
                )
            )
        todo._set_state("settled", amount_recovered=amount, loss_result=result)
        return True
