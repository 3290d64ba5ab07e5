from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import split_every

from ..engine import decide
from .rule import BEARERS, CHARGES

BATCH = 1000
COVERED = ("covered", "shared")


class AftersalesVerdict(models.Model):
    """Who bears one line, and why: kept with the rule, its version and its inputs.

    A verdict never changes. Another look makes another one, and an overruled one
    stays behind the decision of the person.
    """

    _name = "aftersales.verdict"
    _description = "Coverage Verdict"
    _inherit = ["aftersales.evidence.mixin", "mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    job_line_id = fields.Many2one(
        "aftersales.job.line", "Line", required=True, index=True, ondelete="cascade"
    )
    job_id = fields.Many2one(
        "aftersales.job", required=True, index=True, ondelete="cascade"
    )
    order_id = fields.Many2one(
        "aftersales.order", "Work Order", required=True, index=True, ondelete="cascade"
    )
    asset_id = fields.Many2one("aftersales.asset", index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, index=True)
    product_id = fields.Many2one(related="job_line_id.product_id")
    date = fields.Date("As Of", required=True)
    kind = fields.Selection(
        [
            ("part", "Part"),
            ("labour", "Labour"),
            ("travel", "Travel"),
            ("other", "Other"),
        ],
        required=True,
    )
    result = fields.Selection(
        [
            ("covered", "Covered"),
            ("shared", "Covered in part"),
            ("reduced", "Reduced"),
            ("charged", "Charged"),
            ("refer", "To be decided"),
        ],
        required=True,
    )
    is_covered = fields.Boolean(compute="_compute_is_covered", store=True)
    payer_id = fields.Many2one("aftersales.payer", check_company=True)
    bearer = fields.Selection(BEARERS, "Borne By")
    charge = fields.Selection(CHARGES, required=True, default="list")
    share_percent = fields.Float("Share (%)", digits="Discount")
    share_amount = fields.Float(digits=(16, 2))
    remedy = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.warranty.rule"]
            ._fields["remedy"]
            ._description_selection(self.env)
        )
    )
    rule_id = fields.Many2one("aftersales.warranty.rule", ondelete="restrict")
    rule_code = fields.Char(index="trigram")
    version_id = fields.Many2one("aftersales.warranty.version", ondelete="restrict")
    pack_id = fields.Many2one(
        "aftersales.warranty.pack", "Guarantee", ondelete="restrict"
    )
    registration_id = fields.Many2one(
        "aftersales.warranty.registration", ondelete="restrict", index="btree_not_null"
    )
    trace = fields.Json(required=True)
    summary = fields.Char("In Words", compute="_compute_summary")
    explanation = fields.Html(compute="_compute_explanation")
    is_current = fields.Boolean(default=True, index=True)
    is_overridden = fields.Boolean("Overruled", index="btree_not_null")
    override_reason = fields.Char(readonly=True)
    override_user_id = fields.Many2one("res.users", "Overruled By", readonly=True)
    override_date = fields.Datetime("Overruled On", readonly=True)
    evidence_ids = fields.Many2many("ir.attachment")
    evidence_note = fields.Char()
    overruled_id = fields.Many2one(
        "aftersales.verdict", "Verdict Overruled", readonly=True
    )

    _one_current = models.UniqueIndex(
        "(job_line_id) WHERE is_current", "A line has one verdict at a time."
    )

    @api.depends("result")
    def _compute_is_covered(self):
        for verdict in self:
            verdict.is_covered = verdict.result in COVERED

    @api.depends("job_line_id.name", "result")
    def _compute_display_name(self):
        labels = dict(self._fields["result"]._description_selection(self.env))
        for verdict in self:
            line = verdict.job_line_id.name or ""
            verdict.display_name = f"{line}: {labels.get(verdict.result, '')}"

    @api.depends("trace", "result", "override_reason")
    @api.depends_context("lang")
    def _compute_summary(self):
        for verdict in self:
            verdict.summary = verdict._get_summary()

    @api.depends("trace", "result", "override_reason")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for verdict in self:
            verdict.explanation = verdict._get_explanation()

    @api.model
    def _keep(self, traces):
        """Keep the traces of lines whose verdict is another one than before.

        What a person decided stays, as long as the facts it was decided on do.

        :param dict traces: ``{line: trace}``
        :return: the verdicts that are new
        """
        lines = self.env["aftersales.job.line"].union(*traces)
        self._read_ahead(lines, traces)
        bearers = {}
        # Traces are large: those of ten thousand lines at once filled the memory.
        new = [
            self._keep_batch({line: traces[line] for line in batch}, bearers)
            for batch in split_every(BATCH, lines)
        ]
        return self.sudo().union(*new)

    def _keep_batch(self, traces, bearers):
        current = self.sudo().search_fetch(
            [("job_line_id", "in", [line.id for line in traces])]
            + [("is_current", "=", True)],
            ["job_line_id", "trace", "is_overridden"],
        )
        by_line = {verdict.job_line_id.id: verdict for verdict in current}
        values_list, outdated = [], self.browse()
        for line, trace in traces.items():
            known = by_line.get(line.id, self.browse())
            if known and known._get_engine_trace() == trace:
                continue
            outdated |= known
            values_list.append(self._prepare_values(line, trace, bearers))
        outdated._retire()
        # No thread is opened for each of thousands: what was found is in the verdict.
        verdicts = self.sudo().with_context(tracking_disable=True).create(values_list)
        (verdicts | current).invalidate_recordset(["trace"])
        return verdicts.with_env(self.sudo().env)

    def _read_ahead(self, lines, traces):
        """Read at once what the values of all these verdicts take."""
        fetch = self.env["aftersales.warranty.engine"]._fetch
        lines = fetch(lines, ["job_id", "order_id", "company_id"])
        assets = fetch(lines.order_id, ["asset_id"]).asset_id
        fetch(assets, ["product_id"])
        registrations = self.env["aftersales.warranty.registration"].browse(
            {
                trace["result"]["registration"]
                for trace in traces.values()
                if "rule" in trace["result"]
            }
        )
        fetch(registrations, ["pack_id"])

    def _retire(self):
        """Leave the place to other verdicts on the same lines."""
        self.sudo().is_current = False
        # Written before the next ones are: the index allows one at a time.
        self.flush_recordset(["is_current"])

    def _get_engine_trace(self):
        """Return what the engine found, also where a person decided otherwise."""
        return {key: part for key, part in self.trace.items() if key != "override"}

    @api.model
    def _prepare_values(self, line, trace, bearers=None):
        """Return the values of a verdict.

        :param dict bearers: payers found before, kept over a batch
        """
        line = line.sudo()
        result = trace["result"]
        order = line.order_id
        kind = trace["inputs"]["facts"]["kind"]
        values = {
            "job_line_id": line.id,
            "job_id": line.job_id.id,
            "order_id": order.id,
            "asset_id": order.asset_id.id,
            "company_id": line.company_id.id,
            "date": trace["inputs"]["facts"]["date"],
            "kind": {"part": "part", "labour": "labour", "sublet": "labour"}.get(
                kind, "travel" if kind == "travel" else "other"
            ),
            "result": result["result"],
            # Not left to be computed: that would write every row a second time.
            "is_covered": result["result"] in COVERED,
            "charge": result["charge"],
            "trace": trace,
        }
        if "rule" in result:
            registration = self.env["aftersales.warranty.registration"].browse(
                result["registration"]
            )
            values.update(
                rule_id=result["rule"],
                rule_code=result["code"],
                version_id=result["version"],
                pack_id=registration.sudo().pack_id.id,
                registration_id=registration.id,
                bearer=result["bearer"] or False,
                share_percent=result["share_percent"],
                share_amount=result["share_amount"],
                remedy=result["remedy"],
            )
        if values["is_covered"]:
            key = line.company_id, result["bearer"], order.asset_id.product_id
            bearers = {} if bearers is None else bearers
            if key not in bearers:
                bearers[key] = line.company_id._get_bearer(*key[1:])
            values["payer_id"] = bearers[key].id
        return values

    def action_override(
        self, result, reason=None, payer=None, charge="free", share_percent=100.0,
        evidence_note=None, evidence_ids=None,
    ):  # fmt: skip
        """Decide otherwise than the rules: needs a right, a reason and evidence.

        :param str result: ``covered``, ``shared``, ``reduced`` or ``charged``
        :param str reason: why; kept and reported
        :param payer: who bears it, record or id, where somebody does
        :param str charge: what is left to the customer: free, cost or list
        :param float share_percent: the payer's share, where it is shared
        :param str evidence_note: what proves it, or ``evidence_ids`` of attachments
        :return: the verdicts that hold now
        :raises AccessError: without the right to overrule
        :raises UserError: naming what is missing, or jobs that are answered
        """
        self._check_may_override()
        verdicts = self.filtered("is_current")
        if not (reason or "").strip() or not (
            (evidence_note or "").strip() or evidence_ids
        ):
            raise UserError(
                self.env._(
                    "%(verdicts)s: to overrule a verdict, say why and attach or name "
                    "the evidence.",
                    verdicts=", ".join(self.mapped("display_name")),
                )
            )
        if not isinstance(payer, models.BaseModel):
            payer = self.env["aftersales.payer"].browse(payer or [])
        if result in ("covered", "shared") and not payer:
            raise UserError(
                self.env._(
                    "%(verdicts)s: choose who bears it.",
                    verdicts=", ".join(self.mapped("display_name")),
                )
            )
        # Access was checked: the lines and their quotations follow.
        verdicts = verdicts.sudo()
        verdicts.job_id._check_can_change()
        values_list = []
        for verdict in verdicts:
            values = verdict._prepare_override_values(result, payer, charge)
            values["share_percent"] = share_percent if result == "shared" else 100.0
            values.update(
                override_reason=reason,
                evidence_note=evidence_note,
                evidence_ids=[fields.Command.set(evidence_ids or [])],
            )
            values_list.append(values)
        verdicts._retire()
        new = verdicts.create(values_list)
        for order, own in new.grouped("order_id").items():
            order.message_post(
                body=self.env._(
                    "%(user)s overruled the warranty of %(lines)s: %(reason)s",
                    user=self.env.user.name,
                    lines=", ".join(own.job_line_id.mapped("name")),
                    reason=reason,
                )
            )
        new.job_id._follow_verdicts()
        return new.with_env(self.env)

    def _check_may_override(self):
        group = "aftersales_warranty.warranty_group_decide"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "%(user)s may not overrule %(verdicts)s. Ask somebody with the "
                    "right to overrule verdicts.",
                    user=self.env.user.name,
                    verdicts=", ".join(self.mapped("display_name")),
                )
            )
        self.check_access("read")

    def _prepare_override_values(self, result, payer, charge):
        self.ensure_one()
        covered = result in ("covered", "shared")
        values = self.copy_data()[0]
        trace = dict(self._get_engine_trace())
        trace["override"] = {
            "result": result,
            "payer": payer.id if covered else None,
            "charge": charge if result == "reduced" else "free" if covered else "list",
            "verdict": self.id,
        }
        values.update(
            result=result,
            charge=trace["override"]["charge"],
            payer_id=payer.id if covered else False,
            bearer=False,
            share_amount=0.0,
            trace=trace,
            is_current=True,
            is_overridden=True,
            override_user_id=self.env.uid,
            override_date=fields.Datetime.now(),
            overruled_id=self.id,
        )
        return values

    def action_replay(self):
        """Weigh the stored inputs again and say whether the same comes out.

        :return: a notification
        """
        self.ensure_one()
        same = self._replay() == self._get_engine_trace()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if same else "warning",
                "message": self.env._(
                    "Weighed again with the facts of %(date)s: the same verdict.",
                    date=self.date,
                )
                if same
                else self.env._(
                    "Weighed again with the facts of %(date)s, the verdict differs: "
                    "rules were changed without a new version.",
                    date=self.date,
                ),
            },
        }

    def _replay(self, rules_by_version=None):
        """Return the trace that the stored inputs give now, or with other rules."""
        self.ensure_one()
        return self._replay_all(rules_by_version)[self]

    def _replay_all(self, rules_by_version=None):
        """Return ``{verdict: trace}`` as ``_replay`` does, reading the rules once."""
        inputs = {verdict: verdict.trace["inputs"] for verdict in self}
        ids = {
            cover["version"] for found in inputs.values() for cover in found["covers"]
        }
        versions = self.env["aftersales.warranty.version"].browse(sorted(ids))
        rules = self.env["aftersales.warranty.engine"]._get_rules(versions.exists())
        rules.update(rules_by_version or {})
        return {
            verdict: decide(found["facts"], found["covers"], rules)
            for verdict, found in inputs.items()
        }

    def action_open_current(self):
        """Open the verdict that holds for this line now."""
        self.ensure_one()
        return self.job_line_id.verdict_id.get_formview_action()

    def action_open_line(self):
        """Open the work order of this verdict."""
        self.ensure_one()
        return self.order_id.get_formview_action()

    def _get_line_payer(self):
        """Return who is charged the line: its bearer, if that bears all of it."""
        if self.result == "covered" and not self.share_amount:
            return self.payer_id
        return self.env["aftersales.payer"]

    def _get_basis(self):
        """Return what the customer pays: ``cost``, ``zero``, or else the price."""
        if self.result != "reduced":
            return False
        return "zero" if self.charge == "free" else "cost"

    def _prepare_share_values(self):
        """Return the share of who bears part of the line, or nothing."""
        if self.result != "shared":
            return {}
        values = {
            "job_line_id": self.job_line_id.id,
            "payer_id": self.payer_id.id,
            "verdict_id": self.id,
            "reason": self._get_reason(),
        }
        if self.share_amount:
            return {**values, "kind": "fixed", "amount": self.share_amount}
        return {**values, "kind": "percent", "percentage": self.share_percent}
