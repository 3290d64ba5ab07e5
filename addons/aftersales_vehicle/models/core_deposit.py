from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesCore(models.Model):
    """A deposit that a supplier holds until the old part is back (A22, N6).

    It begins with the posted bill, is tied to the part that comes out, and ends with
    the supplier's credit, or with who pays because the core did not go back. The
    money is in the bill and the credit note alone.
    """

    _name = "aftersales.core"
    _description = "Core Deposit"
    _inherit = [
        "aftersales.state.mixin",
        "aftersales.record.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_due, id"
    _check_company_auto = True

    name = fields.Char("Number", default="/", readonly=True, copy=False, index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", "Supplier", required=True, index=True, readonly=True
    )
    product_id = fields.Many2one(
        "product.product", "Part", required=True, index=True, readonly=True
    )
    charge_product_id = fields.Many2one(
        "product.product", "Core Charge", required=True, readonly=True
    )
    bill_line_id = fields.Many2one(
        "account.move.line", readonly=True, index="btree_not_null"
    )
    bill_id = fields.Many2one(related="bill_line_id.move_id", string="Bill")
    credit_line_id = fields.Many2one(
        "account.move.line", readonly=True, index="btree_not_null"
    )
    credit_id = fields.Many2one(related="credit_line_id.move_id", string="Credit Note")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary("Deposit", readonly=True)
    amount_credited = fields.Monetary("Credited", readonly=True, copy=False)
    difference = fields.Monetary(compute="_compute_difference", store=True)
    old_part_id = fields.Many2one(
        "aftersales.old.part",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    order_id = fields.Many2one(related="old_part_id.order_id")
    date = fields.Date("Billed On", required=True, readonly=True)
    date_due = fields.Date("Send Back Until", required=True)
    date_sent = fields.Date("Sent On", readonly=True, copy=False)
    sale_order_id = fields.Many2one(
        "sale.order", "Charged To the Customer", readonly=True, copy=False
    )
    state = fields.Selection(
        [
            ("open", "Part not fitted"),
            ("held", "Core here"),
            ("sent", "Sent to supplier"),
            ("credited", "Credited"),
            ("kept", "Customer keeps it"),
            ("lost", "Lost"),
        ],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    reason = fields.Char(readonly=True, copy=False)
    is_late = fields.Boolean(
        "Late", compute="_compute_is_late", search="_search_is_late"
    )

    @api.depends("state", "amount", "amount_credited")
    def _compute_difference(self):
        for core in self:
            core.difference = (
                core.amount - core.amount_credited if core.state == "credited" else 0.0
            )

    @api.depends("state", "date_due")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for core in self:
            core.is_late = bool(
                core.state in ("open", "held")
                and core.date_due
                and core.date_due < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = fields.Domain("state", "in", ("open", "held")) & fields.Domain(
            "date_due", "<", fields.Date.context_today(self)
        )
        return domain if True in value else ~domain

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "open": {"held", "sent", "credited", "lost"},
            "held": {"open", "sent", "credited", "kept", "lost"},
            "sent": {"credited", "held", "lost"},
            "credited": {"sent", "held", "open"},
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self.env["ir.sequence"].next_by_code("aftersales.core")
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_own_fields(vals, {"date_due"})
        return super().write(vals)

    @api.model
    def _create_from_bills(self, lines):
        """Write a deposit for each core that posted bill lines charge.

        :param lines: ``account.move.line`` of vendor bills with core charges
        """
        values_list = []
        for line in lines:
            part = line._get_core_part()
            count = max(1, round(line.quantity))
            amounts = self._split(line.price_subtotal, count, line.currency_id)
            day = line.move_id.invoice_date or line.move_id.date
            values_list += [
                {
                    "company_id": line.company_id.id,
                    "partner_id": line.move_id.commercial_partner_id.id,
                    "product_id": part.id,
                    "charge_product_id": line.product_id.id,
                    "bill_line_id": line.id,
                    "currency_id": line.currency_id.id,
                    "amount": amount,
                    "date": day,
                    "date_due": day + timedelta(part.aftersales_core_days or 0),
                }
                for amount in amounts
            ]
        return self.create(values_list)

    @api.model
    def _split(self, total, count, currency):
        """Return ``count`` amounts that add up to ``total`` to the cent."""
        share = currency.round(total / count)
        return [share] * (count - 1) + [currency.round(total - share * (count - 1))]

    @api.model
    def _credit(self, lines):
        """Match what a supplier's posted lines give back with the deposits.

        A reversed bill gives back its own. Else those sent come first, the oldest
        first. What is credited beyond them stays on the credit note for the
        accountant to see.

        :param lines: ``account.move.line`` of credit notes, or negative ones of bills
        """
        for line in lines:
            count = max(1, round(abs(line.quantity)))
            amounts = self._split(abs(line.price_subtotal), count, line.currency_id)
            for core, amount in zip(self._get_waiting(line), amounts, strict=False):
                core._set_state(
                    "credited", credit_line_id=line.id, amount_credited=amount
                )

    @api.model
    def _get_waiting(self, line):
        """Return the deposits that a credit may be for, the likeliest first."""
        alike = fields.Domain(
            [
                ("company_id", "=", line.company_id.id),
                ("partner_id", "=", line.move_id.commercial_partner_id.id),
                ("charge_product_id", "=", line.product_id.id),
                ("currency_id", "=", line.currency_id.id),
            ]
        )
        own = self.browse()
        if reversed_bill := line.move_id.reversed_entry_id:
            own = self.search(
                alike
                & fields.Domain("bill_line_id.move_id", "=", reversed_bill.id)
                & fields.Domain("state", "in", ("sent", "open", "held"))
            )
        waiting = self.search(alike & fields.Domain("state", "in", ("sent", "open")))
        return (own | waiting).sorted(
            lambda core: (
                core not in own,
                ("sent", "open", "held").index(core.state),
                core.date_sent or core.date,
            )
        )

    def _reopen_credits(self):
        """Take back what a credit had settled that was reset to draft."""
        for core in self:
            before = "held" if core.old_part_id else "open"
            core._set_state(
                "sent" if core.date_sent else before,
                credit_line_id=False,
                amount_credited=0.0,
            )

    def action_send(self):
        """Send the cores to their supplier; the old part leaves our shelf with it."""
        cores = self._lock().filtered(lambda core: core.state != "sent")
        cores._check_transition("sent")
        parts = cores.old_part_id.filtered(lambda part: part.state != "maker")
        parts.filtered(lambda part: part.state == "expected").action_store()
        parts.action_send_to_maker()
        cores._set_state("sent", date_sent=fields.Date.context_today(self))
        return True

    def action_lose(self, reason=None):
        """Give a deposit up: the core is damaged, lost, or was refused.

        The deposit stays on its account until the accountant writes it off.

        :param str reason: required
        """
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(cores)s: say why the deposit is lost.",
                    cores=", ".join(self.mapped("name")),
                )
            )
        self._lock()._set_state("lost", reason=reason)
        return True

    def action_charge(self):
        """Charge the deposit to customers who keep their old part; once.

        :raises UserError: for a core that is not at a customer's
        :raises AccessError: for who neither advises customers nor bills them
        """
        if not self.env.user.has_group("account.group_account_invoice"):
            self.order_id._check_decides()
        cores = self._lock()
        wrong = cores.filtered(lambda core: core.state != "kept")
        if wrong:
            raise UserError(
                self.env._(
                    "%(cores)s: only a core that the customer keeps is charged.",
                    cores=", ".join(wrong.mapped("name")),
                )
            )
        for core in cores.filtered(lambda core: not core.sale_order_id):
            company = core.company_id
            text = self.env._(
                "Deposit for the old part %(part)s", part=core.product_id.display_name
            )
            price = core.currency_id._convert(
                core.amount, company.currency_id, company, core.date
            )
            core.sale_order_id = core.old_part_id.order_id._charge_customer(
                core.name, [(core.charge_product_id, text, 1, price)]
            )
        return True

    @api.model
    def _cron_warn_late(self):
        """Put deposits whose window ends within a week before the team's leader."""
        limit = fields.Date.context_today(self) + timedelta(7)
        cores = self.search(
            [
                ("state", "in", ("open", "held")),
                ("date_due", "<=", limit),
                ("activity_ids", "=", False),
                ("old_part_id", "!=", False),
            ]
        )
        for core in cores:
            order = core.old_part_id.order_id
            user = order.team_id.user_id or order.user_id
            if user:
                core.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=core.date_due,
                    summary=self.env._("Send the core back before the deposit is lost"),
                    user_id=user.id,
                )


class AftersalesOldPart(models.Model):
    """An old part that is worth a deposit."""

    _inherit = "aftersales.old.part"

    core_ids = fields.One2many("aftersales.core", "old_part_id", "Core Deposits")

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._take_deposits()
        return parts

    def _take_deposits(self):
        """Tie the oldest open deposit of its product to each part that came out."""
        Core = self.env["aftersales.core"].sudo()
        for part in self:
            if part.product_id.aftersales_core_charge_id:
                core = Core.search(
                    [
                        ("company_id", "=", part.company_id.id),
                        ("product_id", "=", part.product_id.id),
                        ("state", "=", "open"),
                        ("old_part_id", "=", False),
                    ],
                    limit=1,
                )
                core._set_state("held", old_part_id=part.id)

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        if state in ("returned", "scrapped", "none", "maker"):
            moved._settle_deposits(state)
        return moved

    def _settle_deposits(self, state):
        """Let the deposits follow what becomes of their part."""
        worth = self.filtered(lambda part: part.product_id.aftersales_core_charge_id)
        cores = worth.sudo().core_ids.filtered(lambda core: core.state == "held")
        if state == "maker":
            cores._set_state("sent", date_sent=fields.Date.context_today(self))
        elif state == "returned":
            cores._set_state("kept")
        elif state == "none":
            # The deposit waits for another old part of the kind.
            cores._set_state("open", old_part_id=False)
        else:
            cores._set_state("lost", reason=self.env._("The old part was scrapped."))
