from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.aftersales.tests.menu_common import MenuCommon

from .common import FieldCommon

R, W, C, D = "read", "write", "create", "unlink"
ALL = {R, W, C, D}


class AccessCommon(FieldCommon):
    """Everybody who may come across a visit, with one in reach and one out of it.

    ``near`` is Anna's, of the advisor's team; ``far`` is Ben's, of another team and
    another customer.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls._create_user("auditor", "account.group_account_readonly")
        cls.salesman = cls._create_user("salesman", "sales_team.group_sale_salesman")
        cls.stranger = cls._create_user("stranger", "base.group_user")
        cls.portal_customer = new_test_user(
            cls.env, "field_portal_customer", groups="base.group_portal"
        )
        cls.portal_customer.partner_id.parent_id = cls.fleet
        cls.other_advisor = cls._create_user(
            "other_advisor", "aftersales.aftersales_group_user"
        )
        cls.other_team = cls.env["aftersales.team"].create(
            {
                "name": "Elevators",
                "company_id": cls.company.id,
                "warehouse_id": cls.warehouse.id,
                "member_ids": [Command.set(cls.other_advisor.ids)],
            }
        )

    def setUp(self):
        super().setUp()
        self.near = self._create_visit(1, "2036-03-03 09:00")
        self.far = self._create_visit(1)
        self.far.order_id.write(
            {"team_id": self.other_team.id, "user_id": self.other_advisor.id}
        )
        self.far.action_plan(
            start=self._local("2036-03-03 09:00"), technician=self.employee_ben
        )
        self.near.order_id.write({"team_id": self.team.id, "user_id": self.advisor.id})
        self.visits = self.near | self.far

    def _get_users(self):
        return {
            "technician": self.anna_user,
            "portal engineer": self.portal_engineer_user,
            "portal customer": self.portal_customer,
            "advisor": self.advisor,
            "other advisor": self.other_advisor,
            "manager": self.manager,
            "storekeeper": self.storekeeper,
            "accountant": self.accountant,
            "auditor": self.auditor,
            "salesman": self.salesman,
            "stranger": self.stranger,
        }


@tagged("post_install", "-at_install")
class TestAccess(AccessCommon):
    """Peers 26, 27: rules of several groups add up; each role is tried."""

    # What technicians, advisors and managers may; then what others may besides.
    RIGHTS = {
        "aftersales.call": ("", "rwc", "rwcd", {}),
        "aftersales.dispatch.plan": ("", "rwc", "rwcd", {}),
        "aftersales.dispatch.plan.line": ("", "r", "rd", {}),
        "aftersales.dispatch.plan.load": ("", "r", "rd", {}),
        "aftersales.field.operation": ("r", "r", "r", {}),
        "aftersales.field.photo": ("", "", "r", {}),
        "aftersales.field.photo.piece": ("", "", "r", {}),
        "aftersales.form": ("r", "r", "rwcd", {}),
        "aftersales.form.copy": ("r", "r", "rwcd", {}),
        "aftersales.form.issue": ("r", "rw", "rw", {}),
        "aftersales.recurring.turn": ("", "rw", "rwcd", {}),
        "aftersales.recurring.visit": ("", "rwc", "rwcd", {}),
        "aftersales.solution": ("r", "rwc", "rwcd", {}),
        "aftersales.territory": ("r", "r", "rwcd", {"storekeeper": "r"}),
        "aftersales.van.count": ("", "r", "rwcd", {"storekeeper": "r"}),
        "aftersales.visit": ("rw", "rwc", "rwcd", {"storekeeper": "r"}),
        "aftersales.visit.fee": ("r", "r", "rwcd", {}),
        "aftersales.visit.analysis": ("", "r", "r", {}),
        "aftersales.visit.part": ("r", "r", "rwcd", {"storekeeper": "r"}),
        "aftersales.visit.payment.method": ("r", "r", "rwcd", {"accountant": "r"}),
        "aftersales.visit.person": ("rwcd", "rwcd", "rwcd", {}),
        "aftersales.visit.stamp": ("r", "r", "r", {}),
    }

    def _get_models(self):
        return {
            name
            for name, model in self.registry.items()
            if model._original_module == "aftersales_field"
            and not model._abstract
            and not model._transient
        }

    def test_rights_by_role(self):
        self.assertFalse(self._get_models() ^ self.RIGHTS.keys(), "all are told here")
        letters = {"r": R, "w": W, "c": C, "d": D}
        for model, (technician, advisor, manager, others) in self.RIGHTS.items():
            rights = {
                "technician": technician,
                "advisor": advisor,
                "other advisor": advisor,
                "manager": manager,
                **others,
            }
            for name, user in self._get_users().items():
                Model = self.env[model].with_user(user)
                with self.subTest(model=model, user=name):
                    self.assertEqual(
                        {what for what in ALL if Model.has_access(what)},
                        {letters[letter] for letter in rights.get(name, "")},
                    )

    def test_every_model_keeps_companies_apart(self):
        shared = {"aftersales.field.operation"}
        for name in self._get_models() - shared:
            rules = self.env["ir.rule"].search(
                [("model_id.model", "=", name), ("groups", "=", False)]
            )
            with self.subTest(name):
                self.assertIn("company_ids", " ".join(rules.mapped("domain_force")))

    def test_which_visits_each_role_finds(self):
        expected = {
            "technician": self.near,
            "advisor": self.near,
            "other advisor": self.far,
            "manager": self.visits,
            "storekeeper": self.visits,
        }
        for name, user in self._get_users().items():
            Visit = self.env["aftersales.visit"].with_user(user)
            with self.subTest(name):
                if name not in expected:
                    with self.assertRaises(AccessError):
                        Visit.search([])
                    continue
                found = Visit.search([("id", "in", self.visits.ids)])
                self.assertEqual(found.sudo(), expected[name])

    def test_steps_of_others_are_refused(self):
        """A technician, a subcontractor, a customer and people of the house."""
        for name in (
            "technician", "portal engineer", "portal customer", "other advisor",
            "storekeeper", "accountant", "salesman", "stranger",
        ):  # fmt: skip
            user = self._get_users()[name]
            visit = self.near if name == "other advisor" else self.far
            visit = visit.with_user(user)
            for step in (
                visit.action_travel,
                visit.action_arrive,
                lambda visit=visit: visit.action_pause(reason="Lunch"),
                lambda visit=visit: visit.record_opinion("5"),
                lambda visit=visit: visit.action_finish("fixed"),
                visit.get_cover,
            ):
                with self.subTest(user=name), self.assertRaises(AccessError):
                    step()
        self.assertEqual(self.visits.mapped("state"), ["planned", "planned"])
        self.assertFalse(self.visits.stamp_ids)

    def test_engineers_do_not_dispatch(self):
        visit = self.near.with_user(self.anna_user)
        for step in (
            visit.action_plan,
            lambda: visit.action_unplan(reason="Tired"),
            lambda: visit.action_cancel(reason="Tired"),
            lambda: visit.write({"start": "2036-03-04 09:00:00"}),
            lambda: visit.write({"technician_id": self.employee_ben.id}),
            lambda: (
                self.env["aftersales.dispatch"]
                .with_user(self.anna_user)
                .move_visit(visit.id, self.employee_ben.id, "2036-03-04 09:00:00")
            ),
        ):
            with self.assertRaises(AccessError):
                step()

    def test_portal_engineer_makes_own_visits_without_rights_in_models(self):
        visit = self._create_visit(1, "2036-03-05 09:00", self.employee_carl)
        own = visit.with_user(self.portal_engineer_user)
        with self.assertRaises(AccessError):
            own.read(["name"])
        own.action_travel()
        self.assertEqual(visit.state, "travel")
        for other in self.visits:
            with self.assertRaises(AccessError):
                other.with_user(self.portal_engineer_user).action_travel()


@tagged("post_install", "-at_install")
class TestFieldMenus(MenuCommon, AccessCommon):
    def test_every_role_opens_what_its_menu_shows(self):
        users = (
            self.anna_user | self.advisor | self.manager
            | self.storekeeper | self.accountant
        )  # fmt: skip
        seen, _opened = self._open_menus("aftersales_field", users)

        def menu(name):
            return self.env.ref(f"aftersales_field.{name}")

        self.assertIn(menu("visit_menu"), seen[self.anna_user])
        self.assertIn(menu("visit_analysis_menu"), seen[self.advisor])
        self.assertIn(menu("recurring_menu"), seen[self.advisor])
        self.assertIn(menu("territory_menu"), seen[self.manager])
        for name in (
            "recurring_menu", "recurring_turn_menu", "visit_analysis_menu",
            "territory_menu",
        ):  # fmt: skip
            with self.subTest(name):
                self.assertNotIn(menu(name), seen[self.anna_user])
                self.assertNotIn(menu(name), seen[self.storekeeper])
                self.assertNotIn(menu(name), seen[self.accountant])

    def _read_form(self, record, user):
        """Read all that the form of ``record`` shows to ``user``."""
        self.env.flush_all()
        self.env.invalidate_all()
        record = record.with_user(user)
        arch = record.get_view(view_type="form")["arch"]
        names = {
            node.get("name")
            for node in etree.fromstring(arch).xpath(
                "//field[not(ancestor::field)][@name]"
            )
        }
        (row,) = record.web_read(
            {
                name: (
                    {"fields": {"display_name": {}}}
                    if record._fields[name].type
                    in ("many2one", "one2many", "many2many")
                    else {}
                )
                for name in names
            }
        )
        return row

    def test_forms_open_for_who_finds_them(self):
        for user in (
            self.anna_user, self.advisor, self.manager, self.storekeeper,
        ):  # fmt: skip
            with self.subTest(user.login):
                row = self._read_form(self.near, user)
                self.assertEqual(row["id"], self.near.id)

    def test_orders_on_site_open_for_the_hosts(self):
        users = (
            self.anna_user | self.advisor | self.manager
            | self.storekeeper | self.accountant | self.auditor | self.salesman
        )  # fmt: skip
        order = self.near.order_id
        for user in users:
            if order.with_user(user).has_access("read"):
                with self.subTest(user.login):
                    self._read_form(order, user)

    def test_settings_show_all_there_is_to_set(self):
        arch = self.env["res.config.settings"].get_view(view_type="form")["arch"]
        data = self.env["ir.model.data"].search(
            [("module", "=", "aftersales_field"), ("model", "=", "ir.model.fields")]
        )
        fields = self.env["ir.model.fields"].browse(data.mapped("res_id"))
        for field in fields.filtered(
            lambda field: (
                field.model == "res.company"
                and field.name.startswith("aftersales_")
                and field.store
                and field.ttype != "one2many"
            )
        ):
            with self.subTest(field.name):
                self.assertIn(f'name="{field.name}"', arch)

    def test_views_are_anchored_by_name(self):
        ours = self.env["ir.model.data"].search(
            [("module", "=", "aftersales_field"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(ours.mapped("res_id"))
        for view in views.filtered(lambda view: view.type != "qweb"):
            nodes = etree.fromstring(view.arch).xpath(
                "//page[not(@name)] | //filter[not(@name)] | //button[not(@name)]"
                "[not(@special)] | //group[@string][not(@name)]"
            )
            with self.subTest(view=view.name):
                self.assertFalse([node.attrib for node in nodes])
