from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .version import RATINGS


class AftersalesFinding(models.Model):
    """Something that is not right with an asset, and what became of it.

    Its state follows from the jobs that answer it. One that nobody approved stays
    open on the asset and comes up again with the next work order.
    """

    _name = "aftersales.finding"
    _description = "Finding"
    # Red before yellow.
    _order = "asset_id, is_safety desc, rating, id desc"
    _check_company_auto = True

    asset_id = fields.Many2one(
        "aftersales.asset", required=True, check_company=True, index=True
    )
    partner_id = fields.Many2one(related="asset_id.partner_id", string="Owner")
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        check_company=True,
        index="btree_not_null",
        help="On which it was found.",
    )
    inspection_id = fields.Many2one(
        "aftersales.inspection",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    answer_id = fields.Many2one(
        "aftersales.inspection.answer", index="btree_not_null", ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    name = fields.Char("Finding", required=True)
    words = fields.Text(
        "Words for the Customer", help="What the customer reads, in plain words."
    )
    note = fields.Text("Technician's Note")
    rating = fields.Selection(
        [rating for rating in RATINGS if rating[0] != "green"],
        required=True,
        default="yellow",
    )
    is_safety = fields.Boolean(
        "Safety",
        help="The customer is warned before the asset leaves without it being fixed.",
    )
    job_template_id = fields.Many2one(
        "aftersales.job.template", "Job Offered", check_company=True
    )
    job_ids = fields.One2many("aftersales.job", "finding_id", "Jobs")
    with_id = fields.Many2one(
        "aftersales.finding",
        "Fixed Together With",
        check_company=True,
        index="btree_not_null",
        domain="[('asset_id', '=', asset_id), ('with_id', '=', False)]",
        help="The finding whose job fixes this one too.",
    )
    with_ids = fields.One2many("aftersales.finding", "with_id", "Fixed With It")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("proposed", "Offered"),
            ("approved", "Approved"),
            ("fixed", "Fixed"),
            ("declined", "Declined"),
            ("dismissed", "Dismissed"),
        ],
        compute="_compute_state",
        search="_search_state",
        compute_sudo=True,
    )
    fixed_answer_id = fields.Many2one(
        "aftersales.inspection.answer",
        "Found in Order By",
        readonly=True,
        help="The answer of a second inspection that found it in order.",
    )
    date_found = fields.Datetime(
        "Found On", default=fields.Datetime.now, readonly=True, copy=False
    )
    date_dismissed = fields.Datetime("Dismissed On", readonly=True, copy=False)
    dismiss_user_id = fields.Many2one(
        "res.users", "Dismissed By", readonly=True, copy=False
    )
    dismiss_reason = fields.Char(readonly=True, copy=False)
    warning_date = fields.Datetime("Warned On", readonly=True, copy=False)
    warning_user_id = fields.Many2one(
        "res.users", "Warned By", readonly=True, copy=False
    )
    warning_method = fields.Selection(
        [
            ("desk", "In person"),
            ("phone", "By phone"),
            ("message", "By message"),
            ("portal", "On the portal"),
        ],
        "How",
        readonly=True,
        copy=False,
    )
    warned_name = fields.Char("Who Was Warned", readonly=True, copy=False)
    warning_note = fields.Text(readonly=True, copy=False)
    warning_signature = fields.Binary(readonly=True, copy=False, attachment=True)
    photo_ids = fields.Many2many(
        "ir.attachment", string="Photos", compute="_compute_photo_ids"
    )

    _answer_unique = models.UniqueIndex(
        "(answer_id) WHERE answer_id IS NOT NULL",
        "This answer has its finding already.",
    )
    _asset_idx = models.Index("(asset_id) WHERE date_dismissed IS NULL")

    @api.depends("asset_id")
    def _compute_company_id(self):
        for finding in self:
            finding.company_id = finding.asset_id.company_id or self.env.company

    # Not stored: a stored state would make every step of every job ask for findings.
    # What depends on the order's last step is brought up to date there.
    @api.depends(
        "job_ids.state", "with_id.job_ids.state", "fixed_answer_id", "date_dismissed"
    )
    def _compute_state(self):
        for finding in self:
            finding.state = finding._get_state()

    def _get_state(self):
        self.ensure_one()
        if self.date_dismissed:
            return "dismissed"
        if self.fixed_answer_id:
            return "fixed"
        jobs = self._get_jobs()
        states = set(jobs.mapped("state"))
        if any(job.state == "done" and job.order_id.state == "done" for job in jobs):
            return "fixed"
        if states & {"approved", "progress", "done"}:
            return "approved"
        if states & {"draft", "proposed"}:
            return "proposed"
        return "declined" if "declined" in states else "open"

    def _get_jobs(self):
        """Return the jobs that answer these findings, alone or with others."""
        return self.job_ids | self.with_id.job_ids

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented

        def with_job(*domain):
            # As superuser: technicians don't see all the jobs that decide it.
            return Domain("job_ids", "any!", list(domain)) | Domain(
                "with_id.job_ids", "any!", list(domain)
            )

        kept = Domain("date_dismissed", "=", False)
        fixed = Domain("fixed_answer_id", "!=", False) | with_job(
            ("state", "=", "done"), ("order_id.state", "=", "done")
        )
        approved = with_job(("state", "in", ("approved", "progress", "done")))
        proposed = with_job(("state", "in", ("draft", "proposed")))
        declined = with_job(("state", "=", "declined"))
        domains = {
            "dismissed": ~kept,
            "fixed": kept & fixed,
            "approved": kept & ~fixed & approved,
            "proposed": kept & ~fixed & ~approved & proposed,
            "declined": kept & ~fixed & ~approved & ~proposed & declined,
            "open": kept & ~fixed & ~approved & ~proposed & ~declined,
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    @api.depends("answer_id.photo_ids")
    @api.depends_context("uid")
    def _compute_photo_ids(self):
        # The finding comes up again on the next order; its photos stay with those who
        # see the inspection.
        readable = self.answer_id._filtered_access("read")
        for finding in self:
            finding.photo_ids = (finding.answer_id & readable).photo_ids

    @api.constrains("with_id", "asset_id")
    def _check_with(self):
        for finding in self:
            lead = finding.with_id
            if lead and (
                lead.asset_id != finding.asset_id
                or lead == finding
                or lead.with_id
                or finding.with_ids
            ):
                raise ValidationError(
                    self.env._(
                        "%(finding)s can't be fixed together with %(other)s: it is of "
                        "another asset, or follows another finding itself.",
                        finding=finding.name,
                        other=lead.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_own_steps(vals)
        findings = super().create(vals_list)
        assets = findings.sudo().asset_id
        assets.filtered(lambda asset: not asset.has_findings).has_findings = True
        orders = findings.sudo().order_id
        orders.filtered(lambda order: not order.is_inspected).is_inspected = True
        return findings

    def write(self, vals):
        self._check_own_steps(vals)
        return super().write(vals)

    def _check_own_steps(self, vals):
        """What the steps record is a proof, and written by them alone."""
        if not self.env.su and any(
            field.startswith(("warning_", "warned_", "dismiss_", "fixed_"))
            or field in ("date_dismissed", "state")
            for field in vals
        ):
            raise AccessError(
                self.env._(
                    "%(findings)s: warnings, dismissals and the state follow from "
                    "their own steps and can't be written.",
                    findings="; ".join(self.mapped("name")) or vals.get("name"),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_acted_on(self):
        kept = self.filtered(lambda finding: not finding._can_withdraw())
        if kept:
            raise UserError(
                self.env._(
                    "%(findings)s was acted on and stays. Dismiss it with a reason.",
                    findings="; ".join(kept.mapped("name")),
                )
            )

    def _can_withdraw(self):
        """Whether nobody acted on this finding yet."""
        self.ensure_one()
        finding = self.sudo()
        return not (finding.job_ids or finding.with_ids or finding.warning_date)

    def _is_unsolved(self):
        """Whether there is a finding, and it is neither fixed nor dismissed."""
        return bool(self) and self.state not in ("fixed", "dismissed")

    # Warnings and dismissal

    def action_record_warning(self, method=None, name=None, note=None, signature=None):
        """Write down that the customer was told of the danger (R058).

        It is a proof: what was recorded first stays.

        :param str method: desk, phone, message; portal is written by the page alone
        :param str name: who was warned; required
        :param str note: the words, and what was answered
        :param str signature: base64 image, if the person signed
        :raises UserError: without a name or with an unknown method
        """
        methods = dict(self._fields["warning_method"].selection)
        if not self.env.su:
            methods.pop("portal")
        if method not in methods or not (name or "").strip():
            raise UserError(
                self.env._(
                    "%(findings)s: say who was warned, and how.",
                    findings="; ".join(self.mapped("name")),
                )
            )
        self.check_access("write")
        todo = self.sudo().filtered(lambda finding: not finding.warning_date)
        todo.write(
            {
                "warning_date": fields.Datetime.now(),
                "warning_user_id": self.env.uid,
                "warning_method": method,
                "warned_name": name.strip(),
                "warning_note": note,
                "warning_signature": signature,
            }
        )
        for order in todo.order_id:
            told = todo.filtered(lambda each, order=order: each.order_id == order)
            order.message_post(
                body=self.env._(
                    "%(name)s was warned: %(findings)s",
                    name=name.strip(),
                    findings="; ".join(told.mapped("name")),
                )
            )
        return True

    def action_dismiss(self, reason=None):
        """Close findings that nobody has to act on: a mistake, no longer of interest.

        :param str reason: why; required
        :raises UserError: without a reason, or for findings on approved jobs
        """
        self.env["aftersales.order"]._check_decides()
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(findings)s: say why it is dismissed.",
                    findings="; ".join(self.mapped("name")),
                )
            )
        todo = self.filtered(lambda finding: finding.state != "dismissed")
        busy = todo.filtered(lambda each: each.state in ("proposed", "approved"))
        if busy:
            raise UserError(
                self.env._(
                    "%(findings)s is on a work order: decline or cancel that job "
                    "first.",
                    findings="; ".join(busy.mapped("name")),
                )
            )
        todo.sudo().write(
            {
                "date_dismissed": fields.Datetime.now(),
                "dismiss_user_id": self.env.uid,
                "dismiss_reason": reason.strip(),
            }
        )
        return True

    def _get_unwarned(self):
        """Return the safety findings nobody is fixing and nobody was warned of."""
        return self.filtered(
            lambda finding: (
                finding.is_safety
                and not finding.warning_date
                and finding.state not in ("approved", "fixed", "dismissed")
            )
        )
