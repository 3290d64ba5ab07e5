from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesReturnLine(models.Model):
    """Exchange in advance: the new one is sent before the old one is here.

    The customer has until a day to send the old one. He is reminded before; after it
    the new one is sold to him. What comes late is taken all the same, and the charge
    refunded.
    """

    _inherit = "aftersales.return.line"

    date_deadline = fields.Date(
        "Send Back By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The new one was sent before: after this day it is charged.",
    )
    date_reminded = fields.Date("Reminded On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Not Sent Back",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="The new one was sent, the day is over, and nothing is charged.",
    )
    advance_line_id = fields.Many2one(
        "aftersales.return.line",
        "Given With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Of goods that come in several parcels: the line whose new ones were sent.",
    )
    charge_line_id = fields.Many2one(
        "sale.order.line",
        "Charged With",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    is_charge_refunded = fields.Boolean("Charge Refunded", readonly=True, copy=False)

    @api.depends("state", "date_deadline", "charge_line_id")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.is_overdue = bool(
                line.state == "expected"
                and line.date_deadline
                and line.date_deadline < today
                and not line.charge_line_id
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_overdue_domain()
        return domain if True in value else ~domain

    @api.model
    def _get_overdue_domain(self):
        return fields.Domain(
            [
                ("state", "=", "expected"),
                ("date_deadline", "<", fields.Date.context_today(self)),
                ("charge_line_id", "=", False),
            ]
        )

    def _give_in_advance(self):
        super()._give_in_advance()
        today = fields.Date.context_today(self)
        for line in self.filtered(
            lambda line: line.remedy == "exchange" and line.goods != "stay"
        ):
            if days := line.operation_id.advance_days:
                line.date_deadline = fields.Date.add(today, days=days)

    def _follow_moves(self):
        super()._follow_moves()
        today = fields.Date.context_today(self)
        for line in self.filtered(
            lambda line: line.date_deadline and not line.charge_line_id
        ):
            # The days run from the last one that was sent.
            if line.state == "expected":
                line.date_deadline = fields.Date.add(
                    today, days=line.operation_id.advance_days
                )

    def _prepare_rest_values(self, quantity):
        values = super()._prepare_rest_values(quantity)
        if self.date_given:
            # The new ones of both parcels are sent, and not once more.
            values |= {
                "date_given": self.date_given,
                "date_deadline": self.date_deadline,
                "date_reminded": self.date_reminded,
                "payer_id": self.payer_id.id,
                "advance_line_id": (self.advance_line_id or self).id,
                "charge_line_id": self.charge_line_id.id,
            }
        return values

    def _get_sent(self):
        """Return the done moves of the new ones to the payer who bears them."""
        self.ensure_one()
        given = self.advance_line_id or self
        return given._get_moves("new").filtered(
            lambda move: (
                move.state == "done"
                and move.location_dest_id == given.payer_id.location_id
                and not move.origin_returned_move_id
            )
        )

    # The charge

    def action_charge(self):
        """Sell the new ones to customers who kept the old one.

        On a sales order at the price of the first sale; their cost leaves the payer
        and becomes cost of sales. What comes back later is refunded. Repeated, it
        charges nothing twice.

        :raises UserError: if the new one was not sent, or the old one is here
        """
        self.return_id._check_decides()
        lines = self._lock()
        for line in lines.filtered(lambda line: not line.charge_line_id):
            line._check_chargeable()
            line._charge()
        return True

    def _check_chargeable(self):
        self.ensure_one()
        if not self.date_deadline or self.state != "expected" or not self._get_sent():
            raise UserError(
                self.env._(
                    "%(line)s: only a replacement that was sent, and whose old one is "
                    "not here, is charged.",
                    line=self.display_name,
                )
            )
        if self.date_deadline >= fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%(line)s: the customer has until %(date)s to send the old one.",
                    line=self.display_name,
                    date=fields.Date.to_string(self.date_deadline),
                )
            )

    def _charge(self):
        self.ensure_one()
        sent = self._get_sent()
        order = self.env["sale.order"].create(self._prepare_charge_values(sent))
        # They are with the customer: nothing is to be delivered.
        order.with_context(skip_procurement=True).action_confirm()
        self.charge_line_id = order.order_line
        self._move_charged(sent)
        self._take_guarantees_back()
        self._register_sold(sent)
        invoice = order._create_invoices()
        if self.company_id.aftersales_invoice_posting == "post":
            invoice.action_post()
        self.return_id.message_post(
            body=self.env._(
                "%(line)s was not sent back by %(date)s and is charged: %(order)s.",
                line=self.display_name,
                date=fields.Date.to_string(self.date_deadline),
                order=order.name,
            )
        )

    def _prepare_charge_values(self, sent):
        """Return the sales order: the price of the first sale, else today's."""
        self.ensure_one()
        sold = self.sale_line_id
        product = sent.product_id[:1]
        line = {
            "product_id": product.id,
            "product_uom_qty": self._get_quantity_given(product),
            "product_uom_id": product.uom_id.id,
        }
        values = {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "warehouse_id": self.return_id.warehouse_id.id,
            "origin": self.return_id.name,
        }
        if sold.order_id.pricelist_id:
            values["pricelist_id"] = sold.order_id.pricelist_id.id
        if sold and sold.product_id == product:
            line |= {
                "price_unit": sold.product_uom_id._compute_price(
                    sold.price_unit, product.uom_id
                ),
                "discount": sold.discount,
                "tax_ids": [Command.set(sold.tax_ids.ids)],
            }
            values |= {
                "partner_invoice_id": sold.order_id.partner_invoice_id.id,
                "currency_id": sold.currency_id.id,
                "fiscal_position_id": sold.order_id.fiscal_position_id.id,
            }
        return {**values, "order_line": [Command.create(line)]}

    def _get_quantity_given(self, product):
        """Return how many new ones stand for these goods, in the product's unit."""
        self.ensure_one()
        unit = product.uom_id
        if self.product_uom_id._has_common_reference(unit):
            return self.product_uom_id._compute_quantity(self.quantity, unit)
        return self.quantity

    def _split_sent(self, sent):
        """Return ``[(move, lot, quantity)]`` of as many as these goods stand for."""
        left = self._get_quantity_given(sent.product_id[:1])
        taken = (self.advance_line_id or self)._get_split_lines() - self
        skip = sum(
            line._get_quantity_given(sent.product_id[:1])
            for line in taken
            if line.charge_line_id or line.state != "expected"
        )
        parts = []
        for item in sent.move_line_ids:
            quantity = item.quantity_product_uom
            passed = min(skip, quantity)
            skip -= passed
            quantity = min(quantity - passed, left)
            if item.product_id.uom_id.compare(quantity, 0) > 0:
                parts.append((item.move_id, item.lot_id, quantity))
                left -= quantity
        return parts

    def _get_split_lines(self):
        return self | self.search([("advance_line_id", "in", self.ids)])

    def _move_charged(self, sent):
        """Let what went at the payer's cost go to the customer instead, on paper."""
        stock = self.return_id.warehouse_id.lot_stock_id
        customers = self.return_id._get_customer_location()
        values_list = []
        for move, lot, quantity in self._split_sent(sent):
            common = {
                "product_id": move.product_id.id,
                "product_uom": move.product_id.uom_id.id,
                "lot_ids": lot,
            }
            values_list += [
                {
                    **self._prepare_move_values(
                        "new", move.location_dest_id, stock, quantity
                    ),
                    **common,
                    "origin_returned_move_id": move.id,
                },
                {
                    **self._prepare_move_values("new", stock, customers, quantity),
                    **common,
                    "sale_line_id": self.charge_line_id.id,
                },
            ]
        return self._transfer_now(values_list)

    def _register_sold(self, sent):
        """The new serial is sold now: it gets the guarantees of a delivery."""
        if not self.new_asset_id:
            return
        sold = self._get_moves("new").filtered(
            lambda move: move.sale_line_id == self.charge_line_id
        )
        self.env["aftersales.warranty.registration"].sudo()._register_deliveries(
            sold.move_line_ids
        )

    # It came all the same

    def _become_ours(self):
        late = self.filtered(
            lambda line: line.charge_line_id and not line.is_charge_refunded
        )
        for line in late:
            line._refund_charge()
        # What was given before they came: the old ones are here only now.
        self.filtered(lambda line: line.remedy == "exchange")._take_back_for_payer()
        super()._become_ours()

    def _refund_charge(self):
        """Give the charge back, and the cost of the new one back to its payer."""
        self.ensure_one()
        self.is_charge_refunded = True
        charged = self._get_moves("new").filtered(
            lambda move: move.sale_line_id == self.charge_line_id
        )
        stock = self.return_id.warehouse_id.lot_stock_id
        values_list = []
        for move in charged:
            for item in move.move_line_ids:
                common = {
                    "product_id": move.product_id.id,
                    "product_uom": move.product_id.uom_id.id,
                    "lot_ids": item.lot_id,
                }
                quantity = item.quantity_product_uom
                values_list += [
                    {
                        **self._prepare_move_values(
                            "new", move.location_dest_id, stock, quantity
                        ),
                        **common,
                        "origin_returned_move_id": move.id,
                        "sale_line_id": self.charge_line_id.id,
                        "to_refund": True,
                    },
                    {
                        **self._prepare_move_values(
                            "new", stock, self.payer_id.location_id, quantity
                        ),
                        **common,
                    },
                ]
        self._transfer_now(values_list)
        if self.new_asset_id:
            self._hand_guarantees_on()
        items = self.charge_line_id.invoice_lines
        items.move_id.filtered(lambda move: move.state == "draft").button_cancel()
        if not self._get_charge_to_credit():
            # Never billed: nothing is left to bill either.
            self.charge_line_id.order_id._action_cancel()
        self._credit_charge()

    def _credit_charge(self):
        """Make the credit notes of the charge that are missing."""
        self.ensure_one()
        refunds = (
            self.env["account.move"]
            .sudo()
            .create(
                [
                    self._prepare_charge_refund_values(item, quantity)
                    for item, quantity in self._get_charge_to_credit()
                ]
            )
        )
        if self.company_id.aftersales_invoice_posting == "post":
            refunds.action_post()
        return refunds

    def _get_charge_to_credit(self):
        """Return ``[(invoice line of the charge, quantity not credited yet)]``."""
        self.ensure_one()
        items = self.charge_line_id.sudo().invoice_lines.filtered(
            lambda item: (
                item.move_type == "out_invoice" and item.parent_state == "posted"
            )
        )
        parts = [(item, item._get_creditable_quantity()) for item in items]
        return [
            (item, quantity)
            for item, quantity in parts
            if item.product_uom_id.compare(quantity, 0) > 0
        ]

    def _unsettle(self):
        """The charge's credit note was cancelled: it is made anew, nothing else."""
        charged = self.filtered("is_charge_refunded")
        charged._await_refund()
        for rma in charged.return_id:
            rma._ask_to_call(
                self.env._("The credit note of what was charged was cancelled.")
            )
        return super(AftersalesReturnLine, self - charged)._unsettle()

    def _get_pending(self):
        pending = super()._get_pending()
        if self.is_charge_refunded and self._get_charge_to_credit():
            order = self.charge_line_id.sudo().order_id
            pending.append(self.env._("refund of %(order)s", order=order.name))
        return pending

    def action_refund_charge(self):
        """Make the credit note of a charge anew that was cancelled."""
        self.return_id._check_decides()
        for line in self._lock().filtered("is_charge_refunded"):
            line._credit_charge()
        return True

    def _prepare_charge_refund_values(self, item, quantity):
        """Return the credit note of a charge: in full, nothing is kept back."""
        values = self._prepare_credit_note_values(item.move_id, [])
        return {
            **values,
            "invoice_origin": self.return_id.name,
            "ref": self.env._(
                "%(number)s came back, of %(invoice)s",
                number=self.return_id.name,
                invoice=item.move_id.name,
            ),
            "invoice_line_ids": [
                Command.create(self._prepare_refund_line_values(item, quantity))
            ],
        }

    # By night

    @api.model
    def _cron_advances(self):
        """Remind of what has to be sent back, and follow what was not; daily."""
        self._remind_advances()
        self._follow_overdue()

    @api.model
    def _remind_advances(self):
        """Write to the customers a few days before the deadline, once."""
        today = fields.Date.context_today(self)
        template = self.env.ref(
            "aftersales_return.mail_template_advance", raise_if_not_found=False
        )
        for company in self.env["res.company"].search(
            [("aftersales_advance_reminder_days", ">", 0)]
        ):
            days = company.aftersales_advance_reminder_days
            due = self.search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "expected"),
                    ("date_reminded", "=", False),
                    ("charge_line_id", "=", False),
                    ("date_deadline", ">=", today),
                    ("date_deadline", "<=", fields.Date.add(today, days=days)),
                ]
            ).filtered(lambda line: line._get_sent())
            for rma, lines in due.grouped("return_id").items():
                lines.date_reminded = today
                if template and rma.partner_id.email:
                    rma.message_post_with_source(
                        template,
                        subtype_xmlid="mail.mt_comment",
                        partner_ids=rma.partner_id.ids,
                    )
                else:
                    rma._ask_to_call(
                        self.env._(
                            "Ask %(customer)s to send it back by %(date)s: %(goods)s",
                            customer=rma.partner_id.display_name,
                            date=fields.Date.to_string(min(lines.mapped("date_deadline"))),
                            goods=", ".join(lines.mapped("display_name")),
                        )
                    )

    @api.model
    def _follow_overdue(self):
        """Charge what was not sent back, or have it charged, as the company says."""
        cron = self.env["ir.cron"]
        overdue = self.search(self._get_overdue_domain())
        overdue = overdue.filtered(lambda line: line._get_sent())
        by_return = overdue.grouped("return_id")
        cron._commit_progress(remaining=len(by_return))
        for rma, lines in by_return.items():
            problem = None
            if rma.company_id.aftersales_charge_advances:
                try:
                    with self.env.cr.savepoint():
                        lines.action_charge()
                except UserError as error:
                    problem = str(error)
            if problem or not rma.company_id.aftersales_charge_advances:
                rma._ask_to_call(
                    problem
                    or self.env._(
                        "Not sent back by %(date)s, charge it: %(goods)s",
                        date=fields.Date.to_string(min(lines.mapped("date_deadline"))),
                        goods=", ".join(lines.mapped("display_name")),
                    )
                )
            if not cron._commit_progress(1):
                break


class AftersalesReturn(models.Model):
    _inherit = "aftersales.return"

    def _check_decides(self):
        """Refuse what speaks for the house to those who only do the work."""
        group = "aftersales.aftersales_group_user"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "%(user)s does not decide about %(returns)s. Ask an advisor.",
                    user=self.env.user.name,
                    returns=", ".join(self.sudo().mapped("name")),
                )
            )

    def _ask_to_call(self, summary):
        """Give who is responsible an activity, unless one waits already."""
        self.ensure_one()
        activity = "aftersales_return.activity_advance"
        if self.activity_search([activity]):
            return
        self.activity_schedule(
            activity, user_id=(self.user_id or self.env.user).id, summary=summary
        )


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_charge_advances = fields.Boolean(
        "Charge Late Exchanges by Itself",
        help="Every night, what was given in advance and not sent back in time is "
        "sold to the customer. Off: somebody gets an activity.",
    )
    aftersales_advance_reminder_days = fields.Integer(
        "Remind Days Before",
        default=3,
        help="So many days before the deadline the customer is asked to send the old "
        "one. 0: never.",
    )
