import base64
from contextlib import suppress

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.image import image_process

# Printed five centimetres wide, that is sharp; a phone's own would make 100 MB.
PRINTED_SIZE = (640, 480)


class AftersalesInspection(models.Model):
    """What the sheet of an inspection says, on paper and on the customer's page."""

    _inherit = "aftersales.inspection"

    def _get_report_lang(self):
        """Return the language of the sheet: the customer's, who signs it."""
        self.ensure_one()
        partner = self.order_id.contact_id or self.partner_id
        return partner.lang or self.env.lang

    def _get_report_base_filename(self):
        self.ensure_one()
        return f"{self.template_id.name} {self.name}".replace("/", "-")

    def _get_rating_counts(self):
        """Return how often each colour stands on the sheet, the worst first.

        :return: list of ``(word, colour, icon, count)`` without those at 0; where all
            is in order, nobody has to count
        """
        self.ensure_one()
        ratings = self.answer_ids.mapped("rating")
        counts = [
            (*self._describe_rating(rating), str(ratings.count(rating)))
            for rating in ("red", "yellow", "green")
            if rating in ratings
        ]
        if len(counts) == 1 and "green" in ratings:
            return [(*counts[0][:3], "")]
        return counts

    def _get_sheet(self):
        """Return the sheet: sections in their order, with a row per item.

        :return: list of dicts ``name`` and ``rows``; for those see
            ``_prepare_sheet_row`` of the answer
        """
        self.ensure_one()
        answers = self.answer_ids.sorted(
            lambda answer: (answer.item_id.sequence, answer.item_id.id)
        )
        sections = {}
        for answer in answers:
            rows = sections.setdefault(answer.item_id.section or "", [])
            rows.append(answer._prepare_sheet_row())
        return [{"name": name, "rows": rows} for name, rows in sections.items()]


class AftersalesInspectionAnswer(models.Model):
    _inherit = "aftersales.inspection.answer"

    def _prepare_sheet_row(self):
        """Return one line of the sheet, in words.

        :return: dict ``name``, ``is_answered``, ``rating`` (word, colour, icon),
            ``value`` (short), ``limits``, ``text`` (long), ``words`` (on what is not
            right), ``note``, ``photos``, ``signature``, ``drawing`` (SVG) and ``marks``
            (its legend)
        """
        self.ensure_one()
        answer = self.sudo()
        item = answer.item_id
        # The customer reads the words; the note of what is not right is ours.
        finding = answer._get_finding() if answer.rating != "green" else None
        drawing = answer.kind == "mark" and item.outline_id and answer.is_answered
        return {
            "name": item.name,
            "is_answered": answer.is_answered,
            "rating": answer.inspection_id._describe_rating(answer.rating),
            "value": answer._get_sheet_value(),
            "limits": answer._get_sheet_limits(),
            "text": answer.value_text or "",
            "words": finding.words if finding else "",
            "note": "" if finding else answer.note,
            "photos": answer.photo_ids._filter_pictures().sorted("id"),
            "signature": answer.signature,
            "drawing": answer._get_marks_svg() if drawing else "",
            "marks": answer._get_marks_legend() if drawing else [],
        }

    def _get_sheet_value(self):
        """Return the short answer; colours, texts and pictures stand by themselves."""
        self.ensure_one()
        if self.not_applicable or self.kind in ("yes_no", "measure", "choice"):
            return self.display_value
        if self.kind == "mark" and self.is_answered and not self.marks:
            return self.env._("Nothing to mark")
        return ""

    def _get_marks_legend(self):
        """Return what each mark on the drawing is, by the number it has there.

        :return: list of ``(number, text)``
        """
        self.ensure_one()
        return [
            (number, self._describe_mark(mark))
            for number, mark in enumerate(self.marks or [], 1)
        ]

    def _format_measure(self, value):
        """Return a measured value with its unit, without needless zeros."""
        number = f"{value:,.3f}".rstrip("0").rstrip(".")
        return f"{number} {self.item_id.unit or ''}".strip()

    def _get_sheet_limits(self):
        """Say within which limits a measure is in order."""
        self.ensure_one()
        limits = self.kind == "measure" and self.item_id._get_range("green")
        if not limits:
            return ""
        low, high = limits
        if high == float("inf"):
            return self.env._("at least %(low)s", low=self._format_measure(low))
        if low == float("-inf"):
            return self.env._("at most %(high)s", high=self._format_measure(high))
        return self.env._(
            "%(low)s to %(high)s",
            low=self._format_measure(low),
            high=self._format_measure(high),
        )


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _get_printed_uris(self):
        """Return these pictures small and inline: who prints may have no session.

        A file that only calls itself a picture is left out.
        """
        uris = []
        for photo in self._filter_pictures():
            with suppress(UserError):
                content = image_process(photo.raw, size=PRINTED_SIZE, quality=80)
                uris.append(
                    f"data:{photo.mimetype};base64,{base64.b64encode(content).decode()}"
                )
        return uris


class AftersalesOrder(models.Model):
    """What the papers of a work order say of findings and belongings."""

    _inherit = "aftersales.order"

    def _get_paper_findings(self):
        """Return what was found and is not put right, what affects safety first."""
        self.ensure_one()
        order = self.sudo()
        offered = order._get_paper_jobs(("proposed", "declined"))._get_findings()
        return (
            (order._get_portal_findings() | offered)
            .filtered(lambda finding: finding._is_told())
            .sorted(lambda finding: (not finding.is_safety, finding.id))
        )

    def _get_paper_belongings(self):
        """Return what was left with us, as superuser."""
        self.ensure_one()
        return self.sudo().belonging_ids
