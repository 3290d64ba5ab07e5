from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.aftersales.models.meter import METER_UNITS

BEARERS = [
    ("maker", "Maker"),
    ("supplier", "Supplier of the part"),
    ("warranty", "Ourselves, as seller"),
    ("contract", "Contract"),
    ("goodwill", "Goodwill"),
    ("insurer", "Insurer"),
]
CHARGES = [("free", "Free"), ("cost", "At cost"), ("list", "Charged")]


class AftersalesWarrantyRule(models.Model):
    """One sentence of a guarantee: conditions, and what follows if they all hold.

    A *cover* says who bears parts, labour and travel of a line. A *right* says when
    the customer may ask for an exchange or the money. An *information* binds the
    people at the counter and is only shown.
    """

    _name = "aftersales.warranty.rule"
    _description = "Guarantee Rule"
    _order = "version_id, sequence, code, id"
    _rec_names_search = ["code", "name"]

    version_id = fields.Many2one(
        "aftersales.warranty.version",
        required=True,
        index=True,
        ondelete="cascade",
    )
    pack_id = fields.Many2one(
        related="version_id.pack_id", store=True, string="Guarantee"
    )
    company_id = fields.Many2one(related="pack_id.company_id", store=True)
    version_state = fields.Selection(related="version_id.state", string="Version State")
    code = fields.Char(required=True, index="trigram")
    name = fields.Char("Rule", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True, help="A rule that nobody checked against the law is not active."
    )
    purpose = fields.Selection(
        [
            ("cover", "Cover"),
            ("right", "Right of the customer"),
            ("info", "Information"),
        ],
        required=True,
        default="cover",
    )
    # Conditions
    period = fields.Integer(help="Empty: no limit in time.")
    period_unit = fields.Selection(
        [("day", "Days"), ("month", "Months"), ("year", "Years")], default="year"
    )
    meter_limit = fields.Float(digits=(16, 1), help="Empty: no limit by the meter.")
    meter_unit = fields.Selection(METER_UNITS, default="km")
    limit_mode = fields.Selection(
        [
            ("first", "Whichever first"),
            ("last", "Whichever last"),
            ("past", "Once either is over"),
        ],
        "Time and Meter",
        required=True,
        default="first",
    )
    is_paused = fields.Boolean(
        "Repair Time Taken Out",
        default=True,
        help="Where the guarantee takes it out. Off: the period runs from the start "
        "whatever happens.",
    )
    category_ids = fields.Many2many(
        "aftersales.asset.category", string="Only Goods", help="Empty: all."
    )
    group_scope = fields.Selection(
        [("any", "Everything"), ("only", "Only"), ("except", "All but")],
        "Components",
        required=True,
        default="any",
    )
    group_ids = fields.Many2many(
        "aftersales.component.group", string="Component Groups"
    )
    severity = fields.Selection(
        [
            ("normal", "Normal"),
            ("major", "Main function fails"),
            ("safety", "Safety"),
        ],
        help="Empty: any fault.",
    )
    fault_ids = fields.Many2many("aftersales.fault", string="Only Faults")
    template_ids = fields.Many2many(
        "aftersales.job.template", string="Only Jobs", help="As campaigns name them."
    )
    cause = fields.Selection(
        [("normal", "Normal use"), ("abnormal", "Excluded cause, such as misuse")],
        default="normal",
        help="Normal: fails if an exclusion of the guarantee was found.",
    )
    counter = fields.Selection(
        [
            ("same_fault", "Repairs of the same fault"),
            ("safety_repairs", "Repairs of safety faults"),
            ("repairs", "Repairs"),
            ("assembly_swaps", "Exchanges of the assembly"),
            ("part_swaps", "Exchanges of the same main part"),
            ("repair_days", "Days in repair, added up"),
            ("longest_repair", "Days of one repair"),
            ("waiting_days", "Days waited for parts"),
            ("delay_days", "Days of delay by us"),
        ],
    )
    needs_exchange = fields.Boolean(
        "Must Be Replaced",
        help="Only if a part of the component groups has to be replaced.",
    )
    counter_limit = fields.Float(
        digits=(16, 0),
        help="Times: the right comes with this one. Days: it comes after them.",
    )
    # What follows
    parts_charge = fields.Selection(CHARGES, "Parts")
    labour_charge = fields.Selection(CHARGES, "Labour")
    travel_charge = fields.Selection(CHARGES, "Travel")
    bearer = fields.Selection(
        BEARERS,
        "Borne By",
        help="Who pays what is free. Empty: it is waived and shown with full value.",
    )
    share_percent = fields.Float("Share (%)", digits="Discount", default=100.0)
    share_amount = fields.Float(
        digits=(16, 2), help="At most so much of a line, in company currency."
    )
    remedy = fields.Selection(
        [
            ("repair", "Repair"),
            ("exchange", "Exchange"),
            ("exchange_part", "Exchange of the assembly"),
            ("return", "Return of the price"),
            ("exchange_return", "Exchange or return (free choice)"),
            ("any", "Return, exchange or repair (free choice)"),
            ("exchange_repair", "Exchange or repair (free choice)"),
            ("price_cut", "Price cut or rescission"),
            ("loaner", "Replacement car or transport money"),
            ("paid", "Paid repair"),
        ],
        required=True,
        default="repair",
    )
    is_deducted = fields.Boolean(
        "Less Use Deduction", help="By the rate of the version."
    )
    source = fields.Char("Article", translate=True, help="Where it is written.")
    basis = fields.Selection(
        [("source", "Found in a source"), ("unverified", "Not checked")],
        required=True,
        default="source",
    )
    note = fields.Text(translate=True)
    summary = fields.Char("In Words", compute="_compute_summary")

    _figures_positive = models.Constraint(
        "CHECK(period >= 0 AND meter_limit >= 0 AND counter_limit >= 0"
        " AND share_amount >= 0 AND share_percent >= 0 AND share_percent <= 100)",
        "Limits can't be negative, and a share is between 0 and 100 percent.",
    )

    @api.constrains("period", "period_unit", "meter_limit", "meter_unit")
    def _check_units(self):
        for rule in self:
            if (rule.period and not rule.period_unit) or (
                rule.meter_limit and not rule.meter_unit
            ):
                raise ValidationError(
                    self.env._("%(rule)s: give the limit a unit.", rule=rule.code)
                )

    @api.constrains("group_scope", "group_ids")
    def _check_groups(self):
        for rule in self:
            if rule.group_scope != "any" and not rule.group_ids:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: name the component groups it is about.",
                        rule=rule.code,
                    )
                )

    @api.constrains("limit_mode", "period", "meter_limit")
    def _check_past(self):
        for rule in self:
            if rule.limit_mode == "past" and not rule.period and not rule.meter_limit:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: say which time or meter has to be over.",
                        rule=rule.code,
                    )
                )

    @api.constrains("counter", "counter_limit", "purpose")
    def _check_counter(self):
        for rule in self:
            if rule.counter and (rule.purpose != "right" or not rule.counter_limit):
                raise ValidationError(
                    self.env._(
                        "%(rule)s: a counter belongs to a right, with its limit.",
                        rule=rule.code,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.version_id._check_draft()
        return rules

    def write(self, vals):
        self.version_id._check_draft()
        result = super().write(vals)
        if "version_id" in vals:
            self.version_id._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.version_id._check_draft()

    @api.depends("code", "name")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = f"{rule.code} {rule.name}" if rule.code else ""

    @api.depends(
        "period", "period_unit", "meter_limit", "meter_unit", "limit_mode",
        "group_scope", "group_ids", "severity", "fault_ids", "needs_exchange",
        "counter", "counter_limit", "parts_charge", "labour_charge", "travel_charge",
        "bearer", "share_percent", "remedy", "cause",
    )  # fmt: skip
    def _compute_summary(self):
        for rule in self:
            rule.summary = " · ".join(rule._get_summary())

    def _get_label(self, field):
        """Return the chosen value of a selection in the user's language."""
        self.ensure_one()
        labels = dict(self._fields[field]._description_selection(self.env))
        return labels.get(self[field], "")

    @api.model
    def _get_period_text(self, value, unit):
        """Return a time in words, such as “1 year” or “3 months”."""
        if value == 1:
            return {
                "day": self.env._("1 day"),
                "month": self.env._("1 month"),
                "year": self.env._("1 year"),
            }[unit]
        return {
            "day": self.env._("%(count)s days", count=value),
            "month": self.env._("%(count)s months", count=value),
            "year": self.env._("%(count)s years", count=value),
        }[unit]

    def _get_summary(self):
        """Return the conditions and what follows, a phrase each."""
        self.ensure_one()
        phrases = []
        limits = []
        if self.period:
            limits.append(self._get_period_text(self.period, self.period_unit))
        if self.meter_limit:
            limits.append(f"{self.meter_limit:,.15g} {self._get_label('meter_unit')}")
        if limits:
            phrases.append(" / ".join(limits))
        if limits and self.limit_mode == "past":
            phrases.append(self._get_label("limit_mode"))
        if self.group_scope != "any":
            groups = ", ".join(self.group_ids.mapped("name"))
            phrases.append(f"{self._get_label('group_scope')}: {groups}")
        if self.cause == "abnormal":
            phrases.append(self._get_label("cause"))
        if self.severity:
            phrases.append(self._get_label("severity"))
        if self.fault_ids:
            phrases.append(", ".join(self.fault_ids.mapped("name")))
        if self.needs_exchange:
            phrases.append(self._fields["needs_exchange"]._description_string(self.env))
        if self.counter:
            phrases.append(f"{self._get_label('counter')}: {self.counter_limit:g}")
        if self.purpose == "cover":
            charges = [
                f"{self._fields[field]._description_string(self.env)}: "
                f"{self._get_label(field)}"
                for field in ("parts_charge", "labour_charge", "travel_charge")
                if self[field]
            ]
            phrases.append(", ".join(charges))
            bears = [self._get_label("bearer")] if self.bearer else []
            if self.share_percent < 100:
                bears.append(f"{self.share_percent:g} %")
            if bears:
                phrases.append(" ".join(bears))
        else:
            phrases.append(self._get_label("remedy"))
        return phrases

    def _get_engine_period(self):
        """Return what the engine needs to know the last day of this rule."""
        self.ensure_one()
        return {
            "period": self.period,
            "period_unit": self.period_unit,
            "is_paused": self.is_paused,
        }

    def _get_engine_values(self):
        """Return this rule as the engine weighs it: plain values only."""
        self.ensure_one()
        return {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "sequence": self.sequence,
            "purpose": self.purpose,
            **self._get_engine_period(),
            "meter_limit": self.meter_limit,
            "meter_unit": self.meter_unit,
            "limit_mode": self.limit_mode,
            "categories": sorted(self.category_ids.ids),
            "group_scope": self.group_scope,
            "groups": self.group_ids._get_codes(),
            "severity": self.severity or "",
            "faults": sorted(self.fault_ids.mapped("code")),
            "templates": sorted(self.template_ids.ids),
            "cause": self.cause or "",
            "needs_exchange": self.needs_exchange,
            "counter": self.counter or "",
            "counter_limit": self.counter_limit,
            "parts_charge": self.parts_charge or "",
            "labour_charge": self.labour_charge or "",
            "travel_charge": self.travel_charge or "",
            "bearer": self.bearer or "",
            "share_percent": self.share_percent,
            "share_amount": self.share_amount,
            "remedy": self.remedy,
            "is_deducted": self.is_deducted,
            "source": self.source or "",
        }
