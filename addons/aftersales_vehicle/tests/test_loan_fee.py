from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .loan_common import LoanCommon


@tagged("post_install", "-at_install")
class TestLoanFee(LoanCommon):
    def _take_back(self, loan, days, meter=5100):
        """Take the car back so many days after it left."""
        with freeze_time(self.start + timedelta(days=days)):
            loan.with_user(self.advisor).action_take_back(meter=meter, fuel="4")
        return loan.sale_order_id

    def _lend_out(self, **values):
        order = self._order([(self.labour, 1)])
        loan = self._lend(order, **values)
        self._approve(order)
        self._hand_out(loan)
        return loan

    def test_days_of_a_longer_loan_are_billed(self):
        loans = self._lend_out() | self._lend_out(
            resource_id=self.loaner.copy({"name": "Up (loaner)"}).id
        )
        loans.with_user(self.advisor).date_due = self.start + timedelta(days=6)
        for loan in loans:
            self.assertEqual(loan.days, 2, "what was agreed")
            self.assertIn("The 4 beyond are billed", loan.message_ids[0].body)
            self.assertEqual(loan.job_id.line_ids.product_uom_qty, 2)
            sale = self._take_back(loan, 6, meter=5700)
            # Six days are paid for, with 600 km.
            self.assertEqual(sale.amount_untaxed, 4 * 30.0 + 100 * 0.5)

    def test_longer_after_the_yes_and_before_it_leaves(self):
        order = self._order([(self.labour, 1)])
        loan = self._lend(order)
        self.assertEqual(loan.days, 2)
        loan.date_due += timedelta(days=1)
        self.assertEqual(loan.days, 3)
        self.assertEqual(loan.job_id.line_ids.product_uom_qty, 3)
        self._approve(order)
        loan.date_due += timedelta(days=1)
        self.assertEqual(loan.days, 3)
        self._hand_out(loan)
        self.assertEqual(self._take_back(loan, 4).amount_untaxed, 30.0)

    def test_a_longer_free_loan_brings_no_further_distance(self):
        loan = self._lend_out(price=0)
        loan.date_due = self.start + timedelta(days=6)
        sale = self._take_back(loan, 6, meter=5300)
        self.assertEqual(sale.amount_untaxed, 100 * 0.5)

    def test_form_counts_the_days_before_it_is_saved(self):
        form = Form(self.env["aftersales.loan"].with_user(self.advisor))
        form.date_from = self.start
        form.date_due = self.start + timedelta(days=5)
        self.assertEqual(form.days, 5)
        loan = self._lend_out(price=0)
        with Form(loan.with_user(self.advisor)) as form:
            form.date_due = self.start + timedelta(days=5)
            self.assertEqual(form.days, 2)
        self.assertEqual(loan.days, 2)
        self.assertEqual(loan.date_due, fields.Datetime.add(self.start, days=5))

    def test_change_of_payer_goes_to_the_job(self):
        order = self._order([(self.labour, 1)])
        loan = self._lend(order)
        customer = loan.job_id.payer_id
        order.action_estimate()
        loan = loan.with_user(self.advisor)
        loan.payer_id = self.rework
        self.assertEqual(loan.job_id.payer_id, self.rework)
        self.assertFalse(loan.sudo().job_id.sale_line_ids, "nobody is asked for it")
        loan.payer_id = False
        self.assertEqual(loan.job_id.payer_id, customer)
        self.assertEqual(loan.sudo().job_id.amount_untaxed, 60.0)

    def test_payer_and_price_stay_after_the_answer(self):
        order = self._order([(self.labour, 1)])
        loan = self._lend(order)
        self._approve(order)
        loan = loan.with_user(self.advisor)
        for values in ({"payer_id": self.rework.id}, {"price_day": 9}, {"days": 9}):
            with self.assertRaisesRegex(UserError, f"{loan.name}.*has answered"):
                loan.write(values)
        loan.write({"price_day": 30.0, "payer_id": False})
        self.assertEqual(loan.job_id.payer_id.kind, "invoiced")

    def test_lines_added_to_the_job_stay_as_they_are(self):
        order = self._order([(self.labour, 1)])
        loan = self._lend(order)
        loan.job_id.line_ids = [
            Command.create({"product_id": self.labour.id, "product_uom_qty": 0.5})
        ]
        fee, own = loan.job_id.line_ids
        order.action_estimate()
        price = own.price_unit
        loan.with_user(self.advisor).write(
            {"price_day": 40, "date_due": self.start + timedelta(days=3)}
        )
        self.assertEqual((own.product_uom_qty, own.price_unit), (0.5, price))
        self.assertEqual((fee.product_uom_qty, fee.price_unit), (3, 40.0))
        fee.unlink()
        loan.with_user(self.advisor).price_day = 50
        self.assertEqual((loan.job_id.line_ids - own).price_subtotal, 150.0)

    def test_price_list_takes_nothing_off_what_was_signed(self):
        self.env.ref("base.group_user").implied_ids += self.env.ref(
            "sale.group_discount_per_so_line"
        )
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Ten percent off",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 10})
                ],
            }
        )
        self.customer.with_company(self.company).property_product_pricelist = pricelist
        self.env.ref("aftersales_vehicle.product_loaner").list_price = 25
        loan = self._lend_out()
        labour = loan.order_id.job_ids.line_ids - loan.job_id.line_ids
        self.assertEqual(labour.discount, 10, "the rule is used")
        self.assertEqual(loan.job_id.amount_untaxed, 60.0)
        self.assertEqual(self._take_back(loan, 3).amount_untaxed, 30.0)
