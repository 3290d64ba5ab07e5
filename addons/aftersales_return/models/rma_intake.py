from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesReturn(models.Model):
    """Returns begun where somebody already is: at the delivery, invoice or order."""

    _inherit = "aftersales.return"

    source_order_id = fields.Many2one(
        "aftersales.order",
        "From Work Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )

    @api.model
    def _create_from_deliveries(self, moves, channel, limits=None):
        """Open returns with what may still come back of these deliveries.

        One per company and customer; serial by serial. Moves that are no delivery to
        a customer, and what came back already, are left out.

        :param moves: stock moves
        :param str channel: how the request came
        :param dict limits: ``{sales order line: quantity}`` in the product's unit, of
            which no more is taken, as of an invoice that billed a part
        :return: the returns, in draft; none if nothing may come back
        """
        moves = moves.sudo().filtered(lambda move: move._is_returnable_delivery())
        limits = dict(limits or {})
        lines, warehouses = {}, {}
        for move, lot, quantity in moves._get_returnable_parts():
            unit = move.product_id.uom_id
            if move.sale_line_id in limits:
                quantity = min(quantity, limits[move.sale_line_id])
                limits[move.sale_line_id] -= quantity
            if unit.compare(quantity, 0) <= 0:
                continue
            key = (move.company_id, move._get_receiver().commercial_partner_id)
            # They come back to where they were sent from; a dropship was from nowhere.
            sender = move.sale_line_id.order_id.warehouse_id or move.warehouse_id
            if sender.company_id == move.company_id:
                warehouses.setdefault(key, {"warehouse_id": sender.id})
            lines.setdefault(key, []).append(
                {
                    "product_id": move.product_id.id,
                    "product_uom_id": unit.id,
                    "quantity": quantity,
                    "lot_id": lot.id,
                    "move_id": move.id,
                }
            )
        return self.create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": company.id,
                    "channel": channel,
                    "line_ids": [Command.create(values) for values in own],
                    **warehouses.get((company, customer), {}),
                }
                for (company, customer), own in lines.items()
            ]
        )

    def _get_intake_action(self):
        """Return the action that opens these returns, one as a form."""
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Returns"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
        }
        if len(self) == 1:
            action |= {"view_mode": "form", "res_id": self.id}
        return action


class StockMove(models.Model):
    _inherit = "stock.move"

    def _is_returnable_delivery(self):
        """Whether this brought a customer something that was not fitted by us."""
        self.ensure_one()
        return bool(
            self.state == "done"
            and self.location_dest_id.usage == "customer"
            and self.location_id.usage != "customer"
            and self._get_receiver()
            and not (self.job_line_id or self.old_part_id)
            and not self.aftersales_return_line_id
        )


class AftersalesReturnIntake(models.AbstractModel):
    """A document from which a return is begun.

    The host tells its deliveries in ``_get_delivery_moves``.
    """

    _name = "aftersales.return.intake"
    _description = "Intake of Returns"

    def _get_delivery_moves(self):
        """Return the stock moves that may come back."""
        return self.env["stock.move"]

    def _get_return_limits(self):
        """Return ``{sales order line: quantity}`` that no more may come back of."""
        return {}

    def _get_return_channel(self):
        return "delivery"

    def action_create_return(self):
        """Open returns with what may still come back, for the advisor to go on with.

        :return: the action that shows them
        :raises UserError: if nothing of it may come back
        """
        self.check_access("read")
        Return = self.env["aftersales.return"]
        Return.check_access("create")
        documents = self.sudo()
        returns = Return._create_from_deliveries(
            documents._get_delivery_moves(),
            documents._get_return_channel(),
            documents._get_return_limits(),
        )
        if not returns:
            raise UserError(
                self.env._(
                    "%(documents)s: nothing can come back. It was not delivered, or "
                    "came back already.",
                    documents=", ".join(self.mapped("display_name")),
                )
            )
        return returns._get_intake_action()


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "aftersales.return.intake"]

    def _get_delivery_moves(self):
        return self.move_ids


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "aftersales.return.intake"]

    def _get_delivery_moves(self):
        return self.order_line.move_ids


class AccountMove(models.Model):
    """An invoice: no more than it billed comes back."""

    _name = "account.move"
    _inherit = ["account.move", "aftersales.return.intake"]

    def _get_delivery_moves(self):
        return self._get_returned_items().sale_line_ids.move_ids

    def _get_returned_items(self):
        invoices = self.filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        )
        return invoices.invoice_line_ids.filtered("product_id")

    def _get_return_limits(self):
        limits = {}
        for item in self._get_returned_items():
            sale_line = item.sale_line_ids[:1]
            unit = item.product_id.uom_id
            if sale_line and sale_line.product_id == item.product_id:
                limits[sale_line] = limits.get(
                    sale_line, 0.0
                ) + item.product_uom_id._compute_quantity(item.quantity, unit)
        # The components of a kit are not in its unit: all of them may come.
        return {
            line: quantity
            for line, quantity in limits.items()
            if line.move_ids.product_id <= line.product_id
        }

    def _get_return_channel(self):
        return "invoice"


class AftersalesOrder(models.Model):
    """A work order: the thing itself comes back, matched to its sale."""

    _inherit = "aftersales.order"

    def action_create_return(self):
        """Open a return of the asset of each order, for what can't be repaired.

        Parts that were fitted are taken back on the order itself.

        :return: the action that shows the returns
        :raises UserError: naming orders without an asset of a product
        """
        self.check_access("read")
        Return = self.env["aftersales.return"]
        Return.check_access("create")
        orders = self.sudo()
        bare = orders.filtered(lambda order: not order.asset_id.product_id)
        if bare:
            raise UserError(
                self.env._(
                    "%(orders)s: choose the product of the asset first. It is what "
                    "comes back.",
                    orders=", ".join(bare.mapped("name")),
                )
            )
        known = Return.search(
            [("source_order_id", "in", self.ids), ("state", "in", ("draft", "open"))]
        )
        returns = Return.create(
            [order._prepare_return_values() for order in orders - known.source_order_id]
        )
        return (known | returns)._get_intake_action()

    def _prepare_return_values(self):
        self.ensure_one()
        asset = self.asset_id
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "channel": "order",
            "source_order_id": self.id,
            "description": self.complaint,
            "line_ids": [
                Command.create(
                    {
                        "product_id": asset.product_id.id,
                        "product_uom_id": asset.product_id.uom_id.id,
                        "lot_id": asset.lot_id.id,
                        "asset_id": asset.id,
                        "serial": asset.serial,
                        "reason_note": self.complaint and self.complaint[:200],
                    }
                )
            ],
        }
