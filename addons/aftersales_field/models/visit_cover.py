from odoo import models

from .visit_consent import WAITING


class AftersalesVisit(models.Model):
    """What the guarantee or a contract bears, and what the customer would pay."""

    _inherit = "aftersales.visit"

    def get_cover(self):
        """Say for each job and line of this visit who pays, why, and how much (D11).

        Prices are the customer's, with tax, from the price list of who pays: a
        contract gives its own. Lines that nobody weighed yet are weighed first.

        :return: dict ``jobs``, ``total`` (all that the customer pays), ``waiting``
            (of that, what still needs consent), ``currency``, and both as text. A job
            has ``id``, ``name``, ``state``, ``needs_consent``, ``covered``, ``reason``,
            ``missing`` (what proof would help), ``price``, ``price_text``,
            ``currency``, ``price_list``, ``offer`` (see ``action_consent``) and
            ``lines`` with ``id``, ``name``, ``quantity``, ``unit``, ``covered``,
            ``reason``, ``missing``, ``payer``, ``price_list``, ``price``, ``value``
            (without tax, whoever pays)
        """
        self.ensure_one()
        visit = self._check_is_own()
        jobs = visit._get_own_jobs()
        visit._adopt_waiting_jobs()
        unweighed = jobs.filtered(
            lambda job: (
                job.can_change and any(not line.verdict_id for line in job.line_ids)
            )
        )
        unweighed._check_warranty()
        lists = {}
        rows = [visit._prepare_job_cover(job, lists) for job in jobs]
        counting = [row for row in rows if row["state"] not in ("declined", "cancel")]
        currency = jobs.currency_id[:1] or visit.company_id.currency_id
        total = sum(row["price"] for row in counting)
        waiting = sum(row["price"] for row in counting if row["needs_consent"])
        return {
            "jobs": rows,
            "currency": currency.name,
            "total": total,
            "total_text": currency.format(total),
            "waiting": waiting,
            "waiting_text": currency.format(waiting),
        }

    def _prepare_unknown_cover(self, problem):
        """Return what ``get_cover`` does, without prices, where it can't be told.

        :param str problem: why, and what to do about it
        """
        self.ensure_one()
        line_values = {"covered": False, "reason": "", "price": 0.0}
        return {
            "jobs": [
                {
                    "id": job.id,
                    "name": job.name,
                    "state": job.state,
                    "needs_consent": job.state in WAITING,
                    "covered": False,
                    "reason": problem,
                    "missing": [],
                    "price": 0.0,
                    "price_text": "",
                    "currency": job.currency_id.name or "",
                    "price_list": "",
                    "offer": "",
                    "is_unknown": True,
                    "lines": [{**line_values, "id": line.id} for line in job.line_ids],
                }
                for job in self._get_own_jobs()
            ],
            "total_text": "",
        }

    def _adopt_waiting_jobs(self):
        """Give work that was added meanwhile to the engineer who is there to ask.

        Technicians see and show the jobs that are theirs.
        """
        for visit in self.sudo().filtered("technician_id"):
            if visit.state in ("onsite", "paused"):
                loose = visit._get_own_jobs().filtered(
                    lambda job: job.state in WAITING and not job.technician_id
                )
                if loose:
                    loose.technician_id = visit.technician_id

    def _prepare_job_cover(self, job, lists):
        """Return one job for ``get_cover``.

        :param dict lists: price lists found so far, by payer
        """
        self.ensure_one()
        price = job._get_customer_price()
        lines = [self._prepare_line_cover(line, lists) for line in job.line_ids]
        return {
            "id": job.id,
            "name": job.name,
            "state": job.state,
            "needs_consent": job.state in WAITING,
            "covered": bool(lines) and all(line["covered"] for line in lines),
            "reason": "\n".join(
                dict.fromkeys(line["reason"] for line in lines if line["reason"])
            )
            or ("" if lines else self.env._("No price yet: ask the office.")),
            "missing": list(
                dict.fromkeys(word for line in lines for word in line["missing"])
            ),
            "price": price["total"],
            "price_text": price["currency"].format(price["total"]),
            "currency": price["currency"].name,
            "price_list": ", ".join(
                dict.fromkeys(
                    line["price_list"] for line in lines if line["price_list"]
                )
            ),
            "offer": job._get_offer_code(),
            "lines": lines,
        }

    def _prepare_line_cover(self, line, lists):
        """Return one line of a job for ``get_cover``."""
        self.ensure_one()
        verdict = line.verdict_id
        is_billed = self.order_id._is_billed_to_customer(line.payer_id)
        price_list = self._get_price_list(line, lists) if is_billed else ""
        offered = line._get_customer_price()
        return {
            "id": line.id,
            "name": line._get_customer_name(),
            "quantity": offered["quantity"],
            "unit": line._get_customer_unit(),
            "covered": not is_billed or verdict.charge == "free",
            "reason": self._get_cover_reason(line, is_billed, price_list),
            "missing": self._get_missing_proofs(line),
            "payer": line.payer_id.name,
            "price_list": price_list,
            "price": line.price_total if is_billed else 0.0,
            "value": offered["value"],
        }

    def _get_price_list(self, line, lists):
        """Return the name of the price list that priced a line; may be empty."""
        quotation = line.sale_line_ids.order_id[:1]
        if quotation:
            return quotation.pricelist_id.name or ""
        if line.payer_id not in lists:
            quotation = self.order_id._new_quotation(line.payer_id)
            lists[line.payer_id] = quotation.pricelist_id.name or ""
        return lists[line.payer_id]

    def _get_cover_reason(self, line, is_billed, price_list):
        """Say in a sentence for the customer why a line is free, or costs this."""
        if line.verdict_id:
            return line.verdict_id._get_customer_text()
        if not is_billed:
            return line._get_other_payer_text()
        if line.payer_id.code != "customer":
            return self.env._(
                "By agreement: %(payer)s, price list %(list)s",
                payer=line.payer_id.name,
                list=price_list or self.env._("standard"),
            )
        if not self.asset_id:
            return ""
        return self.env._("No guarantee is registered for this asset.")

    def _get_missing_proofs(self, line):
        """Return what the customer would have to show for the guarantee to answer."""
        verdict = line.verdict_id
        if verdict.result == "refer":
            problems = verdict.trace["result"].get("problems", ())
            return [verdict._describe_problem(problem) for problem in problems]
        if self.asset_id and not self.asset_id.is_registered:
            return [self.env._("the proof of purchase, to register a guarantee")]
        return []
