from odoo import Command, fields, models

from .visit_consent import WAITING

# Work nobody would be asked about any more.
CLOSED = ("ready", "done", "cancel")


class AftersalesVisit(models.Model):
    """Visits that are planned bring their fees to the work order, and take them back.

    What was begun, what the customer refused and what was waived by hand stays.
    """

    _inherit = "aftersales.visit"

    fee_job_ids = fields.One2many("aftersales.job", "fee_visit_id", "Fees")

    def _sync_orders(self):
        result = super()._sync_orders()
        self.order_id._sync_visit_fees()
        return result

    def _cancel(self, reason=None):
        # Whoever is on the way has begun: the office decides whether that is charged.
        at_home = self.filtered(lambda visit: visit.state in ("draft", "planned"))
        at_home.sudo().fee_job_ids._drop_fees()
        return super()._cancel(reason)

    def _after_finish(self, jobs):
        if self.outcome == "no_access":
            self.fee_job_ids.filtered(lambda job: not job.fee_id.is_kept)._drop_fees()
        return super()._after_finish(jobs)

    def _get_fees(self, start=None):
        """Return the fees that this visit costs if it begins then.

        :param datetime start: in UTC; without, when it is planned
        """
        self.ensure_one()
        Fee = self.env["aftersales.visit.fee"]
        company, start = self.company_id, start or self.start
        if not start or not Fee._get_ids(company):
            return Fee
        clock = Fee._get_clock_occasion(company, start)
        occasions = ["always", *([clock] if clock else [])]
        if self.order_id.priority == "1":
            occasions.append("urgent")
        return Fee._find(company, self.team_id, occasions)

    def _prepare_fee_job(self, fee):
        """Return the values of the job that charges a fee for this visit."""
        self.ensure_one()
        payers = self.job_ids.payer_id
        fee = fee.with_context(lang=self.order_id.partner_id.lang)
        return {
            "order_id": self.order_id.id,
            "name": fee.name,
            "fee_id": fee.id,
            "fee_visit_id": self.id,
            "technician_id": self.technician_id.id,
            # Whoever bears all of the work bears the way to it.
            **({"payer_id": payers.id} if len(payers) == 1 else {}),
            "line_ids": [
                Command.create({"product_id": fee.product_id.id, "name": fee.name})
            ],
        }

    # What the customer is told

    def get_fee_words(self):
        """Return what this visit costs besides the work, as ``[{name, price}]``.

        The price is the customer's, with tax, in words.

        :raises AccessError: for whoever may not read the visit
        """
        self.ensure_one()
        self.check_access("read")
        jobs = self.sudo().fee_job_ids.filtered(
            lambda job: job.state not in ("declined", "cancel")
        )
        return [each for job in jobs if (each := job._get_fee_words())]

    def _get_fee_text(self):
        """Return the fees of this visit in a line, or nothing."""
        words = self.get_fee_words()
        return ", ".join(f"{fee['name']} {fee['price']}" for fee in words)

    def _quote_fees(self, start, known):
        """Return what this visit would cost besides the work at another time.

        The fees are really put on the order and weighed there, and taken back: so
        guarantee, contract, price list and taxes are those of the bill.

        :param datetime start: in UTC
        :param dict known: words found so far, by fees
        """
        self.ensure_one()
        fees = self._get_fees(start) - self._get_fees_paid_before()
        if fees not in known:
            known[fees] = self._try_fees(fees) if fees else []
        return known[fees]

    def _get_fees_paid_before(self):
        """Return fees that another visit of the order bears for all of them."""
        jobs = self.order_id._get_fee_jobs() - self.fee_job_ids
        return jobs.fee_id.filtered("is_once")

    def _try_fees(self, fees):
        savepoint = self.env.cr.savepoint()
        try:
            jobs = self.fee_job_ids.filtered(lambda job: job.fee_id in fees)
            jobs |= self._create_fee_jobs(fees - jobs.fee_id)
            return [each for job in jobs if (each := job._get_fee_words())]
        finally:
            savepoint.close(rollback=True)

    def _create_fee_jobs(self, fees):
        return self.env["aftersales.job"].create(
            [self._prepare_fee_job(fee) for fee in fees]
        )


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for order, vals in zip(self, vals_list, strict=True):
            jobs = order.job_ids.sorted("id")
            if jobs.fee_id and "job_ids" not in (default or {}):
                # The visits of the copy bring their own.
                vals["job_ids"] = [
                    command
                    for job, command in zip(jobs, vals["job_ids"], strict=True)
                    if not job.fee_id
                ]
        return vals_list

    def write(self, vals):
        result = super().write(vals)
        if {"priority", "team_id"} & vals.keys():
            self.filtered("is_onsite")._sync_visit_fees()
        return result

    def _sync_visit_fees(self):
        """Bring the fees of planned visits in line with when they are.

        Again, it changes nothing. Fees the customer agreed to that are not due any
        more are cancelled; new ones wait for the yes.
        """
        Fee = self.env["aftersales.visit.fee"]
        stale = self.env["aftersales.job"].sudo()
        missing = []
        for order in self.sudo():
            if order.state not in CLOSED and Fee._get_ids(order.company_id):
                dropped, wanted = order._weigh_fees()
                stale |= dropped
                missing += [visit._prepare_fee_job(fee) for visit, fee in wanted]
        stale._drop_fees()
        if missing:
            stale.create(missing)._offer_fees()

    def _weigh_fees(self):
        """Return fees that are not due any more, and ``(visit, fee)`` of new ones."""
        self.ensure_one()
        none = self.env["aftersales.visit.fee"]
        dues = {
            visit: visit._get_fees() if visit.state == "planned" else none
            for visit in self.visit_ids.sorted("start")
            if visit.state in ("draft", "planned")
        }
        jobs = self._get_fee_jobs()
        stale = jobs.filtered(
            lambda job: job.fee_id not in dues.get(job.fee_visit_id, job.fee_id)
        )
        # What is charged already stays with its visit: the customer is asked once.
        held = (jobs - stale).grouped("fee_visit_id")
        once = (jobs - stale).fee_id.filtered("is_once")
        missing = []
        for visit, due in dues.items():
            fees = due - once - held.get(visit, jobs.browse()).fee_id
            once |= fees.filtered("is_once")
            missing += [(visit, fee) for fee in fees]
        return stale, missing

    def _get_fee_jobs(self):
        """Return the fees of these orders that are not taken back.

        Those of a visit that was deleted are among them, and what was refused.
        """
        return self.job_ids.filtered(lambda job: job.fee_id and job.state != "cancel")


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    def _offer_fees(self):
        """Put fees to the customer; what costs him nothing needs no answer."""
        offered = self.filtered(lambda job: job.order_id.state != "draft")
        offered._set_state("proposed")
        offered._sync_quotations()
        free = offered.filtered(
            lambda job: (
                job.order_id.state in ("approved", "progress")
                and not job._get_fee_words()
            )
        )
        for order, jobs in free.grouped("order_id").items():
            note = ", ".join(jobs.mapped("name"))
            order.action_approve(jobs=jobs, method="contract", note=note)

    def _is_agreed_fee(self):
        """Whether this is a fee that needs nobody's work any more."""
        return bool(self.fee_id) and self.state not in WAITING

    def _get_fee_words(self):
        """Return ``{name, price}`` of a fee for the customer; None if it is free."""
        self.ensure_one()
        price = self._get_customer_price()
        if price["currency"].is_zero(price["total"]):
            return None
        return {"name": self.name, "price": price["currency"].format(price["total"])}
