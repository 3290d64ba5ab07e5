from odoo import api, fields, models
from odoo.exceptions import UserError

CHANNELS = {"phone", "desk", "portal", "email"}


class AftersalesReturnLine(models.Model):
    """Repair: a work order on the returned thing, and the test before it leaves.

    What the customer pays is estimated, and begun with his recorded yes only. Nothing
    that was opened leaves without a passed test: repaired, given up, or called off.
    """

    _inherit = "aftersales.return.line"

    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    order_state = fields.Selection(related="order_id.state", string="Repair")
    gate_result = fields.Selection(
        [("pass", "Passed"), ("fail", "Not Passed")],
        "Test after Repair",
        readonly=True,
        copy=False,
    )
    gate_round = fields.Char(
        readonly=True, copy=False, help="What was tested: one round of one work order."
    )
    gate_user_id = fields.Many2one("res.users", "Passed By", readonly=True, copy=False)
    date_gate = fields.Datetime("Last Test", readonly=True, copy=False)
    may_leave = fields.Boolean(
        compute="_compute_may_leave",
        compute_sudo=True,
        help="It passed the test after its last repair, or was not begun.",
    )

    @api.depends(
        "gate_result",
        "gate_round",
        "unrepaired_reason",
        "order_id.state",
        "order_id.rework_count",
    )
    def _compute_may_leave(self):
        for line in self:
            line.may_leave = not line._get_gate_problem()

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
            if line.verdict_text:
                # What the guarantee gives, for who makes the estimate.
                order.message_post(body=line.verdict_text)

    def _prepare_order_values(self):
        self.ensure_one()
        rma = self.return_id
        words = (self.reason_note, self.reason_id.name, rma.description)
        return {
            "partner_id": rma.partner_id.id,
            "asset_id": self.asset_id.id,
            "complaint": next(filter(None, words), rma.name),
            "company_id": self.company_id.id,
            "warehouse_id": rma.warehouse_id.id,
            "channel": rma.channel if rma.channel in CHANNELS else "partner",
            "date_reported": self._get_verdict_day(),
            "return_line_id": self.id,
            **({"user_id": rma.user_id.id} if rma.user_id else {}),
        }

    # The test before it leaves

    def action_test_repair(self, result="pass", note=None):
        """Record the test after the repair, without which nothing leaves.

        Not passed, the work order goes back to work. Work done again asks for the
        test again. Of a thing that is not repaired it says that it is complete and
        safe.

        :param str result: ``pass`` or ``fail``
        :param str note: what was found; required if it did not pass
        :raises UserError: before the work is finished
        """
        if result not in ("pass", "fail"):
            raise UserError(self.env._("The test is passed or not: “pass” or “fail”."))
        lines = self._lock()
        lines._check_testable()
        if result != "pass" and not (note or "").strip():
            raise UserError(
                self.env._(
                    "%(lines)s: say what the test found.",
                    lines=", ".join(lines.mapped("display_name")),
                )
            )
        now = fields.Datetime.now()
        for line in lines:
            line.write(
                {
                    "gate_result": result,
                    "gate_round": line._get_gate_round(),
                    "gate_user_id": self.env.uid,
                    "date_gate": now,
                }
            )
            label = line._get_gate_label()
            text = self.env._(
                "%(line)s, test after repair: %(result)s", line=line.display_name,
                result=f"{label}: {note}" if note else label,
            )  # fmt: skip
            line.return_id.message_post(body=text)
        if result != "pass":
            lines.order_id.filtered(
                lambda order: order.state == "quality"
            ).action_rework(reason=note)
        return True

    def _check_testable(self):
        for line in self:
            if line.order_id.state not in ("quality", "ready", "done", "cancel"):
                raise UserError(
                    self.env._(
                        "%(line)s: %(order)s is not finished. Complete it, then test.",
                        line=line.display_name,
                        order=line.order_id.name or self.env._("the work order"),
                    )
                )

    def _get_gate_label(self):
        labels = dict(self._fields["gate_result"]._description_selection(self.env))
        return labels[self.gate_result]

    def _get_gate_round(self):
        """Return what a test is about; work done again, or called off, is another."""
        self.ensure_one()
        order = self.order_id
        end = "cancel" if order.state == "cancel" else "work"
        return f"{order.id}/{order.rework_count}/{end}"

    def _get_gate_problem(self):
        """Say why a thing that came for repair may not leave; empty: it may."""
        self.ensure_one()
        order = self.order_id
        if not order:
            return ""
        values = {
            "line": self.display_name,
            "order": order.name,
            "state": order._get_state_label(order.state),
        }
        if order.state not in ("ready", "done", "cancel"):
            return self.env._(
                "%(line)s does not leave before it has passed the test after the "
                "repair (%(order)s: %(state)s). Finish the work order and record the "
                "test on the return, or send it back unrepaired there.",
                **values,
            )
        if order.state == "cancel" and not order.date_in:
            # Nobody has touched it. That it goes back as it is, somebody decides.
            if self.unrepaired_reason or self.remedy != "repair":
                return ""
            return self.env._(
                "%(line)s came for repair, and %(order)s was cancelled. Decide on the "
                "return what becomes of it: send it back unrepaired, with the reason.",
                **values,
            )
        if unasked := self._get_unasked_jobs():
            return self.env._(
                "%(line)s: the customer's yes to %(jobs)s is not on record "
                "(%(order)s). Ask, and record the answer there.",
                jobs=", ".join(unasked.mapped("name")),
                **values,
            )
        if self.gate_result == "pass" and self.gate_round == self._get_gate_round():
            return ""
        return self.env._(
            "%(line)s does not leave before it has passed the test after the repair "
            "(%(order)s: %(state)s). Record the test on the return.",
            **values,
        )

    def _get_unasked_jobs(self):
        """Return work the customer pays for without a recorded yes."""
        self.ensure_one()
        order = self.order_id
        if order.state == "cancel":
            return order.job_ids.browse()
        answered = order.approval_ids.filtered(
            lambda approval: approval.decision == "approved"
        ).job_ids
        return order.job_ids.filtered(
            lambda job: (
                job.payer_id.kind == "invoiced"
                and job.state in ("approved", "progress", "done")
                and job not in answered
            )
        )

    def _get_pending(self):
        """What goes back after a repair waits for that, and for the test after it."""
        pending = super()._get_pending()
        repair = pending and self._get_repair_words()
        return [repair, *pending] if repair else pending

    def _get_repair_words(self):
        """Say what has to come before goods under repair leave; empty: nothing."""
        # Who sees the goods need not have a right to work orders.
        order = self.sudo().order_id
        if not order or order.state == "cancel":
            return ""
        if order.state == "quoted":
            return self.env._("the customer's answer on %(order)s", order=order.name)
        if order.state not in self._tested_orders():
            return self.env._("the repair %(order)s", order=order.name)
        if self.gate_result != "pass" or self.gate_round != self._get_gate_round():
            return self.env._("the test after the repair")
        return ""

    def _check_may_leave(self):
        """Refuse to let goods go to the customer that were not tested after repair."""
        for line in self:
            if problem := line._get_gate_problem():
                raise UserError(problem)


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    # Kept here: most work orders are of no return, and need not ask for one.
    return_line_id = fields.Many2one(
        "aftersales.return.line",
        "Returned Goods",
        check_company=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def action_deliver(self, *args, **kwargs):
        """Hand over; what came with a return has passed its test before."""
        lines = self.sudo().return_line_id
        if lines:
            lines._check_may_leave()
        return super().action_deliver(*args, **kwargs)


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        leaving = self.filtered(
            lambda move: (
                move.aftersales_return_direction == "out"
                and move.state != "done"
                and move.picked
                and not move.product_uom.is_zero(move.quantity)
            )
        )
        if leaving:
            leaving.sudo().aftersales_return_line_id._check_may_leave()
        self._check_no_return_left_out()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _check_no_return_left_out(self):
        """Refuse to deliver returned goods past their return, and so past its tests."""
        for move in self.filtered(
            lambda move: (
                not move.aftersales_return_line_id
                and move.location_dest_id.usage == "customer"
                and move.location_id.aftersales_is_return
            )
        ):
            raise UserError(
                self.env._(
                    "%(transfer)s: goods in %(place)s go back to the customer with "
                    "their return only. Settle it there.",
                    transfer=move.reference,
                    place=move.location_id.display_name,
                )
            )
