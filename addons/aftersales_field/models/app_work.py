from odoo import api, models
from odoo.exceptions import UserError


class AftersalesFieldApp(models.AbstractModel):
    """Entries about parts, added work, the customer's answers and the end."""

    _inherit = "aftersales.field.app"

    # Parts

    @api.model
    def _apply_use_part(self, visit, values, base, operation):
        product = self._get_product(visit, values.get("product_id"))
        job_id = values.get("job_id")
        line = visit.sudo(False).action_use_part(
            product,
            quantity=self._read_quantity(values),
            lot=self._read_text(values, "lot_name"),
            job=job_id and self._get_job(visit, job_id),
            operation=operation.name,
            moment=operation.moment,
        )
        if line.job_id.found_on_id and not line.job_id.found_for_id:
            for field in ("cause", "correction"):
                line.job_id[field] = (
                    self._read_text(values, field) or line.job_id[field]
                )
        return {"line_id": line.id}

    @api.model
    def _apply_unuse_part(self, visit, values, base, operation):
        visit.sudo(False).action_unuse_part(
            self._get_used_line(visit, values, operation),
            self._read_quantity(values),
            operation=operation.name,
            moment=operation.moment,
        )

    @api.model
    def _get_used_line(self, visit, values, operation):
        """Return the line of a part that is taken back.

        It is named by the entry that used it where the phone has not heard of that.
        """
        name = self._read_text(values, "operation")
        if not name:
            return self._get_line(visit, values.get("line_id"))
        used = operation.search(
            [
                ("user_id", "=", operation.user_id.id),
                ("name", "=", name),
                ("kind", "=", "use_part"),
            ]
        )
        if used.state != "done" and used.settled != "again":
            raise UserError(
                self.env._(
                    "%(visit)s: the part that is taken back here was never taken over "
                    "as used. Settle that entry first.",
                    visit=visit.name,
                )
            )
        return self._get_line(visit, (used.values or {}).get("line_id"))

    @api.model
    def _apply_missing_part(self, visit, values, base, operation):
        job_id = values.get("job_id")
        visit.sudo(False).action_report_missing(
            self._get_product(visit, values.get("product_id")),
            quantity=self._read_quantity(values),
            job=job_id and self._get_job(visit, job_id),
            note=self._read_text(values, "note"),
            operation=operation.name,
            moment=operation.moment,
        )

    @api.model
    def _apply_old_part(self, visit, values, base, operation):
        """Say what becomes of a part that came out."""
        part_id = values.get("old_part_id")
        part = visit.record_old_part(
            self._get_line(visit, values.get("line_id")).id,
            old_part=part_id and self._read_id(part_id),
            serial=self._read_text(values, "serial"),
            choice=self._read_text(values, "choice"),
            signer=self._read_text(values, "signer"),
            reason=self._read_text(values, "reason"),
            moment=operation.moment,
        )
        return {"old_part_id": part.id}

    @api.model
    def _apply_count(self, visit, values, base, operation):
        counts = values.get("counts")
        if not isinstance(counts, list) or not all(
            isinstance(count, dict) for count in counts
        ):
            raise UserError(self.env._("Send the count as a list."))
        employee = operation.employee_id
        return self.env["aftersales.visit"]._count_van_of(
            # Whoever tries it again later has another van, or none.
            employee.aftersales_van_id,
            [
                {
                    "product_id": self._get_product(None, count.get("product_id")).id,
                    "lot_name": self._read_text(count, "lot_name"),
                    "quantity": count.get("quantity"),
                }
                for count in counts
            ],
            operation.name,
            employee,
            operation.moment,
        )

    # Work and answers

    @api.model
    def _apply_added_work(self, visit, values, base, operation):
        """Tell the advisor what else is wrong: a job to be priced and asked about."""
        job_id = values.get("job_id")
        jobs = self._get_work_jobs(visit)
        job = self._get_job(visit, job_id) if job_id else jobs[:1]
        if not job:
            raise UserError(
                self.env._("%(visit)s has no job to add work to.", visit=visit.name)
            )
        order = self._get_order(visit)
        before = order.job_ids
        job.action_report_found(reason=self._read_text(values, "text", required=True))
        order.invalidate_recordset(["job_ids"])
        return {"job_id": (order.job_ids - before)[:1].id}

    @api.model
    def _apply_consent(self, visit, values, base, operation):
        visit.sudo(False).action_consent(
            jobs=self._get_answered_jobs(visit, values, operation),
            signer=self._read_text(values, "signer"),
            signature=self._read_signature(values),
            note=self._read_text(values, "note"),
            moment=operation.moment,
            offers=self._read_offers(values),
            device=operation.device,
        )

    @api.model
    def _read_offers(self, values):
        """Return what the customer saw of each job, see ``get_cover``."""
        offers = values.get("offers")
        offers = offers if isinstance(offers, dict) else {}
        return {key: offer for key, offer in offers.items() if key.isdecimal()}

    @api.model
    def _apply_refuse_paid(self, visit, values, base, operation):
        visit.sudo(False).action_refuse_paid(
            reason=self._read_text(values, "reason"),
            jobs=self._get_answered_jobs(visit, values, operation),
            signer=self._read_text(values, "signer"),
            signature=self._read_signature(values),
            moment=operation.moment,
            restored=values.get("restored") is not False,
            device=operation.device,
        )

    # The end

    @api.model
    def _apply_opinion(self, visit, values, base, operation):
        visit.sudo(False).record_opinion(
            score=values.get("score"), comment=self._read_text(values, "comment")
        )

    @api.model
    def _apply_sign(self, visit, values, base, operation):
        visit.sudo(False).record_signature(
            signer=self._read_text(values, "signer"),
            signature=self._read_signature(values),
            role=self._read_text(values, "role"),
            moment=operation.moment,
        )

    @api.model
    def _apply_payment(self, visit, values, base, operation):
        amount = values.get("amount") or 0
        if isinstance(amount, bool) or not isinstance(amount, int | float):
            raise UserError(self.env._("Enter the amount as a number."))
        visit.sudo(False).record_payment(
            method=self._read_id(values.get("method"))
            or self._read_text(values, "method"),
            amount=amount,
            note=self._read_text(values, "note"),
        )

    @api.model
    def _apply_person(self, visit, values, base, operation):
        visit.sudo(False).record_person(
            **{
                field: self._read_text(values, field)
                for field in ("name", "role", "phone", "wish")
            },
            moment=operation.moment,
        )

    @api.model
    def _apply_meter(self, visit, values, base, operation):
        visit.sudo(False).record_meter(values.get("value"), moment=operation.moment)

    @api.model
    def _apply_finish(self, visit, values, base, operation):
        visit.sudo(False).action_finish(
            outcome=self._read_text(values, "outcome"),
            note=self._read_text(values, "note"),
            no_signature_reason=self._read_text(values, "no_signature_reason"),
            moment=operation.moment,
            place=self._get_place(operation),
            unused_reason=self._read_text(values, "unused_reason"),
            done_jobs=self._get_jobs(visit, values.get("done_job_ids")),
        )
