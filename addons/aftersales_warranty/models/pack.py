from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesWarrantyPack(models.Model):
    """A guarantee: what the law gives, or what a maker, a seller or we promise.

    Its rules stand in versions with dates. A thing keeps the version that was in
    force when its guarantee began, whatever is changed later.
    """

    _name = "aftersales.warranty.pack"
    _description = "Guarantee"
    _order = "sequence, name"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies."
    )
    kind = fields.Selection(
        [
            ("legal", "Law"),
            ("promise", "Promise of maker or seller"),
            ("extended", "Extended cover that is sold"),
            ("repair", "Our repair"),
            ("campaign", "Campaign or recall"),
        ],
        required=True,
        default="promise",
    )
    start_basis = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("delivery", "Delivery"),
            ("later", "Invoice or delivery, the later"),
            ("installation", "Installation"),
            ("hand", "Entered by hand"),
        ],
        "Starts With",
        required=True,
        default="delivery",
    )
    pause_in_repair = fields.Boolean(
        "Repair Time Taken Out",
        help="Days in repair under this guarantee lengthen it.",
    )
    restart_on_exchange = fields.Boolean("Starts Anew after Exchange")
    transferable = fields.Boolean("Goes to the Next Owner", default=True)
    document_required = fields.Boolean("Proof of Purchase Needed")
    production_days = fields.Integer(
        "Days from Production",
        help="Without papers it begins so many days after the unit was produced, as "
        "its serial number tells. 0: not without papers.",
    )
    category_ids = fields.Many2many(
        "aftersales.asset.category",
        string="Asset Categories",
        help="Sold things of these categories, products or product categories are "
        "registered by themselves, or repaired ones if it is a guarantee on repairs. "
        "None: by hand only.",
    )
    product_categ_ids = fields.Many2many(
        "product.category", string="Product Categories"
    )
    product_ids = fields.Many2many("product.product", string="Products")
    exclusion_ids = fields.Many2many("aftersales.exclusion", string="Not Covered")
    version_ids = fields.One2many("aftersales.warranty.version", "pack_id", "Versions")
    registration_count = fields.Integer(compute="_compute_registration_count")
    note = fields.Html(translate=True)

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "Another guarantee has that code already.",
    )

    def _compute_registration_count(self):
        counts = dict(
            self.env["aftersales.warranty.registration"]._read_group(
                [("pack_id", "in", self.ids)], ["pack_id"], ["__count"]
            )
        )
        for pack in self:
            pack.registration_count = counts.get(pack._origin, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.filtered("registration_count")
        if used:
            raise UserError(
                self.env._(
                    "%(packs)s is registered for assets. Archive it instead: what was "
                    "promised stays.",
                    packs=", ".join(used.mapped("name")),
                )
            )

    def _get_version(self, day):
        """Return the published version in force on ``day``, or none."""
        self.ensure_one()
        return self.version_ids.filtered(
            lambda version: version.state == "published" and version._is_in_force(day)
        )[:1]

    def _covers_product(self, product, category=None):
        """Whether a sold ``product``, an asset of ``category``, falls under this."""
        self.ensure_one()
        if product in self.product_ids or (category and category in self.category_ids):
            return True
        categories = self.product_categ_ids
        return bool(
            categories
            and self.env["product.category"].search_count(
                [
                    ("id", "parent_of", product.categ_id.id),
                    ("id", "in", categories.ids),
                ],
                limit=1,
            )
        )

    def action_new_version(self):
        """Begin the next version: the draft there is, or a copy of the latest.

        :return: an action that opens the draft
        """
        self.ensure_one()
        latest = self.version_ids[:1]
        if latest.state == "draft":
            return latest.get_formview_action()
        if latest:
            return latest.action_new_version()
        return {
            "type": "ir.actions.act_window",
            "res_model": "aftersales.warranty.version",
            "view_mode": "form",
            "context": {"default_pack_id": self.id},
        }

    def action_view_registrations(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.registration_action"
        )
        return {**action, "domain": [("pack_id", "=", self.id)], "context": {}}
