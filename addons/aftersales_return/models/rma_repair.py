from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """Repair: a work order on the returned thing, and the test before it leaves."""

    _inherit = "aftersales.return.line"

    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    gate_result = fields.Selection(
        [("pass", "Passed"), ("fail", "Not Passed")],
        "Test after Repair",
        readonly=True,
        copy=False,
    )
    gate_user_id = fields.Many2one(
        "res.users", "Passed By", readonly=True, copy=False
    )
    date_gate = fields.Datetime("Last Test", readonly=True, copy=False)

    def _settle_repair(self):
        """Open a work order on each thing; the customer approves it as any other."""
        for line in self:
            if not line.asset_id:
                line.asset_id = line._get_asset()
        orders = (
            self.env["aftersales.order"]
            .sudo()
            .create([line._prepare_order_values() for line in self])
        )
        for line, order in zip(self, orders, strict=True):
            line.order_id = order

    def _get_asset(self):
        """Return the asset of this serial, made if it is new to the register."""
        self.ensure_one()
        Asset = self.env["aftersales.asset"].sudo()
        lot = self._get_received_lot()
        domain = [("company_id", "=", self.company_id.id)]
        if lot:
            domain.append(("lot_id", "=", lot.id))
        elif self.serial:
            domain += [
                ("serial", "=", self.serial),
                ("product_id", "=", self.product_id.id),
            ]
        if (lot or self.serial) and (found := Asset.search(domain, limit=1)):
            return found
        return Asset.create(
            {
                "lot_id": lot.id,
                "product_id": self.product_id.id,
                "serial": lot.name or self.serial,
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "date_sold": fields.Date.to_date(self.date_delivered),
            }
        )

    def _prepare_order_values(self):
        self.ensure_one()
        rma = self.return_id
        words = (self.reason_note, self.reason_id.name, rma.description)
        return {
            "partner_id": rma.partner_id.id,
            "asset_id": self.asset_id.id,
            "complaint": next(filter(None, words), rma.name),
            "company_id": self.company_id.id,
        }

    def action_test_repair(self, result="pass", note=None):
        """Record the test after the repair, without which nothing leaves.

        Not passed, the work order goes back to work.

        :param str result: ``pass`` or ``fail``
        :param str note: what was found; required if it did not pass
        """
        lines = self._lock()
        for line in lines:
            if line.order_id.state not in ("quality", "ready", "done"):
                raise UserError(
                    self.env._(
                        "%(line)s: %(order)s is not finished. Complete it, then test.",
                        line=line.display_name,
                        order=line.order_id.name or self.env._("the work order"),
                    )
                )
        if result != "pass" and not (note or "").strip():
            raise UserError(
                self.env._(
                    "%(lines)s: say what the test found.",
                    lines=", ".join(lines.mapped("display_name")),
                )
            )
        lines.write(
            {
                "gate_result": result,
                "gate_user_id": self.env.uid,
                "date_gate": fields.Datetime.now(),
            }
        )
        if note:
            for line in lines:
                line.return_id.message_post(body=note)
        if result != "pass":
            lines.order_id.filtered(
                lambda order: order.state in ("quality", "ready")
            ).action_rework(reason=note)
        return True

    def _check_may_leave(self):
        """Refuse to let goods go to the customer that were not tested after repair."""
        for line in self.filtered(lambda line: line.remedy == "repair"):
            order = line.order_id
            closed = order.state in ("ready", "done")
            if order.state == "cancel":
                # Declined: it leaves as it came.
                continue
            if not closed or line.gate_result != "pass":
                raise UserError(
                    self.env._(
                        "%(line)s does not leave before it has passed the test after "
                        "the repair (%(order)s: %(state)s). Record the test on the "
                        "return.",
                        line=line.display_name,
                        order=order.name,
                        state=order._get_state_label(order.state),
                    )
                )


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        leaving = self.filtered(
            lambda move: (
                move.aftersales_return_direction == "out"
                and move.state != "done"
                and not move.product_uom.is_zero(move.quantity)
            )
        )
        if leaving:
            leaving.sudo().aftersales_return_line_id._check_may_leave()
        return super()._action_done(cancel_backorder=cancel_backorder)
