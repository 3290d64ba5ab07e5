from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError


class AftersalesJob(models.Model):
    """What broke and how; the verdicts on its lines, and the payers that follow."""

    _inherit = "aftersales.job"

    fault_id = fields.Many2one(
        "aftersales.fault",
        index="btree_not_null",
        help="The same code means the same quality problem: repairs are counted by it.",
    )
    causal_product_id = fields.Many2one(
        "product.product",
        "Causal Part",
        check_company=True,
        copy=False,
        index="btree_not_null",
        help="The part whose failure caused the work.",
    )
    causal_lot_id = fields.Many2one(
        "stock.lot",
        "Causal Serial",
        check_company=True,
        compute="_compute_causal_lot_id",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        index="btree_not_null",
        domain="[('product_id', '=?', causal_product_id)]",
    )
    exclusion_ids = fields.One2many(
        "aftersales.job.exclusion", "job_id", "Excluded Causes", copy=False
    )
    verdict_ids = fields.One2many(
        "aftersales.verdict",
        "job_id",
        "Verdicts",
        domain=[("is_current", "=", True)],
    )
    registration_ids = fields.One2many(
        "aftersales.warranty.registration", "job_id", "Guarantee on the Repair"
    )
    # Known without a search: most work is not under guarantee.
    is_weighed = fields.Boolean(readonly=True, copy=False)
    warranty_summary = fields.Text("Warranty", compute="_compute_warranty_summary")

    @api.depends("causal_product_id")
    def _compute_causal_lot_id(self):
        for job in self:
            if job.causal_lot_id.product_id != job.causal_product_id:
                job.causal_lot_id = False

    @api.depends("verdict_ids.result", "verdict_ids.trace")
    @api.depends_context("lang")
    def _compute_warranty_summary(self):
        """Say per kind of line who bears it, each sentence once."""
        for job in self:
            sentences = dict.fromkeys(job.verdict_ids.mapped("summary"))
            job.warranty_summary = "\n".join(text for text in sentences if text)

    @api.constrains("causal_product_id", "causal_lot_id")
    def _check_causal_lot(self):
        for job in self:
            lot = job.causal_lot_id
            if lot and lot.product_id != job.causal_product_id:
                raise ValidationError(
                    self.env._(
                        "%(job)s: serial %(serial)s belongs to %(product)s. Choose "
                        "that part as the causal one, or another serial.",
                        job=job.name,
                        serial=lot.name,
                        product=lot.product_id.display_name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if self._get_weighed_fields() & vals.keys():
            self._recheck_warranty()
        return result

    @api.model
    def _get_weighed_fields(self):
        """Fields that a verdict depends on."""
        return {"fault_id", "causal_product_id", "template_id"}

    def _recheck_warranty(self):
        """Weigh again what was weighed, as long as nobody answered."""
        weighed = self.sudo().filtered(lambda job: job.can_change and job.verdict_ids)
        weighed._check_warranty()

    def _check_warranty(self):
        """Give the lines of these jobs their verdicts and let the payers follow."""
        jobs = self.filtered(lambda job: job.can_change and job.asset_id)
        lines = jobs.line_ids
        known = jobs.filtered("is_weighed") or any(
            jobs.asset_id.sudo().mapped("is_registered")
        )
        if not lines or not known:
            return self.env["aftersales.verdict"]
        traces = self.env["aftersales.warranty.engine"]._evaluate(lines)
        verdicts = self.env["aftersales.verdict"]._keep(traces)
        verdicts.job_id._follow_verdicts()
        return verdicts

    def _follow_verdicts(self):
        """Move lines to who bears them, in full or by share, before the answer.

        Lines that somebody gave to another payer by hand stay there.
        """
        jobs = self.sudo().filtered("can_change")
        jobs.filtered(lambda job: not job.is_weighed).is_weighed = True
        customers = jobs.company_id._get_customer_payers()
        shares_by_job = defaultdict(list)
        for job in jobs:
            own = customers[job.company_id]
            wanted = {}
            for line in job.line_ids:
                if line.payer_id not in (own | line.warranty_payer_id):
                    continue
                wanted[line] = line.verdict_id._get_line_payer() or own
            job._drop_verdict_shares(wanted)
            job._set_line_payers(wanted, own)
            for line in wanted:
                basis = line.verdict_id._get_basis()
                if line.warranty_basis != basis:
                    line.warranty_basis = basis
                values = line.verdict_id._prepare_share_values()
                if values and not job.share_ids.filtered("verdict_id").filtered(
                    lambda share, line=line: share.job_line_id == line
                ):
                    shares_by_job[job].append(Command.create(values))
        for job, commands in shares_by_job.items():
            job.share_ids = commands
        jobs._requote_changed_prices()

    def _drop_verdict_shares(self, wanted):
        """Remove shares that an earlier verdict made and this one does not."""
        self.ensure_one()
        shares = self.share_ids.filtered("verdict_id")
        stale = shares.filtered(
            lambda share: (
                share.job_line_id in wanted
                and share.verdict_id != share.job_line_id.verdict_id
            )
        )
        stale.unlink()

    def _set_line_payers(self, wanted, own):
        self.ensure_one()
        if not wanted:
            return
        payers = {wanted.get(line, line.payer_id) for line in self.line_ids}
        manual = self.share_ids
        if self.payer_id == own or self.payer_id in self.line_ids.warranty_payer_id:
            whole = payers.pop() if len(payers) == 1 and not manual else own
            if self.payer_id != whole:
                # Their lines follow the job; the next loop puts them right.
                kept = {
                    line: line.payer_id for line in self.line_ids - self._union(wanted)
                }
                self.payer_id = whole
                for line, payer in kept.items():
                    if line.payer_id != payer:
                        line.payer_id = payer
        for line, payer in wanted.items():
            if line.payer_id != payer:
                line.payer_id = payer
            given = payer if payer != own else self.env["aftersales.payer"]
            if line.warranty_payer_id != given:
                line.warranty_payer_id = given

    def _union(self, lines):
        return self.env["aftersales.job.line"].union(*lines)

    def _requote_changed_prices(self):
        """Let quoted lines take the price that their verdict gives them."""
        changed = self.line_ids.filtered(
            lambda line: line.sale_line_ids and line.quoted_basis != line.warranty_basis
        )
        if changed:
            changed.sale_line_ids._unlink_from_quotation()
            changed.job_id.filtered(
                lambda job: job.state == "proposed"
            )._sync_quotations()


class AftersalesJobExclusion(models.Model):
    """An excluded cause that somebody found on a job, with what proves it."""

    _name = "aftersales.job.exclusion"
    _description = "Excluded Cause on a Job"
    _inherit = ["aftersales.evidence.mixin"]
    _order = "job_id, id"

    job_id = fields.Many2one(
        "aftersales.job", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="job_id.company_id", store=True)
    exclusion_id = fields.Many2one(
        "aftersales.exclusion",
        "Cause",
        required=True,
        ondelete="restrict",
        domain="[('check', '=', 'manual')]",
    )
    evidence_hint = fields.Char(related="exclusion_id.evidence_hint")
    evidence_ids = fields.Many2many("ir.attachment")
    evidence_note = fields.Char("What Proves It")
    user_id = fields.Many2one(
        "res.users", "Found By", default=lambda self: self.env.user, readonly=True
    )

    _once = models.UniqueIndex(
        "(job_id, exclusion_id)", "That cause is noted on this job already."
    )

    @api.constrains("exclusion_id", "evidence_ids", "evidence_note")
    def _check_evidence(self):
        for item in self:
            if (
                item.exclusion_id.evidence_required
                and not item.evidence_ids
                and not (item.evidence_note or "").strip()
            ):
                raise ValidationError(
                    self.env._(
                        "%(job)s: “%(exclusion)s” takes the guarantee away and needs "
                        "evidence. Attach a photo or paper, or note what was measured.",
                        job=item.job_id.name,
                        exclusion=item.exclusion_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items._check_job_open()
        items.job_id._recheck_warranty()
        return items

    def write(self, vals):
        self._check_job_open()
        result = super().write(vals)
        self.job_id._recheck_warranty()
        return result

    def unlink(self):
        self._check_job_open()
        jobs = self.job_id
        result = super().unlink()
        jobs.exists()._recheck_warranty()
        return result

    def _check_job_open(self):
        fixed = self.job_id.filtered(lambda job: not job.can_change)
        if fixed:
            raise UserError(
                self.env._(
                    "%(jobs)s is answered. What was found later is decided by a "
                    "correction of the payer.",
                    jobs=", ".join(fixed.mapped("name")),
                )
            )
