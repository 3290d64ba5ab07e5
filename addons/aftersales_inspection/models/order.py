from odoo import api, fields, models
from odoo.exceptions import UserError

# What the step from one state to the next waits for.
STEPS = {
    ("approved", "progress"): "start",
    ("quality", "ready"): "quality",
    ("ready", "done"): "deliver",
}
# Reaching this state, the order comes near to that step.
NEXT_STEPS = {
    "approved": "start",
    "progress": "complete",
    "quality": "quality",
    "ready": "deliver",
}


class AftersalesOrder(models.Model):
    """What is inspected on a work order, what was found, and what waits for it."""

    _inherit = "aftersales.order"

    # Written by the first inspection, finding or belonging: the steps of orders
    # without any don't look for them.
    is_inspected = fields.Boolean(readonly=True, copy=False)
    inspection_ids = fields.One2many("aftersales.inspection", "order_id", "Inspections")
    finding_ids = fields.One2many("aftersales.finding", "order_id", "Findings")
    belonging_ids = fields.One2many(
        "aftersales.belonging", "order_id", "Belongings and Keys"
    )
    open_finding_ids = fields.Many2many(
        "aftersales.finding",
        string="Found Before",
        compute="_compute_open_finding_ids",
        help="Found on this asset and not fixed: open, or declined on another order.",
    )
    earlier_finding_ids = fields.Many2many(
        "aftersales.finding",
        string="Found Before and Not Done",
        compute="_compute_open_finding_ids",
    )
    inspection_count = fields.Integer(
        "Number of Inspections", compute="_compute_inspection_count", compute_sudo=True
    )
    inspection_template_ids = fields.Many2many(
        "aftersales.inspection.template", compute="_compute_inspection_template_ids"
    )

    @api.depends("asset_id.finding_ids.state")
    def _compute_open_finding_ids(self):
        # As superuser: who sees the order sees what its asset still needs.
        assets = self.sudo().asset_id._origin.filtered("has_findings")
        Finding = self.env["aftersales.finding"]
        findings = Finding.browse()
        if assets:
            findings = Finding.sudo().search(
                [
                    ("asset_id", "in", assets.ids),
                    ("state", "in", ("open", "declined")),
                ]
            )
        by_asset = findings.grouped("asset_id")
        for order in self:
            own = order._origin
            found = by_asset.get(order.sudo().asset_id._origin, findings.browse())
            found = found.filtered(
                lambda finding, own=own: (
                    finding.state == "open" or own not in finding._get_jobs().order_id
                )
            )
            order.open_finding_ids = found.with_env(self.env)
            order.earlier_finding_ids = found.filtered(
                lambda finding, own=own: not own or finding.order_id != own
            ).with_env(self.env)

    @api.depends("inspection_ids")
    def _compute_inspection_count(self):
        counts = {}
        if inspected := self.filtered("is_inspected"):
            counts = dict(
                self.env["aftersales.inspection"]._read_group(
                    [("order_id", "in", inspected.ids), ("state", "!=", "cancel")],
                    ["order_id"],
                    ["__count"],
                )
            )
        for order in self:
            order.inspection_count = counts.get(order._origin, 0)

    @api.depends("asset_id", "company_id")
    def _compute_inspection_template_ids(self):
        templates = self.env["aftersales.inspection.template"].search(
            [("version_id", "!=", False)]
        )
        for order in self:
            order.inspection_template_ids = templates.filtered(
                lambda template, order=order: (
                    template.company_id <= order.company_id
                    and template._applies_to(order.asset_id)
                )
            )

    @api.depends(
        "inspection_ids.state",
        "inspection_ids.result",
        "belonging_ids.state",
        "finding_ids.warning_date",
        "earlier_finding_ids",
    )
    def _compute_missing(self):
        return super()._compute_missing()

    def _get_missing(self):
        missing = super()._get_missing()
        order = self.sudo()
        if order.state in ("done", "cancel"):
            return missing
        step = NEXT_STEPS.get(order.state, "start")
        lacking = order._get_lacking_inspections(step).get(order, ())
        missing += [
            self.env._("Inspection: %(inspection)s", inspection=template.name)
            for template in lacking
        ]
        if order.earlier_finding_ids:
            missing.append(
                self.env._(
                    "Found before and not done: %(findings)s",
                    findings="; ".join(order.earlier_finding_ids.mapped("name")),
                )
            )
        if order.is_inspected and order.state in ("progress", "quality", "ready"):
            unwarned = order._get_unwarned_findings()
            if unwarned:
                missing.append(
                    self.env._(
                        "Safety warning: %(findings)s",
                        findings="; ".join(unwarned.mapped("name")),
                    )
                )
        if order.is_inspected and order.state == "ready":
            missing += [
                self.env._(
                    "Hand back: %(quantity)s %(belonging)s",
                    quantity=belonging.quantity,
                    belonging=belonging.name,
                )
                for belonging in order.belonging_ids
                if belonging.state == "kept"
            ]
        return missing

    def _get_next_step(self):
        """What was found waits for the advisor before the work goes on."""
        self.ensure_one()
        step = super()._get_next_step()
        order = self.sudo()
        if not order.is_inspected or order.state in ("done", "cancel"):
            return step
        found = order.finding_ids.filtered(lambda finding: finding.state == "open")
        if not found:
            return step
        names = "; ".join(found.mapped("name"))
        if order.state == "ready":
            return self.env._(
                "%(step)s Not done: %(findings)s. Offer it on a new work order "
                "(Inspections).",
                step=step,
                findings=names,
            )
        return self.env._(
            "Make jobs of what was found, or dismiss it (Inspections): %(findings)s.",
            findings=names,
        )

    # Steps that wait for an inspection

    def _set_state(self, state, **values):
        # Under the lock of the step, when its orders are in the cache.
        for before, orders in self.grouped("state").items():
            if step := STEPS.get((before, state)):
                orders._check_inspected(step)
        if state == "done":
            inspected = self.filtered(lambda order: order.is_inspected)
            inspected = inspected.filtered(lambda order: order.state == "ready")
            inspected._check_belongings()
            inspected._check_warnings()
        moved = super()._set_state(state, **values)
        if step := NEXT_STEPS.get(state):
            moved._create_automatic_inspections(step)
        if state == "done":
            # What was done on them counts as fixed from now on.
            self.env["aftersales.finding"].invalidate_model(["state"], flush=False)
            self.invalidate_recordset(
                ["open_finding_ids", "earlier_finding_ids"], flush=False
            )
        return moved

    def _get_step_templates(self, step):
        """Return ``{order: templates}`` that a step of these orders waits for.

        An order whose company has no template with a step isn't in it.
        """
        Template = self.env["aftersales.inspection.template"].sudo()
        result = {}
        for order in self.sudo():
            ids = Template._get_step_ids(order.company_id.id).get(step)
            if ids:
                templates = Template.browse(ids).filtered(
                    lambda template, order=order: template._applies_to(order.asset_id)
                )
                if templates:
                    result[order] = templates
        return result

    def _get_lacking_inspections(self, step):
        """Return ``{order: templates}`` of inspections that ``step`` still waits for.

        Checks of our own work must be passed; the others it is enough to have done.
        """
        result = {}
        for order, templates in self._get_step_templates(step).items():
            done = order.inspection_ids.filtered(lambda each: each.state == "done")
            lacking = templates.filtered(
                lambda template, order=order, done=done: (
                    not any(
                        order._is_inspected_by(template, inspection)
                        for inspection in done
                    )
                )
            )
            if lacking:
                result[order] = lacking
        return result

    def _is_inspected_by(self, template, inspection):
        """Whether ``inspection`` is what this order needs of ``template``."""
        self.ensure_one()
        if inspection.template_id != template:
            return False
        # Work that was done again is checked again.
        stale = inspection.order_rework_count != self.rework_count
        if stale and template.step in ("quality", "deliver"):
            return False
        return not template._must_pass() or inspection.result == "pass"

    def _create_automatic_inspections(self, step):
        """Lay ready the inspections that make themselves when a step comes near."""
        values_list = []
        for order, templates in self._get_step_templates(step).items():
            for template in templates.filtered("is_automatic"):
                waiting = order.inspection_ids.filtered(
                    lambda each, template=template: (
                        each.template_id == template
                        and each.state in ("draft", "progress")
                    )
                )
                done = any(
                    order._is_inspected_by(template, each)
                    for each in order.inspection_ids
                    if each.state == "done"
                )
                if not waiting and not done:
                    values_list.append(
                        {"template_id": template.id, "order_id": order.id}
                    )
        if not values_list:
            return self.env["aftersales.inspection"]
        return self.env["aftersales.inspection"].sudo().create(values_list)

    def _check_inspected(self, step):
        """Refuse a step of orders whose inspections are not done."""
        lacking = self._get_lacking_inspections(step)
        if lacking:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(order)s waits for the inspection: %(templates)s. Open it "
                        "on the work order and finish it.",
                        order=order.name,
                        templates=", ".join(templates.mapped("name")),
                    )
                    for order, templates in lacking.items()
                )
            )

    def _check_jobs_decided(self):
        # Before parts are moved, and with what else completion waits for.
        self._check_inspected("complete")
        return super()._check_jobs_decided()

    # What was left with us, and what the customer has to know

    def _check_belongings(self):
        kept = self.belonging_ids.filtered(lambda each: each.state == "kept")
        if kept:
            raise UserError(
                self.env._(
                    "%(orders)s can't be handed over: %(belongings)s is still with us. "
                    "Hand it back, or say that it is missing.",
                    orders=", ".join(kept.order_id.mapped("name")),
                    belongings=", ".join(kept.mapped("name")),
                )
            )

    def _get_unwarned_findings(self):
        """Return the dangers found here that nobody fixes or was warned of."""
        return self.finding_ids._get_unwarned()

    def _check_warnings(self):
        unwarned = self._get_unwarned_findings()
        if unwarned:
            raise UserError(
                self.env._(
                    "%(orders)s can't be handed over: %(findings)s affects safety and "
                    "is not fixed. Record whom you warned of it, and how.",
                    orders=", ".join(unwarned.order_id.mapped("name")),
                    findings="; ".join(unwarned.mapped("name")),
                )
            )

    def action_return_belongings(self):
        """Hand back everything that is still with us, to the customer."""
        kept = self.belonging_ids.filtered(lambda each: each.state == "kept")
        return kept.action_return()

    def action_add_findings(self):
        """Make jobs of what was found before and is still open."""
        for order in self:
            order.earlier_finding_ids.action_create_job(order=order)
        return True

    def action_order_findings(self):
        """Put what is open on the asset of a finished order on another one.

        :return: an action that opens the asset's open work order, or a new one
        :raises UserError: if nothing is open
        """
        self.ensure_one()
        self._check_decides()
        self._lock()
        findings = self.open_finding_ids
        if not findings:
            raise UserError(
                self.env._(
                    "%(order)s: everything that was found has its job or was "
                    "dismissed.",
                    order=self.name,
                )
            )
        order = self.search(
            [
                ("asset_id", "=", self.asset_id.id),
                ("state", "not in", ("ready", "done", "cancel")),
            ],
            order="id",
            limit=1,
        ) or self.create(self._prepare_follow_up_values(findings))
        findings.action_create_job(order=order)
        return order.get_formview_action()

    def _prepare_follow_up_values(self, findings):
        """Return the work order for what was found on this one."""
        self.ensure_one()
        return {
            "asset_id": self.asset_id.id,
            "partner_id": self.partner_id.id,
            "contact_id": self.contact_id.id,
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "warehouse_id": self.warehouse_id.id,
            "channel": "outbound",
            "complaint": self.env._(
                "Found on %(order)s: %(findings)s",
                order=self.name,
                findings="; ".join(findings.mapped("name")),
            ),
        }

    def action_inspect(self, template=None):
        """Make the inspection of a template for these orders.

        :param template: record or id; one that is not finished is gone on with
        :return: the inspections
        """
        Template = self.env["aftersales.inspection.template"]
        template = Template.browse(getattr(template, "id", template))
        Inspection = self.env["aftersales.inspection"]
        known = self.inspection_ids.filtered(
            lambda each: (
                each.template_id == template and each.state in ("draft", "progress")
            )
        )
        todo = self - known.order_id
        return known | Inspection.create(
            [{"template_id": template.id, "order_id": order.id} for order in todo]
        )

    def action_new_inspection(self):
        """Ask which inspection, and open it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Inspection"),
            "res_model": "aftersales.inspect",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_view_inspections(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_inspection.inspection_action"
        )
        return {
            **action,
            "domain": [("order_id", "in", self.ids)],
            "context": {"default_order_id": self[:1].id},
        }
