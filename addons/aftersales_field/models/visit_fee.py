from datetime import UTC, datetime, time, timedelta

import pytz

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

OCCASIONS = [
    ("always", "Every visit"),
    ("hours", "Outside working hours"),
    ("holiday", "Sundays and holidays"),
    ("urgent", "Urgent call"),
]


class AftersalesVisitFee(models.Model):
    """What a visit costs besides the work: the way, nights, urgent calls (R189).

    The product has the price, by the price list of who pays. A visit that is planned
    puts it on the work order as a job of its own, which waits for the customer's yes
    like all other work.
    """

    _name = "aftersales.visit.fee"
    _description = "Visit Fee"
    _inherit = ["aftersales.cached.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(
        required=True, translate=True, help="What the customer reads on offer and bill."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    team_id = fields.Many2one(
        "aftersales.team",
        check_company=True,
        index="btree_not_null",
        help="Empty: of every team that has none of its own for the same occasion.",
    )
    occasion = fields.Selection(
        OCCASIONS,
        "Charged For",
        required=True,
        help="Working hours and holidays are those of the company's calendar; when the "
        "visit begins counts. A day on which nobody works counts as a holiday. "
        "A calendar with flexible hours knows neither nights nor Sundays.",
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        check_company=True,
        domain="[('sale_ok', '=', True), ('type', '=', 'service')]",
    )
    is_once = fields.Boolean(
        "Once per Work Order",
        default=True,
        help="A further visit for the same work order costs nothing more.",
    )
    is_kept = fields.Boolean(
        "Charged on No Access",
        help="Also where nobody opened the door, if the customer agreed to it before.",
    )

    @api.model
    @tools.ormcache("company.id")
    def _get_ids(self, company):
        """Return the ids of the fees of a company; most have none, and ask no more."""
        # What is kept for everybody does not follow who asks first.
        fees = self.sudo().with_context(active_test=True)
        return tuple(fees.search([("company_id", "=", company.id)]).ids)

    @api.model
    def _find(self, company, team, occasions):
        """Return the fees for these occasions, as superuser. A team's own hold."""
        fees = self.sudo().browse(self._get_ids(company))
        found = fees.browse()
        for occasion in occasions:
            fitting = fees.filtered(lambda fee, kind=occasion: fee.occasion == kind)
            found |= fitting.filtered(
                lambda fee: team and fee.team_id == team
            ) or fitting.filtered(lambda fee: not fee.team_id)
        return found.sorted()

    @api.model
    def _find_offered(self, company):
        """Return all fees of a company, as superuser."""
        return self.sudo().browse(self._get_ids(company))

    def _get_occasion_label(self):
        """Return what this fee is charged for, and by whom if not by everybody."""
        self.ensure_one()
        labels = dict(self._fields["occasion"]._description_selection(self.env))
        words = (labels[self.occasion], self.team_id.name)
        return ", ".join(word for word in words if word)

    def _get_price_text(self, partner):
        """Return the price for a customer, with tax, in words."""
        self.ensure_one()
        company = self.company_id
        partner = partner.sudo().with_company(company)
        pricelist = partner.property_product_pricelist
        currency = pricelist.currency_id or company.currency_id
        product = self.product_id.with_company(company)
        price = pricelist._get_product_price(product, 1.0, currency=currency)
        position = self.env["account.fiscal.position"].sudo().with_company(company)
        taxes = position._get_fiscal_position(partner).map_tax(
            product.taxes_id._filter_taxes_by_company(company)
        )
        amounts = taxes.compute_all(price, currency, 1.0, product, partner)
        return currency.format(amounts["total_included"])

    @api.model
    def _get_clock_occasion(self, company, start):
        """Return ``holiday`` or ``hours`` for a begin nobody works at, else None.

        :param datetime start: in UTC
        """
        calendar = company.resource_calendar_id
        if not calendar:
            return None
        zone = pytz.timezone(calendar.tz or "UTC")
        local = pytz.utc.localize(start).astimezone(zone)
        begin = zone.localize(datetime.combine(local.date(), time.min))
        end = zone.localize(
            datetime.combine(local.date() + timedelta(days=1), time.min)
        )
        work = calendar.with_company(company)._work_intervals_batch(begin, end)[False]
        pieces = [(piece[0], piece[1]) for piece in work]
        if not pieces:
            return "holiday"
        moment = start.replace(tzinfo=UTC)
        # A break at noon is no night.
        if min(pieces)[0] <= moment < max(stop for _begin, stop in pieces):
            return None
        return "hours"


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    fee_id = fields.Many2one(
        "aftersales.visit.fee",
        "Visit Fee",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    fee_visit_id = fields.Many2one(
        "aftersales.visit",
        "Fee of Visit",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
    )

    _fee_once = models.UniqueIndex(
        "(fee_visit_id, fee_id)", "This visit has that fee already."
    )

    def _drop_fees(self):
        """Take fees back that are not due any more; those refused stay refused."""
        waiting = self.filtered(lambda job: job.state in ("draft", "proposed"))
        agreed = self.filtered(lambda job: job.state in ("approved", "progress"))
        for job in waiting | agreed:
            job.order_id.message_post(
                body=self.env._("Not charged any more: %(fee)s", fee=job.name)
            )
        agreed._set_state("cancel", fee_visit_id=False)
        waiting.unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fees(self):
        fees = self.filtered("fee_id")
        if fees and not self.env.su:
            raise UserError(
                self.env._(
                    "%(fees)s would come back with the next plan of the visit. Decline "
                    "it instead, and say why.",
                    fees=", ".join(fees.mapped("display_name")),
                )
            )
