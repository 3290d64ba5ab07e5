from odoo import Command, api, fields, models
from odoo.exceptions import UserError

RESULTS = [("pass", "In order"), ("fail", "Faulty"), ("none", "No fault found")]
GATE_RESULTS = [("pass", "Passed"), ("fail", "Not passed")]


class AftersalesReturnTest(models.TransientModel):
    """Record what the test found, of one thing or of a table full."""

    _name = "aftersales.return.test"
    _description = "Test Returned Goods"

    line_ids = fields.One2many("aftersales.return.test.line", "test_id", "Goods")
    is_gate = fields.Boolean(compute="_compute_is_gate")
    is_mixed = fields.Boolean(compute="_compute_is_gate")
    result = fields.Selection(RESULTS)
    gate_result = fields.Selection(GATE_RESULTS, "After Repair")
    grade_id = fields.Many2one("aftersales.return.grade")
    note = fields.Char("Found")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        lines = self.env[self.env.context["active_model"]].browse(
            self.env.context["active_ids"]
        )
        values["line_ids"] = [Command.create({"line_id": line.id}) for line in lines]
        return values

    @api.depends("line_ids.is_gate")
    def _compute_is_gate(self):
        for test in self:
            kinds = set(test.line_ids.mapped("is_gate"))
            test.is_gate = kinds == {True}
            test.is_mixed = len(kinds) > 1

    def action_apply(self):
        """Record each row; nothing is recorded if one of them can't be."""
        self.ensure_one()
        self.line_ids._check_answered()
        rows = self.line_ids.filtered(lambda row: not row.is_gate)
        for (result, grade, note), own in rows.grouped(
            lambda row: (row.result, row.grade_id, row.note)
        ).items():
            own.line_id.action_test(result=result, grade=grade, note=note)
        gates = self.line_ids.filtered("is_gate")
        for (result, note), own in gates.grouped(
            lambda row: (row.gate_result, row.note)
        ).items():
            own.line_id.action_test_repair(result=result, note=note)
        return {"type": "ir.actions.act_window_close"}


class AftersalesReturnTestLine(models.TransientModel):
    """What the test of one thing found; follows the answer for all of them."""

    _name = "aftersales.return.test.line"
    _description = "Test of Returned Goods"

    test_id = fields.Many2one(
        "aftersales.return.test", required=True, ondelete="cascade"
    )
    line_id = fields.Many2one(
        "aftersales.return.line", "Goods", required=True, ondelete="cascade"
    )
    product_id = fields.Many2one(related="line_id.product_id")
    serial = fields.Char(related="line_id.serial")
    quantity = fields.Float(related="line_id.quantity")
    goods = fields.Selection(related="line_id.goods")
    reason_id = fields.Many2one(related="line_id.reason_id", string="Customer Says")
    operation_id = fields.Many2one(related="line_id.operation_id")
    is_gate = fields.Boolean("Was Repaired", compute="_compute_is_gate")
    result = fields.Selection(
        RESULTS, compute="_compute_result", store=True, readonly=False
    )
    gate_result = fields.Selection(
        GATE_RESULTS,
        "After Repair",
        compute="_compute_gate_result",
        store=True,
        readonly=False,
    )
    grade_id = fields.Many2one(
        "aftersales.return.grade",
        compute="_compute_grade_id",
        store=True,
        readonly=False,
    )
    note = fields.Char("Found", compute="_compute_note", store=True, readonly=False)

    @api.depends("line_id")
    def _compute_is_gate(self):
        for row in self:
            row.is_gate = row.line_id.state == "settled"

    @api.depends("test_id.result", "is_gate")
    def _compute_result(self):
        for row in self:
            row.result = not row.is_gate and (row.test_id.result or row.result)

    @api.depends("test_id.gate_result", "is_gate")
    def _compute_gate_result(self):
        for row in self:
            row.gate_result = row.is_gate and (
                row.test_id.gate_result or row.gate_result
            )

    @api.depends("test_id.grade_id", "is_gate")
    def _compute_grade_id(self):
        for row in self:
            row.grade_id = not row.is_gate and (row.test_id.grade_id or row.grade_id)

    @api.depends("test_id.note")
    def _compute_note(self):
        for row in self:
            row.note = row.test_id.note or row.note

    def _check_answered(self):
        bare = self.filtered(
            lambda row: not (row.gate_result if row.is_gate else row.result)
        )
        if bare:
            raise UserError(
                self.env._(
                    "%(lines)s: say what the test found.",
                    lines=", ".join(bare.line_id.mapped("display_name")),
                )
            )
