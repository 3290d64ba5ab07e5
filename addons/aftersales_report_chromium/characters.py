"""Make the text of Chromium's PDF files say what was written.

Fonts draw the radical U+2ECB and the character U+8F66, car, alike. Chromium keeps the
first for both, so that a search for the second finds nothing.
"""

import re
import unicodedata

from odoo.tools.pdf import DecodedStreamObject, DictionaryObject, NameObject

# U+2E80 to U+2EF3, radicals that are characters too. Unicode has no decomposition
# for them, as it has for the Kangxi radicals from U+2F00 to U+2FDF.
PAIRS = (
    "⺎兀⺒巳⺓幺⺟母⺠民⻁虎⻄西⻅见⻆角⻉贝⻋车⻑長⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞"
    "⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
CHARACTERS = dict(zip(PAIRS[::2], PAIRS[1::2], strict=True))
RADICAL = rb"<(2(?:E[89A-F]|F[0-9A-D])[0-9A-F])>"
CHARACTER_LINE = re.compile(rb"(<[0-9A-F]+>\s*)" + RADICAL)
RANGE_LINE = re.compile(rb"<([0-9A-F]+)>\s*<([0-9A-F]+)>\s*" + RADICAL)
SECTION = re.compile(rb"beginbf(char|range).*?endbf", re.DOTALL)


def restore_characters(writer):
    """Correct the tables by which the fonts of a PDF turn glyphs into text."""
    for font in list(writer._objects):
        if not isinstance(font, DictionaryObject) or "/ToUnicode" not in font:
            continue
        table = font["/ToUnicode"].getData()
        corrected = SECTION.sub(_correct_section, table)
        if corrected != table:
            stream = DecodedStreamObject()
            stream.setData(corrected)
            font[NameObject("/ToUnicode")] = writer._addObject(stream)


def _correct_section(section):
    if section[1] == b"char":
        return CHARACTER_LINE.sub(
            lambda line: line[1] + _encode(int(line[2], 16)), section[0]
        )
    return RANGE_LINE.sub(_correct_range, section[0])


def _correct_range(line):
    first, last, target = (int(text, 16) for text in line.groups())
    targets = b" ".join(_encode(target + i) for i in range(last - first + 1))
    return b"<%s> <%s> [%s]" % (line[1], line[2], targets)


def _encode(code):
    text = unicodedata.normalize("NFKC", chr(code))
    return b"<%04X>" % ord(CHARACTERS.get(text, text))
