from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.aftersales_warranty.models.limit import DECISION_KINDS

REMEDIES = [
    ("none", "Nothing"),
    ("refund", "Refund"),
    ("exchange", "The same product again, free of charge"),
    ("other", "Another product, the difference charged or refunded"),
    ("repair", "Repair"),
]

GOODS = [
    ("restock", "Into stock, by grade"),
    ("scrap", "Scrapped"),
    ("supplier", "To the supplier"),
    ("back", "Back to the customer"),
    ("stay", "Stay with the customer"),
]

WHEN = [
    ("approved", "Before the goods are here"),
    ("received", "When the goods are here"),
    ("tested", "When the goods are tested"),
]


class AftersalesReturnOperation(models.Model):
    """What is done with something that comes back: a shop's own rule, kept as data.

    Two things are decided: what the customer gets, and where the goods go. From these
    follows whose the goods are when they arrive.
    """

    _name = "aftersales.return.operation"
    _description = "Return Operation"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Stable name for integrations, such as refund.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    remedy = fields.Selection(
        REMEDIES,
        "Customer Gets",
        required=True,
        default="refund",
    )
    goods = fields.Selection(
        GOODS,
        "Goods Go",
        required=True,
        default="restock",
    )
    when = fields.Selection(
        WHEN,
        "Earliest",
        required=True,
        default="tested",
        help="When the customer gets it.",
    )
    test_template_id = fields.Many2one(
        "aftersales.inspection.template",
        check_company=True,
        domain="[('use', '=', 'return_test')]",
        help="The checklist of the test. Empty: passed or not, and the grade.",
    )
    limit_kind = fields.Selection(
        DECISION_KINDS,
        "Approved As",
        help="Who may grant it: the limits of this kind, by role. "
        "Empty: every advisor.",
    )
    days = fields.Integer(
        "Within Days",
        help="So long after the delivery customers may ask for it. 0: no limit.",
    )
    advance_days = fields.Integer(
        "Days to Send Back",
        default=14,
        help="When the customer got a new one before: so long until it is charged. 0: "
        "never. Also until what follows later has to be on its way.",
    )
    fee_percent = fields.Float(
        "Restocking Fee (%)", digits="Discount", help="Kept back from the refund."
    )
    is_portal = fields.Boolean("On the Portal", help="Customers may choose it.")
    payer_id = fields.Many2one(
        "aftersales.payer",
        "Borne By",
        company_dependent=True,
        domain="[('kind', '=', 'absorbed')]",
        help="Who bears what is given for free. Empty: goodwill.",
    )
    note = fields.Html(
        "Instructions", translate=True, help="For the customer: packing, papers."
    )

    _code_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), code) WHERE code IS NOT NULL",
        "Another operation has that code already.",
    )
    _fee_in_range = models.Constraint(
        "CHECK(fee_percent >= 0 AND fee_percent <= 100)",
        "The restocking fee lies between 0 and 100 %.",
    )

    @api.constrains("remedy", "goods", "when")
    def _check_goods(self):
        """Refuse what contradicts itself: repaired goods that go into our stock …"""
        for operation in self:
            allowed = {
                "repair": {"back"},
                "none": {"back", "restock", "scrap", "supplier"},
                "refund": {"restock", "scrap", "supplier", "stay"},
                "exchange": {"restock", "scrap", "supplier", "stay"},
                "other": {"restock", "scrap", "supplier"},
            }[operation.remedy]
            if operation.goods not in allowed:
                raise ValidationError(
                    self.env._(
                        "%(operation)s: with “%(remedy)s” the goods can't go "
                        "“%(goods)s”.",
                        operation=operation.name,
                        remedy=operation._get_label("remedy"),
                        goods=operation._get_label("goods"),
                    )
                )
            if operation.remedy == "repair" and operation.when == "approved":
                raise ValidationError(
                    self.env._(
                        "%(operation)s: what is repaired has to be here first.",
                        operation=operation.name,
                    )
                )
            if (
                operation.remedy in ("refund", "other")
                and operation.goods != "stay"
                and operation.when == "approved"
            ):
                raise ValidationError(
                    self.env._(
                        "%(operation)s: goods are refunded when they are here. Choose "
                        "another moment, or let them stay with the customer.",
                        operation=operation.name,
                    )
                )

    def _get_label(self, field):
        self.ensure_one()
        labels = dict(self._fields[field]._description_selection(self.env))
        return labels[self[field]]

    def _get_payer(self, company):
        """Return the absorbed payer that bears what is given for free."""
        self.ensure_one()
        return self.with_company(company).payer_id or company._get_bearer("goodwill")
