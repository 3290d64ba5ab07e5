from uuid import uuid4

from lxml import etree
from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SVG = "http://www.w3.org/2000/svg"
# What a drawing may consist of: shapes and nothing that runs, loads or links.
TAGS = frozenset(
    ("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon")
)
ATTRIBUTES = frozenset(
    """
    viewBox width height x y x1 y1 x2 y2 cx cy r rx ry d points transform
    fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap
    stroke-linejoin stroke-dasharray opacity
    """.split()
)
MARK_COLOURS = {
    "scratch": "#c2410c",
    "dent": "#7c3aed",
    "crack": "#dc2626",
    "missing": "#1e293b",
    "other": "#0369a1",
}


class AftersalesInspectionOutline(models.Model):
    """A drawing of an asset on which marks are set.

    It is put together from views: a car from above and from its four sides. A mark
    is kept as a place from 0 to 1 of the whole drawing, whatever size it is shown in.
    """

    _name = "aftersales.inspection.outline"
    _description = "Drawing for Marks"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    width = fields.Integer(default=400, help="Of the whole drawing, in its own units.")
    height = fields.Integer(default=300, help="Of the whole drawing.")
    view_ids = fields.One2many(
        "aftersales.inspection.outline.view", "outline_id", "Views", copy=True
    )
    svg = fields.Text("Drawing", compute="_compute_svg")

    _size_positive = models.Constraint(
        "CHECK(width > 0 AND height > 0)", "A drawing has a width and a height."
    )
    _code_unique = models.UniqueIndex("(code)", "Another drawing has this code.")

    @api.depends("width", "height", "view_ids.drawing", "view_ids.x", "view_ids.y")
    def _compute_svg(self):
        for outline in self:
            outline.svg = outline._draw()

    def write(self, vals):
        if vals.keys() & {"width", "height", "view_ids"}:
            self._check_unmarked(vals)
        return super().write(vals)

    def copy_data(self, default=None):
        return [
            {**vals, "code": (default or {}).get("code") or f"{outline.code}_{uuid4()}"}
            for outline, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _check_unmarked(self, vals):
        """Refuse to move what marks were set on: they would lie elsewhere."""
        moved = self.filtered(
            lambda outline: (
                "view_ids" in vals
                or outline.width != vals.get("width", outline.width)
                or outline.height != vals.get("height", outline.height)
            )
        )
        if moved and (marked := moved._filter_marked()):
            raise UserError(
                self.env._(
                    "%(outlines)s carries marks of inspections, which would be moved. "
                    "Copy it and change the copy.",
                    outlines=", ".join(marked.mapped("name")),
                )
            )

    def _filter_marked(self):
        groups = (
            self.env["aftersales.inspection.answer"]
            .sudo()
            ._read_group(
                [("item_id.outline_id", "in", self.ids), ("marks", "!=", False)],
                ["item_id"],
            )
        )
        marked = self.browse()
        for (item,) in groups:
            marked |= item.outline_id
        return self & marked.with_env(self.env)

    def _draw(self, content=""):
        """Return the drawing as SVG, with ``content`` (safe SVG) above it."""
        self.ensure_one()
        views = Markup("").join(
            Markup('<g transform="translate(%s %s)">%s</g>')
            % (view.x, view.y, view._get_shapes())
            for view in self.view_ids
        )
        return Markup(
            '<svg xmlns="%s" viewBox="0 0 %s %s" width="100%%" role="img">%s%s</svg>'
        ) % (SVG, self.width, self.height, views, content)

    def _draw_marks(self, marks, labels):
        """Return the drawing with ``marks``, numbered from 1.

        :param list marks: as kept in an answer
        :param labels: what each mark is, in words
        """
        self.ensure_one()
        return self._draw(
            Markup("").join(
                self._draw_mark(number, mark, label)
                for number, (mark, label) in enumerate(
                    zip(marks, labels, strict=True), 1
                )
            )
        )

    def _draw_mark(self, number, mark, label):
        colour = MARK_COLOURS.get(mark.get("kind"), MARK_COLOURS["other"])
        radius = self.width / 70
        x, y = mark["x"] * self.width, mark["y"] * self.height
        stroke = Markup("")
        if path := self._get_points(mark.get("path")):
            stroke = Markup(
                '<polyline points="%s" fill="none" stroke="%s" stroke-width="%.1f" '
                'stroke-linecap="round" stroke-linejoin="round" />'
            ) % (
                " ".join(
                    f"{x * self.width:.1f},{y * self.height:.1f}" for x, y in path
                ),
                colour,
                radius / 3,
            )
        return Markup(
            "<g><title>%s</title>%s"
            '<circle cx="%.1f" cy="%.1f" r="%.1f" fill="%s" stroke="#ffffff" '
            'stroke-width="%.1f" />'
            '<text x="%.1f" y="%.1f" text-anchor="middle" font-family="sans-serif" '
            'font-weight="bold" font-size="%.1f" fill="#ffffff">%s</text></g>'
        ) % (
            escape(f"{number}. {label}"),
            stroke,
            x,
            y,
            radius,
            colour,
            radius / 8,
            x,
            y + radius * 0.42,
            radius * 1.2,
            number,
        )

    @api.model
    def _get_points(self, path):
        """Return the points of a stroke that lie on the drawing."""
        if not isinstance(path, list):
            return []
        return [
            point
            for point in path
            if isinstance(point, (list, tuple))
            and len(point) == 2
            and all(isinstance(axis, (int, float)) and 0 <= axis <= 1 for axis in point)
        ]

    def _get_view_at(self, x, y):
        """Return the view that lies at a place of the drawing, from 0 to 1."""
        self.ensure_one()
        left, top = x * self.width, y * self.height
        return self.view_ids.filtered(
            lambda view: (
                view.x <= left <= view.x + view.width
                and view.y <= top <= view.y + view.height
            )
        )[:1]

    def _prepare_runner_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "width": self.width,
            "height": self.height,
            "svg": self.svg,
            "views": [
                {
                    "id": view.id,
                    "name": view.name,
                    "x": view.x,
                    "y": view.y,
                    "width": view.width,
                    "height": view.height,
                }
                for view in self.view_ids
            ],
        }


