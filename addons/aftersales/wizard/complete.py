from odoo import fields, models


class AftersalesComplete(models.TransientModel):
    """Show what is missing before an order is completed with less than approved."""

    _name = "aftersales.complete"
    _description = "Complete with Differences"

    order_ids = fields.Many2many("aftersales.order", required=True)
    line_ids = fields.One2many(
        "aftersales.complete.line", "wizard_id", compute="_compute_line_ids"
    )
    reason = fields.Char(required=True)

    def _compute_line_ids(self):
        for wizard in self:
            lines = wizard.order_ids.line_ids.filtered(
                lambda line: line.job_id.state in ("approved", "progress", "done")
            )
            wizard.line_ids = [
                fields.Command.create(
                    {
                        "job_line_id": line.id,
                        "qty_planned": planned,
                        "qty_usable": usable,
                    }
                )
                for line, planned, usable in lines._get_differences()
            ]

    def action_accept(self):
        self.ensure_one()
        return self.order_ids.action_complete(
            accept_differences=True, reason=self.reason
        )


class AftersalesCompleteLine(models.TransientModel):
    _name = "aftersales.complete.line"
    _description = "Difference"

    wizard_id = fields.Many2one("aftersales.complete", ondelete="cascade")
    job_line_id = fields.Many2one("aftersales.job.line", readonly=True)
    qty_planned = fields.Float("Approved", digits="Product Unit", readonly=True)
    qty_usable = fields.Float("Here", digits="Product Unit", readonly=True)
