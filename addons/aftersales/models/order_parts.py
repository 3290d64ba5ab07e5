from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesOrder(models.Model):
    """Parts of the order as the storekeeper moves them, and as they come back."""

    _inherit = "aftersales.order"

    picking_ids = fields.One2many(
        "stock.picking", "aftersales_order_id", "Transfers", copy=False
    )
    picking_count = fields.Integer(compute="_compute_picking_count")
    stock_reference_ids = fields.Many2many(
        "stock.reference", string="Stock References", copy=False
    )
    parts_state = fields.Selection(
        [
            ("none", "No parts"),
            ("planned", "In stock"),
            ("missing", "Missing"),
            ("expected", "Expected"),
            ("available", "Reserved"),
            ("staged", "Staged"),
            ("issued", "Issued"),
        ],
        "Parts",
        compute="_compute_parts_state",
        search="_search_parts_state",
        compute_sudo=True,
    )
    date_parts_expected = fields.Datetime(
        "Parts Expected", compute="_compute_parts_state", compute_sudo=True
    )

    def _compute_picking_count(self):
        for order in self:
            order.picking_count = len(order.sudo().picking_ids)

    @api.depends("job_ids.state", "job_ids.line_ids.availability_state")
    def _compute_parts_state(self):
        """The worst of the lines: one missing part holds up the order."""
        ranks = ["missing", "expected", "available", "staged", "issued"]
        for order in self:
            # Through the jobs: lines of an unsaved job are known only there.
            lines = order.job_ids.line_ids.filtered(
                lambda line: (
                    line.job_id.state not in ("declined", "cancel")
                    and line.availability_state != "none"
                )
            )
            states = set(lines.mapped("availability_state"))
            order.date_parts_expected = max(
                (date for date in lines.mapped("date_expected") if date), default=False
            )
            if not states:
                order.parts_state = "none"
            elif not lines.move_ids and not states & {"missing", "expected"}:
                order.parts_state = "planned"
            else:
                order.parts_state = next(rank for rank in ranks if rank in states)

    def _search_parts_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Only orders somebody is working on are asked about.
        orders = self.search([("state", "not in", ("done", "cancel"))])
        return [
            (
                "id",
                "in",
                orders.filtered(lambda order: order.parts_state in value).ids,
            )
        ]

    def _get_stock_reference(self, sale_order):
        """Return the reference that keeps the parts of one payer in one transfer."""
        self.ensure_one()
        if sale_order:
            reference = sale_order.stock_reference_ids[:1]
        else:
            reference = self.stock_reference_ids[:1]
        if not reference:
            values = {"name": self.name}
            if sale_order:
                values["sale_ids"] = [Command.link(sale_order.id)]
            reference = self.env["stock.reference"].sudo().create(values)
            if not sale_order:
                self.sudo().stock_reference_ids = [Command.link(reference.id)]
        return reference

    def _check_differences(self, accepted, reason):
        """Ask, with the figures, before less is used than was approved."""
        for order in self:
            lines = order.line_ids.filtered(
                lambda line: line.job_id.state in ("approved", "progress", "done")
            )
            differences = lines._get_differences()
            if not differences:
                continue
            figures = [
                self.env._(
                    "%(part)s: %(planned)s approved, %(usable)s here",
                    part=line.name,
                    planned=f"{planned:g}",
                    usable=f"{usable:g}",
                )
                for line, planned, usable in differences
            ]
            if not (accepted and reason):
                raise UserError(
                    self.env._(
                        "%(order)s would use less than was approved:\n%(figures)s\n"
                        "Wait for the parts, or complete and accept the difference "
                        "with a reason.",
                        order=order.name,
                        figures="\n".join(figures),
                    )
                )
            order.message_post(
                body=self.env._(
                    "%(user)s accepted: %(figures)s. %(reason)s",
                    user=self.env.user.name,
                    figures="; ".join(figures),
                    reason=reason,
                )
            )

    def _get_open_moves(self):
        return self.sudo().line_ids.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )

    def _consume_parts(self):
        """Issue what is reserved, give up what is not, bring back what is left."""
        # The storekeeper may have done it all; whoever completes need not have
        # Inventory rights.
        orders = self.sudo()
        staging = orders.line_ids._get_staging_moves().filtered(
            lambda move: move.state in ("assigned", "partially_available")
        )
        staging._finish()
        issue = orders.line_ids._get_issue_moves().filtered(
            lambda move: move.state in ("assigned", "partially_available")
        )
        issue._finish()
        orders._get_open_moves()._action_cancel()
        orders._return_unused()

    def _return_unused(self):
        """Bring parts that were staged and not used back from the workshop."""
        quantities = {}
        for line in self.line_ids.filtered(lambda line: line.kind == "part"):
            staged = line._get_staging_moves().filtered(
                lambda move: move.state == "done"
            )
            if not staged:
                continue
            back = staged.returned_move_ids.filtered(lambda move: move.state == "done")
            left = (
                line._sum_moves(staged) - line._sum_moves(back) - line._get_qty_issued()
            )
            for move in reversed(staged):
                quantity = min(left, line._sum_moves(move))
                if line.product_uom_id.compare(quantity, 0) > 0:
                    quantities[move] = line.product_uom_id._compute_quantity(
                        quantity, move.product_uom
                    )
                    left -= quantity
        self._return_moves(quantities)

    @api.model
    def _return_moves(self, quantities, place=None):
        """Make and finish the return transfers of done moves.

        :param dict quantities: ``{stock.move: quantity in the move's unit}``
        :param place: the location they come to, if not where they were taken from
        """
        by_picking = defaultdict(dict)
        for move, quantity in quantities.items():
            by_picking[move.picking_id][move] = quantity
        for picking, moves in by_picking.items():
            wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
            for return_line in wizard.product_return_moves:
                return_line.quantity = moves.get(return_line.move_id, 0.0)
            returned = wizard._create_return()
            if place:
                for records in (returned, returned.move_ids, returned.move_line_ids):
                    records.location_dest_id = place
            returned.move_ids._finish()

    def _cancel_parts(self):
        """Free, bring back and reverse everything that was taken for the orders."""
        orders = self.sudo()
        orders._get_open_moves()._action_cancel()
        issued = orders.line_ids._get_issue_moves().filtered(
            lambda move: move.state == "done"
        )
        self._return_moves(issued._get_unreturned())
        staged = orders.line_ids._get_staging_moves().filtered(
            lambda move: move.state == "done"
        )
        self._return_moves(staged._get_unreturned())

    def action_view_pickings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_picking_tree_all"
        )
        action["domain"] = [("aftersales_order_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    def action_open_complete(self):
        """Complete, or show the differences first and ask."""
        lines = self.line_ids.filtered(
            lambda line: line.job_id.state in ("approved", "progress", "done")
        )
        if not lines._get_differences():
            return self.action_complete()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Less Is Used Than Approved"),
            "res_model": "aftersales.complete",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": self.ids},
        }
