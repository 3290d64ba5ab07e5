from odoo import api, fields, models


class AftersalesJobLine(models.Model):
    """The verdict on a line, and what it changes in its price."""

    _inherit = "aftersales.job.line"

    is_travel = fields.Boolean(
        "Travel",
        compute="_compute_is_travel",
        store=True,
        readonly=False,
        precompute=True,
        help="Guarantees speak of travel apart from labour.",
    )
    verdict_ids = fields.One2many("aftersales.verdict", "job_line_id", "Verdicts")
    verdict_id = fields.Many2one(
        "aftersales.verdict", compute="_compute_verdict_id", compute_sudo=True
    )
    verdict_result = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.verdict"]
            ._fields["result"]
            ._description_selection(self.env)
        ),
        string="Warranty",
        compute="_compute_verdict_id",
        compute_sudo=True,
    )
    verdict_summary = fields.Char(
        "Why", compute="_compute_verdict_summary", compute_sudo=True
    )
    # Where a verdict put the line; a payer that somebody chose is left alone.
    warranty_payer_id = fields.Many2one("aftersales.payer", copy=False)
    # What the verdict leaves to the customer, and what of it was quoted: kept here so
    # that pricing a line costs no statement more.
    warranty_basis = fields.Selection(
        [("cost", "Cost"), ("zero", "Nothing")], readonly=True, copy=False
    )
    quoted_basis = fields.Char(readonly=True, copy=False)

    @api.depends("product_id")
    def _compute_is_travel(self):
        for line in self:
            line.is_travel = line.product_id.aftersales_is_travel

    @api.depends("verdict_ids.is_current")
    def _compute_verdict_id(self):
        for line in self:
            verdict = line.verdict_ids.filtered("is_current")[:1]
            line.verdict_id = verdict
            line.verdict_result = verdict.result

    @api.depends("verdict_ids.is_current")
    @api.depends_context("lang")
    def _compute_verdict_summary(self):
        for line in self:
            line.verdict_summary = line.verdict_id.summary

    @api.model
    def _get_fixed_fields(self):
        return super()._get_fixed_fields() | {"is_travel"}

    def _get_price_basis(self):
        """What the guarantee leaves to the customer: the cost, or nothing."""
        if self.warranty_basis and self.payer_id.code == "customer":
            return self.warranty_basis
        return super()._get_price_basis()

    def _get_agreed_price(self):
        # At cost by the guarantee, also where a template has a fixed price.
        if self._get_price_basis() == self.warranty_basis == "cost":
            return self._get_cost_price()
        return super()._get_agreed_price()

    def _get_free_reason(self):
        if self.warranty_basis and not self.discount_reason:
            return self.verdict_id.sudo()._get_reason()
        return super()._get_free_reason()

    def _prepare_sale_line_values(self):
        if self.quoted_basis != self.warranty_basis:
            self.sudo().quoted_basis = self.warranty_basis
        return super()._prepare_sale_line_values()


class AftersalesJobShare(models.Model):
    _inherit = "aftersales.job.share"

    verdict_id = fields.Many2one(
        "aftersales.verdict", readonly=True, index="btree_not_null", copy=False
    )
