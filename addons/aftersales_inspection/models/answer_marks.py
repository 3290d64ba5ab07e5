from markupsafe import Markup

from odoo import api, models


class AftersalesInspectionAnswer(models.Model):
    _inherit = "aftersales.inspection.answer"

    @api.readonly
    def get_marks_svg(self):
        """Return ``{answer id: drawing with the marks}`` for the form."""
        self.check_access("read")
        return {answer.id: answer._get_marks_svg() for answer in self}

    def _get_marks_svg(self):
        """Return the drawing with its numbered marks as safe SVG, or nothing.

        The words of a mark are its title; ``_get_marks_legend`` gives them by number.
        """
        self.ensure_one()
        outline = self.sudo().item_id.outline_id
        if not outline:
            return Markup("")
        marks = self.marks or []
        return outline._draw_marks(marks, [self._describe_mark(mark) for mark in marks])

    def _describe_mark(self, mark):
        """Return a mark in words: what, where, note."""
        self.ensure_one()
        labels = self._get_mark_labels()
        view = self.sudo().item_id.outline_id._get_view_at(mark["x"], mark["y"])
        parts = (
            labels.get(mark.get("kind"), labels["other"]),
            view.name,
            mark.get("note"),
        )
        return ", ".join(str(part) for part in parts if part)

    @api.model
    def _get_mark_labels(self):
        return {
            "scratch": self.env._("Scratch"),
            "dent": self.env._("Dent"),
            "crack": self.env._("Crack"),
            "missing": self.env._("Missing"),
            "other": self.env._("Other"),
        }

    @api.model
    def _are_marks(self, marks):
        return super()._are_marks(marks) and all(
            isinstance(mark.get("note") or "", str)
            and len(mark.get("note") or "") <= 500
            and self._is_stroke(mark.get("path"))
            for mark in marks
        )

    @api.model
    def _is_stroke(self, path):
        """Whether ``path`` is a list of points, all of them on the drawing."""
        if not path:
            return path in (None, False, [], "")
        points = self.env["aftersales.inspection.outline"]._get_points(path)
        return isinstance(path, list) and len(path) == len(points) <= 1000
