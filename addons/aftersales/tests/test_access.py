import inspect

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import AftersalesCommon

OURS = "odoo.addons.aftersales"
ORM_METHODS = ("create", "write", "unlink", "copy", "default_get")


@tagged("post_install", "-at_install")
class TestAccess(AftersalesCommon):
    """Who sees, changes and decides what. Each role is tried with an order in its
    reach and one out of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls._create_user("salesman", "sales_team.group_sale_salesman")
        cls.purchaser = cls._create_user("purchaser", "purchase.group_purchase_user")
        cls.auditor = cls._create_user("auditor", "account.group_account_readonly")
        cls.stranger = cls._create_user("stranger", "base.group_user")
        cls.portal_user = new_test_user(
            cls.env, "aftersales_portal", groups="base.group_portal"
        )
        cls.portal_user.partner_id.parent_id = cls.fleet
        cls.other_team = cls.env["aftersales.team"].create(
            {"name": "Body shop", "company_id": cls.company.id}
        )
        cls.colleague = cls.env["hr.employee"].create(
            {"name": "Another mechanic", "company_id": cls.company.id}
        )
        cls.van = cls.env["aftersales.asset"].create(
            {"name": "Van", "partner_id": cls.fleet.id, "company_id": cls.company.id}
        )

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20)
        part, labour = (self.part_avco, 1), (self.labour, 2)
        self.near = self._create_order(
            {"lines": [part, labour], "technician_id": self.employee.id},
            {"lines": [part], "technician_id": self.colleague.id},
        )
        self.far = self._create_order(
            {"lines": [part, labour], "technician_id": self.colleague.id},
            team_id=self.other_team.id,
            user_id=self.manager.id,
            partner_id=self.fleet.id,
            asset_id=self.van.id,
        )
        self.own_job, self.other_job = self.near.job_ids
        self.orders = self.near + self.far

    def _visible(self, user, records):
        """Return which of the records a search of this user finds."""
        return records.with_user(user).search([("id", "in", records.ids)]).sudo()

    def _as(self, user, records):
        """Return the records as a fresh request of this user sees them."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_user(user)

    # What each role sees

    def test_technician_reports_what_else_is_wrong(self):
        self._stock(self.part_avco, 5)
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "technician_id": self.employee.id}
        )
        self._approve(order)
        job = order.job_ids.with_user(self.technician)
        with self.assertRaises(UserError):
            job.action_report_found()
        job.action_report_found(reason="Brake hose cracked, front left")
        found = order.job_ids - order.job_ids[:1]
        self.assertEqual(found.complaint, "Brake hose cracked, front left")
        self.assertEqual(found.state, "draft")
        self.assertEqual(found.technician_id, self.employee)
        self.assertEqual(order.activity_ids.user_id, self.advisor)

    def test_technician_records_the_meter_and_not_the_promise(self):
        order = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}
        )
        own = order.with_user(self.technician)
        own.meter_in = 1000
        with self.assertRaisesRegex(AccessError, order.name):
            own.date_promised = "2030-01-01 12:00:00"

    def test_steps_are_in_the_history_with_who_took_them(self):
        self._stock(self.part_avco, 5)
        order = self._create_order()
        order.with_user(self.advisor).action_approve(method="phone")
        order.with_user(self.advisor).action_start()
        started = order.message_ids.filtered(lambda m: "In Progress" in m.body)
        self.assertEqual(started.author_id, self.advisor.partner_id)

    # Peer 27: nobody else's, though the company owns the place
    def test_technician_sees_own_jobs(self):
        self.assertEqual(self._visible(self.technician, self.orders), self.near)
        jobs = self.orders.job_ids
        self.assertEqual(self._visible(self.technician, jobs), self.own_job)
        self.assertEqual(
            self._visible(self.technician, jobs.line_ids), self.own_job.line_ids
        )

    def test_advisor_sees_the_orders_of_the_team(self):
        self.assertEqual(self._visible(self.advisor, self.orders), self.near)
        self.assertEqual(
            self._visible(self.advisor, self.orders.job_ids), self.near.job_ids
        )
        self.far.user_id = self.advisor
        self.assertEqual(
            self._visible(self.advisor, self.orders), self.orders, "the own ones too"
        )

    def test_everything_of_the_company(self):
        for user in (
            self.manager,
            self.storekeeper,
            self.accountant,
            self.auditor,
            self.salesman,
            self.purchaser,
        ):
            with self.subTest(user.login):
                self.assertEqual(self._visible(user, self.orders), self.orders)
                jobs = self.orders.job_ids
                self.assertEqual(self._visible(user, jobs), jobs)
                self.assertEqual(self._visible(user, jobs.line_ids), jobs.line_ids)

    def test_portal_sees_the_own_company(self):
        self.assertEqual(self._visible(self.portal_user, self.orders), self.far)
        self.assertFalse(
            self.env["aftersales.job"].with_user(self.portal_user).has_access("read")
        )

    def test_an_employee_without_a_role_sees_nothing(self):
        for name in self._get_our_models():
            Model = self.env[name].with_user(self.stranger)
            with self.subTest(name):
                self.assertFalse(Model.has_access("read"))
                self.assertFalse(Model.has_access("write"))

    def _get_our_models(self):
        return [
            name
            for name, model in self.registry.items()
            if name.startswith("aftersales.") and not model._abstract
        ]

    def test_models_have_rights_and_company_rules(self):
        Rule = self.env["ir.rule"].sudo()
        for name in self._get_our_models():
            Model = self.env[name]
            with self.subTest(name):
                acls = self.env["ir.model.access"].search(
                    [("model_id.model", "=", name)]
                )
                self.assertTrue(acls.filtered("perm_read"), "somebody may read it")
                self.assertTrue(all(acls.mapped("group_id")), "nobody has it for free")
                if "company_id" in Model._fields and not Model._transient:
                    rules = Rule.search([("model_id.model", "=", name)]).filtered(
                        lambda rule: rule["global"]
                    )
                    self.assertTrue(
                        any("company_ids" in rule.domain_force for rule in rules)
                    )

    # What each role reads

    def test_technician_and_store_see_no_money(self):
        fields_by_model = {
            "aftersales.order": ["amount_untaxed", "amount_total"],
            "aftersales.job": ["amount_total", "cost", "margin"],
            "aftersales.job.line": ["price_unit", "discount", "price_total", "cost"],
        }
        for user in (self.technician, self.storekeeper):
            for model, names in fields_by_model.items():
                known = self.env[model].with_user(user).fields_get()
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(set(names) & set(known))
        with self.assertRaises(AccessError):
            self._as(self.technician, self.near).read(["amount_total"])
        with self.assertRaises(AccessError):
            self._as(self.technician, self.own_job.line_ids).write({"price_unit": 1})

    def test_names_are_read_without_the_rights_to_their_models(self):
        """Whoever sees a job reads who does it, without a right to employees."""
        for user in (self.storekeeper, self.accountant, self.salesman, self.advisor):
            with self.subTest(user.login):
                (values,) = self._as(user, self.own_job).read(["technician_id"])
                self.assertEqual(
                    values["technician_id"], (self.employee.id, "Technician")
                )
                self.assertEqual(
                    self._as(user, self.own_job).technician_id.display_name,
                    "Technician",
                )

    def test_each_role_opens_the_order(self):
        self._approve(self.orders)
        for user in (
            self.technician,
            self.advisor,
            self.manager,
            self.storekeeper,
            self.accountant,
            self.auditor,
            self.salesman,
            self.purchaser,
        ):
            order = self._as(user, self.near)
            for view_type in ("form", "list", "kanban"):
                with self.subTest(user=user.login, view=view_type):
                    self._read_view(order, view_type)

    def _read_view(self, records, view_type):
        """Read what the screen of this type reads."""
        view = records.get_views([(False, view_type)])
        known = view["models"][records._name]["fields"]
        arch = view["views"][view_type]["arch"]
        names = {name for name in known if f'name="{name}"' in arch}
        specification = {}
        for name in names:
            field = records._fields[name]
            specification[name] = {}
            if field.relational:
                specification[name] = {"fields": {"display_name": {}}}
        records.web_read(specification)

    # What each role does

    def test_advisor_needs_no_other_rights(self):
        order = self._as(self.advisor, self.near)
        order.action_estimate()
        self._as(self.advisor, order).action_approve(method="phone", signer="Wang Fang")
        self.assertEqual(order.approval_ids.user_id, self.advisor)
        self._as(self.advisor, order).action_start()
        self._as(self.advisor, order).action_complete()
        self._as(self.advisor, order).action_rework(reason="Still squeals")
        self._as(self.advisor, order).action_complete()
        self._as(self.advisor, order).action_pass_quality()
        self._as(self.advisor, order).action_invoice()
        self._as(self.advisor, order).action_deliver()
        self.assertEqual(self.near.state, "done")
        self.assertEqual(self.near.invoice_ids.amount_untaxed, 200.0)

    def test_advisor_takes_an_order_in_and_cancels_it(self):
        self.env["res.partner"].flush_model()
        order = (
            self.env["aftersales.order"]
            .with_user(self.advisor)
            .create(
                {
                    "partner_id": self.customer.id,
                    "asset_id": self.asset.id,
                    "job_ids": [
                        Command.create(self._prepare_job([(self.part_avco, 1)])),
                        Command.create(self._prepare_job([(self.labour, 1)], 2)),
                    ],
                }
            )
        )
        self.assertEqual(order.team_id, self.team)
        first, second = order.job_ids
        first.technician_id = self.employee
        order.action_estimate()
        order.action_decline(jobs=second, reason="Too dear")
        order.action_approve(jobs=first.ids)
        self._as(self.advisor, order).action_cancel(reason="Changed my mind")
        self.assertEqual(order.state, "cancel")

    def test_technician_does_own_jobs_and_all_of_the_order_follows(self):
        """The step reaches the colleague's job, which the technician does not see."""
        self._approve(self.near)
        order = self._as(self.technician, self.near)
        self.assertEqual(order.job_ids.ids, self.own_job.ids)
        order.action_start(meter_in=42)
        self.assertEqual(self.near.job_ids.mapped("state"), ["progress", "progress"])
        self.assertEqual(self.asset.meter, 42)
        self._as(self.technician, self.own_job).write(
            {"cause": "Worn pads", "correction": "Replaced"}
        )
        order = self._as(self.technician, self.near)
        self.assertEqual(order.job_ids.ids, self.own_job.ids, "read before the step")
        order.action_complete()
        self.near.invalidate_recordset()
        self.assertEqual(self.near.state, "quality")
        self.assertEqual(self.near.job_ids.mapped("state"), ["done", "done"])
        self.assertEqual(self.near.line_ids.mapped("qty_used"), [1, 2, 1])

    def test_technician_does_not_decide(self):
        steps = {
            "action_approve": {},
            "action_decline": {"reason": "No"},
            "action_cancel": {"reason": "No"},
            "action_invoice": {},
            "action_deliver": {},
            "action_pass_quality": {},
            "action_rework": {"reason": "No"},
        }
        self.near.action_estimate()
        for step, arguments in steps.items():
            order = self._as(self.technician, self.near)
            with (
                self.subTest(step),
                self.assertRaisesRegex(AccessError, self.near.name),
            ):
                getattr(order, step)(**arguments)
        with self.assertRaises(AccessError):
            self._as(self.technician, self.own_job).action_approve()
        self.assertEqual(self.near.state, "quoted")

    def test_technician_stays_at_own_jobs(self):
        self._approve(self.orders)
        with self.assertRaises(AccessError):
            self._as(self.technician, self.far).action_start()
        with self.assertRaises(AccessError):
            self._as(self.technician, self.other_job).write({"cause": "Mine"})
        with self.assertRaises(AccessError):
            self._as(self.technician, self.near).unlink()

    def test_technician_adds_no_job_to_the_orders_of_others(self):
        values = {"name": "Look in", "technician_id": self.employee.id}
        Job = self.env["aftersales.job"].with_user(self.technician)
        with self.assertRaises(AccessError):
            Job.create({**values, "order_id": self.far.id})
        with self.assertRaises(AccessError):
            Job.with_context(default_order_id=self.far.id).create(values)

    def test_technician_reports_added_work(self):
        self._approve(self.near)
        order = self._as(self.technician, self.near)
        order.action_start()
        job = (
            self.env["aftersales.job"]
            .with_user(self.technician)
            .create(
                {
                    "order_id": order.id,
                    "name": "Worn disc",
                    "technician_id": self.employee.id,
                    "line_ids": [
                        Command.create(
                            {"product_id": self.part_avco.id, "product_uom_qty": 1}
                        )
                    ],
                }
            )
        )
        job.action_propose()
        self.assertEqual(job.state, "proposed")
        with self.assertRaises(UserError):
            job.action_start()

    def test_storekeeper_issues_with_inventory_rights_alone(self):
        self.warehouse.aftersales_steps = "two_steps"
        self._approve(self.near)
        for picking in self.near.picking_ids.sorted("id", reverse=True):
            picking = self._as(self.storekeeper, picking)
            self.assertEqual(picking.aftersales_order_id.name, self.near.name)
            self.assertEqual(picking.aftersales_asset_id.display_name, "Sedan 1.6")
        while ready := self.near.picking_ids.filtered(lambda p: p.state == "assigned"):
            ready = self._as(self.storekeeper, ready)
            ready.move_ids.picked = True
            ready.button_validate()
            self.near.invalidate_recordset()
        self.assertEqual(self.near.parts_state, "issued")
        self.assertEqual(self.near.line_ids.mapped("qty_used"), [1, 0, 1])

    def test_storekeeper_shelves_the_old_parts(self):
        self.part_avco.aftersales_exchange = True
        self._approve(self.near)
        self.near.action_start()
        self.near.action_complete()
        old_part = self._as(self.storekeeper, self.near.old_part_ids[:1])
        old_part.action_store()
        self.assertEqual(old_part.state, "stored")

    def test_accountant_bills_and_posts_with_invoicing_rights_alone(self):
        self._finish_order(self._approve(self.near), invoice=False)
        self._as(self.accountant, self.near).action_invoice()
        invoice = self._as(self.accountant, self.near.invoice_ids)
        self.assertEqual(invoice.state, "draft")
        invoice.action_post()
        self.assertEqual(invoice.aftersales_order_id.name, self.near.name)
        lines = self.env["account.move.line"].with_user(self.accountant)
        groups = lines._read_group(
            [("aftersales_order_id", "in", self.orders.ids)], ["aftersales_order_id"]
        )
        self.assertEqual(groups[0][0].display_name, self.near.name)
        with self.assertRaises(AccessError):
            self._as(self.auditor, self.near).action_invoice()
        with self.assertRaises(AccessError):
            self._as(self.accountant, self.near).action_deliver()

    def test_salesman_confirms_the_quotation(self):
        self.near.user_id = self.salesman
        self.near.action_estimate()
        quotation = self._as(self.salesman, self.near.sale_order_ids)
        quotation.action_confirm()
        self.near.invalidate_recordset()
        self.assertEqual(self.near.state, "approved")
        self.assertEqual(self.near.approval_ids.user_id, self.salesman)
        self.assertEqual(self.near.picking_ids.mapped("state"), ["assigned"])

    def test_purchaser_confirms_sublet_work(self):
        vendor = self.env["res.partner"].create({"name": "Turning shop"})
        self._add_job(
            self.near,
            [
                {
                    "product_id": self.fee.id,
                    "kind": "sublet",
                    "product_uom_qty": 1,
                    "vendor_id": vendor.id,
                }
            ],
        )
        self._approve(self.near)
        purchase = self._as(self.purchaser, self.near.purchase_order_ids)
        purchase.button_confirm()
        self.assertEqual(purchase.state, "purchase")

    def test_hosts_do_not_change_work_orders(self):
        for user in (
            self.storekeeper,
            self.accountant,
            self.salesman,
            self.purchaser,
            self.portal_user,
        ):
            order = self._as(user, self.far)
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    order.write({"complaint": "Changed"})
                with self.assertRaises(AccessError):
                    order.action_estimate()

    # Doors that stay shut

    def test_steps_refuse_strangers(self):
        """Every public method of our models refuses, or tells nothing."""
        self.part_avco.aftersales_exchange = True
        self._finish_order(self._approve(self.near), invoice=False)
        records_by_model = {
            "aftersales.order": self.near,
            "aftersales.job": self.own_job,
            "aftersales.job.line": self.near.line_ids,
            "aftersales.asset": self.asset,
            "aftersales.old.part": self.near.old_part_ids,
        }
        for model, records in records_by_model.items():
            for name in self._get_public_methods(model):
                for user in (self.stranger, self.portal_user):
                    with self.subTest(f"{model}.{name}", user=user.login):
                        self._check_refused(records, name, user)
        self.assertEqual(self.near.state, "ready")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def _check_refused(self, records, name, user):
        before = (
            records.sudo().read(["state", "write_date"], load=None)
            if ("state" in records._fields)
            else None
        )
        method = getattr(self._as(user, records), name)
        required = [
            None
            for parameter in inspect.signature(method).parameters.values()
            if parameter.default is parameter.empty
            and parameter.kind == parameter.POSITIONAL_OR_KEYWORD
        ]
        try:
            answer = method(*required)
        except AccessError:
            return
        except UserError as error:
            # Customers are told what is wrong with a form of theirs, and no more.
            for record in records.sudo():
                self.assertNotIn(record.display_name, str(error))
            return
        # An action only opens a screen, whose data are read with the user's rights.
        self.assertIn(
            answer.get("type"), ("ir.actions.act_window", "ir.actions.act_url")
        )
        if before:
            self.assertEqual(
                records.sudo().read(["state", "write_date"], load=None), before
            )

    def _get_public_methods(self, model):
        """Names of the methods our add-ons let callers from outside reach."""
        names = set()
        for cls in self.registry[model].mro():
            if not cls.__module__.startswith(OURS):
                continue
            for name, method in vars(cls).items():
                public = inspect.isfunction(method) and not name.startswith("_")
                if public and name not in ORM_METHODS:
                    names.add(name)
        return sorted(names)

    def test_state_is_not_written(self):
        for user in (self.advisor, self.manager):
            with self.subTest(user.login), self.assertRaisesRegex(UserError, "step"):
                self._as(user, self.near).write({"state": "done"})
        with self.assertRaisesRegex(UserError, "step"):
            self._as(self.manager, self.own_job).write({"state": "approved"})
        with self.assertRaisesRegex(UserError, "step"):
            self.env["aftersales.order"].with_user(self.manager).create(
                {"partner_id": self.customer.id, "state": "ready"}
            )

    def test_manager_sets_up_and_deletes(self):
        order = self._as(self.manager, self.far)
        order.unlink()
        self.assertFalse(self.far.exists())
        with self.assertRaises(AccessError):
            self._as(self.advisor, self.near).unlink()
        payer = self._as(self.manager, self.payer_internal)
        with Form(payer) as form:
            form.name = "House"
        self.env["aftersales.team"].with_user(self.manager).create(
            {"name": "Night shift"}
        )
        self.env["aftersales.job.template"].with_user(self.manager).create(
            {
                "name": "Oil change",
                "line_ids": [Command.create({"product_id": self.labour.id})],
            }
        )
        with self.assertRaises(AccessError):
            self.env["aftersales.team"].with_user(self.advisor).create({"name": "Mine"})
