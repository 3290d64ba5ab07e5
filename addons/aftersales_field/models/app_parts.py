from odoo import api, models
from odoo.exceptions import UserError


class AftersalesFieldApp(models.AbstractModel):
    """Parts that are not on the order: what they cost, what was said about them.

    The phone asks the customer about them before the server has heard of them. It
    knows what the parts of the van cost on each visit, and names what was agreed to
    by its own entries.
    """

    _inherit = "aftersales.field.app"

    # For the phone

    @api.model
    def _prepare_visit_batch(self, visits):
        visits.part_ids.mapped("job_line_id")
        products = self._get_van_quants().product_id
        return {**super()._prepare_visit_batch(visits), "van": products, "prices": {}}

    @api.model
    def _prepare_visit(self, visit, batch):
        return {
            **super()._prepare_visit(visit, batch),
            "currency": visit.order_id.currency_id.name or "",
            "part_prices": self._prepare_part_prices(visit, batch),
            "missing": [
                {
                    "product_id": record.product_id.id,
                    "name": record.product_id.display_name,
                    "quantity": record.quantity,
                    "uom": record.uom_id.name,
                    "note": record.note or "",
                    "state": record.state,
                    "state_label": record._get_missing_words(),
                }
                for record in visit._get_missing_parts().sorted("id")
            ],
        }

    @api.model
    def _prepare_visit_job(self, job, cover, batch):
        values = {
            **super()._prepare_visit_job(job, cover, batch),
            "payer_id": job.payer_id.id,
        }
        if job.found_on_id:
            records = job._get_part_records()
            values.update(
                found_on_id=job.found_on_id.id,
                found_for_id=job.found_for_id.id,
                found_kind=records[:1].kind or "",
                operations=[each.operation for each in records if each.operation],
            )
        return values

    @api.model
    def _prepare_line(self, line):
        values = super()._prepare_line(line)
        asked = line._get_asked_parts()
        numbers = {*values["lot_names"], *asked.lot_id.mapped("name")}
        return {
            **values,
            "name": line._get_customer_name() or values["name"],
            "unit": line._get_customer_unit(),
            "asked": sum(asked.mapped("quantity")),
            "lot_names": sorted(numbers),
        }

    @api.model
    def _prepare_part_prices(self, visit, batch):
        """Return what a piece of each part in the van costs this customer, with tax.

        :return: ``{payer id: {product id: price}}``; False for who is not billed here
        """
        if visit.state in ("done", "cancel") or not batch["van"]:
            return {}
        order = visit.order_id
        return {
            payer.id: order._is_billed_to_customer(payer)
            and order._get_part_prices(payer, batch["van"], batch["prices"])
            for payer in visit._get_own_jobs().payer_id
        }

    # From the phone

    @api.model
    def _get_answered_jobs(self, visit, values, operation):
        """Return the jobs an answer of the customer is about; None for all.

        What was not on the order is named by the entries that it was used or missed
        with, and by the price that the customer was told.
        """
        jobs = self._get_jobs(visit, values.get("job_ids"))
        names = values.get("operations")
        if not isinstance(names, list) or not names:
            return jobs
        found = self._get_found_jobs(visit, names, operation)
        visit.get_cover()
        if operation.kind == "consent":
            visit._check_price_told(found, self._read_price(values))
        return found if jobs is None else jobs | found

    @api.model
    def _get_found_jobs(self, visit, names, operation):
        """Return the jobs that entries of the same user put their parts on."""
        records = visit.part_ids.filtered(lambda record: record.operation in names)
        lost = set(names) - set(records.mapped("operation"))
        if lost:
            raise UserError(
                self.env._(
                    "%(visit)s: the part that the customer was asked about was never "
                    "taken over. Settle that entry first.",
                    visit=visit.name,
                )
            )
        return records.job_id

    @api.model
    def _read_price(self, values):
        price = values.get("price")
        if isinstance(price, bool) or not isinstance(price, int | float):
            raise UserError(self.env._("Enter the price that the customer was told."))
        return price


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def _get_part_prices(self, payer, products, known):
        """Return what one piece of each product costs a payer, with tax.

        :param dict known: of other work orders with the same terms
        :return: ``{product id: price}``
        """
        self.ensure_one()
        quotation = self.sudo()._new_quotation(payer)
        pricelist, position = quotation.pricelist_id, quotation.fiscal_position_id
        currency = quotation.currency_id or self.currency_id
        company = self.company_id
        terms = (pricelist, position, currency, company)
        if terms in known:
            return known[terms]
        products = products.sudo().with_company(company)
        prices = pricelist._get_products_price(products, 1.0, currency=currency)
        known[terms] = {}
        for product in products:
            taxes = product.taxes_id._filter_taxes_by_company(company)
            price = product._get_tax_included_unit_price_from_price(
                prices[product.id], product_taxes=taxes, fiscal_position=position
            )
            amounts = position.map_tax(taxes).compute_all(
                price, currency=currency, product=product
            )
            known[terms][product.id] = amounts["total_included"]
        return known[terms]


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def _check_price_told(self, jobs, price):
        """Refuse a yes to a lower price than this is; less than told is agreed to.

        :param jobs: that nobody asked the server about before the customer agreed
        """
        self.ensure_one()
        jobs = jobs.filtered("can_change")
        prices = [job._get_customer_price() for job in jobs]
        total = sum(each["total"] for each in prices)
        currency = (prices and prices[0]["currency"]) or self.order_id.currency_id
        # Each piece was rounded on the phone.
        rounding = currency.rounding * (1 + len(jobs.line_ids))
        if total > price + rounding:
            raise UserError(
                self.env._(
                    "%(visit)s: %(jobs)s costs %(price)s, and the customer was told "
                    "%(told)s. Give the difference as a discount, or ask again.",
                    visit=self.name,
                    jobs=", ".join(jobs.mapped("name")),
                    price=currency.format(total),
                    told=currency.format(price),
                )
            )


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    def _get_asked_parts(self):
        """Return what was used of this line and waits for the customer's yes."""
        self.ensure_one()
        if not self.job_id.found_on_id:
            return self.env["aftersales.visit.part"]
        return self.job_id._get_part_records().filtered(
            lambda record: (
                record.job_line_id == self
                and record.kind == "used"
                and record.state == "waiting"
            )
        )


class AftersalesVisitPart(models.Model):
    _inherit = "aftersales.visit.part"

    def _get_missing_words(self):
        """Return where a part that was missing stands."""
        self.ensure_one()
        if self.state == "waiting":
            return self.env._("Waits for the customer's yes or no")
        if self.state == "done":
            return self.env._("Has arrived")
        if self.is_lost:
            return self.env._("Not coming; the office looks for another")
        return self.env._("Ordered for the next visit")
