from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

KINDS = [
    ("yes_no", "Yes or no"),
    ("rating", "Green, yellow, red"),
    ("measure", "Measure"),
    ("text", "Text"),
    ("choice", "Choice"),
    ("photo", "Photo"),
    ("signature", "Signature"),
    ("mark", "Marks on a drawing"),
]
RATINGS = [("green", "Green"), ("yellow", "Yellow"), ("red", "Red")]


class AftersalesInspectionVersion(models.Model):
    """The questions of a template as they stood at a time.

    A published version never changes: an inspection made with it can be read as it
    was asked. Who wants to change something makes a new version and publishes that.
    """

    _name = "aftersales.inspection.version"
    _description = "Version of an Inspection Template"
    _inherit = ["aftersales.state.mixin"]
    _order = "template_id, number desc"

    template_id = fields.Many2one(
        "aftersales.inspection.template",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="template_id.company_id")
    use = fields.Selection(related="template_id.use")
    number = fields.Integer("Version", readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    date_published = fields.Datetime("Published On", readonly=True, copy=False)
    note = fields.Char("What Changed", copy=False)
    signature_required = fields.Boolean(
        "Customer Signs",
        help="It can't be finished without the name and signature of the customer.",
    )
    item_ids = fields.One2many(
        "aftersales.inspection.item", "version_id", "Items", copy=True
    )
    is_current = fields.Boolean(compute="_compute_is_current")

    _number_unique = models.UniqueIndex(
        "(template_id, number)", "This version number is taken."
    )
    _draft_unique = models.UniqueIndex(
        "(template_id) WHERE state = 'draft'",
        "There is a draft of this template already. Go on with that one.",
    )

    @api.depends("template_id.version_id")
    def _compute_is_current(self):
        for version in self:
            version.is_current = version.template_id.version_id == version

    @api.depends("template_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(template)s, version %(number)s",
                template=version.template_id.name or "",
                number=version.number,
            )

    @api.model_create_multi
    def create(self, vals_list):
        default_id = self.env.context.get("default_template_id")
        template_ids = [vals.get("template_id", default_id) for vals in vals_list]
        last = {
            template.id: number
            for template, number in self._read_group(
                [("template_id", "in", template_ids)],
                ["template_id"],
                ["number:max"],
            )
        }
        for template_id, vals in zip(template_ids, vals_list, strict=True):
            last[template_id] = vals["number"] = last.get(template_id, 0) + 1
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() - {"state", "date_published"}:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()

    def _check_draft(self):
        """Refuse to touch what inspections were, or may be, made with."""
        published = self.filtered(lambda version: version.state == "published")
        if published:
            raise UserError(
                self.env._(
                    "%(versions)s is published and stays as it is. Make a new version "
                    "and change that.",
                    versions=", ".join(published.mapped("display_name")),
                )
            )

    @api.model
    def _get_transitions(self):
        return {**super()._get_transitions(), "draft": {"published"}}

    def action_publish(self):
        """Freeze these versions; new inspections are made with them from now on.

        :raises UserError: naming versions that have no items
        """
        todo = self._lock().filtered(lambda version: version.state == "draft")
        empty = todo.filtered(lambda version: not version.item_ids)
        if empty:
            raise UserError(
                self.env._(
                    "%(versions)s has no items. Add what is to be looked at first.",
                    versions=", ".join(empty.mapped("display_name")),
                )
            )
        todo._set_state("published", date_published=fields.Datetime.now())
        for version in todo:
            version.template_id.version_id = version
        return True

    def action_new_version(self):
        """Open the draft that follows these versions, made as a copy of this one."""
        self.ensure_one()
        draft = self.template_id.version_ids.filtered(
            lambda version: version.state == "draft"
        )
        return (draft or self.copy()).get_formview_action()


class AftersalesInspectionItem(models.Model):
    """One thing to look at, and when it is right."""

    _name = "aftersales.inspection.item"
    _description = "Inspection Item"
    _order = "version_id, sequence, id"

    version_id = fields.Many2one(
        "aftersales.inspection.version", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="version_id.company_id")
    sequence = fields.Integer(default=10)
    section = fields.Char(translate=True)
    name = fields.Char("Item", required=True, translate=True)
    help = fields.Text(
        "How to Look", translate=True, help="Shown below the item on the tablet."
    )
    kind = fields.Selection(KINDS, required=True, default="rating")
    is_required = fields.Boolean("Required", default=True)
    photo_rule = fields.Selection(
        [
            ("never", "No photo"),
            ("optional", "If wanted"),
            ("bad", "If yellow or red"),
            ("always", "Always"),
        ],
        "Photo",
        required=True,
        default="optional",
    )
    unit = fields.Char(help="What is measured: mm, V, bar …")
    green_min = fields.Float("Green From", digits=(16, 3))
    green_max = fields.Float("Green To", digits=(16, 3))
    yellow_min = fields.Float("Yellow From", digits=(16, 3))
    yellow_max = fields.Float("Yellow To", digits=(16, 3))
    expected = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        help="The other answer is red. Empty: either is fine.",
    )
    choice_ids = fields.One2many(
        "aftersales.inspection.choice", "item_id", "Choices", copy=True
    )
    outline_id = fields.Many2one(
        "aftersales.inspection.outline", "Drawing", index="btree_not_null"
    )
    is_safety = fields.Boolean(
        "Safety",
        help="If it is red, the customer is warned before the asset leaves, and the "
        "warning is written down.",
    )
    words_yellow = fields.Text(
        "Words if Yellow",
        translate=True,
        help="What the customer reads, in plain words.",
    )
    words_red = fields.Text(
        "Words if Red",
        translate=True,
        help="What the customer reads, in plain words.",
    )
    job_template_id = fields.Many2one(
        "aftersales.job.template",
        "Job",
        index="btree_not_null",
        help="What a finding is offered as, with its parts, time and price.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.version_id._check_draft()
        return items

    def write(self, vals):
        self.version_id._check_draft()
        result = super().write(vals)
        if "version_id" in vals:
            self.version_id._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.version_id._check_draft()

    @api.constrains("kind", "choice_ids")
    def _check_choices(self):
        # A data file adds the choices after their item.
        if self.env.context.get("install_mode"):
            return
        for item in self:
            if item.kind == "choice" and not item.choice_ids:
                raise ValidationError(
                    self.env._("%(item)s: say what to choose from.", item=item.name)
                )

    @api.constrains("kind", "green_min", "green_max", "yellow_min", "yellow_max")
    def _check_limits(self):
        for item in self:
            if item.kind != "measure":
                continue
            green, yellow = item._get_range("green"), item._get_range("yellow")
            outside = yellow and (
                not green or green[0] < yellow[0] or green[1] > yellow[1]
            )
            if outside:
                raise ValidationError(
                    self.env._(
                        "%(item)s: what is green lies within what is yellow. Give "
                        "yellow the wider limits.",
                        item=item.name,
                    )
                )

    @api.constrains("job_template_id", "version_id")
    def _check_job_template_company(self):
        for item in self:
            company = item.job_template_id.company_id
            if company and company != item.company_id:
                raise ValidationError(
                    self.env._(
                        "%(item)s: the job %(job)s is another company's. Choose one "
                        "for all companies.",
                        item=item.name,
                        job=item.job_template_id.name,
                    )
                )

    def _get_range(self, colour):
        """Return ``(from, to)`` of a colour, or None if it has no limits.

        An empty limit, or 0, is none where it would make no sense: tread depth has
        no upper one.
        """
        self.ensure_one()
        low, high = self[f"{colour}_min"], self[f"{colour}_max"]
        if not low and not high:
            return None
        return (
            low if low or high > 0 else float("-inf"),
            high if high or low < 0 else float("inf"),
        )

    def _get_measure_rating(self, value):
        """Return the colour of a measured ``value``, or False without limits."""
        self.ensure_one()
        green, yellow = self._get_range("green"), self._get_range("yellow")
        if not green:
            return False
        # As the limits are kept: 1.6 read off a gauge is not below 1.6.
        value = round(value, 3)
        if round(green[0], 3) <= value <= round(green[1], 3):
            return "green"
        if yellow and round(yellow[0], 3) <= value <= round(yellow[1], 3):
            return "yellow"
        return "red"

    def _get_words(self, rating):
        """Return what the customer reads about a yellow or red item."""
        self.ensure_one()
        return (self.words_red if rating == "red" else self.words_yellow) or self.name

    def _get_label(self):
        self.ensure_one()
        return f"{self.section} / {self.name}" if self.section else self.name


class AftersalesInspectionChoice(models.Model):
    _name = "aftersales.inspection.choice"
    _description = "Choice of an Inspection Item"
    _order = "item_id, sequence, id"

    item_id = fields.Many2one(
        "aftersales.inspection.item", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    rating = fields.Selection(RATINGS, help="The colour this answer gives the item.")

    @api.model_create_multi
    def create(self, vals_list):
        choices = super().create(vals_list)
        choices.item_id.version_id._check_draft()
        return choices

    def write(self, vals):
        self.item_id.version_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.item_id.version_id._check_draft()
