from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AftersalesPayer(models.Model):
    """Who bears the cost of a job.

    An *invoiced* payer (customer, maker, insurer …) gets a quotation and an
    invoice; the cost of the parts is booked with that invoice. An *absorbed* one
    (goodwill, internal, rework) is ourselves: parts go to a consumption location
    whose account takes their cost at once, and nobody is invoiced.
    """

    _name = "aftersales.payer"
    _description = "Payer"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Stable name for integrations, such as customer or maker.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [("invoiced", "Invoiced"), ("absorbed", "Borne by us")],
        required=True,
        default="invoiced",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Bill To",
        check_company=True,
        help="Empty: the customer of the work order.",
    )
    price_basis = fields.Selection(
        [
            ("list", "Price list"),
            ("cost", "Cost price"),
            ("claim", "Claim price list"),
            ("zero", "Free (shown with full value)"),
        ],
        required=True,
        default="list",
    )
    pricelist_id = fields.Many2one("product.pricelist", check_company=True)
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        check_company=True,
        help="Its account mapping sends revenue and cost of sales of this payer to "
        "accounts of their own.",
    )
    location_id = fields.Many2one(
        "stock.location",
        "Consumption Location",
        check_company=True,
        domain="[('usage', '=', 'customer')]",
        index="btree_not_null",
        help="Where the parts go. Empty: the customer's location.",
    )
    account_id = fields.Many2one(
        "account.account",
        "Consumption Account",
        compute="_compute_account_id",
        inverse="_inverse_account_id",
        compute_sudo=True,
        domain="[('internal_group', '=', 'expense')]",
        help="Takes the cost of parts that nobody is invoiced for. It is the valuation "
        "account of the consumption location.",
    )
    share_account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain="[('internal_group', '=', 'expense')]",
        help="Takes the part of a bill that we bear for this payer. Empty: the "
        "consumption account.",
    )

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another payer of this company has that code already.",
    )

    @api.depends("location_id.valuation_account_id")
    def _compute_account_id(self):
        for payer in self:
            payer.account_id = payer.location_id.valuation_account_id

    def _inverse_account_id(self):
        for payer in self.filtered("location_id"):
            # Whoever may edit payers decides this; it takes no Inventory rights.
            payer.location_id.sudo().valuation_account_id = payer.account_id

    @api.constrains("kind", "location_id")
    def _check_location(self):
        for payer in self:
            if payer.kind == "absorbed" and not payer.location_id:
                raise ValidationError(
                    self.env._(
                        "%(payer)s bears cost itself and needs a consumption location.",
                        payer=payer.name,
                    )
                )
            # What is used is counted where it reaches a customer.
            if payer.location_id and payer.location_id.usage != "customer":
                raise ValidationError(
                    self.env._(
                        "%(payer)s: %(location)s is no place where parts are used up. "
                        "Choose a customer location.",
                        payer=payer.name,
                        location=payer.location_id.display_name,
                    )
                )
        self._check_cost_booked_once()

    def _check_cost_booked_once(self):
        """Refuse an invoiced payer whose location would book the cost a second time."""
        twice = self.filtered(
            lambda payer: (
                payer.kind == "invoiced" and payer.location_id.valuation_account_id
            )
        )
        if twice:
            raise ValidationError(
                self.env._(
                    "%(payers)s: parts are invoiced, so their cost is booked with the "
                    "invoice. A consumption location with an account would book it "
                    "twice. Take the account away or use another location.",
                    payers=", ".join(twice.mapped("name")),
                )
            )

    def _get_parts_location(self, partner):
        """Return where parts for this payer go when they are used for ``partner``."""
        self.ensure_one()
        partner = partner.with_company(self.company_id)
        location = self.location_id or partner.property_stock_customer
        if location.usage != "customer":
            # A sister company's is in transit, for goods it takes in stock: parts
            # that are built in are used up.
            location, _suppliers = self.env["stock.warehouse"]._get_partner_locations()
        return location

    def _check_ready_for_parts(self, products):
        """Refuse to consume valued parts that no account would take."""
        for payer in self.filtered(lambda payer: payer.kind == "absorbed"):
            valued = products.with_company(payer.company_id).filtered(
                lambda product: product.is_storable and product.valuation == "real_time"
            )
            if valued and not payer.location_id.valuation_account_id:
                raise UserError(
                    self.env._(
                        "Payer %(payer)s has no consumption account, so the cost of "
                        "%(products)s would vanish from the books. Set it under Work "
                        "Orders / Configuration / Payers.",
                        payer=payer.name,
                        products=", ".join(valued.mapped("display_name")),
                    )
                )
