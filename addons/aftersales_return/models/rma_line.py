from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .operation import GOODS, REMEDIES, WHEN


class AftersalesReturnLine(models.Model):
    """One product, serial and quantity that comes back, with its own fate.

    What arrives in two parcels becomes two lines: each has one state.
    """

    _name = "aftersales.return.line"
    _description = "Returned Goods"
    _inherit = ["aftersales.state.mixin"]
    _order = "return_id desc, sequence, id"
    _check_company_auto = True
    _rec_names_search = ["return_id.name", "product_id", "serial"]

    return_id = fields.Many2one(
        "aftersales.return",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        related="return_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="return_id.partner_id", string="Customer", store=True, precompute=True
    )
    state = fields.Selection(
        [
            ("draft", "Request"),
            ("expected", "Awaited"),
            ("received", "Here"),
            ("tested", "Tested"),
            ("settled", "In Hand"),
            ("done", "Done"),
            ("lost", "Lost"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        check_company=True,
        index=True,
        domain="[('type', '=', 'consu')]",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    product_uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        required=True,
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    tracking = fields.Selection(related="product_id.tracking")
    serial = fields.Char(
        "Serial Number",
        compute="_compute_serial",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
        help="As it is on the thing or its label.",
    )
    lot_id = fields.Many2one(
        "stock.lot",
        "Lot/Serial",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
        index="btree_not_null",
    )
    asset_id = fields.Many2one(
        "aftersales.asset", check_company=True, index="btree_not_null"
    )
    reason_id = fields.Many2one("aftersales.return.reason", check_company=True)
    reason_note = fields.Char("What Is Wrong")
    operation_id = fields.Many2one(
        "aftersales.return.operation", check_company=True, index=True
    )
    # Kept with the line: another rule for the next return changes none that runs.
    remedy = fields.Selection(
        REMEDIES,
        "Customer Gets",
        compute="_compute_remedy",
        store=True,
        precompute=True,
    )
    goods = fields.Selection(
        GOODS,
        "Goods Go",
        compute="_compute_remedy",
        store=True,
        precompute=True,
    )
    when = fields.Selection(
        WHEN,
        "Earliest",
        compute="_compute_remedy",
        store=True,
        precompute=True,
    )

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "Say how many come back: a quantity above zero."
    )

    @api.depends("lot_id", "asset_id")
    def _compute_product_id(self):
        for line in self:
            line.product_id = (
                line.product_id or line.lot_id.product_id or line.asset_id.product_id
            )

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for line in self:
            line.product_uom_id = line.product_uom_id or line.product_id.uom_id

    @api.depends("lot_id", "asset_id")
    def _compute_serial(self):
        for line in self:
            line.serial = line.lot_id.name or line.serial or line.asset_id.serial

    @api.depends("operation_id")
    def _compute_remedy(self):
        for line in self:
            for name in ("remedy", "goods", "when"):
                line[name] = line.operation_id[name]

    @api.depends("return_id.name", "product_id", "serial")
    def _compute_display_name(self):
        for line in self:
            parts = (line.return_id.name, line.product_id.display_name, line.serial)
            line.display_name = " · ".join(part for part in parts if part)

    @api.constrains("product_id", "quantity", "lot_id")
    def _check_serial_is_one(self):
        for line in self:
            if line.lot_id and line.lot_id.product_id != line.product_id:
                raise ValidationError(
                    self.env._(
                        "%(line)s: serial %(serial)s is of %(product)s.",
                        line=line.display_name,
                        serial=line.lot_id.name,
                        product=line.lot_id.product_id.display_name,
                    )
                )
            if (
                line.tracking == "serial"
                and line.product_uom_id._compute_quantity(
                    line.quantity, line.product_id.uom_id
                )
                != 1
            ):
                raise ValidationError(
                    self.env._(
                        "%(line)s: each serial number has a line of its own.",
                        line=line.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_request(self):
        kept = self.filtered(lambda line: line.state not in ("draft", "cancel"))
        if kept:
            raise UserError(
                self.env._(
                    "%(lines)s was accepted and stays on record. Cancel it instead.",
                    lines=", ".join(kept.mapped("display_name")),
                )
            )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"expected", "cancel"},
            "cancel": {"draft"},
            # What stays with the customer, or is given in advance, is settled first.
            "expected": {"received", "settled", "lost", "cancel", "done"},
            "received": {"tested", "settled"},
            "tested": {"settled", "received"},
            "settled": {"expected", "received", "tested", "done"},
            "done": {"settled"},
            "lost": {"expected"},
        }

    def _get_moves(self, direction):
        """Return the moves of these lines: ``in`` from the customer, ``out`` to him."""
        return self.move_ids.filtered(
            lambda move: move.aftersales_return_direction == direction
        )

    def _is_ours(self):
        """Whether the goods are the company's from the moment they arrive.

        What is refunded, or was never billed, is taken back like any return of a
        sale. What may leave again to the customer, is exchanged, or comes back for
        nothing although he paid it, stays his until it is settled.
        """
        self.ensure_one()
        if not self.sale_line_id or self.goods in ("back", "stay"):
            return False
        return self.remedy in ("refund", "other") or (
            self.remedy == "none" and not self._get_quantity_to_credit(drafts=True)
        )

    def action_cancel(self):
        """Call off goods that have not come.

        :raises UserError: if they have, or the customer got something for them
        """
        lines = self._lock()
        todo = lines.filtered(lambda line: line.state != "cancel")
        todo._check_transition("cancel")
        todo._check_not_given()
        todo._set_state("cancel")
        todo._cancel_moves()
        todo._take_plans_back()
        todo.return_id._close_finished()
        return True

    def action_lose(self, reason=None):
        """Record that the goods got lost on their way to us.

        :param str reason: what is known about it; required
        """
        lines = self._lock()
        lines.return_id._check_reason(reason)
        todo = lines.filtered(lambda line: line.state != "lost")
        todo._check_transition("lost")
        todo._set_state("lost")
        todo._cancel_moves()
        for rma, own in todo.grouped("return_id").items():
            rma.message_post(
                body=self.env._(
                    "%(lines)s got lost: %(reason)s",
                    lines=", ".join(own.mapped("display_name")),
                    reason=reason,
                )
            )
        todo.return_id._close_finished()
        return True

    def _check_not_given(self):
        given = self.filtered(lambda line: line._is_given())
        if given:
            raise UserError(
                self.env._(
                    "%(lines)s is still awaited: the customer got something for it in "
                    "advance. If it does not come, record that it got lost.",
                    lines=", ".join(given.mapped("display_name")),
                )
            )

    def _get_open_moves(self):
        return self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
