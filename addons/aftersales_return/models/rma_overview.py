from odoo import api, fields, models
from odoo.fields import Domain


class AftersalesReturn(models.Model):
    """What a return waits for, in words, and what belongs to it."""

    _inherit = "aftersales.return"

    progress = fields.Selection(group_expand="_group_expand_progress")
    next_step = fields.Char("Next", compute="_compute_next_step", compute_sudo=True)
    days_open = fields.Integer(
        compute="_compute_days_open", help="Since the request, until it was closed."
    )
    is_late = fields.Boolean(
        "Overdue",
        compute="_compute_is_late",
        search="_search_is_late",
        help="An exchanged thing was not sent back in time, or a supplier keeps it "
        "longer than promised.",
    )
    has_new_goods = fields.Boolean(compute="_compute_work", compute_sudo=True)
    may_close = fields.Boolean(compute="_compute_work", compute_sudo=True)
    needs_approval = fields.Boolean(compute="_compute_needs_approval")
    unclear_count = fields.Integer(
        "Differences to Clear", compute="_compute_work", compute_sudo=True
    )
    test_count = fields.Integer(compute="_compute_work", compute_sudo=True)
    settle_count = fields.Integer(compute="_compute_work", compute_sudo=True)
    refund_count = fields.Integer(compute="_compute_document_counts")
    order_count = fields.Integer(compute="_compute_document_counts")
    trip_count = fields.Integer(compute="_compute_document_counts")
    difference_count = fields.Integer(compute="_compute_document_counts")
    approval_count = fields.Integer(compute="_compute_document_counts")
    inspection_count = fields.Integer(compute="_compute_document_counts")

    @api.model
    def _group_expand_progress(self, values, domain):
        """Show every column of work; what is done only if it was asked for."""
        return [
            key
            for key, _label in self._fields["progress"].selection
            if key != "done" or key in values
        ]

    @api.depends("state", "date_requested", "date_done")
    def _compute_days_open(self):
        now = fields.Datetime.now()
        for rma in self:
            end = rma.date_done or now
            rma.days_open = (end - rma.date_requested).days if rma.date_requested else 0

    @api.depends("state")
    def _compute_is_late(self):
        late = self.filtered_domain(self._search_is_late("in", [True]))
        late.is_late = True
        (self - late).is_late = False

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        lines = self.env["aftersales.return.line"]._get_overdue_domain()
        trips = self.env["aftersales.supplier.trip"]._search_is_late("in", [True])
        return Domain("line_ids", "any", lines) | Domain(
            "line_ids.trip_ids", "any", trips
        )

    @api.depends(
        "state",
        "line_ids.state",
        "line_ids.has_difference",
        "line_ids.trip_ids.state",
    )
    def _compute_work(self):
        for rma in self:
            rma.unclear_count = len(rma.line_ids.filtered("has_difference"))
            rma.test_count = len(rma.line_ids.filtered("to_test"))
            rma.settle_count = len(rma.line_ids.filtered("to_settle"))
            rma.has_new_goods = "draft" in rma.line_ids.mapped("state")
            # One that was opened again.
            rma.may_close = rma.state == "open" and rma._is_finished()

    @api.depends("line_ids.approval_state", "line_ids.state")
    @api.depends_context("uid")
    def _compute_needs_approval(self):
        for rma in self:
            waiting = rma.line_ids.filtered(
                lambda line: (
                    line.state not in ("settled", "done", "lost", "cancel")
                    # What the test may change is not asked for before it.
                    and (line.when != "tested" or line.state == "tested")
                )
            )
            states = waiting.mapped("approval_state")
            rma.needs_approval = rma.state in ("draft", "open") and not {
                "needed",
                "refused",
            }.isdisjoint(states)

    # The documents are of Inventory, Invoicing and the workshop: whoever sees the
    # return may know how many there are.
    def _compute_document_counts(self):
        for rma in self:
            lines = rma.sudo().line_ids
            rma.refund_count = len(lines._get_credit_notes())
            # Its work orders one opens from here: only those the user may see.
            orders = lines.order_id.with_env(self.env)
            rma.order_count = len(orders._filtered_access("read"))
            rma.trip_count = len(lines.trip_ids)
            rma.difference_count = len(lines.difference_ids)
            rma.approval_count = len(lines.approval_ids)
            rma.inspection_count = len(lines.inspection_ids)

    @api.depends(
        "state",
        "line_ids.state",
        "line_ids.operation_id",
        "line_ids.has_difference",
        "line_ids.trip_ids.state",
    )
    def _compute_next_step(self):
        for rma in self:
            rma.next_step = rma._get_next_step()

    def _get_next_step(self):
        """Return in a sentence what somebody has to do now, False if nothing."""
        self.ensure_one()
        lines = self.line_ids
        if self.state == "draft":
            return self._get_next_answer()
        if self.state == "done":
            return self._get_packed_words()
        if self.state != "open":
            return False
        if unclear := lines.filtered("has_difference"):
            cases = unclear.difference_ids.filtered(lambda case: case.state == "open")
            return self.env._(
                "Something else came than was expected. Ask %(names)s and decide: "
                "%(goods)s.",
                names=", ".join(
                    dict.fromkeys(case._get_contact_name() for case in cases)
                ),
                goods=unclear._get_goods_words(),
            )
        if testable := lines.filtered("needs_test"):
            return self.env._("Test %(goods)s.", goods=testable._get_goods_words())
        if ready := lines.filtered("to_settle"):
            return self.env._("Settle %(goods)s.", goods=ready._get_goods_words())
        if kept := lines.filtered(lambda line: any(line.trip_ids.mapped("is_late"))):
            return self.env._(
                "%(goods)s is overdue at its supplier. Ask, and keep the new date.",
                goods=kept._get_goods_words(),
            )
        if late := lines.filtered("is_overdue"):
            return self.env._(
                "%(goods)s was exchanged before and is overdue. Ask for it, or charge "
                "the new one.",
                goods=late._get_goods_words(),
            )
        if words := self._get_packed_words():
            return words
        charged = lines.filtered("is_charged")
        if awaited := lines.filtered(lambda line: line.state == "expected") - charged:
            return self.env._(
                "Waits for %(goods)s. The receipt is validated in Inventory.",
                goods=awaited._get_goods_words(),
            )
        pending = [
            words
            for line in lines.filtered(
                lambda line: line.state in ("tested", "settled") or line.is_at_supplier
            )
            for words in line._get_pending()
        ]
        if pending:
            return self.env._(
                "Waits for %(documents)s.", documents=", ".join(dict.fromkeys(pending))
            )
        if charged:
            return charged[:1].charge_text
        if self.may_close:
            return self.env._("Write down what else comes back, or close the return.")
        return False

    def _get_packed_words(self):
        """Say that what left has no proof yet, by which a lost parcel is traced."""
        parcels = self.shipment_ids.filtered(lambda parcel: parcel.direction == "out")
        if packed := parcels._get_packed():
            return self.env._(
                "Write down carrier and waybill, or who took it, and send %(parcels)s.",
                parcels=", ".join(packed.mapped("name")),
            )
        return False

    def _get_next_answer(self):
        lines = self.line_ids
        if not lines:
            return self.env._("Write down what comes back.")
        if bare := lines.filtered(lambda line: not line.operation_id):
            return self.env._(
                "Choose what is done with %(goods)s, the operation.",
                goods=bare._get_goods_words(),
            )
        return self.env._("Accept or refuse the request.")

    # Buttons

    def action_clear_differences(self):
        """Open the dialog in which what came is cleared with the customer."""
        cases = self.line_ids.difference_ids.filtered(lambda case: case.state == "open")
        if len(set(cases.mapped(lambda case: case.kind == "less"))) > 1:
            return self.action_view_differences()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_return.difference_decide_action"
        )
        action["context"] = {
            "dialog_size": "extra-large",
            "active_model": cases._name,
            "active_ids": cases.ids,
        }
        return action

    def action_open_test(self):
        """Open the test of what is here, or was repaired."""
        return self.line_ids.filtered("to_test").action_open_test()

    def action_open_settle(self):
        """Open the settlement of what is ready for it."""
        return self.line_ids.filtered("to_settle").action_open_settle()

    def action_view_pickings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_picking_tree_all"
        )
        action["domain"] = [("aftersales_return_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    def action_view_refunds(self):
        moves = self.sudo().line_ids._get_credit_notes()
        return self._get_documents_action(moves, self.env._("Credit Notes"))

    def action_view_orders(self):
        orders = self.sudo().line_ids.order_id
        return self._get_documents_action(orders, self.env._("Work Orders"))

    def action_view_trips(self):
        trips = self.line_ids.trip_ids
        return self._get_documents_action(trips, self.env._("At Supplier"))

    def action_view_differences(self):
        cases = self.line_ids.difference_ids
        return self._get_documents_action(cases, self.env._("Differences"))

    def action_view_approvals(self):
        approvals = self.line_ids.approval_ids
        return self._get_documents_action(approvals, self.env._("Approvals"))

    def action_view_inspections(self):
        tests = self.sudo().line_ids.inspection_ids
        return self._get_documents_action(tests, self.env._("Tests"))

    def _get_documents_action(self, records, name):
        """Return the action that shows ``records``: one alone as its form."""
        action = {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": records._name,
            "context": {"create": False},
        }
        if len(records) == 1:
            return {**action, "res_id": records.id, "views": [(False, "form")]}
        return {
            **action,
            "domain": [("id", "in", records.ids)],
            "views": [(False, "list"), (False, "form")],
        }
