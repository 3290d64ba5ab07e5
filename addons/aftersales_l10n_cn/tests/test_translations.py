import re

from odoo.tests import tagged

from odoo.addons.aftersales.tests.translations import TranslationsMixin

from .common import ChinaCommon


@tagged("post_install", "-at_install")
class TestTranslations(TranslationsMixin, ChinaCommon):
    module = "aftersales_l10n_cn"
    modules = ("aftersales", "aftersales_warranty", "aftersales_l10n_cn")

    def test_shipped_records_are_chinese_for_who_reads_chinese(self):
        self._load_language("zh_CN")
        data = self.env["ir.model.data"].search(
            [("module", "=", self.module), ("model", "=like", "aftersales.%")]
        )
        self.assertTrue(data)
        for model, records in data.grouped("model").items():
            fields = [
                name
                for name in ("name", "source", "note", "evidence_hint")
                if getattr(self.env[model]._fields.get(name), "translate", False)
            ]
            chinese = self.env[model].with_context(active_test=False, lang="zh_CN")
            for record in chinese.browse(records.mapped("res_id")):
                for field in fields:
                    text = re.sub("<[^>]*>|IMEI", "", record[field] or "")
                    with self.subTest(record=record, field=field):
                        self.assertNotRegex(text, "[A-Za-z]{2,}")

    def test_a_car_is_weighed_in_the_words_of_the_rules(self):
        self._load_language("zh_CN")
        registration = self._sell("car", "car", "2022-03-01")
        limits = registration.with_context(lang="zh_CN").limits_text
        self.assertIn("包修期", limits)
        self.assertIn("公里", limits)
        self.assertIn("易损耗零部件", limits)
