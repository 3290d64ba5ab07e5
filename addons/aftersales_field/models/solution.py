import hashlib
import re

from odoo import Command, api, fields, models

# Words of a line of text; scripts without spaces are cut into pairs.
WORD = re.compile(r"[^\W_]+")
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
# A word too many makes the search slow and says little.
MOST_WORDS = 12
CANDIDATES = 200


class AftersalesSolution(models.Model):
    """What once was wrong and how it was put right, to be found the next time (R182).

    Closing a visit writes it: the customer's words, the cause, the remedy, the parts.
    The same cause and remedy on the same model count one up. Somebody who knows the
    trade approves what others should follow.
    """

    _name = "aftersales.solution"
    _description = "Known Solution"
    _order = "is_approved desc, use_count desc, id desc"
    _rec_name = "symptom"
    _rec_names_search = ["symptom", "cause", "remedy"]
    _check_company_auto = True

    symptom = fields.Text(required=True, index="trigram")
    cause = fields.Text(required=True, index="trigram")
    remedy = fields.Text(required=True)
    digest = fields.Char(compute="_compute_digest", store=True, index=True)
    active = fields.Boolean(default=True)
    is_approved = fields.Boolean("Approved", copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    product_ids = fields.Many2many(
        "product.product",
        "aftersales_solution_product_rel",
        string="Models",
        check_company=True,
        help="Empty: any model.",
    )
    category_id = fields.Many2one(
        "aftersales.asset.category", "Asset Category", index="btree_not_null"
    )
    fault_id = fields.Many2one("aftersales.fault", index="btree_not_null")
    part_ids = fields.Many2many(
        "product.product",
        "aftersales_solution_part_rel",
        string="Parts Used",
        check_company=True,
    )
    visit_id = fields.Many2one(
        "aftersales.visit",
        "First Found On",
        check_company=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    job_ids = fields.One2many("aftersales.job", "solution_id", "Jobs", readonly=True)
    use_count = fields.Integer("Times Used", readonly=True, copy=False)
    date_used = fields.Date("Last Used", readonly=True, copy=False)

    @api.depends("cause", "remedy")
    def _compute_digest(self):
        for solution in self:
            solution.digest = self._get_digest(solution.cause, solution.remedy)

    @api.depends("symptom")
    def _compute_display_name(self):
        for solution in self:
            solution.display_name = (solution.symptom or "").split("\n")[0][:80]

    @api.model
    def _get_digest(self, cause, remedy):
        """Return what two ways of typing the same cause and remedy have in common."""
        words = [
            " ".join(WORD.findall((text or "").lower())) for text in (cause, remedy)
        ]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]

    @api.model
    def _get_words(self, text):
        """Return the words to look for: longer ones of letters, pairs of characters."""
        words = []
        for word in WORD.findall((text or "").lower()):
            for wide in WIDE.findall(word):
                words += [wide[n : n + 2] for n in range(max(len(wide) - 1, 1))]
            words += [part for part in WIDE.split(word) if len(part) > 2]
        return list(dict.fromkeys(words))[:MOST_WORDS]

    @api.model
    @api.readonly
    def find(self, symptom, product=None, category=None, limit=5):
        """Look for what helped before.

        :param str symptom: what the customer says; empty: what is known of the model
        :param product: the asset's model, ``product.product`` as record or id
        :param category: ``aftersales.asset.category`` as record or id
        :return: the best first: dicts ``id``, ``symptom``, ``cause``, ``remedy``,
            ``parts``, ``approved``, ``use_count``
        """
        self.check_access("read")
        product = self.env["product.product"].browse(getattr(product, "id", product))
        category = self.env["aftersales.asset.category"].browse(
            getattr(category, "id", category)
        )
        return [
            solution._prepare_answer()
            for solution in self._find(symptom, product, category, limit=limit)
        ]

    def _prepare_answer(self):
        self.ensure_one()
        return {
            "id": self.id,
            "symptom": self.symptom,
            "cause": self.cause,
            "remedy": self.remedy,
            "parts": self.sudo().part_ids.mapped("display_name"),
            "approved": self.is_approved,
            "use_count": self.use_count,
        }

    @api.model
    def _find(self, symptom, product, category, company=None, limit=5):
        """Return the solutions for a symptom of a model, the best first.

        Same model before same category before any; then by how many words fit; then
        approved and often used ones.
        """
        words = self._get_words(symptom)
        domain = fields.Domain("company_id", "=", (company or self.env.company).id)
        if words:
            domain &= fields.Domain.OR(
                fields.Domain("symptom", "ilike", word)
                | fields.Domain("cause", "ilike", word)
                for word in words
            )
        elif product:
            domain &= fields.Domain("product_ids", "in", product.ids)
        else:
            return self.browse()
        found = self.search_fetch(
            domain,
            ["symptom", "cause", "product_ids", "category_id", "is_approved"],
            limit=CANDIDATES,
        )
        scores = {
            solution: solution._get_score(words, product, category)
            for solution in found
        }
        fitting = found.filtered(lambda solution: scores[solution] is not None)
        return fitting.sorted(lambda solution: scores[solution], reverse=True)[:limit]

    def _get_score(self, words, product, category):
        """Return how well this fits, to be compared; None for other kinds of assets."""
        self.ensure_one()
        is_model = bool(product) and product.id in self.product_ids._ids
        is_category = bool(category) and self.category_id == category
        if not is_model and category and self.category_id and not is_category:
            return None
        text = f"{self.symptom}\n{self.cause}".lower()
        hits = sum(word in text for word in words)
        # A word that fits weighs more than the category, and less than the model.
        weight = 2 * is_model + is_category + 3 * hits / max(len(words), 1)
        return (weight, self.is_approved, self.use_count, -self.id)

    # Made of finished work

    @api.model
    def _learn(self, jobs, visit):
        """Keep what these finished jobs teach, or count what they confirm.

        :param jobs: with cause and correction
        :param visit: the visit they were done on
        """
        for job in jobs:
            if job.solution_id or not (job.cause and job.correction):
                continue
            solution = self._find_same(job)
            if solution:
                solution.use_count += 1
            else:
                solution = self.create(self._prepare_values(job, visit))
            solution.date_used = fields.Date.context_today(self)
            parts = self._get_parts(job) - solution.part_ids
            if parts:
                solution.part_ids = [Command.link(part.id) for part in parts]
            job.solution_id = solution

    @api.model
    def _find_same(self, job):
        """Return the solution with this job's cause and remedy, for its model."""
        product = job.asset_id.product_id
        return self.with_context(active_test=False).search(
            [
                ("digest", "=", self._get_digest(job.cause, job.correction)),
                ("company_id", "=", job.company_id.id),
                ("product_ids", "in" if product else "=", product.ids or False),
            ],
            limit=1,
        )

    @api.model
    def _prepare_values(self, job, visit):
        return {
            "symptom": job.complaint or job.order_id.complaint or job.name,
            "cause": job.cause,
            "remedy": job.correction,
            "company_id": job.company_id.id,
            "product_ids": [Command.set(job.asset_id.product_id.ids)],
            "category_id": job.asset_id.category_id.id,
            "fault_id": job.fault_id.id,
            "visit_id": visit.id,
            "use_count": 1,
        }

    @api.model
    def _get_parts(self, job):
        return job.line_ids.filtered(
            lambda line: line.kind == "part" and line.qty_used
        ).product_id

    def action_approve(self):
        """Recommend these solutions to everybody."""
        self.check_access("write")
        self.is_approved = True
        return True

    def action_view_jobs(self):
        """Open the work orders that these solutions helped on."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.order_action"
        )
        return {
            **action,
            "domain": [("job_ids.solution_id", "in", self.ids)],
            "context": {},
        }


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    solution_id = fields.Many2one(
        "aftersales.solution",
        "Known Solution",
        check_company=True,
        copy=False,
        index="btree_not_null",
    )


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def action_view_solutions(self):
        """Open what helped before with the same complaint or on the same model."""
        self.ensure_one()
        asset = self.asset_id.sudo()
        solutions = self.env["aftersales.solution"]._find(
            self._get_symptom(),
            asset.product_id,
            asset.category_id,
            self.company_id,
            limit=40,
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_field.solution_action"
        )
        return {**action, "domain": [("id", "in", solutions.ids)], "context": {}}

    def _get_symptom(self):
        """Return what the customer says, of the order and its jobs."""
        self.ensure_one()
        texts = [self.complaint, *self.sudo().job_ids.mapped("complaint")]
        return "\n".join(text for text in texts if text)


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def _after_finish(self, jobs):
        if self.outcome == "fixed":
            self.env["aftersales.solution"]._learn(jobs, self)
        return super()._after_finish(jobs)

    def action_view_solutions(self):
        """Open what helped before with the same complaint or on the same model."""
        self.ensure_one()
        return self.order_id.action_view_solutions()

    def get_solutions(self, limit=5):
        """Return what helped before: see ``aftersales.solution.find``."""
        self.ensure_one()
        visit = self._check_is_own()
        found = (
            self.env["aftersales.solution"]
            .sudo()
            ._find(
                visit.order_id._get_symptom(),
                visit.asset_id.product_id,
                visit.asset_id.category_id,
                visit.company_id,
                limit=limit,
            )
        )
        return [solution._prepare_answer() for solution in found]
