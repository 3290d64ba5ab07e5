from odoo import models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """Another fate: it can't be repaired, or nothing is wrong with it.

    What was begun for the old fate is undone, and whose the goods are follows the new
    one. Then it is granted and settled like any.
    """

    _inherit = "aftersales.return.line"

    def action_change_operation(self, operation=None, reason=None):
        """Decide that something else is done with goods that are not settled for good.

        A transfer back is called off, and so is the work order. Goods in repair may
        become a refund, an exchange or scrap; they leave for the customer with a
        passed test only, whatever the operation.

        :param operation: an ``aftersales.return.operation``, as record or id
        :param str reason: why; required
        :raises UserError: once the customer got something, or for goods elsewhere
        """
        self.return_id._check_decides()
        self._check_reason(reason)
        Operation = self.env["aftersales.return.operation"]
        operation = Operation.browse(getattr(operation, "id", operation) or ())
        if not operation.exists():
            raise UserError(self.env._("Choose what is done with the goods instead."))
        operation.check_access("read")
        todo = self._lock().filtered(lambda line: line.operation_id != operation)
        operation = operation.sudo()
        todo._check_changeable(operation)
        todo._call_off(reason)
        before = {line: line.operation_id.name for line in todo}
        todo.write({"operation_id": operation.id})
        for line in todo:
            line.return_id.message_post(
                body=self.env._(
                    "%(line)s: %(operation)s instead of %(before)s. %(reason)s",
                    line=line.display_name,
                    operation=operation.name,
                    before=before[line] or "–",
                    reason=reason,
                )
            )
        return True

    def _check_changeable(self, operation):
        """Refuse what was given already, or does not suit where the goods are."""
        for line in self:
            given = line.state in ("done", "lost", "cancel") or (
                line.date_given and line.remedy not in ("none", "repair")
            )
            gone = line._get_moves("out").filtered(lambda move: move.state == "done")
            if given or gone or line._is_away():
                raise UserError(
                    self.env._(
                        "%(line)s is settled: the customer got something for it, or it "
                        "is not here. Another decision needs another return.",
                        line=line.display_name,
                    )
                )
            if operation.goods == "stay" and line.state not in (
                "draft",
                "expected",
            ):
                raise UserError(
                    self.env._(
                        "%(line)s is here: with “%(operation)s” it would stay with the "
                        "customer. Choose another operation.",
                        line=line.display_name,
                        operation=operation.name,
                    )
                )

    def _is_away(self):
        """Whether the goods are at a supplier, or about to go there."""
        self.ensure_one()
        away = self.trip_ids.filtered(lambda trip: trip.state in ("draft", "sent"))
        return bool(away)

    def _call_off(self, reason):
        """Undo what was begun for the fate the goods have now."""
        settled = self.filtered(lambda line: line.state == "settled")
        settled._cancel_moves()
        settled.order_id.filtered(
            lambda order: order.state not in ("ready", "done", "cancel")
        ).action_cancel(reason=reason)
        tested = settled.filtered("test_result")
        tested._set_state("tested", date_given=False)
        (settled - tested)._set_state("received", date_given=False)
        settled._keep_unbilled()
        settled.filtered("unrepaired_reason").unrepaired_reason = False

    def write(self, vals):
        changed = self.browse()
        if "operation_id" in vals:
            changed = self.filtered(
                lambda line: line.operation_id.id != vals["operation_id"]
            )
            begun = changed.filtered(lambda line: line.state != "draft")
            operation = self.env["aftersales.return.operation"].sudo()
            begun.sudo()._check_changeable(operation.browse(vals["operation_id"] or ()))
            begun._check_not_settled()
        result = super().write(vals)
        if changed := changed.filtered(lambda line: line.state != "draft"):
            # Whose goods these are is not known before the difference is cleared.
            clear = changed.sudo().filtered(lambda line: not line.has_difference)
            clear._check_operation()
            changed._follow_operation()
        return result

    def _check_not_settled(self):
        settled = self.filtered(lambda line: line.state == "settled")
        if settled:
            raise UserError(
                self.env._(
                    "%(lines)s is settled already. Change its operation by the button, "
                    "with the reason.",
                    lines=", ".join(settled.mapped("display_name")),
                )
            )

    def _follow_operation(self):
        """Let receipts and owners follow the new operation, and give what is due."""
        lines = self.sudo()
        awaited = lines.filtered(lambda line: line.state == "expected")
        awaited._change_receipts()
        (lines - awaited)._hand_back_own()
        self.filtered(lambda line: line.state == "expected")._settle_in_advance()
        staying = awaited.filtered(lambda line: line.goods == "stay")
        staying._cancel_moves()
        lines._go_on()

    def _change_receipts(self):
        """Let what is still to come arrive as whose it will be."""
        for line in self:
            for move in line._get_moves("in") & line._get_open_moves():
                values = {
                    "origin_returned_move_id": False,
                    "sale_line_id": False,
                    "to_refund": False,
                    "restrict_partner_id": False,
                    **line._prepare_receipt_move_values(move.picking_id),
                }
                owner = ("origin_returned_move_id", "sale_line_id", "to_refund")
                move.write(
                    {name: values[name] for name in (*owner, "restrict_partner_id")}
                )
                move.move_line_ids.owner_id = values["restrict_partner_id"]

    def _hand_back_own(self):
        """Give what was taken back to the customer again, if that is its fate now.

        On paper: it counts as delivered as before, and lies here as his.
        """
        back = self.filtered(
            lambda line: (
                line.move_id and not line._is_customers() and not line._is_ours()
            )
        )
        values_list = []
        for line in back:
            here = line._get_place()
            customers = line.move_id.location_dest_id
            values_list += [
                {
                    **line._prepare_move_values("own", here, customers),
                    "sale_line_id": line.sale_line_id.id,
                },
                {
                    **line._prepare_move_values("own", customers, here),
                    "owner": line.partner_id.commercial_partner_id,
                },
            ]
        return back._transfer_now(values_list)
