"""Bodies, header and footer of a report laid out on paper, as wkhtmltopdf does it."""

import argparse
import io
import json
import re
from urllib.parse import urlencode

from odoo.tools.pdf import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfFileReader,
    PdfFileWriter,
    createStringObject,
)

from .characters import restore_characters
from .chromium import ChromiumError

INCH = 25.4
UNITS = {"": 1, "mm": 1, "cm": 10, "in": INCH, "pt": INCH / 72, "px": INCH / 96}
# WebKit lays a page out a quarter wider than the paper and shrinks the print.
SMART_SHRINKING = 0.8
# Odoo's layout is Bootstrap's container, to which wkhtmltopdf applies no breakpoint.
# Chromium repeats the head and foot of a table that it may not break.
BODY_STYLE = (
    "body { max-width: none !important; } thead, tfoot { break-inside: avoid; }"
)
# The layout's onload script picks the header of its document and fills in the numbers,
# which it reads from the address. It runs here for one page after the other, on a fresh
# copy of the body each time; what it leaves becomes a sheet.
SHEETS_SCRIPT = """
    document.addEventListener("DOMContentLoaded", () => {
        const body = document.body;
        const source = body.cloneNode(true);
        const makeSheet = (query) => {
            history.replaceState(null, "", "?" + query);
            body.replaceChildren(...source.cloneNode(true).childNodes);
            window.dispatchEvent(new Event("load"));
            const sheet = document.createElement("div");
            sheet.className = "report_sheet";
            sheet.append(document.createElement("div"));
            sheet.firstChild.className = source.className;
            sheet.firstChild.append(...body.childNodes);
            return sheet;
        };
        const makeSheets = () => {
            const sheets = %s.map(makeSheet);
            body.className = "";
            body.replaceChildren(...sheets);
        };
        window.addEventListener("load", makeSheets, {once: true});
    });
"""


def _millimetres(text):
    number, unit = re.fullmatch(r"\s*(-?[\d.]+)\s*([a-z]*)\s*", text.lower()).groups()
    return float(number) * UNITS[unit]


def _size(text):
    return [int(number) for number in text.split("x")]


def _add_to_head(html, text):
    return str(html).replace("</head>", f"{text}</head>", 1)


