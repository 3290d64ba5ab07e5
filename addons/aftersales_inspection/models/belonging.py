from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesBelonging(models.Model):
    """Something that was left in the asset or handed in: a pen drive, a key, a card.

    It is checked when the asset goes back.
    """

    _name = "aftersales.belonging"
    _description = "Belonging or Key"
    _inherit = ["aftersales.state.mixin"]
    _order = "order_id, kind, id"
    _check_company_auto = True

    name = fields.Char("What", required=True)
    kind = fields.Selection(
        [
            ("item", "Belonging"),
            ("key", "Key"),
            ("card", "Card"),
            ("paper", "Paper"),
        ],
        required=True,
        default="item",
    )
    quantity = fields.Integer(default=1, required=True)
    order_id = fields.Many2one(
        "aftersales.order", "Work Order", check_company=True, index="btree_not_null"
    )
    inspection_id = fields.Many2one(
        "aftersales.inspection",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="At which it was written down.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        [("kept", "With Us"), ("returned", "Handed Back"), ("missing", "Missing")],
        required=True,
        default="kept",
        readonly=True,
        copy=False,
        index=True,
    )
    returned_to = fields.Char(readonly=True, copy=False)
    date_returned = fields.Datetime("Handed Back On", readonly=True, copy=False)
    user_id = fields.Many2one("res.users", "Handed Back By", readonly=True, copy=False)
    note = fields.Char("Place or Note")

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "Write down at least one piece."
    )
    _has_document = models.Constraint(
        "CHECK(order_id IS NOT NULL OR inspection_id IS NOT NULL)",
        "A belonging is written down on a work order or at an inspection.",
    )

    @api.depends("order_id", "inspection_id")
    def _compute_company_id(self):
        for belonging in self:
            belonging.company_id = (
                belonging.order_id.company_id
                or belonging.inspection_id.company_id
                or self.env.company
            )

    @api.model_create_multi
    def create(self, vals_list):
        Inspection = self.env["aftersales.inspection"]
        for vals in vals_list:
            if vals.get("inspection_id") and not vals.get("order_id"):
                inspection = Inspection.browse(vals["inspection_id"])
                vals["order_id"] = inspection.order_id.id
        belongings = super().create(vals_list)
        orders = belongings.sudo().order_id
        closed = orders.filtered(lambda order: order.state in ("done", "cancel"))
        if closed:
            raise UserError(
                self.env._(
                    "%(orders)s is closed: nothing can be handed in on it any more.",
                    orders=", ".join(closed.mapped("name")),
                )
            )
        orders.filtered(lambda order: not order.is_inspected).is_inspected = True
        return belongings

    def write(self, vals):
        if vals.keys() & {"name", "kind", "quantity", "order_id", "inspection_id"}:
            self._check_kept()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        self._check_kept()

    def _check_kept(self):
        """What was signed for or handed back stays as it was written down."""
        settled = self.filtered(
            lambda belonging: (
                belonging.state != "kept"
                or belonging.sudo().inspection_id.state == "done"
            )
        )
        if settled:
            raise UserError(
                self.env._(
                    "%(belongings)s was signed for or settled and can't be changed. "
                    "Hand it back, or say that it is missing.",
                    belongings=", ".join(settled.mapped("name")),
                )
            )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "kept": {"returned", "missing"},
            "missing": {"returned"},
        }

    def action_return(self, returned_to=None):
        """Hand these things back.

        :param str returned_to: who takes them; by default the customer
        """
        for belonging in self._lock():
            document = belonging.order_id or belonging.inspection_id
            belonging._set_state(
                "returned",
                returned_to=returned_to or document.partner_id.name,
                date_returned=fields.Datetime.now(),
                user_id=self.env.uid,
            )
        return True

    def action_missing(self, note=None):
        """Say that these things can't be found.

        :param str note: what is known about it; required
        """
        if not (note or "").strip():
            raise UserError(
                self.env._(
                    "%(belongings)s: write down what is known about it.",
                    belongings=", ".join(self.mapped("name")),
                )
            )
        moved = self._lock()._set_state("missing", note=note.strip())
        for order in moved.order_id:
            missing = moved.filtered(lambda each, order=order: each.order_id == order)
            order.message_post(
                body=self.env._(
                    "Missing: %(belongings)s. %(note)s",
                    belongings=", ".join(missing.mapped("name")),
                    note=note.strip(),
                )
            )
        return True
