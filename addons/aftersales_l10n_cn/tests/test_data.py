from odoo.tests import Form, tagged

from .common import ChinaCommon

MODELS = (
    "aftersales.component.group",
    "aftersales.exclusion",
    "aftersales.fault",
    "aftersales.warranty.pack",
    "aftersales.warranty.version",
    "aftersales.warranty.rule",
)
MODULES = ("aftersales_warranty", "aftersales_l10n_cn")


@tagged("post_install", "-at_install")
class TestData(ChinaCommon):
    def _get_shipped(self, model):
        ids = (
            self.env["ir.model.data"]
            .search([("module", "in", MODULES), ("model", "=", model)])
            .mapped("res_id")
        )
        return self.env[model].with_context(active_test=False).browse(ids).exists()

    def test_who_works_with_them_can_read_them(self):
        for model in MODELS:
            records = self._get_shipped(model)
            self.assertTrue(records)
            for user in (self.advisor, self.technician, self.manager):
                names = records.with_user(user).read(["display_name"])
                self.assertEqual(len(names), len(records))

    def test_every_rule_says_where_it_stands(self):
        for rule in self._get_shipped("aftersales.warranty.rule"):
            self.assertTrue(rule.source, rule.code)
            self.assertEqual(rule.active, rule.basis == "source", rule.code)
            self.assertTrue(rule.active or rule.note, rule.code)
            self.assertTrue(rule.summary or rule.purpose == "info", rule.code)

    def test_codes_are_unique_in_a_version(self):
        for version in self._get_shipped("aftersales.warranty.version"):
            codes = version.rule_ids.mapped("code")
            self.assertEqual(len(codes), len(set(codes)), version.display_name)

    def test_forms_open(self):
        for name in ("pack_car", "pack_appliance", "pack_phone", "pack_gree"):
            with Form(self._get(name)) as form:
                self.assertTrue(form.name)
        for name in ("version_car_2013", "version_car_2022", "version_appliance"):
            self.assertTrue(Form(self._get(name)).date_from)

    def test_rules_that_are_off_are_shown_with_their_version(self):
        version = self._get("version_car_2022")
        self.assertIn(self._get("rule_car_60d_asm_2022"), version.rule_ids)
        self.assertEqual(version.unchecked_count, 2)

    def test_chinese_terms_are_kept(self):
        self.assertIn("发动机", self._get("group_car_engine").note)
        self.assertIn("转向系统失效", self._get("fault_car_steering_fails").note)
