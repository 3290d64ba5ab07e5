import base64
import hashlib
import io
from collections import OrderedDict

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

MARGIN = 12 * mm
# Every PDF reader has these, for writing that the standard fonts do not have.
EASTERN = {
    "zh_TW": "MSung-Light",
    "ja_JP": "HeiseiMin-W3",
    "ko_KR": "HYSMyeongJo-Medium",
}
PAPERS = {
    f"aftersales_field.{prefix}report_form_{kind}"
    for prefix in ("", "action_")
    for kind in ("complaint", "service", "month")
}


class AftersalesFormIssue(models.Model):
    """A paper is kept as it was first printed, and printed again from that.

    What was signed can't change with the work order. Where the order says something
    else meanwhile, printing it issues a new paper that replaces the old one. Nobody
    reaches the file but by printing it: neither here nor among the attachments.
    """

    _inherit = "aftersales.form.issue"

    pdf = fields.Binary(
        "As Printed",
        attachment=True,
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
    )
    pdf_sha256 = fields.Char(
        "SHA-256", readonly=True, copy=False, help="Proof that the file is the same."
    )
    digest = fields.Char(readonly=True, copy=False)
    replaces_id = fields.Many2one(
        "aftersales.form.issue",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    replaced_by_ids = fields.One2many("aftersales.form.issue", "replaces_id")

    def _keep(self, content):
        """Keep what was printed for the first time.

        :param bytes content: PDF with all copies
        """
        self.ensure_one()
        self.sudo().write(
            {
                "pdf": base64.b64encode(content),
                "pdf_sha256": hashlib.sha256(content).hexdigest(),
                "digest": self._get_digest(),
            }
        )

    def _get_kept(self):
        """Return the paper as it was first printed, as bytes.

        :raises UserError: if the file is gone or is another one
        """
        self.ensure_one()
        content = base64.b64decode(self.sudo().pdf or b"")
        if hashlib.sha256(content).hexdigest() != self.pdf_sha256:
            raise UserError(
                self.env._(
                    "%(paper)s: the file that was kept is missing or was changed. Ask "
                    "the administrator to restore it, or void the paper with a reason "
                    "and print another one.",
                    paper=self.name,
                )
            )
        return content

    def _get_copy(self):
        """Return the kept paper with the mark that this print is a copy, as bytes."""
        self.ensure_one()
        lang = self._get_report_lang()
        reader = PdfFileReader(io.BytesIO(self._get_kept()), strict=False)
        marks = self._draw_marks(
            self.with_context(lang=lang)._get_marks(), lang, reader.pages
        )
        writer = PdfFileWriter()
        for page, mark in zip(reader.pages, marks.pages, strict=True):
            writer.add_page(page).merge_page(mark)
        output = io.BytesIO()
        writer.write(output)
        return output.getvalue()

    def _get_marks(self):
        """Return the words above a paper that is printed again."""
        self.ensure_one()
        words = [self.env._("Copy")]
        if self.state == "void":
            words.append(self.env._("Void: %(reason)s", reason=self.void_reason))
        if newer := self.sudo().replaced_by_ids[:1]:
            words.append(self.env._("Replaced by No. %(number)s", number=newer.name))
        return " · ".join(words)

    @api.model
    def _draw_marks(self, words, lang, pages):
        """Return a PDF with these words in the upper margin of pages of this size."""
        font = "Helvetica-Bold"
        if not words.replace("·", "").isascii():
            font = EASTERN.get(lang, "STSong-Light")
            pdfmetrics.registerFont(UnicodeCIDFont(font))
        packet = io.BytesIO()
        sheet = canvas.Canvas(packet)
        for page in pages:
            width, height = (float(each) for each in page.mediabox[2:])
            sheet.setPageSize((width, height))
            sheet.setFont(font, 11)
            sheet.drawRightString(width - MARGIN, height - MARGIN * 0.75, words)
            sheet.showPage()
        sheet.save()
        return PdfFileReader(packet, strict=False)


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _is_service_paper(self, report_ref):
        """Whether a report prints service papers; asks nothing for native ones."""
        if isinstance(report_ref, int):
            report_ref = self.sudo().browse(report_ref)
        name = report_ref if isinstance(report_ref, str) else report_ref.report_name
        return name in PAPERS

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        prepare = super()._render_qweb_pdf_prepare_streams
        if not res_ids or not self._is_service_paper(report_ref):
            return prepare(report_ref, data, res_ids=res_ids)
        papers = self.env["aftersales.form.issue"].browse(dict.fromkeys(res_ids))
        papers.check_access("read")
        streams = OrderedDict()
        for paper in papers:
            if paper.pdf_sha256:
                content = paper._get_copy()
                paper._count_print()
            else:
                # One by one: each is kept by itself.
                own = prepare(report_ref, dict(data or {}), res_ids=paper.ids)
                content = own[paper.id]["stream"].getvalue()
                paper._keep(content)
            streams[paper.id] = {"stream": io.BytesIO(content), "attachment": None}
        return streams
