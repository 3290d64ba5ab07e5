from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_visit_close import CloseCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestSolution(CloseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asset.product_id = cls.part_standard
        cls.Solution = cls.env["aftersales.solution"]

    def _fix(self, start, cause="Seal worn", remedy="Seal replaced", **values):
        visit = self._arrive(start, **values)
        self._write_down(visit)
        visit.sudo().job_ids.write({"cause": cause, "correction": remedy})
        visit.action_finish("fixed")
        return visit.sudo()

    def test_closing_makes_a_solution_once(self):
        visit = self._fix("2026-03-02 09:00")
        solution = visit.job_ids.solution_id
        self.assertEqual(solution.symptom, "Squeals when braking")
        self.assertEqual(solution.cause, "Seal worn")
        self.assertEqual(solution.product_ids, self.part_standard)
        self.assertEqual(solution.visit_id, visit)
        self.assertEqual(solution.use_count, 1)
        again = self._fix("2026-03-02 13:00", "seal  WORN.", "Seal replaced")
        self.assertEqual(again.job_ids.solution_id, solution)
        self.assertEqual(solution.use_count, 2)
        other = self._fix("2026-03-02 15:00", "Cable loose", "Cable fixed")
        self.assertNotEqual(other.job_ids.solution_id, solution)

    def test_other_model_is_learned_apart(self):
        first = self._fix("2026-03-02 09:00").job_ids.solution_id
        self.asset.product_id = self.part_fifo
        second = self._fix("2026-03-02 13:00").job_ids.solution_id
        self.assertNotEqual(first, second)
        self.assertEqual(second.product_ids, self.part_fifo)

    def test_unfinished_visit_teaches_nothing(self):
        visit = self._arrive()
        visit.sudo().job_ids.write({"cause": "Worn", "correction": "Looked at it"})
        visit.action_finish("follow_up", note="Come again")
        self.assertFalse(visit.sudo().job_ids.solution_id)

    def test_model_counts_before_words_and_words_before_use(self):
        rows = [
            ("Does not heat", self.part_standard, 1),
            ("Does not heat the water", self.part_fifo, 50),
            ("Leaks water", self.part_standard, 9),
            ("Makes noise", self.part_standard, 99),
        ]
        heat, water, leak, _noise = self.Solution.create(
            [
                {
                    "symptom": symptom,
                    "cause": "x",
                    "remedy": "y",
                    "product_ids": [Command.set(model.ids)],
                    "use_count": count,
                    "company_id": self.company.id,
                }
                for symptom, model, count in rows
            ]
        )
        found = self.Solution.with_company(self.company).find(
            "Machine does not heat", product=self.part_standard
        )
        self.assertEqual([row["id"] for row in found][:2], [heat.id, water.id])
        found = self.Solution.with_company(self.company).find(
            "water", product=self.part_standard.id
        )
        self.assertEqual([row["id"] for row in found], [leak.id, water.id])
        self.assertFalse(self.Solution.find(""))

    def test_scripts_without_spaces(self):
        solution = self.Solution.create(
            {
                "symptom": "洗衣机不脱水",
                "cause": "皮带断裂",
                "remedy": "更换皮带",
                "company_id": self.company.id,
            }
        )
        found = self.Solution.with_company(self.company).find("新机不脱水了")
        self.assertEqual([row["id"] for row in found], [solution.id])

    def test_one_search_whatever_the_number(self):
        self.Solution.create(
            [
                {
                    "symptom": f"Does not start {number}",
                    "cause": "x",
                    "remedy": "y",
                    "product_ids": [Command.set(self.part_standard.ids)],
                    "part_ids": [Command.set(self.part_fifo.ids)],
                    "company_id": self.company.id,
                }
                for number in range(30)
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        Solution = self.Solution.with_company(self.company)
        with self.assertQueryCount(12):
            found = Solution.find(
                "does not start", product=self.part_standard, limit=20
            )
        self.assertEqual(len(found), 20)

    def test_engineer_without_rights_sees_solutions_of_the_own_visit(self):
        self._fix("2026-03-02 09:00")
        visit = self._arrive("2026-03-02 13:00", self.employee_carl)
        self.assertEqual(visit.get_solutions()[0]["cause"], "Seal worn")

    def test_first_time_fix_and_the_same_problem_again(self):
        first = self._fix("2026-03-02 09:00").order_id
        self.assertEqual((first.visits_needed, first.first_time_fix), (1, "yes"))
        with freeze_time("2026-03-09 08:30:00"):
            second = self._fix("2026-03-09 09:00").order_id
        self.assertEqual(second.repeat_of_id, first)
        self.assertEqual(first.first_time_fix, "no")
        self.assertEqual(second.first_time_fix, "yes")

    def test_two_visits_are_no_first_time_fix(self):
        visit = self._arrive()
        visit.action_finish("follow_up", note="Paint has to dry")
        follow_up = visit.sudo().next_ids
        follow_up.action_plan(
            start=self._local("2026-03-02 14:00"), technician=self.employee_anna
        )
        follow_up = follow_up.with_user(self.anna_user)
        follow_up.action_arrive()
        self._write_down(follow_up)
        follow_up.action_finish("fixed")
        order = visit.sudo().order_id
        self.assertEqual(order.state, "quality")
        self.assertEqual((order.visits_needed, order.first_time_fix), (2, "no"))

    def test_somebody_says_that_it_is_the_same(self):
        first = self._fix("2026-03-02 09:00").order_id
        other = self._create_work(1)
        other.with_user(self.dispatcher).repeat_of_id = first
        self.assertEqual(first.first_time_fix, "no")
