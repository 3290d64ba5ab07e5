import io

import polib

from odoo.tools.misc import file_path
from odoo.tools.translate import trans_export


class TranslationsMixin:
    """For the test of an add-on's Chinese.

    * ``module``: the add-on whose template must have every term
    * ``_load_language(lang)``: activate it, with the terms of ``modules``
    """

    module = "aftersales"
    modules = ("aftersales",)

    def _load_language(self, lang):
        self.env["res.lang"]._activate_lang(lang)
        self.env["ir.module.module"]._load_module_terms(list(self.modules), [lang])

    def test_template_has_every_term(self):
        buffer = io.BytesIO()
        trans_export(None, [self.module], buffer, "po", self.env)
        terms = polib.pofile(buffer.getvalue().decode())
        template = polib.pofile(file_path(f"{self.module}/i18n/{self.module}.pot"))
        known = {entry.msgid for entry in template}
        self.assertFalse(
            [
                entry.msgid
                for entry in terms
                if entry.msgid not in known and self._is_own(entry)
            ],
            "export the template again and translate what is new",
        )

    def _is_own(self, entry):
        """Whether more than fields of foreign mixins, such as activities, use it."""
        for occurrence, _line in entry.occurrences:
            kind, _colon, xmlid = occurrence.rpartition(":")
            if not kind.startswith("model:ir.model.fields,"):
                return True
            field = self.env.ref(xmlid)
            if self.env[field.model]._fields[field.name]._module in self.modules:
                return True
        return False
