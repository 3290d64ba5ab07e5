from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.aftersales_field.tests.common import FieldCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 18:00:00")
class TestExpense(FieldCommon):
    """Claims of engineers for their visits, on their way through Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site_mitte.city = "Berlin"
        cls.account_travel = cls.env["account.account"].create(
            {"name": "Travel", "code": "660100", "account_type": "expense"}
        )
        cls.product_travel = cls.env["product.product"].create(
            {
                "name": "Parking",
                "type": "service",
                "can_be_expensed": True,
                "property_account_expense_id": cls.account_travel.id,
                "supplier_taxes_id": [Command.clear()],
            }
        )
        cls.approver = cls._create_user(
            "approver", "hr_expense.group_hr_expense_team_approver"
        )
        # Odoo lets these post claims.
        cls.bookkeeper = cls._create_user("bookkeeper", "account.group_account_user")
        (cls.employee_anna | cls.employee_ben).write(
            {"expense_manager_id": cls.approver.id}
        )
        for employee in (cls.employee_anna, cls.employee_ben):
            employee.work_contact_id = employee.user_id.partner_id
        if not cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "purchase")]
        ):
            cls.env["account.journal"].create(
                {
                    "name": "Bills",
                    "code": "BILLX",
                    "type": "purchase",
                    "company_id": cls.company.id,
                }
            )

    def setUp(self):
        super().setUp()
        self.visit = self._create_visit(2, "2026-03-02 09:00", site=self.site_mitte)

    def _claim(self, user=None, receipt=True, **values):
        user = user or self.anna_user
        expense = (
            self.env["hr.expense"]
            .with_user(user)
            .create(
                {
                    "name": "Parking",
                    "product_id": self.product_travel.id,
                    "total_amount_currency": 12.5,
                    "date": "2026-03-02",
                    "employee_id": user.employee_id.id,
                    "aftersales_visit_id": self.visit.id,
                    "aftersales_place": "Berlin-Mitte",
                    "company_id": self.company.id,
                    **values,
                }
            )
        )
        if receipt:
            self._attach(expense)
        return expense

    def _attach(self, expense):
        self.env["ir.attachment"].with_user(expense.env.user).create(
            {
                "name": "receipt.jpg",
                "raw": b"receipt",
                "res_model": "hr.expense",
                "res_id": expense.id,
            }
        )
        expense.invalidate_recordset()

    def test_from_the_visit_to_the_journal_entry(self):
        action = self.visit.with_user(self.anna_user).action_create_expense()
        self.assertEqual(action["context"]["default_date"], date(2026, 3, 2))
        Expense = self.env["hr.expense"].with_user(self.anna_user)
        with Form(Expense.with_context(**action["context"])) as form:
            form.name = "Parking"
            form.product_id = self.product_travel
            form.total_amount_currency = 12.5
            form.aftersales_place = "Berlin"
        expense = form.save()
        self.assertEqual(expense.employee_id, self.employee_anna)
        self._attach(expense)
        self.assertFalse(expense.aftersales_problem)
        expense.action_submit()
        self.assertEqual(expense.state, "submitted")
        expense.with_user(self.approver).action_approve()
        self.assertEqual(expense.state, "approved")
        wizard = expense.with_user(self.bookkeeper).action_post()
        context = wizard.get("context") or {}
        self.env[wizard["res_model"]].with_user(self.bookkeeper).with_context(
            **context
        ).browse(wizard.get("res_id")).action_post_entry()
        move = expense.sudo().account_move_id
        self.assertTrue(move)
        (line,) = move.line_ids.filtered("expense_id")
        self.assertEqual(line.account_id, self.account_travel)
        self.assertEqual(line.debit, 12.5)
        self.assertEqual(line.aftersales_order_id, self.visit.order_id)

    def test_what_does_not_match_is_flagged(self):
        for values, words in (
            ({"date": "2026-03-01"}, "was on 03/02/2026"),
            ({"aftersales_place": "Hamburg"}, "was in Berlin"),
            ({"aftersales_place": False}, "place on the receipt is missing"),
        ):
            with self.subTest(words):
                expense = self._claim(**values)
                self.assertIn(words, expense.aftersales_problem)
                expense.action_submit()
                self.assertEqual(expense.state, "submitted")
                self.assertTrue(expense.aftersales_is_flagged)

    def test_somebody_who_was_not_there(self):
        expense = self._claim_for_ben()
        self.assertIn("Ben was not on", expense.aftersales_problem)
        self.visit.action_plan(helpers=self.employee_ben)
        expense.invalidate_recordset()
        self.assertFalse(expense.aftersales_problem, "helpers were there")

    def _claim_for_ben(self):
        """A claim that the office enters: it may see the visit."""
        clerk = self._create_user(
            "clerk",
            "aftersales.aftersales_group_user,hr_expense.group_hr_expense_user",
        )
        return self._claim(clerk, employee_id=self.employee_ben.id)

    def test_a_guessed_visit_tells_nothing(self):
        clerk = self._create_user("guesser", "base.group_user")
        employee = self.env["hr.employee"].create(
            {"name": "Guesser", "user_id": clerk.id, "company_id": self.company.id}
        )
        with self.assertRaisesRegex(AccessError, "^You can claim for visits"):
            self._claim(clerk, employee_id=employee.id, receipt=False)
        with self.assertRaisesRegex(AccessError, "^You can claim for visits"):
            self._claim(self.ben_user, receipt=False)
        expense = self._claim(clerk, aftersales_visit_id=False, receipt=False)
        with self.assertRaises(AccessError):
            expense.aftersales_visit_id = self.visit.id
        self.assertFalse(expense.aftersales_visit_id)
        typed = expense.new({"aftersales_visit_id": self.visit.id}, origin=expense)
        for word in (self.visit.name, "Anna", "Berlin"):
            self.assertNotIn(word, typed.aftersales_problem)

    def test_the_own_claim_opens_no_visit(self):
        approver = self.anna_user
        approver.group_ids += self.env.ref("hr_expense.group_hr_expense_team_approver")
        approver.group_ids -= self.env.ref("aftersales.aftersales_group_technician")
        self._claim(approver)
        visit = self.visit.with_user(approver)
        with self.assertRaises(AccessError):
            visit.read(["complaint"])
        visit = self.visit.with_user(self.approver)
        self.assertEqual(visit.read(["name"])[0]["name"], self.visit.name)
        with self.assertRaises(AccessError):
            visit.read(["tracking_url"])

    def test_refused_by_setting(self):
        self.company.aftersales_expense_check = "refuse"
        fine = self._claim()
        wrong = self._claim(date="2026-03-01", name="Hotel")
        with self.assertRaisesRegex(UserError, "Hotel does not match the visit"):
            (fine | wrong).action_submit()
        self.assertEqual(fine.state, "draft")
        wrong.date = "2026-03-02"
        (fine | wrong).action_submit()
        self.assertEqual((fine | wrong).mapped("state"), ["submitted", "submitted"])
        self.assertFalse(any((fine | wrong).mapped("aftersales_is_flagged")))

    def test_receipt_is_required(self):
        expense = self._claim(receipt=False)
        with self.assertRaisesRegex(UserError, "photo of the receipt"):
            expense.action_submit()
        self.company.aftersales_expense_receipt = False
        expense.action_submit()
        self.assertEqual(expense.state, "submitted")

    def test_claims_without_a_visit_are_odoos(self):
        self.company.aftersales_expense_check = "refuse"
        expense = self._claim(
            receipt=False, aftersales_visit_id=False, aftersales_place=False
        )
        expense.action_submit()
        self.assertEqual(expense.state, "submitted")
        self.assertFalse(expense.aftersales_problem)

    def test_days_are_those_that_were_stamped(self):
        visit = self.visit.with_user(self.anna_user)
        visit.action_travel(moment="2026-03-02 06:30:00")
        visit.action_arrive(moment="2026-03-02 08:00:00")
        self.assertEqual(
            self.visit._get_expense_days(), (date(2026, 3, 2), date(2026, 3, 2))
        )

    def test_sums(self):
        self._claim()
        self._claim(total_amount_currency=30)
        self.env.flush_all()
        self.env.invalidate_all()
        visit = self.visit.with_user(self.advisor)
        self.assertEqual((visit.expense_count, visit.expense_amount), (2, 42.5))
        self.assertEqual(visit.order_id.expense_amount, 42.5)
        other = self.visit.with_user(self.storekeeper)
        self.assertEqual(other.expense_count, 0, "claims of others stay private")

    def test_rights(self):
        expense = self._claim()
        expense.action_submit()
        visit = self.visit.with_user(self.approver)
        self.assertEqual(visit.display_name, self.visit.display_name)
        unclaimed = self._create_visit(1).with_user(self.approver)
        with self.assertRaises(AccessError):
            unclaimed.read(["name"])
        with self.assertRaises(AccessError):
            expense.with_user(self.ben_user).read(["name"])
        with self.assertRaises(AccessError):
            self.env["hr.expense"].with_user(self.portal_engineer_user).search([])
        with self.assertRaises(AccessError):
            visit.write({"note": "x"})
        (row,) = expense.with_user(self.bookkeeper).web_read(
            {
                "aftersales_visit_id": {"fields": {"display_name": {}}},
                "aftersales_problem": {},
            }
        )
        self.assertFalse(row["aftersales_problem"])

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(UserError):
            self.env["hr.expense"].create(
                {
                    "name": "Foreign",
                    "product_id": self.product_travel.id,
                    "employee_id": self.employee_anna.id,
                    "company_id": other.id,
                    "aftersales_visit_id": self.visit.id,
                }
            )

    def test_screens(self):
        for user in (self.advisor, self.manager, self.anna_user, self.bookkeeper):
            views = (
                self.env["hr.expense"]
                .with_user(user)
                .get_views([(False, "form"), (False, "list"), (False, "search")])
            )
            self.assertIn("aftersales_visit_id", views["views"]["form"]["arch"])