class AftersalesInspectionOutlineView(models.Model):
    """One side of the asset, and where it lies on the drawing."""

    _name = "aftersales.inspection.outline.view"
    _description = "View of a Drawing"
    _order = "outline_id, sequence, id"

    outline_id = fields.Many2one(
        "aftersales.inspection.outline", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    x = fields.Integer("From the Left")
    y = fields.Integer("From the Top")
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    drawing = fields.Text(
        required=True, help="SVG of shapes: no scripts, links, pictures or styles."
    )

    @api.constrains("drawing")
    def _check_drawing(self):
        for view in self:
            view._parse_drawing()

    def write(self, vals):
        if vals.keys() & {"x", "y", "width", "height", "drawing", "outline_id"}:
            changed = self.filtered(
                lambda view: any(
                    vals[field] != view[field]
                    for field in ("x", "y", "width", "height", "drawing")
                    if field in vals
                )
            )
            changed.outline_id._check_unmarked({"view_ids": True})
        return super().write(vals)

    def _parse_drawing(self):
        """Return the root of the drawing, or refuse what is not a plain drawing."""
        self.ensure_one()
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
            remove_blank_text=True,
        )
        try:
            root = etree.fromstring((self.drawing or "").encode(), parser)
        except etree.XMLSyntaxError as error:
            raise ValidationError(
                self.env._(
                    "%(view)s: the drawing can't be read: %(error)s",
                    view=self.name,
                    error=error,
                )
            ) from error
        for node in root.iter():
            name = etree.QName(node).localname if isinstance(node.tag, str) else "&"
            if name not in TAGS or (node is root and name != "svg"):
                self._refuse_part(name)
            for attribute, value in node.attrib.items():
                if attribute not in ATTRIBUTES or "url(" in value:
                    self._refuse_part(attribute)
            node.tag = name
        etree.cleanup_namespaces(root)
        return root

    def _refuse_part(self, part):
        raise ValidationError(
            self.env._(
                "%(view)s: “%(part)s” is not allowed in a drawing. Draw with paths, "
                "lines, rectangles and circles, each with its own colour.",
                view=self.name,
                part=part,
            )
        )

    def _get_shapes(self):
        """Return the shapes of the drawing, without the frame around them."""
        if not self.drawing:
            return Markup("")
        # Checked part by part before it is passed on as safe.
        shapes = "".join(
            etree.tostring(node, encoding="unicode") for node in self._parse_drawing()
        )
        return Markup(shapes)  # noqa: S704
