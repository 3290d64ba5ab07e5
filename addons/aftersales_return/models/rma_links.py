from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class AftersalesReturnLinkMixin(models.AbstractModel):
    """A record of another application that shows how many returns it has.

    The host says in ``_get_aftersales_return_paths`` how return lines refer to it.
    Counted is on its form only; nothing of Odoo's own flows reads it.
    """

    _name = "aftersales.return.link.mixin"
    _description = "Has Returns"

    aftersales_return_count = fields.Integer(
        "Customer Returns", compute="_compute_aftersales_return_count"
    )

    def _get_aftersales_return_paths(self):
        """Return the paths from a return line to records of this model."""
        raise NotImplementedError

    def _get_aftersales_return_lines(self):
        Line = self.env["aftersales.return.line"]
        if not (self.ids and Line.has_access("read")):
            return Line
        paths = self._get_aftersales_return_paths()
        # The path may lead over records of applications the user has no right to.
        return Line.search(
            [
                (
                    "id",
                    "in",
                    Line.sudo()._search(
                        Domain.OR(Domain(path, "in", self.ids) for path in paths)
                    ),
                )
            ]
        )

    def _get_aftersales_returns(self):
        return self._get_aftersales_return_lines().return_id

    def _compute_aftersales_return_count(self):
        # Found for all records at once, then told apart.
        found = {}
        for line in self._get_aftersales_return_lines().sudo():
            for path in self._get_aftersales_return_paths():
                for record in line.mapped(path):
                    found.setdefault(record.id, set()).add(line.return_id.id)
        for record in self:
            record.aftersales_return_count = len(found.get(record.id, ()))

    def action_view_aftersales_returns(self):
        """Open the returns of these records."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_return.return_action"
        )
        returns = self._get_aftersales_returns()
        action |= {"domain": [("id", "in", returns.ids)], "context": {"create": False}}
        if len(returns) == 1:
            action |= {"res_id": returns.id, "views": [(False, "form")]}
        return action


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "aftersales.return.link.mixin"]

    def _get_aftersales_return_paths(self):
        return [
            "sale_line_id.order_id",
            "charge_line_id.order_id",
            "replacement_sale_line_id.order_id",
        ]


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "aftersales.return.link.mixin"]

    def _get_aftersales_return_paths(self):
        # Its own, and what comes back of a delivery.
        return ["move_ids.picking_id", "move_id.picking_id"]


class StockLot(models.Model):
    _name = "stock.lot"
    _inherit = ["stock.lot", "aftersales.return.link.mixin"]

    def _get_aftersales_return_paths(self):
        return ["lot_id"]


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "aftersales.return.link.mixin"]

    def _get_aftersales_return_paths(self):
        return [
            "refund_line_ids.move_id",
            "sale_line_id.invoice_lines.move_id",
            "charge_line_id.invoice_lines.move_id",
            "replacement_sale_line_id.invoice_lines.move_id",
            # What the supplier credits
            "trip_ids.refund_line_ids.move_id",
        ]

    def _get_aftersales_return_lines(self):
        # Of a credit note its own, not all that comes back of the sale.
        lines = super()._get_aftersales_return_lines()
        if set(self.mapped("move_type")) != {"out_refund"}:
            return lines
        own = lines.filtered(lambda line: line.sudo().refund_line_ids.move_id & self)
        return own or lines


class AftersalesAsset(models.Model):
    _name = "aftersales.asset"
    _inherit = ["aftersales.asset", "aftersales.return.link.mixin"]

    def _get_aftersales_return_paths(self):
        return ["asset_id", "lot_id.aftersales_asset_ids"]


class AftersalesOrder(models.Model):
    _name = "aftersales.order"
    _inherit = ["aftersales.order", "aftersales.return.link.mixin"]

    def _get_aftersales_return_paths(self):
        return ["order_id"]


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "aftersales.return.link.mixin"]

    def _get_aftersales_return_paths(self):
        return ["partner_id.commercial_partner_id", "partner_id"]


class StockMove(models.Model):
    _inherit = "stock.move"

    @api.depends_context("aftersales_delivery", "lang", "tz")
    def _compute_display_name(self):
        """Where a delivery is chosen, name its day, paper and quantity."""
        super()._compute_display_name()
        if not self.env.context.get("aftersales_delivery"):
            return
        for move in self.sudo():
            parts = (
                move.date and format_date(self.env, move.date),
                move.reference,
                f"{move.quantity:g} {move.product_uom.name}",
            )
            move.display_name = " · ".join(part for part in parts if part)
