import base64
from ast import literal_eval

from lxml import etree

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.aftersales.tests.menu_common import MenuCommon

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestViews(MenuCommon, WarrantyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.technician | cls.advisor | cls.manager
        cls.hosts = cls.storekeeper | cls.accountant

    def _create_weighed_order(self, **values):
        """Create an order with a job of ``technician`` and its verdicts."""
        order = self._create_order(
            {
                "lines": [(self.part_avco, 1), (self.labour, 1)],
                "fault_id": self.fault_noise.id,
                "technician_id": self.employee.id,
            },
            **values,
        )
        order.action_check_warranty()
        return order

    def _wizard(self, model, records, view=None, user=None, **defaults):
        """Return the dialog ``model`` as opened on ``records``."""
        context = {
            "active_model": records._name,
            "active_ids": records.ids,
            "active_id": records[:1].id,
            **{f"default_{name}": value for name, value in defaults.items()},
        }
        env = self.env(user=user or self.manager)
        return Form(env[model].with_context(**context), view=view)

    # Menus and actions

    def test_every_role_opens_what_its_menu_shows(self):
        users = self.people | self.accountant
        seen, _opened = self._open_menus("aftersales_warranty", users)
        registrations = self.env.ref("aftersales_warranty.registration_menu")
        packs = self.env.ref("aftersales_warranty.pack_menu")
        self.assertIn(registrations, seen[self.advisor])
        self.assertNotIn(registrations, seen[self.technician])
        self.assertIn(packs, seen[self.manager])
        self.assertNotIn(packs, seen[self.advisor])

    def test_pages_and_filters_have_names(self):
        """Others anchor their views by name, and favourites refer to filters."""
        ours = self.env["ir.model.data"].search(
            [("module", "=", "aftersales_warranty"), ("model", "=", "ir.ui.view")]
        )
        for view in self.env["ir.ui.view"].browse(ours.mapped("res_id")):
            for node in etree.fromstring(view.arch).xpath(
                "//page[not(@name)] | //filter[not(@name)] | //button[not(@name)]"
                "[not(@special)] | //group[@string][not(@name)]"
            ):
                with self.subTest(view=view.name):
                    self.assertFalse(view.type != "qweb" and node.attrib)

    # Work orders

    def test_everybody_opens_the_order_and_its_job(self):
        self._register(price=150000)
        self._repair(self.fault_noise, times=4)
        order = self._create_weighed_order(meter_in=12000)
        for user in self.people | self.hosts:
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                form = Form(order.with_user(user))
                self.assertEqual(form.right_level, "reached")
                self.assertIn("141,000.00", form.rights_notice)
                self.assertIn("until", form.cover_summary)
        for user in self.people:
            with self.subTest(user=user.login):
                job = Form(order.job_ids.with_user(user))
                self.assertIn("Maker", job.warranty_summary)
        technician_view = "aftersales.job_view_form_technician"
        with Form(order.job_ids.with_user(self.technician), technician_view) as job:
            self.assertEqual(job.fault_id, self.fault_noise)

    def test_lists_of_orders_say_the_right_to_everybody(self):
        self._register()
        self._repair(self.fault_noise, times=4)
        order = self._create_weighed_order()
        for user in self.people | self.hosts:
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                rows = order.with_user(user).web_read({"right_level": {}})
                self.assertEqual(rows[0]["right_level"], "reached")

    def test_technician_sees_the_verdicts_of_own_jobs(self):
        self._register()
        order = self._create_order(
            {"lines": [(self.part_avco, 1)], "technician_id": self.employee.id},
            {"lines": [(self.labour, 1)]},
        )
        order.action_check_warranty()
        self.env.invalidate_all()
        form = Form(order.with_user(self.technician))
        self.assertEqual(form.verdict_count, 1)
        self.assertEqual(len(Form(order.with_user(self.advisor)).verdict_ids), 2)

    def test_advisor_notes_an_excluded_cause_with_its_photo(self):
        self._register()
        order = self._create_weighed_order()
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"covered"})
        photo = (
            self.env["ir.attachment"]
            .with_user(self.advisor)
            .create(
                {
                    "name": "tank.jpg",
                    "datas": base64.b64encode(b"water"),
                    "res_model": "aftersales.job.exclusion",
                }
            )
        )
        with Form(order.job_ids.with_user(self.advisor)) as job:
            with job.exclusion_ids.new() as cause:
                cause.exclusion_id = self.exclusion_misuse
                cause.evidence_ids.add(photo)
        self.assertEqual(set(order.verdict_ids.mapped("result")), {"charged"})
        self.assertEqual(Form(order.with_user(self.advisor)).exclusion_ids.ids,
                         order.job_ids.exclusion_ids.ids)  # fmt: skip
        self.env.invalidate_all()
        self.assertEqual(
            photo.with_user(self.manager).name,
            "tank.jpg",
            "whoever reads the job reads its evidence",
        )

    def test_evidence_of_others_is_not_taken(self):
        file = self.env["ir.attachment"].create(
            {"name": "private", "datas": base64.b64encode(b"x")}
        )
        registration = self._register()
        registration.with_user(self.advisor).sudo().document_ids = file
        self.assertFalse(file.res_id)

    def test_pauses_are_noted_on_the_order(self):
        self._register()
        order = self._create_weighed_order()
        with Form(order.with_user(self.advisor)) as form:
            with form.repair_pause_ids.new() as pause:
                pause.kind = "parts"
                pause.note = "Piston on back order"
        self.assertEqual(order.repair_pause_ids.kind, "parts")

    def test_orders_are_found_by_their_right(self):
        self._register()
        self._repair(self.fault_noise, times=4)
        reached = self._create_weighed_order()
        other = self.asset.copy({"name": "Wagon", "serial": False})
        other.meter = 20000
        self._register(asset=other)
        self._repair(self.fault_noise, times=4, asset=other)
        coming = self._create_order(asset_id=other.id)
        bare = self._create_order(asset_id=self.asset.copy({"serial": False}).id)
        Order = self.env["aftersales.order"].with_user(self.manager)
        mine = reached | coming | bare
        for value, found in (("reached", reached), ("next", coming), (False, bare)):
            with self.subTest(level=value):
                orders = Order.search(
                    [("right_level", "=", value), ("id", "in", mine.ids)]
                )
                self.assertEqual(orders, found)
        self.assertEqual(
            Order.search([("right_level", "!=", False), ("id", "in", mine.ids)]),
            (reached | coming).sorted(),
        )

    def test_assets_show_their_guarantees_to_everybody(self):
        self._register()
        self._repair(self.fault_noise)
        for user in self.people | self.hosts:
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                self.assertIn("until", Form(self.asset.with_user(user)).cover_summary)

    def test_order_says_what_is_left_and_which_paper_is_missing(self):
        self._register(document_state="missing")
        order = self._create_order(meter_in=12000)
        self.assertTrue(order.has_cover)
        self.assertFalse(order.is_paper_missing, "this guarantee needs no paper")
        self.pack_car.document_required = True
        self.asset.registration_ids.document_state = "shown"
        self.assertTrue(order.is_paper_missing)
        self.asset.registration_ids.document_state = "checked"
        self.assertFalse(order.is_paper_missing)
        self.asset.meter = 60001
        self.assertFalse(order.has_cover)
        self.assertIn("ended", order.cover_summary)

    # Registrations

    def test_advisor_registers_by_hand_and_checks_the_paper(self):
        form = Form(
            self.env["aftersales.warranty.registration"].with_user(self.advisor)
        )
        form.asset_id = self.asset
        self.assertEqual(form.partner_id, self.customer)
        form.pack_id = self.pack_car
        form.date_start = fields.Date.today()
        registration = form.save()
        self.assertEqual(registration.version_id, self.version_car)
        self.assertIn("T-", registration.version_id.rule_ids[0].code)
        self.assertIn("60,000", registration.limits_text)
        with self.assertRaisesRegex(UserError, "attach the paper"):
            registration.action_check_document()
        with Form(registration) as form:
            form.document_note = "INV 7"
        registration.action_check_document()
        self.assertEqual(registration.document_state, "checked")

    def test_dialogs_do_what_the_methods_do(self):
        advisor = self.advisor
        first = self._register()
        other = self._register(asset=self.asset.copy({"serial": False}))
        dialog = self._wizard(
            "aftersales.reason", first, user=advisor, step="void_guarantee"
        )
        dialog.reason = "Forged invoice"
        dialog.save().action_apply()
        self.assertEqual((first.state, first.end_reason), ("void", "Forged invoice"))
        owner = self.env["res.partner"].create({"name": "Li Lei"})
        dialog = self._wizard(
            "aftersales.warranty.step", other, user=advisor, step="transfer"
        )
        dialog.partner_id = owner
        dialog.save().action_apply()
        self.assertEqual(other.partner_id, owner)
        exchanged = self.asset.copy({"name": "New car", "serial": False})
        dialog = self._wizard(
            "aftersales.warranty.step", other, user=advisor, step="exchange"
        )
        dialog.asset_id = exchanged
        action = dialog.save().action_apply()
        self.assertEqual(other.state, "ended")
        new = self.env["aftersales.warranty.registration"].search(action["domain"])
        self.assertEqual((new.asset_id, new.previous_id), (exchanged, other))
        dialog = self._wizard(
            "aftersales.reason", new, user=advisor, step="end_guarantee"
        )
        dialog.reason = "Scrapped"
        dialog.save().action_apply()
        self.assertEqual(new.state, "ended")

    def test_pending_guarantee_starts_by_its_dialog(self):
        registration = self._register(date_start=False, state="pending")
        day = fields.Date.today()
        dialog = self._wizard(
            "aftersales.warranty.step", registration, user=self.advisor, step="start"
        )
        dialog.date = day
        dialog.meter_start = 11000
        dialog.save().action_apply()
        self.assertEqual(registration.state, "active")
        self.assertEqual(registration.meter_start, 11000)

    def test_registrations_are_found_by_what_they_lack(self):
        today = fields.Date.today()
        self.pack_car.document_required = True
        soon = self._register(
            date_start=fields.Date.add(today, years=-3, days=10),
        )
        bare = self._register(
            asset=self.asset.copy({"serial": False}), document_state="missing"
        )
        both = soon | bare
        view = self.env.ref("aftersales_warranty.registration_view_search")
        arch = self.env["ir.ui.view"].browse(view.id)._get_combined_arch()
        Registration = self.env["aftersales.warranty.registration"]
        expected = {"running": both, "missing_papers": bare, "ends_soon": soon}
        for name, found in expected.items():
            with self.subTest(filter=name):
                node = arch.find(f".//filter[@name='{name}']")
                domain = fields.Domain(literal_eval(node.get("domain")))
                self.assertEqual(
                    Registration.search(domain & fields.Domain("id", "in", both.ids)),
                    found.sorted(),
                )

    # Verdicts

    def test_dialog_overrules_like_the_method(self):
        self._register(document_state="missing")
        self.pack_car.document_required = True
        order = self._create_weighed_order()
        verdicts = order.verdict_ids
        self.assertEqual(set(verdicts.mapped("result")), {"refer"})
        photo = (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create({"name": "letter.pdf", "datas": base64.b64encode(b"letter")})
        )
        dialog = self._wizard("aftersales.warranty.override", verdicts)
        dialog.result = "shared"
        dialog.payer_id = self.payer_maker
        dialog.share_percent = 70
        dialog.reason = "The maker agreed by letter"
        dialog.evidence_ids.add(photo)
        dialog.save().action_apply()
        new = order.verdict_ids
        self.assertEqual(set(new.mapped("result")), {"shared"})
        self.assertEqual(set(new.mapped("share_percent")), {70})
        self.assertEqual(new.override_user_id, self.manager)
        self.assertEqual(new.overruled_id, verdicts)
        self.env.invalidate_all()
        advisor = new[:1].with_user(self.advisor)
        self.assertEqual(Form(advisor).override_reason, "The maker agreed by letter")
        self.assertEqual(
            verdicts[:1].action_open_current()["res_id"],
            verdicts[:1].job_line_id.verdict_id.id,
        )

    def test_advisor_cannot_open_the_dialog(self):
        self._register()
        order = self._create_weighed_order()
        with self.assertRaises(AccessError):
            self._wizard(
                "aftersales.warranty.override", order.verdict_ids, user=self.advisor
            ).save()

    def test_verdict_form_explains_to_everybody(self):
        self._register()
        order = self._create_weighed_order()
        for user in self.people:
            with self.subTest(user=user.login):
                form = Form(order.verdict_ids[:1].with_user(user))
                self.assertIn("T-REPAIR", form.explanation)

    # Guarantees

    def test_new_version_keeps_the_rules_nobody_checked(self):
        manager = self.manager
        action = self.pack_car.with_user(manager).action_new_version()
        draft = self.env["aftersales.warranty.version"].browse(action["res_id"])
        with Form(draft.with_user(manager)) as form:
            with form.right_rule_ids.new() as rule:
                rule.code = "T-30D"
                rule.name = "Thirty days in repair"
                rule.counter = "repair_days"
                rule.counter_limit = 30
                rule.remedy = "exchange"
                rule.basis = "unverified"
                rule.active = False
        rule = draft.right_rule_ids.filtered(lambda rule: rule.code == "T-30D")
        self.assertEqual(rule.purpose, "right", "by the page it was written on")
        self.assertEqual((draft.rule_count, draft.unchecked_count), (3, 1))
        again = self.pack_car.action_new_version()
        self.assertEqual(again["res_id"], draft.id, "the draft there is")
        draft.date_from = fields.Date.today()
        draft.with_user(manager).action_publish()
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "in force"):
            draft.date_from = fields.Date.add(fields.Date.today(), days=1)
        action = draft.with_user(manager).action_new_version()
        third = self.env["aftersales.warranty.version"].browse(action["res_id"])
        self.assertEqual((third.rule_count, third.unchecked_count), (3, 1))

    def test_rule_that_is_not_applied_lengthens_nothing(self):
        version = self._create_pack(
            [
                {"code": "T-1Y", "name": "One year", "period": 1},
                {"code": "T-9Y", "name": "Nine", "period": 9, "active": False},
            ]
        ).version_ids
        registration = self._register(version.pack_id)
        self.assertEqual(registration.date_end, fields.Date.today())
        self.assertNotIn("Nine", registration.limits_text)

    def test_version_of_unchecked_rules_only_is_not_published(self):
        pack = self.env["aftersales.warranty.pack"].create(
            {
                "name": "Draft",
                "code": "T-DRAFT",
                "version_ids": [
                    Command.create(
                        {
                            "date_from": "2020-01-01",
                            "rule_ids": [
                                Command.create(
                                    {"code": "X", "name": "X", "active": False}
                                )
                            ],
                        }
                    )
                ],
            }
        )
        with self.assertRaisesRegex(UserError, "has no rules"):
            pack.version_ids.action_publish()

    # Counted repairs

    def test_manager_takes_a_repair_out_of_the_count(self):
        self._register()
        event = self._repair(self.fault_noise)
        event.with_user(self.manager).write({"is_counted": False, "note": "Kerb"})
        self.assertFalse(event.is_counted)
        with self.assertRaises(AccessError):
            event.with_user(self.advisor).write({"is_counted": True})
        self.assertEqual(
            self.env["aftersales.repair.event"].with_user(self.technician).search(
                [("asset_id", "=", self.asset.id)]
            ),
            event,
        )  # fmt: skip

    def test_accountant_opens_registrations_packs_and_rules(self):
        pack = self._create_pack([{"code": "T-1", "name": "Brakes", "period": 1}])
        registration = self._register(pack)
        version = pack.version_ids[:1]
        for record in (registration, pack, version, version.rule_ids[:1]):
            record = record.with_user(self.accountant)
            view = record.get_views([(False, "form")])
            arch = view["views"]["form"]["arch"]
            known = view["models"][record._name]["fields"]
            with self.subTest(record._name):
                record.web_read(
                    {
                        name: {"fields": {"display_name": {}}}
                        if record._fields[name].relational
                        else {}
                        for name in known
                        if f'name="{name}"' in arch
                    }
                )
