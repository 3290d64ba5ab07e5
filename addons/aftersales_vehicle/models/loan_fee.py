from odoo import Command, models
from odoo.exceptions import UserError


class AftersalesLoan(models.Model):
    """What a loaner costs: the days on the estimate, and the rest when it is back."""

    _inherit = "aftersales.loan"

    def _get_fee_product(self):
        return self.env.ref("aftersales_vehicle.product_loaner")

    def _make_fee_jobs(self):
        """Put the days on the work order, to be quoted and approved with the rest."""
        for loan in self.sudo():
            if not loan.price_day and not loan.job_id:
                continue
            line = {
                "product_id": loan._get_fee_product().id,
                "kind": "fee",
                "product_uom_qty": loan.days,
                "is_price_agreed": True,
                "price_agreed": loan.price_day,
            }
            if loan.job_id:
                loan._update_fee(line)
            else:
                loan.job_id = self.env["aftersales.job"].create(
                    {
                        "order_id": loan.order_id.id,
                        "name": self.env._(
                            "Replacement car %(car)s", car=loan.resource_id.name
                        ),
                        "line_ids": [Command.create(line)],
                        **({"payer_id": loan.payer_id.id} if loan.payer_id else {}),
                    }
                )

    def _update_fee(self, values):
        """Bring the line of the days in line; what else is on the job stays."""
        self.ensure_one()
        if not self.job_id.can_change:
            return
        line = self._get_fee_line()
        if not line:
            self.job_id.line_ids = [Command.create(values)]
        else:
            line.product_uom_qty = values["product_uom_qty"]
            # Carries it to the quotation too.
            line.price_unit = values["price_agreed"]

    def _get_fee_line(self):
        self.ensure_one()
        product = self._get_fee_product()
        return self.job_id.line_ids.filtered(lambda line: line.product_id == product)[
            :1
        ]

    def _change_payer(self):
        """Let who bears the days bear their job."""
        for loan in self.sudo().filtered("job_id"):
            company = loan.company_id
            payer = loan.payer_id or company._get_customer_payers()[company]
            if loan.job_id.payer_id != payer:
                loan.job_id.payer_id = payer

    def _check_fee_can_change(self, vals):
        """Refuse another price or payer of days that the customer has answered."""
        changed = {"days", "price_day", "payer_id"} & vals.keys()
        fixed = self.filtered(
            lambda loan: (
                loan.job_id
                and not loan._can_agree()
                and any(
                    loan._fields[field].convert_to_write(loan[field], loan)
                    != vals[field]
                    for field in changed
                )
            )
        )
        if fixed:
            raise UserError(
                self.env._(
                    "%(loans)s: the customer has answered about the fee, so its days, "
                    "price and payer stay. Cancel the agreement and write another; if "
                    "the fee is invoiced, correct the payer with a credit note.",
                    loans=", ".join(fixed.mapped("name")),
                )
            )

    def _tell_days_beyond(self):
        """Say that a longer loan than agreed will cost more."""
        for loan in self:
            beyond = loan._count_days(loan.date_from, loan.date_due) - loan.days
            if beyond > 0:
                loan.message_post(
                    body=loan.env._(
                        "%(days)s days are agreed. The %(beyond)s beyond are billed "
                        "at the price per day when the car is back.",
                        days=loan.days,
                        beyond=beyond,
                    )
                )

    def _cancel_fee(self):
        """Take the fee off the estimate, or off what will be billed.

        :raises UserError: if it is invoiced already
        """
        for loan in self.filtered("job_id"):
            job = loan.job_id
            if job.state in ("draft", "proposed"):
                job.unlink()
                continue
            invoiced = job.sale_line_ids.filtered("qty_invoiced")
            if invoiced:
                raise UserError(
                    self.env._(
                        "%(loan)s: its fee is invoiced with %(invoices)s. Credit that "
                        "first, then cancel.",
                        loan=loan.name,
                        invoices=", ".join(
                            invoiced.invoice_lines.move_id.mapped("display_name")
                        ),
                    )
                )
            if job.state not in ("declined", "cancel"):
                job._set_state("cancel")
            # Agreed and not delivered: nothing is left to bill.
            job.sale_line_ids.filtered("qty_delivered").qty_delivered = 0.0

    def _get_extras(self):
        """Return what was used beyond the agreement.

        :return: list of ``(text, quantity, price)``
        """
        self.ensure_one()
        late = max(0, self._count_days(self.date_from, self.date_back) - self.days)
        # Only a day that is paid for brings its distance with it.
        paid = self.days + (late if self.price_day else 0)
        included = self.distance_day * paid
        beyond = self.meter_back - self.meter_out - included
        quarters = int(self.fuel_out or 0) - int(self.fuel_back or 0)
        rows = [
            (
                self.env._("Replacement car: days beyond the agreement"),
                late,
                self.price_day,
            ),
            (
                self.env._("Replacement car: distance beyond the agreement"),
                beyond,
                self.price_distance,
            ),
            (
                self.env._("Replacement car: missing quarters of fuel"),
                quarters,
                self.price_fuel,
            ),
        ]
        return [row for row in rows if row[1] > 0 and row[2] > 0]

    def _bill_extras(self):
        """Charge what the signed agreement allows."""
        self.ensure_one()
        extras = self._get_extras()
        if not extras:
            return
        order = self.order_id
        product = self._get_fee_product()
        self.sale_order_id = order._charge_customer(
            self.name, [(product, *extra) for extra in extras]
        )
        order.message_post(
            body=self.env._(
                "%(loan)s came back; to be billed: %(extras)s",
                loan=self.name,
                extras=", ".join(text for text, _quantity, _price in extras),
            )
        )


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    def _get_agreed_discount(self):
        """The price per day is the one of the agreement: no rule takes off of it."""
        discount = super()._get_agreed_discount()
        if (
            discount is None
            and self.is_price_agreed
            and self.product_id == self.env["aftersales.loan"]._get_fee_product()
        ):
            return 0.0
        return discount
