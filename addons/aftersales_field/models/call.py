import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# Country and area codes are written or left out; the last digits are always there.
PHONE_DIGITS = 8
PHONE_DIGITS_MIN = 5
OPEN_HOURS = 24


def get_phone_digits(number):
    """Return the digits of a phone number, without the zeros it begins with."""
    return re.sub(r"\D", "", number or "").lstrip("0")


def get_phone_key(text):
    """Return the last digits that tell two phone numbers apart, or nothing.

    Nothing for a text that is no phone number: it has letters, or too few digits.
    """
    if re.search(r"[^\W\d_]", text or ""):
        return ""
    digits = get_phone_digits(text)
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS_MIN else ""


class AftersalesCall(models.Model):
    """One call or letter, from a customer or to one: the register (R188).

    What was said is written down while it is said. After a day only managers put it
    right, and the discussion keeps what stood there before.
    """

    _name = "aftersales.call"
    _description = "Call"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        "Number", default="/", readonly=True, copy=False, index="trigram"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date = fields.Datetime(
        required=True, default=fields.Datetime.now, tracking=True, copy=False
    )
    direction = fields.Selection(
        [("in", "From the Customer"), ("out", "To the Customer")],
        required=True,
        default="in",
    )
    channel = fields.Selection(
        [
            ("phone", "Phone"),
            ("letter", "Letter"),
            ("email", "E-mail"),
            ("message", "Message"),
            ("desk", "Walk-in"),
        ],
        required=True,
        default="phone",
    )
    caller = fields.Char(help="Who spoke, if it is not the customer.")
    phone = fields.Char()
    phone_digits = fields.Char(
        compute="_compute_phone_digits", store=True, index="btree_not_null"
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    asset_id = fields.Many2one(
        "aftersales.asset", check_company=True, index="btree_not_null"
    )
    order_id = fields.Many2one(
        "aftersales.order", "Work Order", check_company=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users",
        "Taken By",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    words = fields.Text("What Was Said", tracking=True)
    answer = fields.Text(
        tracking=True, help="What we said or promised, or what was done at once."
    )
    is_closed = fields.Boolean(
        compute="_compute_is_closed", help="Older than a day: for managers to change."
    )
    operation = fields.Char(
        copy=False,
        readonly=True,
        help="Names the entry on the screen: sent twice, it makes one call.",
    )

    _operation_unique = models.UniqueIndex(
        "(operation) WHERE operation IS NOT NULL", "This call was noted already."
    )

    @api.depends("phone")
    def _compute_phone_digits(self):
        for call in self:
            # Turned round: the last digits are what is looked for.
            call.phone_digits = get_phone_digits(call.phone)[::-1] or False

    @api.depends("create_date")
    def _compute_is_closed(self):
        limit = fields.Datetime.now() - timedelta(hours=OPEN_HOURS)
        for call in self:
            call.is_closed = bool(call.create_date and call.create_date < limit)

    @api.depends("name", "partner_id", "caller")
    def _compute_display_name(self):
        for call in self:
            words = (call.name, call.partner_id.name or call.caller)
            call.display_name = " · ".join(word for word in words if word)

    @api.onchange("order_id")
    def _onchange_order_id(self):
        self.asset_id = self.order_id.asset_id or self.asset_id
        self.partner_id = self.order_id.partner_id or self.partner_id

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        self.phone = self.phone or self.partner_id.phone

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company_id = vals.get("company_id") or self.env.company.id
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(company_id)
                    .next_by_code("aftersales.call")
                )
        calls = super().create(vals_list)
        calls.order_id._note_call()
        return calls

    def write(self, vals):
        self._check_open()
        result = super().write(vals)
        if vals.get("order_id"):
            self.order_id._note_call()
        return result

    def _check_open(self):
        """Refuse changes of what was noted more than a day ago, but by managers."""
        group = "aftersales.aftersales_group_manager"
        if self.env.su or self.env.user.has_group(group):
            return
        closed = self.filtered("is_closed")
        if closed:
            raise UserError(
                self.env._(
                    "%(calls)s was noted more than a day ago and stays as it is. Note "
                    "another call, or ask a manager.",
                    calls=", ".join(closed.mapped("display_name")),
                )
            )

    @api.model
    def _get_phone_domain(self, key):
        """Return which calls came from a number, by what ``get_phone_key`` gives."""
        return fields.Domain("phone_digits", "=like", f"{key[::-1]}%")

    def action_open_hotline(self):
        """Open the hotline with the customer of this call."""
        self.ensure_one()
        return self.env["aftersales.hotline"]._get_action(
            partner=self.partner_id, asset=self.asset_id, text=self.phone
        )
