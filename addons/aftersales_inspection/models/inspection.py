from odoo import api, fields, models
from odoo.exceptions import UserError

from .template import USES


class AftersalesInspection(models.Model):
    """Somebody looks at an asset, item by item, and writes down what is the case.

    It keeps the version of the checklist it was made with. Finished, nothing in it
    changes any more; what was not right is looked at again in a second inspection.
    """

    _name = "aftersales.inspection"
    _description = "Inspection"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(
        "Number", default="/", readonly=True, copy=False, index="trigram"
    )
    template_id = fields.Many2one(
        "aftersales.inspection.template",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
    )
    version_id = fields.Many2one(
        "aftersales.inspection.version",
        index=True,
        ondelete="restrict",
        compute="_compute_version_id",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
    )
    use = fields.Selection(
        USES, compute="_compute_use", store=True, precompute=True, index=True
    )
    order_id = fields.Many2one(
        "aftersales.order", "Work Order", check_company=True, index="btree_not_null"
    )
    asset_id = fields.Many2one(
        "aftersales.asset",
        check_company=True,
        index="btree_not_null",
        compute="_compute_asset_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        check_company=True,
        index="btree_not_null",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
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
    user_id = fields.Many2one("res.users", "Inspected By", copy=False, index=True)
    employee_id = fields.Many2one(
        "hr.employee",
        "Technician",
        check_company=True,
        copy=False,
        index="btree_not_null",
        help="Who looked, if several share a tablet. By default the user's own.",
    )
    state = fields.Selection(
        [
            ("draft", "To Do"),
            ("progress", "In Progress"),
            ("done", "Finished"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    result = fields.Selection(
        [("pass", "Passed"), ("fail", "Not Passed")], readonly=True, copy=False
    )
    round = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "aftersales.inspection",
        "First Inspection",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The one whose failed items are looked at again here.",
    )
    next_ids = fields.One2many(
        "aftersales.inspection", "previous_id", "Further Inspections"
    )
    order_rework_count = fields.Integer(
        readonly=True,
        copy=False,
        help="How often the order had been sent back when this inspection was made: "
        "a passed check says nothing about work that was done again later.",
    )
    answer_ids = fields.One2many(
        "aftersales.inspection.answer", "inspection_id", "Answers"
    )
    finding_ids = fields.One2many("aftersales.finding", "inspection_id", "Findings")
    belonging_ids = fields.One2many(
        "aftersales.belonging", "inspection_id", "Belongings and Keys"
    )
    meter = fields.Float(digits=(16, 1), copy=False)
    meter_unit = fields.Char(related="asset_id.meter_unit")
    signature_required = fields.Boolean(related="version_id.signature_required")
    signature = fields.Binary(attachment=True, copy=False)
    signed_by = fields.Char(copy=False)
    date_start = fields.Datetime("Started", readonly=True, copy=False)
    date_done = fields.Datetime("Finished On", readonly=True, copy=False)
    note = fields.Text()
    cancel_reason = fields.Char(readonly=True, copy=False)
    item_count = fields.Integer("Items", compute="_compute_counts")
    answered_count = fields.Integer("Items Answered", compute="_compute_counts")
    progress = fields.Float("Answered", compute="_compute_counts")
    green_count = fields.Integer("Green", compute="_compute_counts")
    yellow_count = fields.Integer("Yellow", compute="_compute_counts")
    red_count = fields.Integer("Red", compute="_compute_counts")
    finding_count = fields.Integer("Number of Findings", compute="_compute_counts")

    _meter_positive = models.Constraint(
        "CHECK(meter >= 0)", "A meter reading cannot be negative."
    )

    @api.depends("template_id")
    def _compute_version_id(self):
        for inspection in self:
            if inspection.version_id.template_id != inspection.template_id:
                inspection.version_id = inspection.template_id.version_id

    @api.depends("template_id")
    def _compute_use(self):
        for inspection in self:
            inspection.use = inspection.template_id.use

    @api.depends("order_id")
    def _compute_asset_id(self):
        for inspection in self:
            if inspection.order_id:
                inspection.asset_id = inspection.order_id.asset_id

    @api.depends("order_id", "asset_id")
    def _compute_partner_id(self):
        for inspection in self:
            document = inspection.order_id or inspection.asset_id
            inspection.partner_id = document.partner_id

    @api.depends("order_id", "asset_id")
    def _compute_company_id(self):
        for inspection in self:
            inspection.company_id = (
                inspection.order_id.company_id
                or inspection.asset_id.company_id
                or inspection.company_id
                or self.env.company
            )

    @api.depends("answer_ids.is_answered", "answer_ids.rating", "finding_ids")
    def _compute_counts(self):
        for inspection in self:
            answers = inspection.answer_ids
            ratings = answers.mapped("rating")
            inspection.item_count = len(answers)
            inspection.answered_count = len(answers.filtered("is_answered"))
            inspection.progress = (
                100.0 * inspection.answered_count / len(answers) if answers else 0.0
            )
            inspection.green_count = ratings.count("green")
            inspection.yellow_count = ratings.count("yellow")
            inspection.red_count = ratings.count("red")
            inspection.finding_count = len(inspection.finding_ids)

    @api.depends("name", "template_id.name")
    def _compute_display_name(self):
        for inspection in self:
            name = self.env._("New") if inspection.name == "/" else inspection.name
            template = inspection.template_id.name
            inspection.display_name = f"{name} {template}" if template else name

    @api.model_create_multi
    def create(self, vals_list):
        defaults = {
            key.removeprefix("default_")
            for key in self.env.context
            if key.startswith("default_")
        }
        for vals in vals_list:
            self._check_own_steps(vals.keys() | defaults)
            self._check_person(vals)
            if not self.env.su and not vals.get("order_id"):
                # Without a work order it is known by who looks at the asset.
                vals.setdefault("user_id", self.env.uid)
            if vals.get("name", "/") == "/":
                vals["name"] = self.env["ir.sequence"].next_by_code(
                    "aftersales.inspection"
                )
        inspections = super().create(vals_list)
        inspections._check_version()
        inspections._check_order()
        for inspection in inspections.sudo():
            inspection.order_rework_count = inspection.order_id.rework_count
            if inspection.use in ("reception", "walkaround") and not inspection.meter:
                # Whoever received the asset has read it already.
                inspection.meter = inspection.order_id.meter_in
        inspections._create_answers()
        # Orders and assets that were never inspected are not asked about findings.
        orders = inspections.sudo().order_id
        orders.filtered(lambda order: not order.is_inspected).is_inspected = True
        return inspections

    def write(self, vals):
        self._check_own_steps(vals.keys())
        self._check_person(vals)
        if vals.keys() & {
            "order_id", "asset_id", "version_id", "template_id", "meter", "user_id",
            "employee_id", "signature", "signed_by", "partner_id", "company_id", "note",
        }:  # fmt: skip
            self._check_open()
        if vals.keys() & {"template_id", "version_id"}:
            self._check_not_begun(vals)
        result = super().write(vals)
        if "order_id" in vals:
            self._check_order()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        kept = self.filtered(lambda inspection: inspection.state == "done")
        if kept:
            raise UserError(
                self.env._(
                    "%(inspections)s is finished and can't be deleted.",
                    inspections=", ".join(kept.mapped("name")),
                )
            )
        # Their own rules say whether a finding may go.
        self.sudo().finding_ids.unlink()

    def _check_version(self):
        for inspection in self:
            version = inspection.version_id
            if version.state != "published":
                raise UserError(
                    self.env._(
                        "%(template)s has no published version. Publish one, then "
                        "inspect with it.",
                        template=inspection.template_id.name,
                    )
                )
            if version.template_id != inspection.template_id:
                raise UserError(
                    self.env._(
                        "%(version)s is not a version of %(template)s.",
                        version=version.display_name,
                        template=inspection.template_id.name,
                    )
                )

    def _check_open(self):
        """Refuse to change what is finished or called off."""
        closed = self.filtered(
            lambda inspection: inspection.state in ("done", "cancel")
        )
        if closed:
            raise UserError(
                self.env._(
                    "%(inspections)s is closed and can't be changed. Make a second "
                    "inspection.",
                    inspections=", ".join(closed.mapped("display_name")),
                )
            )

    def _check_not_begun(self, vals):
        begun = self.filtered(
            lambda inspection: (
                inspection.template_id.id
                != vals.get("template_id", inspection.template_id.id)
                or inspection.version_id.id
                != vals.get("version_id", inspection.version_id.id)
            )
        )
        if begun:
            raise UserError(
                self.env._(
                    "%(inspections)s keeps its checklist. Cancel it and make another "
                    "one.",
                    inspections=", ".join(begun.mapped("display_name")),
                )
            )

    def _create_answers(self):
        """Lay out one empty answer per item of the version."""
        return (
            self.env["aftersales.inspection.answer"]
            .sudo()
            .create(
                [
                    {"inspection_id": inspection.id, "item_id": item.id}
                    for inspection in self
                    if not inspection.previous_id
                    for item in inspection.version_id.item_ids
                ]
            )
        )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"progress", "cancel"},
            "progress": {"done", "cancel"},
        }

    def action_start(self):
        """Begin to look; who begins is kept as who looks.

        :raises UserError: for a quality check that is not somebody's turn
        """
        self.check_access("write")
        self._check_gate()
        todo = self._lock().filtered(lambda inspection: inspection.state != "progress")
        todo._check_transition("progress")
        for inspection in todo:
            inspection._set_state(
                "progress",
                date_start=fields.Datetime.now(),
                user_id=inspection.user_id.id or self.env.uid,
                employee_id=(
                    inspection.employee_id or inspection._get_own_employee()
                ).id,
            )
        return True

    def _get_own_employee(self):
        """Return the user's employee in the company of this inspection."""
        self.ensure_one()
        return (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("user_id", "=", self.env.uid),
                    ("company_id", "=", self.company_id.id),
                ],
                limit=1,
            )
        )

    def action_cancel(self, reason=None):
        """Call the inspection off; findings nobody acted on go with it.

        :param str reason: why; kept on the inspection
        """
        todo = self._lock().filtered(lambda inspection: inspection.state != "cancel")
        todo._check_transition("cancel")
        todo.finding_ids.filtered(lambda finding: finding._can_withdraw()).unlink()
        todo._set_state("cancel", cancel_reason=reason)
        return True

    def action_view_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()

    def action_view_findings(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_inspection.finding_action"
        )
        return {
            **action,
            "domain": [("inspection_id", "in", self.ids)],
            "context": {},
        }
