from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesInspection(models.Model):
    """A test of returned goods: finished, it is the result of the line.

    So is the final inspection of a work order that a return made: it is the test
    after the repair.
    """

    _inherit = "aftersales.inspection"

    return_line_id = fields.Many2one(
        "aftersales.return.line",
        "Returned Goods",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _get_repair_tests(self):
        """Return the tests after a repair that are for returned goods.

        They are of whoever tests returned goods, whose work order it may not be.
        """
        return self.filtered(
            lambda each: (
                each.use == "gate_final"
                and each.return_line_id
                and each.return_line_id.sudo().order_id == each.sudo().order_id
                and each.sudo().order_id.state in each.return_line_id._tested_orders()
            )
        )

    def _check_order(self):
        return super(
            AftersalesInspection, self - self._get_repair_tests()
        )._check_order()

    def _check_gate_person(self):
        if self._get_repair_tests():
            return None
        return super()._check_gate_person()

    def _send_back(self):
        # Before the work order goes back to work: what was tested is what was done.
        gates = self.filtered(lambda each: each.use == "gate_final")
        gates._tell_gate()
        (self - gates).filtered("return_line_id")._tell_test()
        return super()._send_back()

    def _tell_gate(self):
        """Record the test after the repair on the goods that came back for it."""
        for inspection in self:
            order = inspection.order_id
            line = order.return_line_id
            if not line or order.state not in ("quality", "ready", "done"):
                continue
            note = inspection._get_test_note()
            line.action_test_repair(result=inspection.result, note=note)
            if inspection.result == "fail":
                order.rework_ids.filtered(
                    lambda rework, order=order: rework.round == order.rework_count
                ).inspection_id = inspection

    def _tell_test(self):
        """Record the test of goods, those with one outcome together."""
        waiting = self.filtered(
            lambda each: each.return_line_id.state in ("received", "tested")
        )
        for (result, grade), same in waiting.grouped(
            lambda each: (each._get_test_result(), each._get_grade())
        ).items():
            lines = same.return_line_id
            # Tested again: the last test counts.
            lines.filtered(lambda line: line.state == "tested")._set_state("received")
            lines.action_test(result=result, grade=grade)
            for inspection in same:
                inspection.return_line_id.write(
                    {
                        "test_inspection_id": inspection.id,
                        "test_note": inspection._get_test_note(),
                    }
                )

    def _get_test_result(self):
        """Return the outcome for the line; a fault that does not show is none."""
        self.ensure_one()
        if self.result == "fail":
            return "fail"
        return "none" if self.return_line_id.reason_id.kind == "fault" else "pass"

    def _get_grade(self):
        """Return the grade that an answer chose, if the checklist asks for it."""
        self.ensure_one()
        return self.answer_ids.choice_id.return_grade_id[:1]

    def _get_test_note(self):
        """Return what was not right, item by item, else the number of the test."""
        self.ensure_one()
        bad = self.answer_ids.filtered(
            lambda answer: answer.rating in ("yellow", "red")
        )
        if not bad:
            return self.name
        return f"{self.name}: {'; '.join(answer._get_summary() for answer in bad)}"


class AftersalesInspectionChoice(models.Model):
    _inherit = "aftersales.inspection.choice"

    return_grade_id = fields.Many2one(
        "aftersales.return.grade",
        "Grade",
        ondelete="restrict",
        help="Chosen in a test of returned goods, it is their grade.",
    )


class AftersalesReturnOperation(models.Model):
    _inherit = "aftersales.return.operation"

    gate_template_id = fields.Many2one(
        "aftersales.inspection.template",
        "Checklist after Repair",
        check_company=True,
        domain="[('use', '=', 'gate_final')]",
        help="The checklist of the test after the repair. Empty: passed or not.",
    )


class AftersalesReturnLine(models.Model):
    """Tests by a checklist: photos, findings, grade."""

    _inherit = "aftersales.return.line"

    inspection_ids = fields.One2many("aftersales.inspection", "return_line_id", "Tests")
    test_inspection_id = fields.Many2one(
        "aftersales.inspection",
        "Tested With",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    test_template_id = fields.Many2one(
        "aftersales.inspection.template",
        "Checklist",
        compute="_compute_test_template_id",
        compute_sudo=True,
        help="By which it is tested next: at the receipt, or after the repair.",
    )
    inspection_count = fields.Integer(
        "Number of Tests", compute="_compute_inspection_count", compute_sudo=True
    )
    finding_count = fields.Integer(
        "Number of Findings", compute="_compute_inspection_count", compute_sudo=True
    )

    @api.depends("operation_id", "order_id.state")
    def _compute_test_template_id(self):
        for line in self:
            operation = line.operation_id
            line.test_template_id = (
                operation.gate_template_id
                if line.order_id
                else operation.test_template_id
            )

    @api.depends("inspection_ids.state", "inspection_ids.finding_ids")
    def _compute_inspection_count(self):
        for line in self:
            inspections = line.inspection_ids.filtered(
                lambda inspection: inspection.state != "cancel"
            )
            line.inspection_count = len(inspections)
            line.finding_count = len(inspections.finding_ids)

    def action_inspect(self):
        """Open the test by the checklist of the operation, made if there is none.

        :raises UserError: if the operation has no checklist, or the goods, or the
            work on them, are not there yet
        """
        self.ensure_one()
        self.check_access("write")
        template = self.test_template_id
        if not template:
            raise UserError(
                self.env._(
                    "%(line)s: its operation has no checklist. Record the test here.",
                    line=self.display_name,
                )
            )
        self._check_here()
        if self.order_id:
            # Whoever tests it need not have worked on it.
            self.sudo()._check_testable()
        running = self.inspection_ids.filtered(
            lambda inspection: (
                inspection.state in ("draft", "progress")
                and inspection.template_id == template
            )
        )
        inspection = running[:1] or self.env["aftersales.inspection"].create(
            self._prepare_inspection_values(template)
        )
        return inspection.action_open_runner()

    def _prepare_inspection_values(self, template):
        self.ensure_one()
        asset = self.asset_id or self._get_verdict_assets().get(self, self.asset_id)
        return {
            "template_id": template.id,
            "return_line_id": self.id,
            "asset_id": asset.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "order_id": self.order_id.id,
            "user_id": self.env.uid,
        }

    def action_view_inspections(self):
        """Show the tests of these goods, with their answers and photos."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_inspection.inspection_action"
        )
        return {
            **action,
            "domain": [("return_line_id", "in", self.ids)],
            "context": {"create": False},
        }

    def action_view_findings(self):
        """Show what the tests found."""
        return self.sudo().inspection_ids.with_env(self.env).action_view_findings()

    def _check_may_test(self):
        bare = self.filtered(
            lambda line: (
                line.operation_id.test_template_id and not line._get_new_inspections()
            )
        )
        if bare:
            raise UserError(
                self.env._(
                    "%(lines)s is tested by its checklist: open the test there.",
                    lines=", ".join(bare.mapped("display_name")),
                )
            )
        return super()._check_may_test()

    def _get_new_inspections(self):
        """Return the finished tests of which no result was recorded yet."""
        self.ensure_one()
        template = self.operation_id.test_template_id
        return self.inspection_ids.filtered(
            lambda inspection: (
                inspection.state == "done"
                and inspection.template_id == template
                and inspection != self.test_inspection_id
            )
        )

    def action_test_repair(self, result="pass", note=None):
        if result == "pass":
            self.sudo()._check_gate_inspected()
        return super().action_test_repair(result=result, note=note)

    def _check_gate_inspected(self):
        """Refuse a pass by hand where a checklist after the repair is asked for."""
        bare = self.filtered(
            lambda line: (
                line.operation_id.gate_template_id
                and line.order_id.state != "cancel"
                and not line._is_gate_inspected()
            )
        )
        if bare:
            raise UserError(
                self.env._(
                    "%(lines)s passes the test after the repair by its checklist: "
                    "open the test there.",
                    lines=", ".join(bare.mapped("display_name")),
                )
            )

    def _is_gate_inspected(self):
        """Whether the work as it was done last passed its final inspection."""
        self.ensure_one()
        order = self.order_id
        return any(
            inspection.state == "done"
            and inspection.result == "pass"
            and inspection.template_id == self.operation_id.gate_template_id
            and inspection.order_rework_count == order.rework_count
            for inspection in order.inspection_ids
        )
