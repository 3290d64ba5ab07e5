from odoo import models
from odoo.exceptions import UserError

from .order import NEXT_STEPS

# What the step from one state to the next waits for.
STEPS = {
    ("approved", "progress"): "start",
    ("quality", "ready"): "quality",
    ("ready", "done"): "deliver",
}


class AftersalesOrder(models.Model):
    """Steps of the order wait for the inspections that its checklists ask for."""

    _inherit = "aftersales.order"

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
            if ids := order._get_step_template_ids(step):
                templates = Template.browse(ids).filtered(
                    lambda template, order=order: template._applies_to(order.asset_id)
                )
                if templates:
                    result[order] = templates
        return result

    def _get_step_template_ids(self, step):
        """Return ids of templates that a step of such an order waits for.

        Whether they are for its asset is asked of them afterwards.
        """
        self.ensure_one()
        Template = self.env["aftersales.inspection.template"]
        return Template._get_step_ids(self.company_id.id).get(step, ())

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
