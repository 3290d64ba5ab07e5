from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """The test: passed or not, how good it still is, who says so."""

    _inherit = "aftersales.return.line"

    test_result = fields.Selection(
        [("pass", "In order"), ("fail", "Faulty"), ("none", "No fault found")],
        "Test",
        readonly=True,
        copy=False,
    )
    grade_id = fields.Many2one(
        "aftersales.return.grade", check_company=True, copy=False
    )
    test_note = fields.Char("Found", copy=False)
    test_user_id = fields.Many2one("res.users", "Tested By", readonly=True, copy=False)
    date_tested = fields.Datetime("Tested On", readonly=True, copy=False)

    def action_test(self, result="pass", grade=None, note=None):
        """Record what the test of these goods found.

        :param str result: ``pass`` in order, ``fail`` faulty, ``none`` no fault found
        :param grade: an ``aftersales.return.grade``, as record or id
        :param str note: what was seen
        :raises UserError: for goods that are not here, or go into stock ungraded
        """
        lines = self._lock()
        lines._check_here()
        todo = lines.filtered(lambda line: line.state != "tested")
        todo._check_transition("tested")
        todo._check_may_test()
        grade = self.env["aftersales.return.grade"].browse(
            getattr(grade, "id", grade) or ()
        )
        if not grade:
            todo._check_graded()
        todo._set_state(
            "tested",
            test_result=result,
            test_note=note,
            date_tested=fields.Datetime.now(),
            test_user_id=self.env.uid,
            **({"grade_id": grade.id} if grade else {}),
        )
        return True

    def _check_graded(self):
        """Refuse goods for stock without a grade: it says where they are put away."""
        ungraded = self.filtered(
            lambda line: line.goods == "restock" and not line.grade_id
        )
        if ungraded:
            raise UserError(
                self.env._(
                    "%(lines)s: choose the grade. It says where it is put away.",
                    lines=", ".join(ungraded.mapped("display_name")),
                )
            )

    def _check_may_test(self):
        """Refuse a test that has to be made with its checklist."""
