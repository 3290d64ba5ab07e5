from odoo import api, fields, models


class AftersalesInspect(models.TransientModel):
    """Ask with which checklist an order is inspected."""

    _name = "aftersales.inspect"
    _description = "New Inspection"

    order_id = fields.Many2one("aftersales.order", "Work Order", required=True)
    available_template_ids = fields.Many2many(
        related="order_id.inspection_template_ids", string="Available"
    )
    template_id = fields.Many2one(
        "aftersales.inspection.template",
        "Checklist",
        required=True,
        domain="[('id', 'in', available_template_ids)]",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        precompute=True,
    )

    @api.depends("order_id")
    def _compute_template_id(self):
        """Offer what comes first and was not made yet."""
        for wizard in self:
            order = wizard.order_id
            made = order.inspection_ids.filtered(lambda each: each.state != "cancel")
            templates = order.inspection_template_ids.sorted()
            wizard.template_id = (templates - made.template_id)[:1]

    def action_apply(self):
        """Make the inspection and open it."""
        self.ensure_one()
        inspection = self.order_id.action_inspect(template=self.template_id)
        return inspection.action_open_runner()
