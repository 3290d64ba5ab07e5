from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AftersalesWarrantyVersion(models.Model):
    """The wording of a guarantee for what was sold between two dates."""

    _name = "aftersales.warranty.version"
    _description = "Guarantee Version"
    _inherit = ["aftersales.state.mixin", "mail.thread"]
    _order = "pack_id, number desc"

    pack_id = fields.Many2one(
        "aftersales.warranty.pack",
        "Guarantee",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="pack_id.company_id", store=True)
    number = fields.Integer(readonly=True, default=1, copy=False)
    date_from = fields.Date("Sold From", required=True, tracking=True)
    date_to = fields.Date("Sold Until", tracking=True)
    state = fields.Selection(
        [("draft", "Draft"), ("published", "In Force")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    # Also those that nobody checked: they are shown, copied and not applied.
    rule_ids = fields.One2many(
        "aftersales.warranty.rule",
        "version_id",
        "Rules",
        copy=True,
        context={"active_test": False},
    )
    cover_rule_ids = fields.One2many(
        "aftersales.warranty.rule",
        "version_id",
        "Who Bears What",
        domain=[("purpose", "=", "cover")],
        context={"active_test": False},
    )
    right_rule_ids = fields.One2many(
        "aftersales.warranty.rule",
        "version_id",
        "Rights of the Customer",
        domain=[("purpose", "=", "right")],
        context={"active_test": False},
    )
    info_rule_ids = fields.One2many(
        "aftersales.warranty.rule",
        "version_id",
        "To Be Told",
        domain=[("purpose", "=", "info")],
        context={"active_test": False},
    )
    rule_count = fields.Integer("Rules Applied", compute="_compute_rule_count")
    unchecked_count = fields.Integer(
        "Rules Not Checked",
        compute="_compute_rule_count",
        help="Rules that are not applied, because nobody found where they stand.",
    )
    deduction_kind = fields.Selection(
        [
            ("none", "Full price"),
            ("mileage", "By kilometres"),
            ("daily", "By days"),
        ],
        "Use Deduction",
        required=True,
        default="none",
        help="What is kept back when a used thing is returned.",
    )
    deduction_rate = fields.Float(
        "Rate (%)", digits=(16, 4), help="Of the price, for 1,000 km or for a day."
    )
    deduction_rate_max = fields.Float(
        "Highest Rate (%)", digits=(16, 4), help="What the law allows at most."
    )
    deduction_ids = fields.One2many(
        "aftersales.warranty.deduction", "version_id", "Rates by Goods", copy=True
    )
    repair_months = fields.Integer(
        "Months Added by a Repair",
        help="The guarantee runs so much longer once it was answered by a repair.",
    )
    note = fields.Text(translate=True)

    _date_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A version can't end before it begins.",
    )
    _rate_positive = models.Constraint(
        "CHECK(deduction_rate >= 0 AND deduction_rate_max >= 0 AND repair_months >= 0)",
        "Rates and months can't be negative.",
    )
    _number_unique = models.UniqueIndex("(pack_id, number)")

    @api.depends("pack_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(pack)s, version %(number)s",
                pack=version.pack_id.name,
                number=version.number,
            )

    @api.depends("rule_ids.active")
    def _compute_rule_count(self):
        for version in self:
            version.rule_count = len(version.rule_ids.filtered("active"))
            version.unchecked_count = len(version.rule_ids) - version.rule_count

    @api.model_create_multi
    def create(self, vals_list):
        last = dict(
            self._read_group(
                [("pack_id", "in", [vals.get("pack_id") for vals in vals_list])],
                ["pack_id"],
                ["number:max"],
            )
        )
        numbers = {pack.id: number for pack, number in last.items()}
        for vals in vals_list:
            number = numbers.get(vals.get("pack_id"), 0) + 1
            numbers[vals.get("pack_id")] = vals["number"] = number
        return super().create(vals_list)

    @api.model
    def _get_open_fields(self):
        """What may change while a version is in force: not what it says."""
        return {"state", "date_to", "note"}

    def write(self, vals):
        if vals.keys() - self._get_open_fields() and not all(
            field.startswith(("message_", "activity_")) for field in vals
        ):
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()

    def _check_draft(self):
        """Refuse to change what verdicts were based on."""
        fixed = self.filtered(lambda version: version.state == "published")
        if fixed:
            raise UserError(
                self.env._(
                    "%(versions)s is in force and verdicts refer to it. Make a new "
                    "version, change it there and publish it.",
                    versions=", ".join(fixed.mapped("display_name")),
                )
            )

    @api.constrains("date_from", "date_to", "state")
    def _check_no_gap(self):
        """Every day of sale falls into one version, between the first and the last."""
        for pack in self.pack_id:
            published = pack.version_ids.filtered(
                lambda version: version.state == "published"
            ).sorted("date_from")
            for before, after in zip(published, published[1:], strict=False):
                if not before.date_to or before.date_to >= after.date_from:
                    raise ValidationError(
                        self.env._(
                            "%(before)s and %(after)s overlap on %(date)s. End the "
                            "earlier one on the day before.",
                            before=before.display_name,
                            after=after.display_name,
                            date=fields.Date.to_string(after.date_from),
                        )
                    )
                if fields.Date.add(before.date_to, days=1) != after.date_from:
                    raise ValidationError(
                        self.env._(
                            "Nothing is in force between %(before)s, which ends on "
                            "%(end)s, and %(after)s, which begins on %(begin)s. Let "
                            "one follow the other.",
                            before=before.display_name,
                            end=fields.Date.to_string(before.date_to),
                            after=after.display_name,
                            begin=fields.Date.to_string(after.date_from),
                        )
                    )

    @api.model
    def _get_transitions(self):
        return {**super()._get_transitions(), "draft": {"published"}}

    def _is_in_force(self, day):
        self.ensure_one()
        return self.date_from <= day and (not self.date_to or day <= self.date_to)

    def _get_deduction_rate(self, category):
        """Return the rate in percent for goods of an asset ``category``."""
        self.ensure_one()
        own = self.deduction_ids.filtered(
            lambda deduction: deduction.category_id == category
        )
        return own[:1].rate if own else self.deduction_rate

    def action_publish(self):
        """Put drafts in force; the version before ends the day before.

        :raises UserError: naming a version without rules
        """
        empty = self.filtered(lambda version: not version.rule_count)
        if empty:
            raise UserError(
                self.env._(
                    "%(versions)s has no rules. Add them first.",
                    versions=", ".join(empty.mapped("display_name")),
                )
            )
        for version in self._lock().sorted("date_from"):
            before = version.pack_id.version_ids.filtered(
                lambda other, version=version: (
                    other.state == "published"
                    and other.date_from < version.date_from
                    and (not other.date_to or other.date_to >= version.date_from)
                )
            )
            before.date_to = fields.Date.subtract(version.date_from, days=1)
            version._set_state("published")
        return True

    def action_new_version(self):
        """Copy a version to a draft that can be changed, rehearsed and published.

        :return: an action that opens the draft
        """
        self.ensure_one()
        draft = self.copy(
            {"date_from": fields.Date.context_today(self), "date_to": False}
        )
        return draft.get_formview_action()


class AftersalesWarrantyDeduction(models.Model):
    """The use deduction of some goods, where it differs by what was sold."""

    _name = "aftersales.warranty.deduction"
    _description = "Use Deduction by Goods"
    _order = "version_id, id"

    version_id = fields.Many2one(
        "aftersales.warranty.version", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="version_id.company_id", store=True)
    category_id = fields.Many2one("aftersales.asset.category", "Goods", required=True)
    rate = fields.Float("Rate (%)", digits=(16, 4), required=True)
    note = fields.Char()

    _once = models.UniqueIndex(
        "(version_id, category_id)", "These goods have a rate in this version already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        deductions = super().create(vals_list)
        deductions.version_id._check_draft()
        return deductions

    def write(self, vals):
        self.version_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.version_id._check_draft()
