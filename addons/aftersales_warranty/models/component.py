from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesComponentGroup(models.Model):
    """An assembly, a main part or a list of wear parts, as a maker defines them.

    Guarantees speak of groups, never of single parts: “the engine”, “the wear parts
    with three months”. A part is in a group by itself or by its product category,
    and with a group it is in the groups above.
    """

    _name = "aftersales.component.group"
    _description = "Component Group"
    _parent_store = True
    _order = "complete_name"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, index="trigram")
    display_name = fields.Char(recursive=True)
    complete_name = fields.Char(
        compute="_compute_complete_name", store=True, recursive=True
    )
    kind = fields.Selection(
        [
            ("assembly", "Assembly"),
            ("main", "Main part"),
            ("wear", "Wear part"),
            ("fluid", "Fluid"),
            ("adjustment", "Adjustment"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
    )
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one(
        "aftersales.component.group", "Part Of", index=True, ondelete="restrict"
    )
    parent_path = fields.Char(index=True)
    maker_id = fields.Many2one(
        "res.partner", help="Whose list this is; empty: for every maker."
    )
    model_ids = fields.Many2many(
        "product.product",
        "aftersales_group_model_rel",
        string="Only for Models",
        help="The assets it is for; empty: all of the maker.",
    )
    product_ids = fields.Many2many(
        "product.product", "aftersales_group_product_rel", string="Parts"
    )
    product_categ_ids = fields.Many2many("product.category", string="Part Categories")
    note = fields.Text(translate=True)

    _code_unique = models.UniqueIndex(
        "(code)", "Another component group has that code already."
    )

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        """Keep the place in the tree; shown is the name in the reader's language."""
        for group in self.with_context(lang=None):
            above = group.parent_id.complete_name
            group.complete_name = f"{above} / {group.name}" if above else group.name

    @api.depends("name", "parent_id.display_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for group in self:
            above = group.parent_id.display_name
            group.display_name = f"{above} / {group.name}" if above else group.name

    def write(self, vals):
        if vals.get("parent_id"):
            # Before it is written: the tree could not be walked any more.
            self._check_parent(self.browse(vals["parent_id"]))
        return super().write(vals)

    def _check_parent(self, parent):
        """Refuse groups that would be part of themselves."""
        circular = self & parent._get_with_parents()
        if circular:
            raise ValidationError(
                self.env._(
                    "%(group)s can't be part of %(parent)s, which is part of it. "
                    "Choose another group above.",
                    group=circular[:1].name,
                    parent=parent.name,
                )
            )

    def _applies_to(self, maker, model):
        """Whether this group is of the list for ``model``, an asset's product."""
        self.ensure_one()
        return (not self.maker_id or self.maker_id == maker) and (
            not self.model_ids or model in self.model_ids
        )

    def _get_with_parents(self):
        """Return these groups and all above them."""
        ids = {
            int(group_id)
            for group in self
            for group_id in (group.parent_path or "").split("/")
            if group_id
        }
        return self.browse(sorted(ids))

    def _get_codes(self):
        return sorted(self.sudo().mapped("code"))


class AftersalesFault(models.Model):
    """What can be wrong: the same code means the same quality problem."""

    _name = "aftersales.fault"
    _description = "Fault"
    _order = "code"
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, index="trigram")
    active = fields.Boolean(default=True)
    group_id = fields.Many2one(
        "aftersales.component.group", "Component", index="btree_not_null"
    )
    severity = fields.Selection(
        [
            ("normal", "Normal"),
            ("major", "Main function fails"),
            ("safety", "Safety"),
        ],
        required=True,
        default="normal",
    )
    note = fields.Text(translate=True)

    _code_unique = models.UniqueIndex("(code)", "Another fault has that code already.")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for fault in self:
            fault.display_name = f"{fault.code} {fault.name}" if fault.code else ""


class AftersalesExclusion(models.Model):
    """A cause that a guarantee does not answer for, and what proves it."""

    _name = "aftersales.exclusion"
    _description = "Exclusion"
    _order = "sequence, code"
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    check = fields.Selection(
        [
            ("manual", "Somebody found it on the job"),
            ("business_use", "Registered for business use"),
        ],
        "Found By",
        required=True,
        default="manual",
    )
    evidence_required = fields.Boolean(
        "Evidence Needed",
        default=True,
        help="A finding counts only with a photo, a paper or a measured value.",
    )
    evidence_hint = fields.Char(translate=True, help="What would prove it.")
    source = fields.Char("Article", translate=True)
    note = fields.Text(translate=True)

    _code_unique = models.UniqueIndex(
        "(code)", "Another exclusion has that code already."
    )
