import re

from odoo import api, fields, models, tools

# A letter of a script that parts its words: in others a phrase stands anywhere.
LETTER = r"[^\W_\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]"


class AftersalesPhrase(models.Model):
    """Words the customer should not read, and the better ones in their place.

    Whoever writes a text for the customer is told while writing. Nothing is refused:
    the words may fit for once.
    """

    _name = "aftersales.phrase"
    _description = "Phrase Not to Use"
    _inherit = ["aftersales.cached.mixin"]
    _order = "lang_id, name, id"

    name = fields.Char("Not to Use", required=True)
    better = fields.Char(required=True)
    reason = fields.Char("Why", translate=True)
    lang_id = fields.Many2one(
        "res.lang",
        "Language",
        ondelete="cascade",
        index="btree_not_null",
        context={"active_test": False},
        help="Texts of other languages are not looked at. Empty: of every language.",
    )
    company_id = fields.Many2one("res.company", index="btree_not_null")
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex(
        "(lower(name), COALESCE(lang_id, 0), COALESCE(company_id, 0)) WHERE active",
        "This phrase is on the list already.",
    )

    def copy_data(self, default=None):
        values_list = super().copy_data(default)
        if "name" not in (default or {}):
            for phrase, values in zip(self, values_list, strict=True):
                values["name"] = self.env._("%(phrase)s (copy)", phrase=phrase.name)
        return values_list

    @api.model
    @tools.ormcache("company_id")
    def _get_phrases(self, company_id):
        """Return ``((id, name, better, language), ...)`` of a company and of all.

        Asked each time somebody leaves a text, and so worth remembering.
        """
        # Everybody who writes is told, also those who may not edit the list.
        phrases = self.sudo().search_fetch(
            [("company_id", "in", (company_id, False))],
            ["name", "better", "lang_id"],
        )
        return tuple(
            (phrase.id, phrase.name, phrase.better, phrase.lang_id.code)
            for phrase in phrases
        )

    @api.model
    def _find(self, texts, company=None, langs=()):
        """Return the phrases not to use that stand in ``texts``.

        :param texts: strings, of which some may be empty
        :param company: the company whose list counts; default the current one
        :param langs: codes of the languages the texts may be in, besides the user's
        :return: list of ``(phrase, better)``, each once
        """
        text = "\n".join(filter(None, texts))
        if not text:
            return []
        # en_GB reads what is said of en_US.
        spoken = {
            code.split("_")[0] for code in (*langs, self.env.lang or "en_US") if code
        }
        return [
            (name, better)
            for _id, name, better, lang in self._get_phrases(
                (company or self.env.company).id
            )
            if (not lang or lang.split("_")[0] in spoken)
            and re.search(_get_pattern(name), text, re.IGNORECASE)
        ]

    @api.model
    def _get_warning(self, texts, company=None, langs=()):
        """Return what an onchange answers with: a notice, or None if all is well.

        See ``_find`` for the arguments.
        """
        found = self._find(texts, company, langs)
        if not found:
            return None
        return {
            "warning": {
                "type": "notification",
                "title": self.env._("Better words for the customer"),
                # Shown in one line: each is a sentence of its own.
                "message": " ".join(
                    self.env._(
                        "Instead of “%(phrase)s” write “%(better)s”.",
                        phrase=phrase,
                        better=better,
                    )
                    for phrase, better in found
                ),
            }
        }


def _get_pattern(phrase):
    """Return the expression that finds ``phrase`` as whole words."""
    pattern = r"\s+".join(map(re.escape, phrase.split()))
    if re.match(LETTER, phrase.strip()):
        pattern = f"(?<!{LETTER}){pattern}"
    if re.search(f"{LETTER}$", phrase.strip()):
        pattern = f"{pattern}(?!{LETTER})"
    return pattern


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    @api.onchange("description")
    def _onchange_description(self):
        return self.env["aftersales.phrase"]._get_warning(
            [self.description], self.company_id, [self.partner_id.lang]
        )


class AftersalesFinding(models.Model):
    _inherit = "aftersales.finding"

    @api.onchange("words")
    def _onchange_words(self):
        return self.env["aftersales.phrase"]._get_warning(
            [self.words], self.company_id, [self.partner_id.lang]
        )


class AftersalesInspectionItem(models.Model):
    _inherit = "aftersales.inspection.item"

    @api.onchange("words_yellow", "words_red")
    def _onchange_words(self):
        return self.env["aftersales.phrase"]._get_warning(
            [self.words_yellow, self.words_red], self.company_id
        )
