from math import isfinite, nan

from odoo import api, fields, models
from odoo.exceptions import UserError

OPINIONS = [
    ("5", "Very satisfied"),
    ("4", "Satisfied"),
    ("3", "Neither"),
    ("2", "Not satisfied"),
    ("1", "Not at all satisfied"),
    ("refused", "No answer"),
]


class AftersalesVisitPaymentMethod(models.Model):
    """A way in which customers pay on site, or say that they will."""

    _name = "aftersales.visit.payment.method"
    _description = "Payment on Site"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Stable name for integrations, such as cash or invoice.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    is_received = fields.Boolean(
        "Money Was Taken",
        default=True,
        help="Off where the invoice follows and nothing is taken on site.",
    )


class AftersalesVisit(models.Model):
    """What the customer says at the end: opinion, signature, how it is paid.

    Each is written down once; the same again changes nothing. When the visit is over,
    only an advisor may still correct it.
    """

    _inherit = "aftersales.visit"

    opinion = fields.Selection(
        OPINIONS, "Customer's Opinion", readonly=True, copy=False, tracking=True
    )
    opinion_comment = fields.Text("Customer's Words", readonly=True, copy=False)
    signature = fields.Binary(readonly=True, copy=False, attachment=True)
    signed_by = fields.Char(readonly=True, copy=False)
    signed_role = fields.Char("Signer's Role", readonly=True, copy=False)
    date_signed = fields.Datetime("Signed", readonly=True, copy=False)
    no_signature_reason = fields.Char(readonly=True, copy=False)
    payment_method_id = fields.Many2one(
        "aftersales.visit.payment.method", readonly=True, copy=False
    )
    payment_amount = fields.Monetary(readonly=True, copy=False)
    payment_note = fields.Char(readonly=True, copy=False)
    currency_id = fields.Many2one(related="company_id.currency_id")

    def record_opinion(self, score, comment=None):
        """Write down how content the customer is (R181, R223).

        :param score: 1 (not at all) to 5 (very), or “refused” if nothing was said
        :param str comment: the customer's own words
        :raises UserError: for another score
        """
        score = str(score or "").strip().lower()
        if score not in dict(OPINIONS):
            raise UserError(
                self.env._(
                    "%(visits)s: the opinion is a number from 1 to 5, or “refused” if "
                    "the customer gave none.",
                    visits=", ".join(self.sudo().mapped("name")),
                )
            )
        values = {"opinion": score, "opinion_comment": comment or False}
        self._record_closing(values)
        return True

    def record_signature(self, signer, signature, role=None, moment=None):
        """Keep the customer's signature under the work (R222).

        :param str signer: who signs; required
        :param bytes signature: base64 PNG; required
        :param str role: what the signer is there: owner, caretaker, foreman …
        :param moment: when (UTC), if before now
        :raises UserError: for a missing name, or an image that can't be read
        """
        visits = self._check_is_own()
        for order in visits.order_id:
            order._check_signature((signer or "").strip(), signature)
        if isinstance(signature, str):
            signature = signature.encode()
        values = {
            "signature": signature,
            "signed_by": signer.strip(),
            "signed_role": role or False,
        }
        visits = self._record_closing(values)
        visits.write(
            {"date_signed": self._read_moment(moment), "no_signature_reason": False}
        )
        return True

    def record_payment(self, method, amount=0, note=None):
        """Note for the accountant how the customer pays (R221).

        It moves no money: the accountant registers the payment on the invoice.

        :param method: an ``aftersales.visit.payment.method`` as record, id or code
        :param float amount: what was taken, in the company's currency
        :raises UserError: for an unknown method, or an amount below zero
        """
        visits = self._check_is_own()
        method = visits._get_payment_method(method)
        try:
            amount = float(amount or 0.0)
        except (TypeError, ValueError):
            amount = nan
        if not isfinite(amount) or amount < 0:
            raise UserError(
                self.env._(
                    "%(visits)s: the amount taken is a number, not below zero.",
                    visits=", ".join(visits.mapped("name")),
                )
            )
        values = {
            "payment_method_id": method.id,
            "payment_amount": amount,
            "payment_note": note or False,
        }
        self._record_closing(values)._tell_accountant()
        return True

    def _record_closing(self, values):
        """Write what was said at the end of visits of the user's own.

        :return: the visits where it is new, as superuser
        :raises UserError: for visits that are over, where it differs, unless the user
            is an advisor; for visits where nobody was yet
        """
        visits = self._check_is_own()._lock()
        changed = visits.filtered(
            lambda visit: any(
                visit._fields[name].convert_to_write(visit[name], visit) != value
                for name, value in values.items()
            )
        )
        early = changed.filtered(
            lambda visit: visit.state in ("draft", "planned", "cancel")
        )
        if early:
            raise UserError(
                self.env._(
                    "%(visits)s has not begun. Say first that you set off or arrived.",
                    visits=", ".join(early.mapped("name")),
                )
            )
        over = changed.filtered(lambda visit: visit.state == "done")
        if over:
            over._check_may_correct()
        changed.write(values)
        return changed

    def _check_may_add(self, moment=None):
        """Refuse to add to a finished visit what did not happen before its end.

        What was signed stays what it was; the phone may tell late what happened.

        :param moment: when it was (UTC), if before now
        """
        late = self.filtered(
            lambda visit: (
                visit.state == "done"
                and (not moment or not visit.date_left or moment > visit.date_left)
            )
        )
        if late:
            late._check_may_correct()

    def _check_may_correct(self):
        """Refuse to change what a finished visit says to those who made it."""
        group = "aftersales.aftersales_group_user"
        # The superuser acts for who is logged in here: ask about the person.
        if self.env.uid != 1 and not self.env.user.has_group(group):
            raise UserError(
                self.env._(
                    "%(visits)s is finished. Ask the dispatcher to correct it.",
                    visits=", ".join(self.mapped("name")),
                )
            )

    @api.model
    def _get_payment_methods(self, company):
        """Return the ways to pay that are offered on site."""
        return (
            self.env["aftersales.visit.payment.method"]
            .sudo()
            .search([("company_id", "in", (company.id, False))])
        )

    def _get_payment_method(self, method):
        methods = self._get_payment_methods(self.company_id[:1])
        if isinstance(method, models.BaseModel):
            found = methods & method.sudo()
        else:
            found = methods.filtered(lambda each: method in (each.id, each.code))[:1]
        if not found:
            raise UserError(
                self.env._(
                    "%(visits)s: choose how the customer pays: %(methods)s.",
                    visits=", ".join(self.mapped("name")),
                    methods=", ".join(methods.mapped("name")),
                )
            )
        return found

    def _tell_accountant(self):
        """Put what was taken on site before who books payments, on the order."""
        for visit in self:
            order = visit.order_id
            words = visit._get_payment_text()
            order.message_post(body=words)
            if visit.payment_method_id.is_received and visit.payment_amount:
                summary = self.env._("Register the payment taken on site")
            else:
                summary = self.env._("Send the invoice: nothing was taken on site")
            user = order.team_id.payment_user_id or order.user_id
            if user:
                order.activity_schedule(
                    "aftersales_field.mail_activity_type_payment",
                    summary=summary,
                    note=words,
                    user_id=user.id,
                )

    def _get_payment_text(self):
        """Return the payment in a sentence; empty if none was noted."""
        self.ensure_one()
        if not self.payment_method_id:
            return ""
        words = self.env._(
            "%(visit)s: %(method)s %(amount)s",
            visit=self.name,
            method=self.payment_method_id.name,
            amount=self.currency_id.format(self.payment_amount),
        )
        return f"{words}. {self.payment_note}" if self.payment_note else words