def parse_arguments(arguments):
    """Return the options of a wkhtmltopdf command line that shape the paper."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--page-size", default="A4")
    parser.add_argument("--page-width", type=_millimetres)
    parser.add_argument("--page-height", type=_millimetres)
    for side in ("top", "right", "bottom", "left"):
        parser.add_argument(f"--margin-{side}", type=_millimetres, default=10)
    parser.add_argument("--orientation", type=str.lower, default="portrait")
    parser.add_argument("--header-spacing", type=_millimetres, default=0)
    parser.add_argument("--header-line", action="store_true")
    parser.add_argument("--dpi", type=float, default=96)
    parser.add_argument("--disable-smart-shrinking", action="store_true")
    parser.add_argument("--viewport-size", type=_size)
    return parser.parse_known_args(arguments)[0]


class Paper:
    """The sheet that the options of :func:`parse_arguments` describe, in millimetres.

    :param sizes: width and height by name of the page size
    """

    def __init__(self, options, sizes):
        self.options = options
        self.width, self.height = sizes[options.page_size]
        if options.page_width and options.page_height:
            self.width, self.height = options.page_width, options.page_height
        if options.orientation == "landscape":
            self.width, self.height = self.height, self.width
        scale = 96 / options.dpi
        if not options.disable_smart_shrinking:
            scale *= SMART_SHRINKING
        self.scale = min(max(scale, 0.1), 2)  # what Chromium accepts

    def render(self, browser, bodies, header=None, footer=None):
        """Return one PDF of all bodies, with a top-level bookmark for each of them.

        :param browser: a running ``Chromium``
        """
        options = self.options
        margins = {
            f"margin{side.capitalize()}": getattr(options, f"margin_{side}") / INCH
            for side in ("top", "right", "bottom", "left")
        }
        documents = [
            self._print(
                browser,
                "/report/chromium",
                _add_to_head(body, f"<style>{BODY_STYLE}</style>"),
                **margins,
            )
            for body in bodies
        ]
        counts = [len(document.pages) for document in documents]
        overlays = [
            self._print_overlay(browser, html, counts, top)
            for html, top in (
                (header, options.margin_top - options.header_spacing),
                (footer, self.height - options.margin_bottom),
            )
            if html
        ]
        writer = PdfFileWriter()
        starts = []
        points = [round(length / INCH * 72) for length in (self.width, self.height)]
        box = ArrayObject(map(NumberObject, [0, 0, *points]))
        for document in documents:
            starts.append(len(writer.pages))
            for page in document.pages:
                # Chromium rounds paper to pixels; wkhtmltopdf's A4 is 595 by 842.
                page[NameObject("/MediaBox")] = box
                writer.addPage(page)
                last = len(writer.pages) - 1
                for overlay in overlays:
                    writer.getPage(last).mergePage(overlay.pages[last])
        if len(starts) > 1:
            _add_bookmarks(writer, starts)
        restore_characters(writer)
        stream = io.BytesIO()
        writer.write(stream)
        return stream.getvalue()

    def _print(self, browser, path, html, **options):
        content = browser.print(
            path,
            html,
            viewport=self.options.viewport_size,
            printBackground=True,
            generateTaggedPDF=False,
            scale=self.scale,
            paperWidth=self.width / INCH,
            paperHeight=self.height / INCH,
            **options,
        )
        return PdfFileReader(io.BytesIO(content), strict=False)

    def _print_overlay(self, browser, html, counts, top):
        """Print the header or the footer of all pages, one sheet for each."""
        queries = [
            urlencode(
                {
                    "page": sum(counts[:index]) + number,
                    "topage": sum(counts),
                    "sitepage": number,
                    "sitepages": count,
                    "webpage": f"report.body.tmp.{index}.html",
                    "section": "",
                    "subsection": "",
                    "subsubsection": "",
                }
            )
            for index, count in enumerate(counts)
            for number in range(1, count + 1)
        ]
        script = SHEETS_SCRIPT % json.dumps(queries)
        overlay = self._print(
            browser,
            f"/report/chromium?{queries[0]}",
            _add_to_head(
                html,
                f"<script>{script}</script><style>{self._get_sheet_style(top)}</style>",
            ),
            marginTop=0,
            marginRight=0,
            marginBottom=0,
            marginLeft=0,
        )
        if len(overlay.pages) != len(queries):
            raise ChromiumError(
                f"{len(overlay.pages)} sheets printed for {len(queries)} pages"
            )
        return overlay

    def _get_sheet_style(self, top):
        options = self.options
        pixel = 96 / INCH / self.scale
        left, width = options.margin_left, self.width - options.margin_right
        # A pixel less than the page: rounding up would start another one.
        return (
            BODY_STYLE
            + f"""
            html, body {{ background: transparent !important; height: auto !important;
                margin: 0 !important; padding: 0 !important; overflow: visible; }}
            .report_sheet {{ position: relative; height: {self.height * pixel - 1}px;
                overflow: hidden; break-inside: avoid; }}
            .report_sheet + .report_sheet {{ break-before: page; }}
            .report_sheet > div {{ position: absolute; top: {top * pixel}px; bottom: 0;
                left: {left * pixel}px; width: {(width - left) * pixel}px;
                max-width: none !important;
                border-top: {1 if options.header_line else 0}px solid; }}
        """
        )


def _add_bookmarks(writer, starts):
    """Bookmark the pages on which documents start.

    Odoo splits a print by these: it wants named destinations that count pages, as
    wkhtmltopdf writes them, instead of pointing at page objects.
    """
    names = [NameObject(f"/document{number}") for number in range(len(starts))]
    outlines = DictionaryObject({NameObject("/Type"): NameObject("/Outlines")})
    parent = writer._addObject(outlines)
    items = [
        DictionaryObject(
            {
                NameObject("/Title"): createStringObject(str(number)),
                NameObject("/Parent"): parent,
                NameObject("/Dest"): name,
            }
        )
        for number, name in enumerate(names, 1)
    ]
    references = [writer._addObject(item) for item in items]
    for index, item in enumerate(items):
        if index:
            item[NameObject("/Prev")] = references[index - 1]
        if index + 1 < len(items):
            item[NameObject("/Next")] = references[index + 1]
    outlines[NameObject("/First")] = references[0]
    outlines[NameObject("/Last")] = references[-1]
    outlines[NameObject("/Count")] = NumberObject(len(items))
    writer._root_object[NameObject("/Outlines")] = parent
    writer._root_object[NameObject("/Dests")] = DictionaryObject(
        {
            name: ArrayObject([NumberObject(start), NameObject("/Fit")])
            for name, start in zip(names, starts, strict=True)
        }
    )
