from odoo import api, fields, models, tools


class AftersalesInspectionTemplate(models.Model):
    """Checklists for the work at the customer's alone: arriving, before leaving."""

    _inherit = "aftersales.inspection.template"

    is_onsite_only = fields.Boolean(
        "Only at the Customer's",
        help="Work orders of the workshop neither get this checklist nor wait for it.",
    )

    @api.model
    @tools.ormcache()
    def _get_onsite_ids(self):
        """Return ids of the templates that are for orders on site only."""
        return frozenset(self.sudo().search([("is_onsite_only", "=", True)]).ids)


class AftersalesOrder(models.Model):
    """Checklists of an order on site lie ready before anybody drives there.

    The phone may have no network at the customer's: also what is only needed at the
    end is made with the approval.
    """

    _inherit = "aftersales.order"

    def _get_step_template_ids(self, step):
        ids = super()._get_step_template_ids(step)
        if not ids or self.is_onsite:
            return ids
        onsite = self.env["aftersales.inspection.template"]._get_onsite_ids()
        return tuple(number for number in ids if number not in onsite)

    @api.depends("is_onsite")
    def _compute_inspection_template_ids(self):
        result = super()._compute_inspection_template_ids()
        for order in self.filtered(lambda order: not order.is_onsite):
            order.inspection_template_ids = order.inspection_template_ids.filtered(
                lambda template: not template.is_onsite_only
            )
        return result

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        if state == "approved":
            moved.filtered("is_onsite")._lay_checklists()
        return moved

    def _mark_onsite(self):
        workshop = self.filtered(lambda order: not order.is_onsite)
        result = super()._mark_onsite()
        workshop._lay_checklists()
        return result

    def _start_onsite(self, required=False):
        # Lists that were switched on since the approval.
        self._lay_checklists()
        return super()._start_onsite(required)

    def _lay_checklists(self):
        """Make the checklists that make themselves, to begin and to complete."""
        begins = self.filtered(lambda order: order.state == "approved")
        begins._create_automatic_inspections("start")
        goes_on = begins | self.filtered(lambda order: order.state == "progress")
        goes_on._create_automatic_inspections("complete")


class AftersalesInspection(models.Model):
    _inherit = "aftersales.inspection"

    def action_finish(self, signer=None, signature=None, operation=None):
        """The work on site begins with the checklist it waited for."""
        result = super().action_finish(signer, signature, operation)
        orders = self.sudo().order_id.filtered(
            lambda order: order.is_onsite and order.state == "approved"
        )
        orders.filtered(
            lambda order: {"onsite", "paused"} & set(order.visit_ids.mapped("state"))
        )._start_onsite()
        return result
