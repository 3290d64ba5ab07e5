from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.aftersales.tests.common import AftersalesCommon

FORM_LOGGER = "odoo.tests.form.onchange"


@tagged("post_install", "-at_install")
class TestPhrase(AftersalesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Phrase = cls.env["aftersales.phrase"].with_company(cls.company)
        cls.Phrase.search([]).unlink()
        cls.english, cls.chinese = cls.Phrase.create(
            [
                {
                    "name": "Bad Luck",
                    "better": "what was found",
                    "lang_id": cls.env.ref("base.lang_en").id,
                },
                {
                    "name": "大概是",
                    "better": "检测结果为",
                    "lang_id": cls.env.ref("base.lang_zh_CN").id,
                },
            ]
        )

    def _find(self, *texts, **kwargs):
        return [name for name, _better in self.Phrase._find(texts, **kwargs)]

    def test_whole_words_in_any_case(self):
        for text, found in (
            ("That is bad  luck!", True),
            ("BAD\nLUCK", True),
            ("bad luckily", False),
            ("a bad day, no luck", False),
            ("", False),
            (False, False),
        ):
            with self.subTest(text):
                self.assertEqual(self._find(text), ["Bad Luck"] if found else [])
        self.assertEqual(self._find(False, "bad luck", "bad luck"), ["Bad Luck"])

    def test_chinese_parts_no_words(self):
        text = "ABS报警，大概是传感器坏了"
        self.assertEqual(self._find(text, langs=["zh_CN"]), ["大概是"])
        self.Phrase.create({"name": "OEM", "better": "原厂"})
        self.assertEqual(self._find("使用OEM件"), ["OEM"])
        self.assertEqual(self._find("使用OEMs件"), [])

    def test_languages(self):
        """The customer's and the writer's; a dialect counts as its language."""
        text = "bad luck 大概是"
        for user_lang, langs, found in (
            ("en_US", [], ["Bad Luck"]),
            ("en_US", ["zh_CN"], ["Bad Luck", "大概是"]),
            ("en_US", [False], ["Bad Luck"]),
        ):
            with self.subTest(langs=langs):
                Phrase = self.Phrase.with_context(lang=user_lang)
                names = [name for name, _better in Phrase._find([text], langs=langs)]
                self.assertEqual(names, found)
        self.english.lang_id = False
        self.assertIn("Bad Luck", self._find(text, langs=["zh_CN"]))

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Other Workshop"})
        self.english.company_id = other
        self.assertEqual(self._find("bad luck"), [])
        self.assertEqual(self._find("bad luck", company=other), ["Bad Luck"])
        mine = self.Phrase.with_user(self.advisor)
        self.assertNotIn(self.english, mine.search([]))
        self.assertIn(self.chinese, mine.search([]))

    def test_list_is_read_once(self):
        self._find("bad luck")
        with self.assertQueryCount(0):
            self.assertEqual(self._find("bad luck"), ["Bad Luck"])
        self.english.active = False
        self.assertEqual(self._find("bad luck"), [])

    def test_who_keeps_the_list(self):
        values = {"name": "Rubbish", "better": "worn"}
        for user in (self.technician, self.advisor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.Phrase.with_user(user).create(values)
        self.Phrase.with_user(self.manager).create(values)

    def test_job_text_warns_and_is_kept(self):
        order = self._create_order()
        with (
            self.assertLogs(FORM_LOGGER) as logs,
            Form(order.job_ids.with_user(self.advisor)) as job,
        ):
            job.description = "Bad luck, the pads are gone"
        self.assertIn("what was found", "".join(logs.output))
        self.assertIn("Bad Luck", "".join(logs.output))
        self.assertEqual(order.job_ids.description, "Bad luck, the pads are gone")

    def test_creating_jobs_does_not_ask(self):
        order = self._create_order()
        job = self._prepare_job({"lines": [], "description": "Bad luck"})
        order.write({"job_ids": [Command.create(job)]})
        with patch.object(type(self.Phrase), "_get_phrases") as get_phrases:
            order.write({"job_ids": [Command.create(job)]})
        get_phrases.assert_not_called()

    def test_words_of_findings_and_items_warn(self):
        finding = self.env["aftersales.finding"].create(
            {"asset_id": self.asset.id, "name": "Pads", "words": "Worn"}
        )
        self.customer.lang = False
        for text, phrase in (("Bad luck!", "Bad Luck"), ("Worn down", "")):
            finding.words = text
            answer = finding._onchange_words()
            message = answer["warning"]["message"] if answer else ""
            self.assertEqual(phrase in message and bool(message), bool(phrase))
        item = self.env["aftersales.inspection.item"].new(
            {"words_yellow": "Fine", "words_red": "bad luck"}
        )
        self.assertIn("what was found", item._onchange_words()["warning"]["message"])

    def test_duplicate_gets_a_name_of_its_own(self):
        self.assertEqual(self.english.copy().name, "Bad Luck (copy)")


@tagged("post_install", "-at_install")
class TestShippedPhrases(TransactionCase):
    def test_examples_of_both_languages(self):
        """Found in a customer's text, also where Chinese is not activated."""
        Phrase = self.env["aftersales.phrase"]
        for text, lang in (
            ("It never happens again!", "en_GB"),
            ("放心，绝对没问题。", "zh_CN"),
        ):
            with self.subTest(lang):
                self.assertTrue(Phrase._find([text], langs=[lang]))
