from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AftersalesSupplierTrip(models.Model):
    """The supplier's repair has a price: the customer says yes before he goes on.

    For the customer's thing it is sublet work on the work order, asked and approved
    like any other. For ours, whoever tells the supplier to go on decides it.
    """

    _inherit = "aftersales.supplier.trip"

    amount_quoted = fields.Monetary("Supplier's Price", readonly=True, copy=False)
    date_quoted = fields.Date("Price Told On", readonly=True, copy=False)
    freight_amount = fields.Monetary(
        "Freight",
        help="What sending it cost us; asked from the supplier with the rest.",
    )
    job_id = fields.Many2one(
        "aftersales.job",
        "Asked the Customer",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
    )
    consent = fields.Selection(
        [
            ("none", "No price told"),
            ("free", "Free of charge"),
            ("ours", "For us to decide"),
            ("wait", "Waits for the customer"),
            ("yes", "Agreed"),
            ("no", "Declined"),
        ],
        compute="_compute_consent",
        compute_sudo=True,
    )
    date_go_on = fields.Datetime("Told to Go On", readonly=True, copy=False)
    go_on_user_id = fields.Many2one("res.users", "Told By", readonly=True, copy=False)

    _amounts_positive = models.Constraint(
        "CHECK(amount_quoted >= 0 AND freight_amount >= 0)",
        "The supplier's price and the freight cannot be negative.",
    )

    @api.depends("date_quoted", "amount_quoted", "job_id.state", "date_go_on")
    def _compute_consent(self):
        for trip in self:
            trip.consent = trip._get_consent()

    def _get_consent(self):
        self.ensure_one()
        if not self.date_quoted:
            return "none"
        if self.currency_id.is_zero(self.amount_quoted):
            return "free"
        if not self.job_id:
            return "yes" if self.date_go_on else "ours"
        if self.job_id.state in ("approved", "progress", "done"):
            return "yes"
        return "no" if self.job_id.state in ("declined", "cancel") else "wait"

    def action_quote(self, amount=None, price=None, date_promised=None, note=None):
        """Record what the supplier asks for the repair, and ask the customer.

        :param float amount: the supplier's price in company currency; 0: free
        :param float price: what the customer pays; without it the supplier's price
        :param date_promised: the day he promises then
        :param str note: what he would do, in words for the customer
        :raises UserError: for a trip that isn't at the supplier
        """
        self.return_id._check_decides()
        trips = self._lock()
        for trip in trips:
            if trip.state != "sent":
                raise UserError(
                    self.env._(
                        "%(trip)s is not at the supplier.", trip=trip.display_name
                    )
                )
            if amount is None or amount < 0:
                raise UserError(
                    self.env._(
                        "%(trip)s: enter what the supplier asks, or 0 if it is free.",
                        trip=trip.display_name,
                    )
                )
            trip._check_not_told()
            trip._promise(date_promised, None)
            trip._withdraw_job()
            trip.write(
                {
                    "amount_quoted": amount,
                    "date_quoted": fields.Date.context_today(trip),
                    "job_id": False,
                }
            )
            if trip.consent == "ours" and not trip.is_ours:
                trip.job_id = trip._create_job(amount if price is None else price, note)
        return True

    def _check_not_told(self):
        if told := self.filtered("date_go_on"):
            raise UserError(
                self.env._(
                    "%(trips)s: the supplier was told to go on already.",
                    trips=", ".join(told.mapped("display_name")),
                )
            )

    def _withdraw_job(self):
        """Take back what the customer was asked before the price changed."""
        self.ensure_one()
        job = self.job_id
        if job.state in ("draft", "proposed"):
            job.order_id.action_decline(jobs=job, reason=self.env._("Another price"))
        elif job.state == "approved":
            raise UserError(
                self.env._(
                    "%(trip)s: the customer agreed to “%(job)s” already. Change that "
                    "on %(order)s.",
                    trip=self.display_name,
                    job=job.name,
                    order=job.order_id.name,
                )
            )

    def _create_job(self, price, note):
        """Make the sublet job that the customer is asked about."""
        self.ensure_one()
        line = self.line_id
        if not line.order_id or line.order_id.state in ("ready", "done", "cancel"):
            line._settle_repair()
        product = self.env.ref("aftersales_return.product_supplier_repair")
        job = self.env["aftersales.job"].create(
            {
                "order_id": line.order_id.id,
                "name": note
                or self.env._("Repair by %(supplier)s", supplier=self.partner_id.name),
                "line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "kind": "sublet",
                            "vendor_id": self.partner_id.id,
                            "product_uom_qty": 1.0,
                            "vendor_price": self.amount_quoted,
                            "price_unit": price,
                        }
                    )
                ],
            }
        )
        job.action_propose()
        return job

    def action_go_on(self):
        """Tell the supplier to go on with the repair; his order is confirmed.

        :raises UserError: while the customer has not agreed to the price
        """
        self.return_id._check_decides()
        trips = self._lock()
        todo = trips.filtered(lambda trip: not trip.date_go_on)
        for trip in todo:
            if trip.consent in ("wait", "no"):
                raise UserError(
                    self.env._(
                        "%(trip)s: %(customer)s has not agreed to “%(job)s”. Record "
                        "the answer on %(order)s before the supplier goes on.",
                        trip=trip.display_name,
                        customer=trip.customer_id.display_name,
                        job=trip.job_id.name,
                        order=trip.job_id.order_id.name,
                    )
                )
            if trip.state != "sent" or trip.consent == "none":
                raise UserError(
                    self.env._(
                        "%(trip)s: record first what the supplier asks for the repair.",
                        trip=trip.display_name,
                    )
                )
        purchases = todo.job_id.line_ids.purchase_line_ids.order_id
        purchases.filtered(lambda order: order.state == "draft").button_confirm()
        todo.write({"date_go_on": fields.Datetime.now(), "go_on_user_id": self.env.uid})
        for trip in todo:
            trip.message_post(
                body=self.env._(
                    "%(supplier)s was told to go on: %(amount)s",
                    supplier=trip.partner_id.name,
                    amount=trip.currency_id.format(trip.amount_quoted),
                )
            )
        return True


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    vendor_price = fields.Monetary(
        "Vendor's Price",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        groups="aftersales.aftersales_group_user",
        help="What the vendor of sublet work told us; his order is made with it.",
    )

    def _prepare_purchase_line_values(self):
        values = super()._prepare_purchase_line_values()
        if self.vendor_price:
            values["price_unit"] = self.vendor_price
        return values
