"""The Chinese of every add-on is complete and keeps what is filled in."""

import re

import polib
import pytest

from devkit.addons import manifests
from devkit.common import ADDONS

LANGS = ("zh_CN", "zh_TW")
# Values put in, expressions of mail texts, tags: the same in every language, but for
# the attributes that are read out.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|{{.*?}}|</?[a-z][^>]*>")
SPOKEN = re.compile(r'(?:title|aria-label)="[^"]*"')


def get_file(addon, name):
    return polib.pofile(str(ADDONS / addon / "i18n" / name))


def get_placeholders(text):
    return sorted(PLACEHOLDER.findall(SPOKEN.sub("", text)))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("addon", manifests())
def test_every_term_is_translated(addon, lang):
    template = get_file(addon, f"{addon}.pot")
    terms = get_file(addon, f"{lang}.po")
    assert not [entry.msgid for entry in terms if not entry.translated()]
    assert {entry.msgid for entry in terms} == {entry.msgid for entry in template}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("addon", manifests())
def test_translations_keep_what_is_filled_in(addon, lang):
    for entry in get_file(addon, f"{lang}.po"):
        assert get_placeholders(entry.msgid) == get_placeholders(entry.msgstr)
