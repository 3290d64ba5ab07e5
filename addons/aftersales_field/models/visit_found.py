from odoo import fields, models

MAX_NAMED = 3


class AftersalesVisit(models.Model):
    """Parts that turn out to be needed on site: work the customer has to agree to.

    What belongs to a job that was agreed to is asked about on its own, so that the
    price agreed before stands whatever the answer is. It is borne by whoever bears
    that job, and what was wrong and what was done is written down there, once.
    """

    _inherit = "aftersales.visit"

    def _propose_part(self, product, quantity, job, lot=None, kind="used"):
        """Add a part to work that the customer has to agree to.

        :param job: the job it was needed for; none for something new
        :param str kind: used, or missing; what is here does not wait for what is not
        :return: its line, on a proposed job of this visit
        """
        if not job or job.state not in ("draft", "proposed"):
            name = self._get_part_words(product, quantity, lot)
            job = self._get_added_job(job, kind, name)
        line = job.line_ids.filtered(
            lambda each: (
                each.product_id == product and each.product_uom_id == product.uom_id
            )
        )[:1]
        if line:
            line.product_uom_qty += quantity
        else:
            line = self.env["aftersales.job.line"].create(
                {
                    "job_id": job.id,
                    "product_id": product.id,
                    "product_uom_qty": quantity,
                }
            )
        if job.state == "draft":
            job._set_state("proposed")
            job._sync_quotations()
        return line

    def _get_added_job(self, source, kind, name):
        """Return the job for what is found on this visit, made if there is none.

        :param source: the job during which it was found; its payer bears it, until a
            verdict or somebody says otherwise
        :param str kind: of the parts on it: used, or missing
        :param str name: of a new one
        """
        payer = (source or self.job_ids[:1]).payer_id
        # What belongs to an addition belongs to what that was added to.
        source = source.found_for_id or source
        job = self.order_id.job_ids.filtered(
            lambda each: (
                each.found_on_id == self
                and each.found_for_id == source
                and each.state in ("draft", "proposed")
                and (not payer or each.payer_id == payer)
                and kind in (each._get_part_records().mapped("kind") or [kind])
            )
        )[:1]
        if not job:
            values = {
                "order_id": self.order_id.id,
                "name": name,
                "found_name": name,
                "technician_id": self.technician_id.id,
                "found_on_id": self.id,
                "found_for_id": source.id,
            }
            if payer:
                values["payer_id"] = payer.id
            job = self.env["aftersales.job"].create(values)
        if job not in self.job_ids:
            self.job_ids |= job
        return job

    def _get_part_words(self, product, quantity, lots=None):
        """Return a part as the customer reads it: how many, what, which numbers."""
        lang = self.order_id.partner_id.lang or self.env.lang
        name = product.with_context(lang=lang, display_default_code=False).display_name
        numbers = ", ".join(lots.mapped("name")) if lots else ""
        return f"{quantity:g} × {name}" + (f" ({numbers})" if numbers else "")


class AftersalesJob(models.Model):
    """A job for what was found on site is named by its parts."""

    _inherit = "aftersales.job"

    found_on_id = fields.Many2one(
        "aftersales.visit",
        index="btree_not_null",
        copy=False,
        check_company=True,
        ondelete="set null",
    )
    found_for_id = fields.Many2one(
        "aftersales.job",
        "Belongs to",
        index="btree_not_null",
        copy=False,
        check_company=True,
        ondelete="set null",
        help="Found while doing this job, which says the cause and what was done.",
    )
    found_name = fields.Char(
        copy=False, help="The name by its parts; another one was given by somebody."
    )

    def _get_part_records(self):
        """Return what was said of the parts of these jobs and still holds."""
        return self.env["aftersales.visit.part"].search(
            [
                ("job_id", "in", self.ids),
                ("state", "!=", "cancel"),
                ("kind", "in", ("used", "missing")),
            ],
            order="id",
        )

    def _name_by_parts(self):
        """Name jobs that were found on site after what is on them now."""
        for job in self:
            if not job.found_name or job.found_name != job.name or not job.can_change:
                continue
            records = job._get_part_records().grouped("job_line_id")
            words = [
                job.found_on_id._get_part_words(
                    line.product_id, sum(said.mapped("quantity")), said.lot_id
                )
                for line, said in records.items()
            ]
            if not words:
                # All taken back: nothing to ask the customer about.
                job._remove_from_quotations()
                job._set_state("cancel")
                continue
            if len(words) > MAX_NAMED:
                words = [*words[:MAX_NAMED], "…"]
            name = ", ".join(words)
            if name == job.name:
                continue
            job.write({"name": name, "found_name": name})
            # The heading on the quotation says the same.
            job.sudo().sale_line_ids.filtered(
                lambda line: (
                    line.display_type == "line_section" and line.state != "sale"
                )
            ).name = name

    def _get_told(self, field):
        """Return the cause or correction; an addition has that of its job."""
        self.ensure_one()
        return (self[field] or self.found_for_id[field] or "").strip()
