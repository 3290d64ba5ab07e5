from odoo import api, fields, models


class AftersalesOrder(models.Model):
    """What the printed papers say, gathered once for all of them.

    Prices are those of the quotations, amounts are computed by Odoo's tax engine on
    the same lines: a paper never adds up on its own what an invoice says otherwise.
    """

    _inherit = "aftersales.order"

    def _get_report_lang(self):
        """Return the language of the papers: the customer's, who signs them."""
        self.ensure_one()
        return (self.contact_id or self.partner_id).lang or self.env.lang

    def _get_paper_choices(self, field):
        """Return ``[(label, chosen)]`` of a selection, for boxes to tick."""
        self.ensure_one()
        return [
            (label, self[field] == value)
            for value, label in self._fields[field]._description_selection(self.env)
        ]

    def _get_paper_jobs(self, states=None):
        """Return the jobs on a paper, in the order they are done."""
        self.ensure_one()
        return self.job_ids.filtered(
            lambda job: (
                job.state in states
                if states
                else job.state not in ("declined", "cancel")
            )
        ).sorted(lambda job: (job.sequence, job._origin.id))

    def _get_paper_answers(self):
        """Return the customer's answers; whoever prints may read them here."""
        self.ensure_one()
        return self.sudo().approval_ids.sorted("date")

    def _get_paper_added_jobs(self):
        """Return the jobs that were added after the customer's first yes."""
        self.ensure_one()
        approved = self._get_paper_answers().filtered(
            lambda answer: answer.decision == "approved"
        )
        if not approved:
            return self.env["aftersales.job"]
        first = approved[0].date
        return self.job_ids.filtered(
            lambda job: job.create_date.replace(microsecond=0) > first
        )

    def _get_paper_validity(self):
        """Return until when the open quotations to the customer hold."""
        self.ensure_one()
        quotations = self.sudo().sale_order_ids.filtered(
            lambda sale: (
                sale.state in ("draft", "sent")
                and sale.validity_date
                and self._is_billed_to_customer(sale.aftersales_payer_id)
            )
        )
        return min(quotations.mapped("validity_date"), default=False)

    def _get_paper_invoices(self):
        """Return the invoices and credit notes that the customer gets."""
        self.ensure_one()
        return (
            self.sudo()
            .invoice_ids.filtered(
                lambda move: (
                    move.state != "cancel"
                    and move.commercial_partner_id
                    == self.partner_id.commercial_partner_id
                )
            )
            .sorted(lambda move: (move.invoice_date or fields.Date.today(), move.id))
        )

    def _is_billed_to_customer(self, payer):
        self.ensure_one()
        bill_to = payer.partner_id or self.partner_id
        return (
            payer.kind == "invoiced"
            and bill_to.commercial_partner_id == self.partner_id.commercial_partner_id
        )

    def _get_paper_bill(self, settled=False):
        """Return what the customer is to read about the money.

        :param bool settled: with the quantities used, and not those offered
        :return: ``{"jobs": [{"job", "rows", "amount"}], "totals": [{"payer",
            "currency", "tax_totals"}], "kinds": [{"label", "value", "amount"}],
            "currency"}``. A row has ``name``, ``reason``, ``kind``, ``quantity``,
            ``uom``, ``price_unit``, ``discount``, ``taxes``, ``value`` (in full),
            ``amount`` (what the customer pays of it), ``currency``, and ``payer`` if
            somebody else bears it. Amounts are without taxes.
        """
        self.ensure_one()
        # Prices are read from Sales, on which whoever prints need not have rights.
        order = self.sudo().with_company(self.company_id)
        jobs = order._get_paper_jobs()
        lines_by_payer = order._get_paper_sale_lines(jobs)
        rows_by_job = {job: [] for job in jobs}
        totals = []
        for payer, sale_lines in lines_by_payer.items():
            rows, tax_totals = order._get_paper_payer_rows(sale_lines, settled)
            for job, row in rows:
                rows_by_job.setdefault(job, []).append(row)
            totals.append(
                {
                    "payer": payer,
                    "currency": sale_lines[0].currency_id,
                    "tax_totals": tax_totals,
                }
            )
        for line in jobs.line_ids:
            if not order._is_billed_to_customer(line.payer_id):
                rows_by_job[line.job_id].append(order._get_paper_borne(line, settled))
        rows = [row for job_rows in rows_by_job.values() for row in job_rows]
        currencies = {row["currency"] for row in rows}
        return {
            "jobs": [
                {
                    "job": job,
                    "rows": sorted(rows, key=lambda row: row["sequence"]),
                    "amount": sum(row["amount"] for row in rows),
                }
                for job, rows in rows_by_job.items()
                if rows or job
            ],
            "totals": totals,
            "kinds": self._get_paper_kinds(rows),
            # Without one there are no sums over payers.
            "currency": currencies.pop() if len(currencies) == 1 else None,
        }

    @api.model
    def _get_paper_kinds(self, rows):
        """Return the sums of labour, parts and so on, in the order of the kinds."""
        labels = {
            **dict(
                self.env["aftersales.job.line"]
                ._fields["kind"]
                ._description_selection(self.env)
            ),
            "other": self.env._("Other"),
            "share": self.env._("Shares"),
        }
        sums = []
        for kind, label in labels.items():
            kind_rows = [row for row in rows if row["kind"] == kind]
            if kind_rows:
                sums.append(
                    {
                        "label": label,
                        "value": sum(row["value"] for row in kind_rows),
                        "amount": sum(row["amount"] for row in kind_rows),
                    }
                )
        return sums

    def _get_paper_sale_lines(self, jobs):
        """Return ``{payer: [quotation lines]}`` billed to the customer.

        Work that is not quoted yet is there as the lines its quotation would have.
        """
        self.ensure_one()
        lines_by_payer = {}
        quotations = self.sale_order_ids.filtered(lambda sale: sale.state != "cancel")
        for sale_line in quotations.sorted("id").order_line:
            payer = sale_line.aftersales_payer_id
            if not (
                sale_line.display_type
                or sale_line.is_downpayment
                or not self._is_billed_to_customer(payer)
            ):
                lines_by_payer.setdefault(payer, []).append(sale_line)
        for line in jobs.line_ids.filtered(lambda line: not line.sale_line_ids):
            if self._is_billed_to_customer(line.payer_id):
                preview = line._get_preview()
                preview.job_line_id = line
                preview.aftersales_job_id = line.job_id
                lines_by_payer.setdefault(line.payer_id, []).append(preview)
        return dict(sorted(lines_by_payer.items(), key=lambda item: item[0].sequence))

    def _get_paper_payer_rows(self, sale_lines, settled):
        """Return ``([(job, row)], tax totals)`` of one payer's quotation lines."""
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        base_lines, full_lines = (
            [
                line._prepare_base_line_for_taxes_computation(
                    quantity=self._get_paper_quantity(line, settled), **values
                )
                for line in sale_lines
            ]
            for values in ({}, {"discount": 0.0})
        )
        for lines in (base_lines, full_lines):
            AccountTax._add_tax_details_in_base_lines(lines, self.company_id)
            AccountTax._round_base_lines_tax_details(lines, self.company_id)
        rows = []
        for sale_line, base_line, full_line in zip(
            sale_lines, base_lines, full_lines, strict=True
        ):
            line, share = sale_line.job_line_id, sale_line.job_share_id
            name, _newline, reason = (sale_line.name or "").partition("\n")
            rows.append(
                (
                    sale_line.aftersales_job_id,
                    {
                        "sequence": (line.sequence, line.id) if line else (9999, 0),
                        "name": line.name or name,
                        "reason": line._get_free_reason() if line else reason,
                        "kind": line.kind or ("share" if share else "other"),
                        "quantity": base_line["quantity"],
                        "uom": sale_line.product_uom_id,
                        "price_unit": sale_line.price_unit,
                        "discount": sale_line.discount,
                        "taxes": ", ".join(
                            filter(None, sale_line.tax_ids.mapped("tax_label"))
                        ),
                        # A share moves money; the work it is of is there already.
                        "value": 0.0 if share else self._get_paper_amount(full_line),
                        "amount": self._get_paper_amount(base_line),
                        "currency": sale_line.currency_id,
                        "payer": None,
                    },
                )
            )
        tax_totals = AccountTax._get_tax_totals_summary(
            base_lines, sale_lines[0].currency_id, self.company_id
        )
        return rows, tax_totals

    @api.model
    def _get_paper_amount(self, base_line):
        details = base_line["tax_details"]
        return (
            details["total_excluded_currency"]
            + details["delta_total_excluded_currency"]
        )

    @api.model
    def _get_paper_quantity(self, sale_line, settled):
        """Return what is charged of a line: offered, or used once the job is done."""
        job = sale_line.aftersales_job_id
        if settled and sale_line.state == "sale" and (not job or job.state == "done"):
            return sale_line.qty_invoiced + sale_line.qty_to_invoice
        return sale_line.product_uom_qty

    def _get_paper_borne(self, line, settled):
        """Return the row of work the customer does not pay, with its full value."""
        self.ensure_one()
        done = settled and line.job_id.state == "done"
        quantity = line.qty_used if done else line.product_uom_qty
        sale_line = self._get_list_price_line(line, quantity)
        return {
            "sequence": (line.sequence, line.id),
            "name": line.name,
            "reason": line.discount_reason,
            "kind": line.kind,
            "quantity": quantity,
            "uom": line.product_uom_id,
            "price_unit": sale_line.price_unit,
            "discount": 0.0,
            "taxes": "",
            "value": sale_line.price_subtotal,
            "amount": 0.0,
            "currency": sale_line.currency_id,
            "payer": line.payer_id,
        }

    def _get_list_price_line(self, line, quantity):
        """Return an unsaved quotation line: what the customer would pay for ``line``.

        What the real payer pays is between us and them.
        """
        self.ensure_one()
        quotation = self.env["sale.order"].new(
            {"partner_id": self.partner_id.id, "company_id": self.company_id.id}
        )
        values = {
            "order_id": quotation,
            "product_id": line.product_id.id,
            "product_uom_id": line.product_uom_id.id,
            "product_uom_qty": quantity,
            "discount": 0.0,
        }
        if line.is_price_agreed and line.payer_id.kind == "absorbed":
            values["price_unit"] = line.price_agreed
        return self.env["sale.order.line"].new(values)


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _get_issue_slip_rows(self):
        """Return what to fetch, from where, in the order of the places.

        What is not reserved is listed last, without a place.
        """
        self.ensure_one()
        rows = [
            {
                "location": line.location_id,
                "product": line.product_id,
                "lot": line.lot_id.name or line.lot_name,
                "quantity": line.quantity,
                "uom": line.product_uom_id,
                "job": line.move_id.job_line_id.job_id,
            }
            for line in self.move_line_ids.sorted(
                lambda line: (line.location_id.complete_name, line.product_id.name)
            )
            if not line.product_uom_id.is_zero(line.quantity)
        ]
        for move in self.move_ids:
            missing = move.product_uom_qty - move.quantity
            if (
                move.state in ("done", "cancel")
                or move.product_uom.compare(missing, 0) <= 0
            ):
                continue
            rows.append(
                {
                    "location": self.env["stock.location"],
                    "product": move.product_id,
                    "lot": "",
                    "quantity": missing,
                    "uom": move.product_uom,
                    "job": move.job_line_id.job_id,
                }
            )
        return rows
