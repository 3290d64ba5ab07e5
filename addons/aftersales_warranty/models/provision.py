from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from .provision_curve import draw_curve

# How far ahead a guarantee without an end is looked at.
LONGEST_COVER_MONTHS = 120


class AftersalesProvision(models.Model):
    """What our guarantees will still cost, reckoned from what they did cost.

    For each model and month of age: the cost that the guarantee bore, per unit and
    month that was under guarantee, times the months of cover that units of the model
    still have ahead at that age. A model without experience of an age borrows that of
    its product category, then of all units, and the line says so.

    Cover that was sold is left out: its revenue is deferred to pay for it.
    """

    _name = "aftersales.provision"
    _description = "Warranty Provision"
    _inherit = ["aftersales.period.entry"]

    history_months = fields.Integer(
        "Months of History",
        required=True,
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
    )
    mode = fields.Selection(
        [
            ("reversal", "In full, reversed the next day"),
            ("change", "Only the change since the month before"),
        ],
        "Booked",
        required=True,
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary("Provision Needed")
    amount_before = fields.Monetary(
        "Carried So Far",
        readonly=True,
        copy=False,
        help="What the last posted provision left on the account, where only changes "
        "are booked.",
    )
    amount_entry = fields.Monetary("To Book", compute="_compute_amount_entry")
    unit_count = fields.Integer("Units under Guarantee", readonly=True, copy=False)
    line_ids = fields.One2many(
        "aftersales.provision.line", "provision_id", "Lines", readonly=True, copy=False
    )
    line_count = fields.Integer("Number of Lines", compute="_compute_line_count")
    basis_note = fields.Char(compute="_compute_basis_note")
    curve = fields.Html(compute="_compute_curve", sanitize=False)

    @api.depends("company_id")
    def _compute_defaults(self):
        for provision in self:
            company = provision.company_id
            provision.history_months = company.aftersales_provision_months
            provision.mode = company.aftersales_provision_mode

    @api.depends("amount", "amount_before")
    def _compute_amount_entry(self):
        for provision in self:
            provision.amount_entry = provision.amount - provision.amount_before

    @api.depends("line_ids")
    def _compute_line_count(self):
        counts = dict(
            self.env["aftersales.provision.line"]._read_group(
                [("provision_id", "in", self.ids)], ["provision_id"], ["__count"]
            )
        )
        for provision in self:
            provision.line_count = counts.get(provision._origin, 0)

    @api.depends("line_ids.basis", "line_ids.units_covered")
    def _compute_basis_note(self):
        """Say how much of the estimate rests on the experience of other units."""
        groups = self.env["aftersales.provision.line"]._read_group(
            [("provision_id", "in", self.ids)],
            ["provision_id", "basis"],
            ["units_covered:sum"],
        )
        months = defaultdict(dict)
        for provision, basis, covered in groups:
            months[provision][basis] = covered
        for provision in self:
            by_basis = months.get(provision._origin, {})
            total = sum(by_basis.values())
            other = total - by_basis.get("model", 0.0)
            unknown = by_basis.get("none", 0.0)
            note = False
            if unknown:
                note = self.env._(
                    "No cost of any guarantee is known for %(months)s months of cover: "
                    "they are in with nothing.",
                    months=f"{unknown:.0f}",
                )
            elif other:
                note = self.env._(
                    "For %(share)s %% of the cover ahead the model has no experience "
                    "of its own; that of its category or of all units stands in.",
                    share=f"{100 * other / total:.0f}",
                )
            provision.basis_note = note

    @api.depends("line_ids.cost", "line_ids.units_exposed", "line_ids.units_covered")
    def _compute_curve(self):
        for provision in self:
            provision.curve = provision._get_curve()

    def action_view_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.provision_line_action"
        )
        return {**action, "domain": [("provision_id", "=", self.id)]}

    def _get_title(self, month):
        return self.env._("Warranty provision %(month)s", month=month)

    @api.model
    def _get_account_fields(self):
        return (
            "aftersales_provision_expense_account_id",
            "aftersales_provision_account_id",
        )

    def _get_entry_amount(self):
        return self.amount_entry

    def _is_reversed(self):
        return self.mode == "reversal"

    def _compute_figures(self):
        self.ensure_one()
        self.line_ids.unlink()
        values_list, unit_count = self._get_figures()
        self.write(
            {
                "line_ids": [Command.create(values) for values in values_list],
                "amount": sum(values["amount"] for values in values_list),
                "unit_count": unit_count,
                "amount_before": self._get_amount_before(),
            }
        )

    def _check_can_be_taken_back(self):
        """The change of a month is reckoned from the months before it."""
        result = super()._check_can_be_taken_back()
        for provision in self.filtered(lambda item: item.state == "posted"):
            later = self.search(
                [
                    ("company_id", "=", provision.company_id.id),
                    ("date", ">", provision.date),
                    ("state", "=", "posted"),
                    ("mode", "=", "change"),
                    ("id", "not in", self.ids),
                ],
                limit=1,
            )
            if provision.mode == "change" and later:
                raise UserError(
                    self.env._(
                        "%(document)s: %(later)s books the change since then. Cancel "
                        "that one first.",
                        document=provision.display_name,
                        later=later.display_name,
                    )
                )
        return result

    def _get_amount_before(self):
        """Return what stands on the account from earlier months.

        :raises UserError: if it was carried and this one would be reversed in full
        """
        self.ensure_one()
        last = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("date", "<", self.date),
                ("state", "=", "posted"),
            ],
            order="date desc",
            limit=1,
        )
        carried = last.amount if last.mode == "change" else 0.0
        if carried and self.mode == "reversal":
            raise UserError(
                self.env._(
                    "%(last)s left %(amount)s on the account, to be changed month by "
                    "month. Let %(document)s book the change too.",
                    last=last.display_name,
                    amount=format_amount(self.env, carried, self.currency_id),
                    document=self.display_name,
                )
            )
        return carried

    def _get_figures(self):
        """Return ``([values per model and age], units under guarantee)``.

        Only models and ages with cover ahead or with experience have a line.
        """
        self.ensure_one()
        exposed, covered, unit_count = self._get_unit_months()
        costs = self._get_costs()
        products = self.env["product.product"].browse(
            {product for product, _age in exposed | covered | costs if product}
        )
        categories = {product.id: product.categ_id for product in products}
        # Experience of each model, of each category, of all, and at any age.
        seen = defaultdict(float)
        spent = defaultdict(float)
        for source, target in ((exposed, seen), (costs, spent)):
            for (product, age), figure in source.items():
                target["model", product, age] += figure
                if product:
                    target["category", categories[product].id, age] += figure
                target["all", 0, age] += figure
                target["average", 0, 0] += figure
        values_list = []
        for product, age in sorted(
            exposed | covered, key=lambda key: (key[0] or 0, key[1])
        ):
            category = categories.get(product, self.env["product.category"])
            basis, rate = "none", 0.0
            for basis_key in (
                ("model", product, age),
                ("category", category.id, age),
                ("all", 0, age),
                ("average", 0, 0),
            ):
                if seen.get(basis_key):
                    basis = basis_key[0]
                    rate = spent.get(basis_key, 0.0) / seen[basis_key]
                    break
            ahead = covered.get((product, age), 0.0)
            values_list.append(
                {
                    "product_id": product,
                    "product_categ_id": category.id,
                    "age": age,
                    "units_exposed": exposed.get((product, age), 0.0),
                    "cost": costs.get((product, age), 0.0),
                    "basis": basis,
                    "rate": rate,
                    "units_covered": ahead,
                    # A month can give back more than it cost; that is no forecast.
                    "amount": self.currency_id.round(max(rate, 0.0) * ahead),
                }
            )
        return values_list, unit_count

    def _get_curve(self):
        """Return a drawing of cost per unit and month over the months of age.

        All units together, as columns, with what the forecast takes for each age.
        """
        self.ensure_one()
        groups = self.env["aftersales.provision.line"]._read_group(
            [("provision_id", "=", self._origin.id)],
            ["age"],
            ["cost:sum", "units_exposed:sum", "amount:sum", "units_covered:sum"],
            order="age",
        )
        points = [
            (
                age,
                cost / seen if seen else None,
                amount / ahead if ahead else None,
            )
            for age, cost, seen, amount, ahead in groups
        ]
        labels = {
            "title": self.env._("Cost per unit and month of age"),
            "seen": self.env._("Seen"),
            "ahead": self.env._("Expected"),
            "age": self.env._("Months since the guarantee began"),
        }
        return draw_curve(
            points,
            labels,
            lambda value: format_amount(self.env, value, self.currency_id),
        )
