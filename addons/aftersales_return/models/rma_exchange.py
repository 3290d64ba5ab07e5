from odoo import api, fields, models


class AftersalesReturnLine(models.Model):
    """Exchange: a new one for the old one, at the cost of a payer.

    The new one goes where the payer's cost is booked. The old one becomes ours by the
    same place, so that the payer bears the difference and nobody else anything.
    """

    _inherit = "aftersales.return.line"

    replacement_product_id = fields.Many2one(
        "product.product",
        "Replacement",
        check_company=True,
        compute="_compute_replacement_product_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('type', '=', 'consu')]",
    )
    payer_id = fields.Many2one(
        "aftersales.payer",
        "Borne By",
        check_company=True,
        domain="[('kind', '=', 'absorbed')]",
        index="btree_not_null",
    )
    replacement_lot_ids = fields.Many2many(
        "stock.lot", compute="_compute_replacement_lot_ids", string="New Serials"
    )
    date_given = fields.Datetime("Given On", readonly=True, copy=False)

    @api.depends("product_id", "remedy")
    def _compute_replacement_product_id(self):
        for line in self:
            if line.remedy == "exchange":
                line.replacement_product_id = (
                    line.replacement_product_id or line.product_id
                )
            elif line.remedy != "other":
                line.replacement_product_id = False

    # Not on the state of moves: see currency_id.
    @api.depends("move_ids")
    def _compute_replacement_lot_ids(self):
        for line in self:
            done = line._get_moves("new").filtered(lambda move: move.state == "done")
            line.replacement_lot_ids = done.move_line_ids.lot_id

    def _get_payer(self):
        """Return the absorbed payer of these goods, refusing one that can't book it."""
        self.ensure_one()
        payer = self.payer_id or self.operation_id._get_payer(self.company_id)
        payer._check_ready_for_parts(self.product_id | self.replacement_product_id)
        return payer

    def _settle_exchange(self):
        for line in self:
            line.payer_id = line._get_payer()
        self._take_back_for_payer()
        self._send_replacements()

    def _take_back_for_payer(self):
        """Old ones that are here become ours, their value to the payer's credit."""
        for payer, lines in self.filtered("payer_id").grouped("payer_id").items():
            lines._take_over(payer.location_id)

    def _send_replacements(self, quantities=None):
        """Make the transfers of the new ones, from stock to the payer's location.

        :param dict quantities: ``{line: how many}`` in the unit of the new one;
            without it as many as the goods stand for
        """
        values_list = []
        for line in self:
            rma = line.return_id
            product = line.replacement_product_id or line.product_id
            unit = product.uom_id
            quantity = (quantities or {}).get(line) or line._get_quantity_given(product)
            warehouse = rma.warehouse_id
            values_list.append(
                {
                    **line._prepare_move_values(
                        "new",
                        warehouse.lot_stock_id,
                        line.payer_id.location_id,
                        quantity,
                    ),
                    "product_id": product.id,
                    "product_uom": unit.id,
                    "picking_type_id": warehouse.aftersales_return_out_type_id.id,
                    "partner_id": rma.shipping_id.id,
                }
            )
        return self._make_transfers(values_list)
