from odoo import fields, models


class AftersalesDeferralCredit(models.Model):
    """What a credit note took off a cover."""

    _name = "aftersales.deferral.credit"
    _description = "Credit of a Deferred Revenue"
    _order = "id"
    _check_company_auto = True

    deferral_id = fields.Many2one(
        "aftersales.deferral", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="deferral_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    invoice_currency_id = fields.Many2one(related="deferral_id.invoice_currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        "Credit Note Line",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Credit Note")
    amount = fields.Monetary()
    amount_currency = fields.Monetary(
        "In Invoice Currency", currency_field="invoice_currency_id"
    )

    def _undo(self):
        """Forget credits whose note is opened again, and spread the rest anew."""
        deferrals = self.deferral_id
        stopped = deferrals.filtered(lambda deferral: deferral._is_credited())
        taken_back = deferrals.line_ids.filtered(lambda line: line.credit_id in self)
        taken_back._remove()
        self.unlink()
        stopped.date_stopped = False
        void = stopped.registration_id.filtered(
            lambda registration: registration.state == "void"
        )
        void._set_state("active", end_reason=False)
        deferrals._schedule()


class AftersalesDeferral(models.Model):
    """What credit notes take off a cover."""

    _inherit = "aftersales.deferral"

    def _get_net_amount(self):
        """Return what the customer owes for the cover after credit notes."""
        self.ensure_one()
        return self.amount - sum(self.credit_ids.mapped("amount"))

    def _is_credited(self):
        """Whether credit notes took back all of it, in the invoice's currency."""
        self.ensure_one()
        left = self.amount_currency - sum(self.credit_ids.mapped("amount_currency"))
        return bool(self.credit_ids) and self.invoice_currency_id.is_zero(left)

    def _credit(self, move_line):
        """Take the amount of a credit note line off these covers, in their order.

        What it takes back of the revenue that was recognised is booked at once.
        """
        external = self.filtered("is_external")
        external._void_registrations(move_line.move_id)
        values_list = (self - external)._get_credit_values(move_line)
        deferrals = (
            self.env["aftersales.deferral.credit"].create(values_list).deferral_id
        )
        deferrals._schedule()
        deferrals.filtered("date_stopped")._void_registrations(move_line.move_id)
        # On the day of the note, even if that lies ahead.
        deferrals.line_ids.filtered(
            lambda line: not line.days and not line.move_id
        )._create_entries()

    def _get_credit_values(self, move_line):
        """Return how ``move_line`` is spread over these; the last takes the rest."""
        left, left_currency = move_line.balance, move_line.amount_currency
        values_list = []
        for deferral in self:
            currency = deferral.invoice_currency_id
            if move_line.currency_id != currency:
                left_currency = move_line.company_currency_id._convert(
                    left, currency, deferral.company_id, move_line.date
                )
            part, part_currency = left, left_currency
            if deferral != self[-1]:
                open_currency = deferral.amount_currency - sum(
                    deferral.credit_ids.mapped("amount_currency")
                )
                part_currency = min(left_currency, open_currency)
                ratio = part_currency / left_currency if left_currency else 0.0
                part = deferral.currency_id.round(left * ratio)
            values_list.append(
                {
                    "deferral_id": deferral.id,
                    "move_line_id": move_line.id,
                    "amount": part,
                    "amount_currency": part_currency,
                }
            )
            left -= part
            left_currency -= part_currency
            if currency.is_zero(left_currency):
                break
        return values_list

    def _void_registrations(self, credit_note):
        """The cover that was paid back is not given."""
        registrations = self.registration_id.filtered(
            lambda registration: registration.state != "void"
        )
        if registrations:
            registrations.action_void(
                reason=self.env._("Credited by %(note)s", note=credit_note.name)
            )
