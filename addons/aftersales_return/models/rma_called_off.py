from odoo import models
from odoo.exceptions import UserError

# What is planned for the goods themselves; what the customer gets for them is "new".
OF_THE_GOODS = ("in", "place", "out")


class AftersalesReturnLine(models.Model):
    """A transfer that is cancelled has moved nothing: what it was for is still to do.

    Steps call off what they replace by something else; Inventory may cancel any.
    """

    _inherit = "aftersales.return.line"

    def _cancel_moves(self, *directions):
        """Call off, as part of a step, what is planned.

        :param directions: of the moves; without any, those of the goods: what the
            customer gets for them is sent all the same
        """
        moves = self._get_open_moves().filtered(
            lambda move: (
                move.aftersales_return_direction in (directions or OF_THE_GOODS)
            )
        )
        moves.with_context(aftersales_called_off=True)._action_cancel()

    def _is_given(self):
        """Whether the customer has something for goods that are still to come.

        A replacement that is planned only can be called off with them.
        """
        self.ensure_one()
        return bool(
            self.date_given
            and not self.charge_line_id
            and (self.remedy != "exchange" or self.advance_line_id or self._get_sent())
        )

    def _take_plans_back(self):
        """Call off what the customer should have got in advance."""
        planned = self.filtered(lambda line: line.date_given and not line._is_given())
        planned = planned.filtered(lambda line: not line.charge_line_id)
        planned._cancel_moves("new")
        planned._forget_given()

    def _forget_given(self):
        """Nothing was given: settling does that, as if nothing had been planned."""
        self.write(
            {"date_given": False, "date_deadline": False, "date_reminded": False}
        )

    # Cancelled in Inventory

    def _follow_cancelled(self, moves):
        """Let what these moves should have done be done by settling again."""
        for line in self:
            own = moves.filtered(lambda move, line=line: move in line.move_ids)
            new = own.filtered(lambda move: move.aftersales_return_direction == "new")
            if new:
                line._follow_cancelled_replacement()
            if own - new and line.state == "settled":
                line._follow_cancelled_goods(own - new)
            line.return_id._report_cancelled(
                self.env._(
                    "%(transfers)s was cancelled: nothing is sent or put away for "
                    "%(line)s. Settle it again, or decide otherwise.",
                    transfers=", ".join(
                        dict.fromkeys(
                            move.reference or move.product_id.display_name
                            for move in own
                        )
                    ),
                    line=line.display_name,
                )
            )

    def _follow_cancelled_replacement(self):
        self.ensure_one()
        lines = self._get_split_lines().filtered(lambda line: not line.charge_line_id)
        if not self._get_new_moves():
            lines.advance_line_id = False
            # Old ones that became ours wait for new ones, and for nothing else.
            lines.filtered(
                lambda line: line.state in ("expected", "lost") or line._is_customers()
            )._forget_given()
        settled = lines.filtered(lambda line: line.state == "settled")
        for line in settled:
            if not line.date_given or line._get_quantity_missing():
                line._be_to_settle()
            else:
                # Sent before, and lost on the way: it can be sent again.
                line._finish()
        self.return_id._close_finished()

    def _be_to_settle(self):
        """Go back to where the goods were before they were settled."""
        for line in self:
            if line.goods == "stay":
                line._set_state("expected")
            else:
                line._set_state("tested" if line.date_tested else "received")

    def _follow_cancelled_goods(self, moves):
        """Settle the goods anew, unless a part of them is gone already.

        :raises UserError: if the rest would be left behind, and nobody agreed to that
        """
        self.ensure_one()
        for move in moves:
            parts = self._get_moves(move.aftersales_return_direction) - moves
            if "done" not in parts.mapped("state"):
                continue
            if not self.agreement:
                raise UserError(
                    self.env._(
                        "%(transfer)s: a part of %(line)s is gone, the rest has to "
                        "follow.",
                        transfer=move.reference or self.return_id.name,
                        line=self.display_name,
                    )
                )
            self._finish()
            return
        self._be_to_settle()

    # What is still to be sent

    def _get_new_moves(self):
        """Return the moves of the new ones, sent or planned."""
        self.ensure_one()
        return self._get_moves("new").filtered(
            lambda move: (
                move.state != "cancel"
                and move.location_dest_id == self.payer_id.location_id
                and not move.origin_returned_move_id
            )
        )

    def _get_quantity_missing(self):
        """Return how many new ones are neither sent nor planned, in their unit."""
        self.ensure_one()
        if self.remedy != "exchange" or not self.date_given or self.charge_line_id:
            return 0.0
        if self.advance_line_id:
            return 0.0
        product = self.replacement_product_id or self.product_id
        missing = self._get_quantity_given(product) - sum(
            move.quantity if move.state == "done" else move.product_uom_qty
            for move in self._get_new_moves()
        )
        if product.uom_id.compare(missing, 0) <= 0 or self._get_split_lines() != self:
            # All of them, or sent for several lines together.
            return 0.0
        return missing

    def _give(self):
        given = self.filtered("date_given")
        result = super()._give()
        quantities = {
            line: missing for line in given if (missing := line._get_quantity_missing())
        }
        if quantities:
            self.browse().concat(*quantities)._send_replacements(quantities)
        return result

    def _follow_moves(self):
        for line in self.filtered(lambda line: line.state == "settled"):
            if line._get_quantity_missing():
                # Fewer were sent than should be, and no back order was kept.
                line._be_to_settle()
                line.return_id._report_cancelled(
                    self.env._(
                        "%(line)s: fewer new ones were sent than the goods stand for. "
                        "Settle it again to send the rest.",
                        line=line.display_name,
                    )
                )
        result = super()._follow_moves()
        # A replacement was still to be sent for goods that got lost.
        self.filtered(lambda line: line.state == "lost").return_id._close_finished()
        return result


class AftersalesReturn(models.Model):
    _inherit = "aftersales.return"

    def _report_cancelled(self, words):
        """Let the responsible know what a cancelled transfer leaves to be done."""
        self.ensure_one()
        self.message_post(body=words)
        if self.user_id:
            self.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.user_id.id, summary=words
            )


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_cancel(self):
        planned = self.filtered(
            lambda move: (
                move.aftersales_return_line_id
                and move.aftersales_return_direction in ("new", "place", "out")
                and move.state not in ("done", "cancel")
            )
        )
        result = super()._action_cancel()
        if planned and not self.env.context.get("aftersales_called_off"):
            # Whoever moves the goods need not have a right to returns.
            moves = planned.sudo()
            moves.aftersales_return_line_id._follow_cancelled(moves)
        return result
