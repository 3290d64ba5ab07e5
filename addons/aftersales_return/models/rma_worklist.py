from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class AftersalesReturnLine(models.Model):
    """The lists that people work off: what to test, what to settle, what is overdue."""

    _inherit = "aftersales.return.line"

    user_id = fields.Many2one(related="return_id.user_id", string="Responsible")
    to_test = fields.Boolean(
        compute="_compute_work",
        search="_search_to_test",
        compute_sudo=True,
        help="Is here, or was repaired, and not tested yet.",
    )
    needs_test = fields.Boolean(
        compute="_compute_work",
        compute_sudo=True,
        help="Is tested next. What is settled when it arrives may be, but need not.",
    )
    to_settle = fields.Boolean(
        compute="_compute_work",
        search="_search_to_settle",
        compute_sudo=True,
        help="Tested as far as its operation asks for it.",
    )
    return_state = fields.Selection(
        related="return_id.state", string="State of the Return"
    )
    may_open_order = fields.Boolean(compute="_compute_may_open_order")
    pending = fields.Char("Waits For", compute="_compute_pending", compute_sudo=True)

    @api.depends(
        "state",
        "gate_result",
        "when",
        "has_difference",
        "order_id.state",
        "trip_ids.state",
    )
    def _compute_work(self):
        tested = self.filtered_domain(self._get_to_test_domain())
        ready = self.filtered_domain(self._get_to_settle_domain())
        for line in self:
            line.to_test = line in tested
            line.needs_test = line in tested and (
                line.state == "settled" or line.when != "received"
            )
            line.to_settle = line in ready

    def _search_to_test(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_to_test_domain()

    def _search_to_settle(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_to_settle_domain()

    @api.model
    def _get_to_test_domain(self):
        # What is not what was announced is cleared with the customer first.
        arrived = Domain("state", "=", "received") & Domain(
            "has_difference", "=", False
        )
        arrived &= ~self._get_away_domain()
        # Technicians test what others repaired.
        repaired = Domain("order_id", "any!", [("state", "in", self._tested_orders())])
        gate = Domain("gate_result", "!=", "pass") & Domain("remedy", "=", "repair")
        return arrived | (Domain("state", "=", "settled") & gate & repaired)

    @api.model
    def _tested_orders(self):
        """Return the states of a work order in which what it repaired is tested."""
        return ("quality", "ready", "done")

    @api.model
    def _get_to_settle_domain(self):
        here = Domain("state", "=", "received") & Domain("when", "!=", "tested")
        clear = Domain("has_difference", "=", False)
        # What its supplier repairs has no work order of ours before it is back.
        planned = Domain("trip_ids", "any!", [("state", "=", "draft")])
        away = self._get_away_domain() | (Domain("remedy", "=", "repair") & planned)
        return (Domain("state", "=", "tested") | here) & clear & ~away

    @api.model
    def _get_away_domain(self):
        """Find what is at its supplier: nothing is done with it before it is back."""
        return Domain("trip_ids", "any!", [("state", "=", "sent")])

    @api.depends("order_id")
    @api.depends_context("uid")
    def _compute_may_open_order(self):
        for line in self:
            order = line.sudo().order_id.with_env(self.env)
            line.may_open_order = bool(order) and order.has_access("read")

    @api.depends("state", "trip_ids.state", "trip_ids.date_promised")
    def _compute_pending(self):
        for line in self:
            waits = line.state == "settled" or line.is_at_supplier
            line.pending = ", ".join(line._get_pending()) if waits else False

    def _get_credit_notes(self):
        """Return the credit notes of these goods, cancelled ones left out."""
        return self.refund_line_ids.move_id.filtered(
            lambda move: move.move_type == "out_refund" and move.state != "cancel"
        )

    def _get_goods_words(self):
        """Return the goods in words for a sentence, the first few of many."""
        words = [line._get_short_words(line.product_id) for line in self[:3]]
        if len(self) > 3:
            words.append(self.env._("%(count)s more", count=len(self) - 3))
        return ", ".join(words)

    def _get_short_words(self, product, with_serial=True):
        """Return ``product`` as many times as this line says: “2 × Kettle”."""
        self.ensure_one()
        name = product.with_context(display_default_code=False).display_name
        if with_serial and product == self.product_id and self.serial:
            return f"{name} {self.serial}"
        # Cached, as env.ref() is not: this is asked for line after line.
        unit = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_unit")
        if self.product_uom_id.id == unit:
            return name if self.quantity == 1 else f"{self.quantity:g} × {name}"
        return f"{self.quantity:g} {self.product_uom_id.name} {name}"

    # Dialogs

    def action_open_test(self):
        """Open the dialog in which the test of these goods is recorded."""
        return self._get_dialog_action(
            self.filtered("to_test"),
            "aftersales.return.test",
            self.env._("Test"),
            self.env._("is not here and clear, or tested already"),
        )

    def action_open_settle(self):
        """Open the dialog that says what will happen with these goods."""
        return self._get_dialog_action(
            self.filtered("to_settle"),
            "aftersales.return.settle",
            self.env._("Settle"),
            self.env._("has to be here, clear and tested first"),
        )

    def _get_dialog_action(self, lines, model, name, reason):
        if not lines:
            raise UserError(
                self.env._(
                    "%(lines)s: %(reason)s.",
                    lines=", ".join(self.mapped("display_name"))
                    or self.env._("Nothing chosen"),
                    reason=reason,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "dialog_size": "extra-large",
                "active_model": lines._name,
                "active_ids": lines.ids,
                "active_id": lines[:1].id,
            },
        }

    def action_view_return(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "aftersales.return",
            "res_id": self.return_id.id,
            "views": [(False, "form")],
        }

    def action_view_refunds(self):
        return self.return_id._get_documents_action(
            self.sudo()._get_credit_notes(), self.env._("Credit Notes")
        )

    def action_view_order(self):
        return self.return_id._get_documents_action(
            self.sudo().order_id, self.env._("Work Order")
        )
