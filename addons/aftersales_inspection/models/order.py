from odoo import api, fields, models
from odoo.exceptions import UserError

from .finding_job import CLOSED_STATES

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

    @api.model
    def _get_open_orders(self, assets):
        """Return ``{asset: its newest work order that work can be added to}``."""
        if not assets:
            return {}
        orders = self.search(
            [("asset_id", "in", assets.ids), ("state", "not in", CLOSED_STATES)],
            order="id",
        )
        return {order.asset_id: order for order in orders}

    def action_order_findings(self):
        """Put what is open on the asset of a finished order on another one.

        :return: an action that opens the asset's newest open work order, or a new one
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
        order = self._get_open_orders(self.asset_id).get(self.asset_id)
        order = order or self.create(self._prepare_follow_up_values(findings))
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
        :raises UserError: without a template
        """
        Template = self.env["aftersales.inspection.template"]
        template = Template.browse(getattr(template, "id", template)).exists()
        if not template:
            raise UserError(
                self.env._(
                    "%(orders)s: say which inspection template to inspect by.",
                    orders=", ".join(self.mapped("name")),
                )
            )
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
