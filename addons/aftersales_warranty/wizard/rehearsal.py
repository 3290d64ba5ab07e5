from collections import defaultdict
from contextlib import closing

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

BATCH = 500


class AftersalesWarrantyRehearsal(models.TransientModel):
    """What a changed guarantee would have meant for the work of the last months.

    The verdicts of those months are weighed again, from the facts that were kept
    with them, with the rules of another version. Real records stay as they are: it
    happens in a savepoint that is always taken back.
    """

    _name = "aftersales.warranty.rehearsal"
    _description = "Rehearsal of a Guarantee"

    version_id = fields.Many2one(
        "aftersales.warranty.version", "Version to Rehearse", required=True
    )
    pack_id = fields.Many2one(related="version_id.pack_id")
    replaced_id = fields.Many2one(
        "aftersales.warranty.version",
        "Instead Of",
        compute="_compute_replaced_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        domain="[('pack_id', '=', pack_id), ('id', '!=', version_id),"
        " ('state', '=', 'published')]",
        help="The verdicts under this version are weighed again.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        "Reported From",
        required=True,
        default=lambda self: fields.Date.subtract(
            fields.Date.context_today(self), months=3
        ),
    )
    date_to = fields.Date(
        "Reported Until", required=True, default=fields.Date.context_today
    )
    state = fields.Selection(
        [("draft", "To Run"), ("done", "Rehearsed")], default="draft", readonly=True
    )
    line_ids = fields.One2many(
        "aftersales.warranty.rehearsal.line", "rehearsal_id", "Cases Changed"
    )
    payer_ids = fields.One2many(
        "aftersales.warranty.rehearsal.payer", "rehearsal_id", "Money by Payer"
    )
    weighed_count = fields.Integer("Lines Weighed Again", readonly=True)
    changed_count = fields.Integer("Lines Changed", readonly=True)
    order_count = fields.Integer("Work Orders Changed", readonly=True)
    decided_count = fields.Integer(
        "Decided by People",
        readonly=True,
        help="Overruled verdicts, and lines whose payer somebody chose, stay.",
    )

    @api.depends("version_id")
    def _compute_replaced_id(self):
        for rehearsal in self:
            version = rehearsal.version_id
            others = (version.pack_id.version_ids - version._origin).filtered(
                lambda other: other.state == "published"
            )
            before = others.filtered(
                lambda other, version=version: other.date_from <= version.date_from
            )
            rehearsal.replaced_id = (before or others).sorted("date_from")[-1:]

    @api.depends("version_id", "state")
    def _compute_display_name(self):
        for rehearsal in self:
            rehearsal.display_name = self.env._(
                "Rehearsal of %(version)s", version=rehearsal.version_id.display_name
            )

    def action_run(self):
        """Weigh again and keep what would differ.

        :raises UserError: without rules to rehearse, or with the days the wrong way
        """
        self.ensure_one()
        self._check_ready()
        # To read prices and costs takes no more rights than to change the rules.
        found = self._rehearse()
        self.write(
            {
                **found,
                "state": "done",
                "line_ids": [Command.clear(), *found["line_ids"]],
                "payer_ids": [Command.clear(), *found["payer_ids"]],
            }
        )
        return True

    def action_again(self):
        """Go back to choose other months or another version."""
        self.state = "draft"
        return True

    def _get_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def action_view_orders(self):
        """Open the work orders that would change."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.order_action"
        )
        return {
            **action,
            "domain": [("id", "in", self.line_ids.order_id.ids)],
            "context": {},
        }

    def _check_ready(self):
        if self.date_from > self.date_to:
            raise UserError(
                self.env._(
                    "The months to rehearse end on %(end)s, before they begin. Choose "
                    "a later end.",
                    end=fields.Date.to_string(self.date_to),
                )
            )
        if not self.version_id.rule_ids.filtered("active"):
            raise UserError(
                self.env._(
                    "%(version)s has no applied rules. Add them, or tick Applied on "
                    "those that were checked.",
                    version=self.version_id.display_name,
                )
            )

    def _rehearse(self):
        """Return what to show; whatever is computed meanwhile is taken back."""
        self.env.flush_all()
        with closing(self.env.cr.savepoint(flush=False)):
            found = self._weigh()
        self.env.invalidate_all(flush=False)
        return found

    def _weigh(self):
        engine = self.env["aftersales.warranty.engine"]
        new_rules = engine._get_rules(self.version_id)[self.version_id.id]
        rules = {self.replaced_id.id: new_rules}
        totals = defaultdict(lambda: [0.0, 0.0])
        lines, bearers = [], {}
        weighed = decided = 0
        for ids in split_every(BATCH, self._get_verdicts().ids):
            verdicts = self.env["aftersales.verdict"].browse(ids).sudo()
            verdicts = verdicts.filtered(
                lambda verdict: any(
                    cover["version"] == self.replaced_id.id
                    for cover in verdict.trace["inputs"]["covers"]
                )
            )
            kept = verdicts.filtered(lambda verdict: verdict._is_decided_by_hand())
            decided += len(kept)
            verdicts -= kept
            weighed += len(verdicts)
            for verdict, trace in verdicts._replay_all(rules).items():
                changed = self._prepare_change(verdict, trace, bearers, totals)
                if changed:
                    lines.append(changed)
            verdicts.invalidate_recordset(["trace"])
        return {
            "weighed_count": weighed,
            "decided_count": decided,
            "changed_count": len(lines),
            "order_count": len({line["order_id"] for line in lines}),
            "line_ids": [Command.create(line) for line in lines],
            "payer_ids": [
                Command.create(
                    {"payer_id": payer.id, "amount_before": old, "amount_after": new}
                )
                for payer, (old, new) in totals.items()
                if old or new
            ],
        }

    def _get_verdicts(self):
        """Return the verdicts of the period on assets under the replaced version."""
        domain = Domain(
            [
                ("is_current", "=", True),
                ("company_id", "=", self.company_id.id),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
                ("asset_id.registration_ids.version_id", "=", self.replaced_id.id),
            ]
        )
        return self.env["aftersales.verdict"].search(domain, order="id")

    def _prepare_change(self, verdict, trace, bearers, totals):
        """Add a case to ``totals`` and return its line, or nothing if it stays."""
        before = verdict._split_money(verdict._get_money_values())
        values = verdict._prepare_values(verdict.job_line_id, trace, bearers)
        is_same = all(
            verdict._fields[name].convert_to_write(verdict[name], verdict)
            == values.get(name, False)
            for name in ("result", "charge", "payer_id")
        ) and (verdict.result != "shared" or verdict._has_share(values))
        after = before if is_same else verdict._split_money(values)
        for place, amounts in enumerate((before, after)):
            for payer, amount in amounts.items():
                totals[payer][place] += amount
        if is_same:
            return None
        customer = verdict.company_id._get_customer_payers()[verdict.company_id]
        new = verdict.new(values)
        return {
            "verdict_id": verdict.id,
            "order_id": verdict.order_id.id,
            "result_before": verdict.result,
            "result_after": values["result"],
            "words_before": verdict.summary,
            "words_after": new.summary,
            "amount_before": before.get(customer, 0.0),
            "amount_after": after.get(customer, 0.0),
        }


class AftersalesWarrantyRehearsalLine(models.TransientModel):
    _name = "aftersales.warranty.rehearsal.line"
    _description = "Case that Would Change"
    _order = "id"

    rehearsal_id = fields.Many2one(
        "aftersales.warranty.rehearsal", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="rehearsal_id.currency_id")
    verdict_id = fields.Many2one(
        "aftersales.verdict", required=True, ondelete="cascade"
    )
    order_id = fields.Many2one(
        "aftersales.order", "Work Order", required=True, ondelete="cascade"
    )
    asset_id = fields.Many2one(related="order_id.asset_id")
    date = fields.Date(related="verdict_id.date", string="Reported On")
    name = fields.Char(related="verdict_id.job_line_id.name")
    result_before = fields.Selection(
        selection=lambda self: self._get_results(), string="Now"
    )
    result_after = fields.Selection(
        selection=lambda self: self._get_results(), string="Then"
    )
    words_before = fields.Char("Verdict Now")
    words_after = fields.Char("Verdict Then")
    amount_before = fields.Monetary("Customer Pays")
    amount_after = fields.Monetary("Would Pay")

    def _get_results(self):
        field = self.env["aftersales.verdict"]._fields["result"]
        return field._description_selection(self.env)

    def action_open_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()


class AftersalesWarrantyRehearsalPayer(models.TransientModel):
    _name = "aftersales.warranty.rehearsal.payer"
    _description = "Money by Payer in a Rehearsal"
    _order = "payer_id"

    rehearsal_id = fields.Many2one(
        "aftersales.warranty.rehearsal", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="rehearsal_id.currency_id")
    payer_id = fields.Many2one("aftersales.payer", required=True, ondelete="cascade")
    kind = fields.Selection(related="payer_id.kind")
    amount_before = fields.Monetary("Now")
    amount_after = fields.Monetary("Then")
    amount_change = fields.Monetary("Change", compute="_compute_amount_change")

    @api.depends("amount_before", "amount_after")
    def _compute_amount_change(self):
        for total in self:
            total.amount_change = total.amount_after - total.amount_before


class AftersalesWarrantyVersion(models.Model):
    _inherit = "aftersales.warranty.version"

    def action_rehearse(self):
        """Open a rehearsal of this version on the work of the last months."""
        self.ensure_one()
        if not (self.pack_id.version_ids - self).filtered(
            lambda version: version.state == "published"
        ):
            raise UserError(
                self.env._(
                    "%(version)s replaces no other version: there is no work that was "
                    "weighed under this guarantee before.",
                    version=self.display_name,
                )
            )
        rehearsal = self.env["aftersales.warranty.rehearsal"].create(
            {"version_id": self.id}
        )
        return rehearsal._get_action()


class AftersalesVerdict(models.Model):
    _inherit = "aftersales.verdict"

    def _is_decided_by_hand(self):
        """Whether a person, and not a rule, put this line where it is."""
        self.ensure_one()
        line = self.job_line_id
        own = self.company_id._get_customer_payers()[self.company_id]
        return self.is_overridden or line.payer_id not in (own | line.warranty_payer_id)

    def _get_money_values(self):
        """Return of this verdict what says who pays how much."""
        self.ensure_one()
        return {
            "result": self.result,
            "charge": self.charge,
            "payer_id": self.payer_id.id,
            "share_percent": self.share_percent,
            "share_amount": self.share_amount,
        }

    def _has_share(self, values):
        return (self.share_percent, self.share_amount) == (
            values["share_percent"],
            values["share_amount"],
        )

    def _split_money(self, values):
        """Return ``{payer: amount}`` of the line as a verdict with ``values`` has it.

        Untaxed and in company currency: prices of who is invoiced, the cost of what
        we bear, and shares as parts of the price.
        """
        self.ensure_one()
        line = self.job_line_id
        own = self.company_id._get_customer_payers()[self.company_id]
        bearer = own.browse(values.get("payer_id") or [])
        if values["result"] == "covered":
            return {bearer: line._get_amount_for(bearer)[0]}
        if values["result"] == "reduced":
            if values["charge"] == "free":
                return {own: 0.0}
            return {own: line._get_amount_for(own, basis="cost")[0]}
        untaxed, total = line._get_amount_for(own)
        if values["result"] != "shared":
            return {own: untaxed}
        if values["share_amount"]:
            part = min(values["share_amount"], total) / total if total else 0.0
        else:
            part = values["share_percent"] / 100
        share = self.company_id.currency_id.round(untaxed * part)
        return {bearer: share, own: untaxed - share}


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    def _get_amount_for(self, payer, basis=False):
        """Return what this line is to ``payer``: untaxed and total, company currency.

        As it is quoted, if it is that payer's line already; else as a new quotation
        to that payer would have it. Who absorbs it bears the cost.

        :param basis: ``cost`` if a guarantee leaves the cost price
        """
        self.ensure_one()
        if payer.kind == "absorbed":
            return self.cost, self.cost
        if payer == self.payer_id and basis == (self.warranty_basis or False):
            return self.amount_company, self.amount_total_company
        quantity = (
            self.qty_used if self.job_id.state == "done" else self.product_uom_qty
        )
        # Only for the price: a line of nobody's, without the verdict of this one.
        preview = self.new(
            {
                "job_id": self.job_id.id,
                "kind": self.kind,
                "product_id": self.product_id.id,
                "product_uom_id": self.product_uom_id.id,
                "product_uom_qty": quantity,
                "payer_id": payer.id,
                "is_price_agreed": self.is_price_agreed,
                "price_agreed": self.price_agreed,
                "is_discount_agreed": self.is_discount_agreed,
                "discount_agreed": self.discount_agreed,
            }
        )
        if basis == "cost":
            preview.is_price_agreed = True
            preview.price_agreed = preview._get_cost_price()
        source = preview._get_preview()
        convert = self.job_id._convert_to_company_currency
        return (
            convert(source.price_subtotal, source.currency_id),
            convert(source.price_total, source.currency_id),
        )
