from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestOrderViews(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["aftersales.job.template"].create(
            {
                "name": "Replace brake pads",
                "description": "New pads in front",
                "line_ids": [
                    Command.create({"product_id": cls.part_avco.id}),
                    Command.create(
                        {
                            "product_id": cls.labour.id,
                            "kind": "labour",
                            "product_uom_qty": 1.5,
                        }
                    ),
                ],
            }
        )

    def _open_form(self, user, order=None):
        orders = order or self.env["aftersales.order"]
        return Form(orders.with_user(user).with_company(self.company))

    def _get_views(self, user, action):
        """Load an action's views as the web client does, and return them."""
        action = self.env.ref(action).with_user(user).sudo()._get_action_dict()
        return (
            self.env[action["res_model"]]
            .with_user(user)
            .get_views(
                [*action["views"], (action["search_view_id"][0], "search")],
                {"toolbar": True},
            )
        )

    def test_take_in_an_order(self):
        """R001, R002, R005: asset, complaint and a template make a priced order."""
        self._stock(self.part_avco, 5)
        with self._open_form(self.advisor) as form:
            form.complaint = "Squeals when braking"
            form.asset_id = self.asset
            self.assertEqual(form.partner_id, self.customer)
            self.assertEqual(form.team_id, self.team)
            with form.job_ids.new() as job:
                job.template_id = self.template
                self.assertEqual(job.name, "Replace brake pads")
                self.assertEqual(len(job.line_ids), 2)
                self.assertEqual(job.amount_untaxed, 140.0)
            self.assertEqual(form.amount_untaxed, 140.0)
            self.assertEqual(form.hours_planned, 1.5)
            self.assertEqual(form.parts_state, "planned")
        order = form.record
        self.assertEqual(order.job_ids.description, "New pads in front")
        self.assertEqual(order.line_ids.mapped("product_uom_qty"), [1, 1.5])
        self.assertEqual(order.amount_untaxed, 140.0)

    def test_lines_changed_in_the_dialog_stay(self):
        """What the advisor changes after choosing the template is what is saved."""
        with self._open_form(self.advisor) as form:
            form.asset_id = self.asset
            with form.job_ids.new() as job:
                job.template_id = self.template
                with job.line_ids.edit(0) as line:
                    line.product_uom_qty = 3
                job.line_ids.remove(1)
        order = form.record
        self.assertEqual(order.line_ids.mapped("product_uom_qty"), [3])
        with Form(order.job_ids) as job:
            job.template_id = self.template
            with job.line_ids.edit(1) as line:
                line.product_uom_qty = 2
        self.assertEqual(order.line_ids.mapped("product_uom_qty"), [1, 2])

    def test_price_and_quantity_after_the_estimate(self):
        order = self._create_order().with_user(self.advisor)
        order.action_estimate()
        with Form(order) as form, form.job_ids.edit(0) as job:
            with job.line_ids.edit(0) as line:
                line.price_unit = 25
            with job.line_ids.edit(1) as line:
                line.product_uom_qty = 1
        self.assertEqual(order.amount_untaxed, 105.0)
        self.assertEqual(order.sudo().sale_order_ids.amount_untaxed, 105.0)

    def test_seen_prices_are_not_agreed(self):
        """Saving a form freezes no price: only one that was typed stays."""
        with self._open_form(self.advisor) as form:
            form.asset_id = self.asset
            with form.job_ids.new() as job:
                job.template_id = self.template
                with job.line_ids.edit(1) as line:
                    line.price_unit = 70
                with job.line_ids.edit(0) as line:
                    line.product_uom_qty = 2
        part, labour = form.record.line_ids
        self.assertFalse(part.is_price_agreed or part.is_discount_agreed)
        self.assertEqual(labour.price_agreed, 70)
        self.assertEqual(labour.price_subtotal, 105.0)
        part.payer_id = self.payer_goodwill
        self.assertEqual(part.price_subtotal, 0.0)
        self.part_avco.list_price = 22
        part.payer_id = self.payer_customer
        self.assertEqual(part.price_subtotal, 44.0)

    def test_frozen_prices_stay_in_the_form(self):
        order = self._create_order().with_user(self.advisor)
        order.action_estimate()
        self.part_avco.list_price = 99
        with Form(order) as form, form.job_ids.edit(0) as job:
            with job.line_ids.edit(0) as line:
                line.name = "Pads, original"
                self.assertEqual(line.price_unit, 20)
            with job.line_ids.edit(1) as line:
                line.discount = 10
            self.assertEqual(job.amount_untaxed, 164.0)
        self.assertEqual(order.line_ids.mapped("price_unit"), [20, 80])
        self.assertEqual(order.amount_untaxed, 164.0)

    def test_what_is_missing(self):
        """R003: a shortage and its date are told before a time is promised."""
        order = self._create_order()
        self.assertIn("not in stock and not on order", order.missing)
        self.assertEqual(order.parts_state, "missing")
        self._stock(self.part_avco, 1)
        self.env.invalidate_all()
        self.assertFalse(order.missing)
        order.action_estimate()
        self.assertIn("Customer's answer: Job 1", order.missing)
        self.category.meter_required = True
        order.action_approve()
        self.assertEqual(order.missing, "Meter reading at reception")
        order.meter_in = 1000
        self.part_avco.aftersales_exchange = True
        order.action_start()
        order.action_complete()
        self.assertIn(order.old_part_ids.name, order.missing)
        order.action_pass_quality()
        self.assertIn("Meter reading at hand-over", order.missing)

    def test_parts_expected_after_the_promise(self):
        order = self._create_order([(self.part_avco, 1)])
        expected = fields.Datetime.add(fields.Datetime.now(), days=5)
        self.env["stock.move"].create(
            {
                "product_id": self.part_avco.id,
                "product_uom_qty": 1,
                "location_id": self.supplier_location.id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "date": expected,
                "picking_type_id": self.warehouse.in_type_id.id,
            }
        )._action_confirm()
        order.date_promised = fields.Datetime.add(fields.Datetime.now(), days=1)
        order.invalidate_recordset()
        self.assertEqual(order.parts_state, "expected")
        self.assertIn("expected on", order.missing)
        self.assertIn("expected after the promised time", order.missing)
        order.date_promised = fields.Datetime.add(expected, days=1)
        self.assertNotIn("promised", order.missing)

    def test_next_step(self):
        self._stock(self.part_avco, 5)
        order = self._create_order([(self.part_avco, 1)], [(self.labour, 1)])
        self._approve(order).action_start()
        order.job_ids[0].action_done()
        self.assertIn("Do the jobs", order.next_step)
        order.job_ids[1].action_done()
        self.assertEqual(order.next_step, "All jobs are done: complete the order.")
        order.action_complete()
        order.action_pass_quality()
        self.assertEqual(order.next_step, "Invoice and hand over.")
        order.action_invoice()
        order.invalidate_recordset()
        self.assertEqual(order.next_step, "Hand over.")

    def test_payers_of_a_job(self):
        order = self._create_order()
        job = order.job_ids
        job.share_ids = [
            Command.create({"payer_id": self.payer_goodwill.id, "percentage": 30})
        ]
        self.assertEqual(job.payers, "Customer, Goodwill 30 %")
        self.assertEqual(order.payer_ids, self.payer_customer | self.payer_goodwill)
        self.assertEqual(
            job.line_summary,
            f"1 × {self.part_avco.display_name}\n2 × {self.labour.display_name}",
        )

    def test_last_visit(self):
        self._stock(self.part_avco, 5)
        first = self._finish_order(self._approve(self._create_order()))
        first.action_deliver()
        order = self._create_order()
        self.assertEqual(order.date_last_visit, first.date_out)
        self.assertFalse(first.date_last_visit)

    def test_columns_follow_the_work(self):
        """Open states have a column even when empty, in the order of the work."""
        self._create_order()
        orders = self.env["aftersales.order"].with_context(read_group_expand=True)
        result = orders.web_read_group([], ["state"])
        states = [group["state"] for group in result["groups"]]
        self.assertEqual(
            states[:6],
            ["draft", "quoted", "approved", "progress", "quality", "ready"],
        )

    def test_lists_do_not_ask_for_each_order(self):
        """Three times the orders cost the same statements, with parts missing too."""
        orders = self.env["aftersales.order"]
        for _index in range(12):
            orders += self._create_order([(self.part_avco, 1)])
        self._approve(orders)
        orders.action_start()
        names = ("parts_state", "amount_total", "is_late", "next_step", "to_invoice")
        specification = {name: {} for name in names}

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_user(self.advisor).web_read(specification)
            return self.env.cr.sql_log_count - before

        count(orders)
        few = count(orders[:4])
        self.assertLessEqual(count(orders), few)

    def test_views_of_each_role(self):
        actions = {
            self.advisor: ("order_action", "job_action", "job_action_mine"),
            self.manager: ("order_action", "job_action", "job_action_mine"),
            self.technician: ("order_action", "job_action_mine"),
        }
        for user, names in actions.items():
            for name in names:
                with self.subTest(user=user.login, action=name):
                    self.assertTrue(self._get_views(user, f"aftersales.{name}"))

    def test_technician_sees_no_price(self):
        for action in ("aftersales.order_action", "aftersales.job_action_mine"):
            views = self._get_views(self.technician, action)["views"]
            for view_type, view in views.items():
                with self.subTest(action=action, view=view_type):
                    for name in ("amount_total", "price_unit", "margin", "cost"):
                        self.assertNotIn(f'name="{name}"', view["arch"])

    def test_technician_works_through_my_jobs(self):
        """R007, R008: start, write down cause, correction and hours, finish."""
        self._stock(self.part_avco, 5)
        self.labour.aftersales_hours_basis = "clocked"
        order = self._create_order(
            {
                "lines": [(self.part_avco, 1), (self.labour, 2)],
                "technician_id": self.employee.id,
            },
            [(self.labour, 1)],
        )
        self._approve(order)
        job = order.job_ids[0].with_user(self.technician)
        job.action_begin()
        self.assertEqual(order.state, "progress")
        with Form(job, view="aftersales.job_view_form_technician") as form:
            form.cause = "Pads worn to the metal"
            form.correction = "Pads replaced"
            with form.line_ids.edit(1) as line:
                line.hours_clocked = 1.25
        job.action_done()
        self.assertEqual(job.state, "done")
        self.assertEqual(order.job_ids[1].state, "progress")
        self.assertEqual(order.state, "progress")
        order.action_complete()
        self.assertEqual(order.job_ids.mapped("state"), ["done", "done"])
        self.assertEqual(job.line_ids.mapped("qty_used"), [1, 1.25])

    def test_done_asks_about_staged_parts_and_the_cause(self):
        self.warehouse.aftersales_steps = "two_steps"
        self._stock(self.part_avco, 5)
        self._stock(self.part_fifo, 5)
        order = self._create_order(
            {
                "lines": [(self.part_avco, 2), (self.labour, 2)],
                "technician_id": self.employee.id,
            },
            {"lines": [(self.part_fifo, 1)], "technician_id": self.employee.id},
        )
        self._approve(order).action_start()
        used, unused = order.job_ids.with_user(self.technician)
        self.assertFalse(used.staged_parts, "it lies in the store")
        self._stage(order)
        self.assertEqual(
            used.staged_parts, f"2 × {self.part_avco.display_name}", "to be asked about"
        )
        used.write({"cause": "Worn", "correction": "Replaced"})
        action = used.action_open_done()
        self.assertEqual(action["res_id"], used.id)
        view = self.env["ir.ui.view"].browse(action["views"][0][0])
        with Form(used, view=view) as form:
            form.correction = "Replaced on both sides"
        used.action_done()
        used.action_done()
        self.assertEqual(used.line_ids[0].qty_used, 2)
        self.assertFalse(used.staged_parts)
        unused.action_done_unused()
        self.assertEqual(unused.line_ids.qty_used, 0)
        with self.assertRaisesRegex(UserError, "1 approved, 0 here"):
            order.action_complete()
        order.action_complete(accept_differences=True, reason="Was not needed")
        self.assertEqual(order.line_ids.mapped("qty_used"), [2, 2, 0])
        self.assertEqual(self.part_fifo.qty_available, 5, "it went back")

    def test_done_asks_about_the_cause_alone(self):
        order = self._create_order([(self.labour, 1)], [(self.labour, 1)])
        self._approve(order).action_start()
        silent, told = order.job_ids
        self.assertEqual(silent.action_open_done()["res_id"], silent.id)
        told.write({"cause": "Worn", "correction": "Replaced"})
        told.action_open_done()
        self.assertEqual(order.job_ids.mapped("state"), ["progress", "done"])

    def test_job_finished_early_still_asks_for_missing_parts(self):
        order = self._create_order([(self.part_avco, 2)])
        self._approve(order).action_start()
        order.job_ids.action_done()
        action = order.action_open_complete()
        self.assertEqual(action["res_model"], "aftersales.complete")
        wizard = Form(self.env["aftersales.complete"].with_context(**action["context"]))
        wizard.reason = "The customer does not wait"
        wizard = wizard.save()
        self.assertEqual(wizard.line_ids.mapped("qty_planned"), [2])
        wizard.action_accept()
        self.assertEqual(order.state, "quality")

    def test_answer_of_the_customer(self):
        """R005: some work approved, some declined, in one conversation by phone."""
        self._stock(self.part_avco, 5)
        order = self._create_order([(self.part_avco, 1)], [(self.labour, 1)])
        order = order.with_user(self.advisor)
        order.action_estimate()
        wizard = Form(
            self.env["aftersales.approve"]
            .with_user(self.advisor)
            .with_context(default_order_id=order.id)
        )
        self.assertEqual(wizard.signer, "Wang Fang")
        wizard.method = "phone"
        wizard.note = "Only the pads"
        with self.assertRaisesRegex(UserError, f"{order.name}: say yes or no"):
            wizard.save().action_save()
        wizard.answer_all = "approve"
        with wizard.line_ids.edit(1) as line:
            line.answer = "decline"
            line.reason = "Too dear"
        wizard.save().action_save()
        self.assertEqual(order.job_ids.mapped("state"), ["approved", "declined"])
        self.assertEqual(order.job_ids[1].decline_reason, "Too dear")
        self.assertEqual(order.approval_ids.mapped("method"), ["phone", "phone"])

    def test_jobs_without_an_answer_stay_open(self):
        order = self._create_order([(self.labour, 1)], [(self.labour, 1)])
        order.action_estimate()
        wizard = Form(
            self.env["aftersales.approve"].with_context(default_order_id=order.id)
        )
        self.assertFalse(wizard.method, "how it was said is chosen, not preset")
        wizard.method = "phone"
        wizard.note = "Too dear"
        with wizard.line_ids.edit(0) as line:
            line.answer = "decline"
        wizard.save().action_save()
        self.assertEqual(order.job_ids.mapped("state"), ["declined", "proposed"])
        self.assertEqual(order.job_ids[0].decline_reason, "Too dear")

    def test_reasons(self):
        order = self._create_order()
        for step, records, state in (
            ("decline", order.job_ids, "draft"),
            ("cancel", order, "cancel"),
        ):
            wizard = Form(
                self.env["aftersales.reason"].with_context(
                    default_step=step,
                    active_model=records._name,
                    active_ids=records.ids,
                )
            )
            wizard.reason = "Sold the car"
            wizard.save().action_apply()
            self.assertEqual(order.state, state)
        self.assertEqual(order.job_ids.decline_reason, "Sold the car")
        self.assertEqual(order.cancel_reason, "Sold the car")

    def test_collective_invoice_from_the_list(self):
        self._stock(self.part_avco, 5)
        orders = self._create_order() + self._create_order()
        self._finish_order(self._approve(orders), invoice=False)
        orders.action_invoice_collective()
        self.assertEqual(len(orders.invoice_ids), 1)

    def test_advisor_who_may_not_open_invoices_is_told(self):
        self._stock(self.part_avco, 5)
        order = self._finish_order(self._approve(self._create_order()), invoice=False)
        action = order.with_user(self.advisor).action_invoice()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(order.name, action["params"]["message"])
        action = order.with_user(self.accountant).action_invoice()
        self.assertEqual(action["res_id"], order.invoice_ids.id)
