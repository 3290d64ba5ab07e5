from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesInspection(models.Model):
    """A test of returned goods: finished, it is the result of the line."""

    _inherit = "aftersales.inspection"

    return_line_id = fields.Many2one(
        "aftersales.return.line",
        "Returned Goods",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        if state == "done":
            moved.filtered("return_line_id")._tell_return()
        return moved

    def _tell_return(self):
        for inspection in self:
            line = inspection.return_line_id
            result = "pass" if inspection.result == "pass" else "fail"
            if line.order_id:
                line.action_test_repair(result=result, note=inspection.name)
            else:
                line.action_test(result=result, note=inspection.name)


class AftersalesReturnLine(models.Model):
    _inherit = "aftersales.return.line"

    inspection_ids = fields.One2many(
        "aftersales.inspection", "return_line_id", "Tests"
    )

    def action_inspect(self):
        """Open the test by the checklist of the operation, made if there is none."""
        self.ensure_one()
        template = self.operation_id.test_template_id
        if not template:
            raise UserError(
                self.env._(
                    "%(line)s: its operation has no checklist. Record the test here.",
                    line=self.display_name,
                )
            )
        self._check_here()
        running = self.inspection_ids.filtered(
            lambda inspection: inspection.state in ("draft", "progress")
        )
        inspection = running[:1] or self.env["aftersales.inspection"].create(
            {
                "template_id": template.id,
                "return_line_id": self.id,
                "asset_id": self.asset_id.id,
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "order_id": self.order_id.id,
            }
        )
        return inspection.action_open_runner()

    def _check_may_test(self):
        super()._check_may_test()
        bare = self.filtered(
            lambda line: (
                line.operation_id.test_template_id
                and "done" not in line.inspection_ids.mapped("state")
            )
        )
        if bare:
            raise UserError(
                self.env._(
                    "%(lines)s is tested by its checklist: open the test there.",
                    lines=", ".join(bare.mapped("display_name")),
                )
            )
