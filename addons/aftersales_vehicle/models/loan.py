import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .order_reception import FUEL_LEVELS

# What is agreed and written down when the car goes, and when it comes back.
AGREED_FIELDS = {
    "resource_id", "order_id", "payer_id", "date_from", "days", "price_day",
    "price_distance", "price_fuel", "distance_day", "meter_out", "fuel_out",
    "signed_by", "signature", "licence_number", "licence_valid_until",
    "is_licence_checked",
}  # fmt: skip
RETURN_FIELDS = {"date_due", "meter_back", "fuel_back"}
STEP_FIELDS = {"booking_id", "job_id", "sale_order_id", "date_out", "date_back"}


class AftersalesLoan(models.Model):
    """A car lent to a customer while the own one is in the shop (A24, R077).

    The loaner is booked like a bay. What it costs per day is a job of the work order,
    which the customer approves with the rest; what was driven, burnt or kept beyond
    what was agreed is billed when it comes back.
    """

    _name = "aftersales.loan"
    _description = "Loaner Car Agreement"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char("Number", default="/", readonly=True, copy=False, index=True)
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="order_id.partner_id")
    resource_id = fields.Many2one(
        "resource.resource",
        "Loaner",
        required=True,
        index=True,
        check_company=True,
        domain="[('aftersales_role', '=', 'loaner'),"
        " ('company_id', 'in', (False, company_id))]",
    )
    booking_id = fields.Many2one(
        "aftersales.booking", readonly=True, copy=False, index="btree_not_null"
    )
    state = fields.Selection(
        [
            ("draft", "Reserved"),
            ("out", "Out"),
            ("back", "Back"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    date_from = fields.Datetime("Lent From", required=True)
    date_due = fields.Datetime("Due Back", required=True, tracking=True)
    date_out = fields.Datetime("Handed Out On", readonly=True, copy=False)
    date_back = fields.Datetime("Came Back On", readonly=True, copy=False)
    days = fields.Integer(
        "Days Agreed",
        compute="_compute_days",
        store=True,
        help="What the customer said yes to. Further days are billed when the car is "
        "back.",
    )
    driver = fields.Char(help="Who drives it, if it is not the customer.")
    licence_number = fields.Char("Driving Licence", copy=False)
    licence_valid_until = fields.Date(copy=False)
    is_licence_checked = fields.Boolean("Licence Seen", copy=False)
    meter_out = fields.Float("Odometer Out", digits=(16, 1), copy=False)
    meter_back = fields.Float("Odometer Back", digits=(16, 1), copy=False)
    fuel_out = fields.Selection(FUEL_LEVELS, copy=False)
    fuel_back = fields.Selection(FUEL_LEVELS, copy=False)
    note = fields.Text("Damage and Remarks", copy=False)
    price_day = fields.Monetary("Price per Day", help="0: free of charge.")
    distance_day = fields.Float("Distance per Day Included", digits=(16, 0))
    price_distance = fields.Float(
        "Price per Further km", digits="Product Price", min_display_digits=False
    )
    price_fuel = fields.Monetary("Price per Missing Quarter of Fuel")
    payer_id = fields.Many2one(
        "aftersales.payer",
        check_company=True,
        help="Who bears the days. Empty: the customer.",
    )
    job_id = fields.Many2one(
        "aftersales.job", "Job of the Fee", readonly=True, copy=False
    )
    sale_order_id = fields.Many2one(
        "sale.order", "Extra Charges", readonly=True, copy=False
    )
    signature = fields.Binary(copy=False, attachment=True)
    signed_by = fields.Char(copy=False)

    _dates_ordered = models.Constraint(
        "CHECK(date_due > date_from)",
        "A loaner can't be due back before it is handed out.",
    )
    _prices_positive = models.Constraint(
        "CHECK(price_day >= 0 AND price_distance >= 0 AND price_fuel >= 0)",
        "The price of a loaner cannot be negative.",
    )

    @api.depends("date_from", "date_due")
    def _compute_days(self):
        for loan in self:
            days = loan._count_days(loan.date_from, loan.date_due)
            loan.days = days if loan._can_agree() else loan.days or days

    def _can_agree(self):
        """Whether days and price may still change: the customer has not answered."""
        self.ensure_one()
        fee = self.sudo().job_id
        return self.state == "draft" and (not fee or fee.can_change)

    @api.model
    def _count_days(self, start, stop):
        """Return the days between two times; a begun one counts, an hour is let off."""
        if not start or not stop:
            return 0
        return max(1, math.ceil((stop - start - timedelta(hours=1)) / timedelta(1)))

    @api.constrains("resource_id")
    def _check_resource(self):
        for loan in self:
            if loan.resource_id.aftersales_role != "loaner":
                raise ValidationError(
                    self.env._(
                        "%(loan)s: %(resource)s is no loaner. Choose a resource with "
                        "that role.",
                        loan=loan.name,
                        resource=loan.resource_id.display_name,
                    )
                )

    @api.constrains("resource_id", "date_from", "date_due")
    def _check_not_away(self):
        Leave = self.env["resource.calendar.leaves"]
        for loan in self:
            leave = Leave.search(
                [
                    ("resource_id", "=", loan.resource_id.id),
                    ("date_from", "<", loan.date_due),
                    ("date_to", ">", loan.date_from),
                ],
                limit=1,
            )
            if leave:
                raise ValidationError(
                    self.env._(
                        "%(loan)s: %(car)s is away then (%(reason)s). Choose another "
                        "loaner.",
                        loan=loan.name,
                        car=loan.resource_id.display_name,
                        reason=leave.name or self.env._("time off"),
                    )
                )

    @api.constrains("meter_out", "meter_back")
    def _check_meter(self):
        for loan in self:
            if loan.meter_back and loan.meter_back < loan.meter_out:
                raise ValidationError(
                    self.env._(
                        "%(loan)s: the odometer read %(out)s when it left and can't "
                        "read %(back)s now.",
                        loan=loan.name,
                        out=f"{loan.meter_out:g}",
                        back=f"{loan.meter_back:g}",
                    )
                )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"out", "cancel"},
            "out": {"back"},
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self.env["ir.sequence"].next_by_code("aftersales.loan")
        loans = super().create(vals_list)
        loans._book_car()
        loans._make_fee_jobs()
        return loans

    def write(self, vals):
        fixed = AGREED_FIELDS if self.env.su else AGREED_FIELDS | STEP_FIELDS
        if any(
            (loan.state != "draft" and fixed & vals.keys())
            or (loan.state in ("back", "cancel") and RETURN_FIELDS & vals.keys())
            for loan in self
        ):
            raise UserError(
                self.env._(
                    "%(loans)s is handed out: what was agreed is fixed. Take the car "
                    "back and write another agreement.",
                    loans=", ".join(self.mapped("name")),
                )
            )
        self._check_fee_can_change(vals)
        result = super().write(vals)
        if {"date_from", "date_due"} & vals.keys():
            self._tell_days_beyond()
        if {"resource_id", "date_from", "date_due"} & vals.keys():
            self._book_car()
            self._settle_problem()
        if {"price_day", "date_from", "date_due", "payer_id"} & vals.keys():
            self.filtered(lambda loan: loan.state == "draft")._make_fee_jobs()
        if "payer_id" in vals:
            self._change_payer()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        kept = self.filtered(lambda loan: loan.state in ("out", "back"))
        if kept:
            raise UserError(
                self.env._(
                    "%(loans)s was handed out and stays on record.",
                    loans=", ".join(kept.mapped("name")),
                )
            )
        self.booking_id.sudo().unlink()

    def _prepare_booking(self):
        """Return the booking of the car, apart from the visit's own appointment."""
        self.ensure_one()
        return {
            "resource_id": self.resource_id.id,
            "company_id": self.company_id.id,
            "name": f"{self.name} · {self.partner_id.name}",
            "start": self.date_from,
            "stop": self.date_due,
        }

    def _book_car(self):
        """Keep the car for the time of the agreement."""
        for loan in self.sudo():
            values = loan._prepare_booking()
            if loan.booking_id:
                loan.booking_id.write(values)
            else:
                loan.booking_id = self.env["aftersales.booking"].sudo().create(values)

    def action_hand_out(self, meter=None, fuel=None, signer=None, signature=None):
        """Hand the loaner to the customer; handed out twice, it left once.

        :param float meter: its odometer, in km
        :param str fuel: 0 to 4 quarters
        :param str signer: who signs the agreement
        :param bytes signature: base64 image
        :raises UserError: naming what is missing: licence, reading, the customer's
            yes to the fee
        """
        values = {
            "meter_out": meter,
            "fuel_out": fuel,
            "signed_by": signer,
            "signature": signature,
        }
        values = {field: value for field, value in values.items() if value is not None}
        for loan in self._lock().filtered(lambda loan: loan.state != "out"):
            if values:
                loan.write(values)
            loan._check_hand_out()
            loan._set_state("out", date_out=fields.Datetime.now())
        return True

    def _check_hand_out(self):
        self.ensure_one()
        missing = []
        if not self.is_licence_checked or not self.licence_number:
            missing.append(self.env._("the driving licence, seen and noted"))
        if self.licence_valid_until and self.licence_valid_until < fields.Date.to_date(
            self.date_due
        ):
            missing.append(self.env._("a licence valid until the car is due back"))
        if not self.meter_out:
            missing.append(self.env._("the odometer"))
        if not self.fuel_out:
            missing.append(self.env._("the fuel level"))
        if not self.signed_by:
            missing.append(self.env._("who signs the agreement"))
        others = self.search(
            [("resource_id", "=", self.resource_id.id), ("state", "=", "out")]
        )
        if others:
            missing.append(
                self.env._("the return of the car by %(loan)s", loan=others[0].name)
            )
        if self.job_id and self.job_id.state not in ("approved", "progress", "done"):
            missing.append(self.env._("the customer's approval of the fee"))
        if missing:
            raise UserError(
                self.env._(
                    "%(loan)s: before the car is handed out, record %(missing)s.",
                    loan=self.name,
                    missing=", ".join(missing),
                )
            )

    def action_take_back(self, meter=None, fuel=None, note=None):
        """Take the loaner back and bill what goes beyond the agreement; once.

        :param float meter: its odometer, in km
        :param str fuel: 0 to 4 quarters
        :param str note: damage and remarks
        :raises UserError: without reading or fuel level
        """
        values = {"meter_back": meter, "fuel_back": fuel, "note": note}
        values = {field: value for field, value in values.items() if value is not None}
        for loan in self._lock().filtered(lambda loan: loan.state != "back"):
            loan._check_transition("back")
            if values:
                loan.write(values)
            if not loan.meter_back or not loan.fuel_back:
                raise UserError(
                    self.env._(
                        "%(loan)s: write down odometer and fuel of the car that comes "
                        "back.",
                        loan=loan.name,
                    )
                )
            loan._set_state("back", date_back=fields.Datetime.now())
            loan._free_rest()
            loan._settle_next()
            loan._bill_extras()
        return True

    def action_open_take_back(self):
        """Ask for what the car that comes back shows, in a dialog."""
        self.ensure_one()
        self._check_transition("back")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Back"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [
                (self.env.ref("aftersales_vehicle.loan_view_form_back").id, "form")
            ],
            "target": "new",
        }

    def _free_rest(self):
        """Give the rest of its time back to the next customer."""
        self.ensure_one()
        booking = self.booking_id.sudo()
        now = fields.Datetime.now()
        if booking and booking.start < now < booking.stop:
            booking.write({"stop": now})

    def action_cancel(self):
        """Free the loaner; nobody pays for a car that was not lent.

        :raises UserError: if its fee is invoiced already
        """
        for loan in self._lock().filtered(lambda loan: loan.state != "cancel"):
            loan._set_state("cancel")
            loan.booking_id._set_state("cancel")
            loan._cancel_fee()
        return True
