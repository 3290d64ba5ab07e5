from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AftersalesJobLine(models.Model):
    """What a job needs: a part, labour, work done elsewhere, or a fee."""

    _name = "aftersales.job.line"
    _description = "Job Line"
    _order = "job_id, sequence, id"
    _check_company_auto = True

    job_id = fields.Many2one(
        "aftersales.job", required=True, index=True, ondelete="cascade"
    )
    # Not precomputed: that would leave unsaved twins among the lines of the order.
    order_id = fields.Many2one(related="job_id.order_id", store=True, index=True)
    company_id = fields.Many2one(
        related="job_id.company_id", store=True, precompute=True
    )
    job_state = fields.Selection(related="job_id.state", string="Job State")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("part", "Part"),
            ("labour", "Labour"),
            ("sublet", "Sublet"),
            ("fee", "Fee"),
        ],
        required=True,
        compute="_compute_kind",
        store=True,
        readonly=False,
        precompute=True,
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        check_company=True,
        index=True,
        domain="[('sale_ok', '=', True)]",
    )
    name = fields.Char(
        "Description",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    product_uom_qty = fields.Float(
        "Quantity", digits="Product Unit", required=True, default=1.0
    )
    product_uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        required=True,
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    payer_id = fields.Many2one(
        "aftersales.payer",
        required=True,
        check_company=True,
        index=True,
        compute="_compute_payer_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Who pays for this line; the job's payer unless changed here.",
    )
    hours_basis = fields.Selection(
        [("standard", "Standard hours"), ("clocked", "Clocked hours")],
        compute="_compute_hours_basis",
        store=True,
        readonly=False,
        precompute=True,
        help="Labour is charged by the standard time of the job or by the hours "
        "recorded.",
    )
    hours_clocked = fields.Float("Hours Worked", copy=False)
    qty_used = fields.Float(
        "Used",
        compute="_compute_qty_used",
        digits="Product Unit",
        compute_sudo=True,
        help="Parts: taken from stock for this line, less what came back. Labour: "
        "standard or clocked hours once the job is done.",
    )
    cost = fields.Monetary(
        compute="_compute_cost",
        compute_sudo=True,
        currency_field="company_currency_id",
        groups="aftersales.aftersales_group_user",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")

    _qty_positive = models.Constraint(
        "CHECK(product_uom_qty >= 0 AND hours_clocked >= 0)",
        "A quantity on a job cannot be negative.",
    )

    @api.depends("product_id")
    def _compute_kind(self):
        kinds = self.product_id._get_aftersales_kinds()
        for line in self:
            if line.product_id and not line.kind:
                line.kind = kinds[line.product_id]

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.product_id.with_context(
                lang=line.job_id.order_id.partner_id.lang
            ).display_name

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for line in self:
            line.product_uom_id = line.product_id.uom_id

    @api.depends("job_id.payer_id")
    def _compute_payer_id(self):
        for line in self:
            line.payer_id = line.job_id.payer_id

    @api.depends("product_id", "kind")
    def _compute_hours_basis(self):
        for line in self:
            line.hours_basis = (
                line.product_id.aftersales_hours_basis or "standard"
                if line.kind == "labour"
                else False
            )

    @api.depends(
        "kind",
        "hours_basis",
        "hours_clocked",
        "product_uom_qty",
        "job_id.state",
        "move_ids.state",
        "move_ids.quantity",
    )
    def _compute_qty_used(self):
        for line in self:
            if line.kind == "part":
                line.qty_used = line._get_qty_issued()
            elif line.job_id.state != "done":
                line.qty_used = 0.0
            elif line.hours_basis == "clocked":
                line.qty_used = line.hours_clocked
            else:
                line.qty_used = line.product_uom_qty

    @api.depends("qty_used", "move_ids.value", "purchase_line_ids.price_subtotal")
    def _compute_cost(self):
        for line in self:
            line.cost = line._get_cost()

    def _get_cost(self):
        """Return what this line costs us, in company currency.

        Parts: the value of the moves; before they are issued, the product's cost.
        Sublet: the purchase. Labour and fees: the cost of their product, by the
        hours used.
        """
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.state == "done")
        if self.kind == "part" and moves:
            outgoing = moves.filtered(
                lambda move: move.location_dest_usage == "customer"
            )
            incoming = moves.filtered(lambda move: move.location_usage == "customer")
            return sum(outgoing.mapped("value")) - sum(incoming.mapped("value"))
        if self.kind == "sublet" and self.purchase_line_ids:
            return self._get_sublet_cost()
        if self.job_id.state == "done":
            quantity = self.qty_used
        elif self.job_id.state in ("declined", "cancel"):
            quantity = 0.0
        else:
            quantity = self.product_uom_qty
        product = self.product_id.with_company(self.company_id)
        return product.standard_price * self.product_uom_id._compute_quantity(
            quantity, product.uom_id, round=False
        )

    @api.constrains("kind", "product_id")
    def _check_kind(self):
        """Goods leave the store and services do not: each is billed by its own way."""
        for line in self:
            if (line.kind == "part") != (line.product_id.type == "consu"):
                raise ValidationError(
                    self.env._(
                        "%(product)s can't be “%(kind)s” on a job: goods are parts, "
                        "and services are labour, sublet work or fees.",
                        product=line.product_id.display_name,
                        kind=dict(
                            self._fields["kind"]._description_selection(self.env)
                        )[line.kind],
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        Job = self.env["aftersales.job"]
        for vals in vals_list:
            # Known already: saves writing the computed value afterwards.
            vals["order_id"] = Job.browse(vals.get("job_id")).order_id.id
        lines = super().create(vals_list)
        lines.job_id._check_can_change()
        lines.job_id.filtered(lambda job: job.state == "proposed")._sync_quotations()
        return lines

    @api.model
    def _get_fixed_fields(self):
        """Fields that say what the customer agreed to."""
        return {
            "job_id",
            "kind",
            "product_id",
            "product_uom_qty",
            "product_uom_id",
            "payer_id",
            "hours_basis",
        }

    def write(self, vals):
        changed = self._get_fixed_fields() & vals.keys()
        if changed:
            self.filtered(
                lambda line: any(
                    line._fields[field].convert_to_write(line[field], line)
                    != vals[field]
                    for field in changed
                )
            ).job_id._check_can_change()
        if "job_id" in vals:
            self.env["aftersales.job"].browse(vals["job_id"])._check_can_change()
        result = super().write(vals)
        if changed:
            self._update_sale_lines(changed)
        if "hours_clocked" in vals:
            done = self.filtered(lambda line: line.job_id.state == "done")
            done._deliver_services()
            done.job_id.share_ids._update_to_delivered()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        approved = self.job_id.filtered(
            lambda job: job.state in ("approved", "progress", "done")
        )
        if approved:
            raise UserError(
                self.env._(
                    "%(lines)s is approved and can't be deleted. Complete the order "
                    "with what was used: the rest goes back by itself.",
                    lines=", ".join(self.mapped("display_name")),
                )
            )
        self.sudo().sale_line_ids._unlink_from_quotation()

    def _deliver_services(self):
        """Tell the sales order how much labour, sublet work and fees were done."""
        for line in self.filtered(lambda line: line.kind != "part"):
            line.sudo().sale_line_ids.filtered(
                lambda sale_line: sale_line.state == "sale"
            ).write({"qty_delivered": line.qty_used})
