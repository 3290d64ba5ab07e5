from odoo import models


class AftersalesJob(models.Model):
    """What the customer is offered of the job, and what follows from the yes."""

    _inherit = "aftersales.job"

    # Quotations

    def _check_ready_for_approval(self):
        """Refuse what could not be carried out after the yes."""
        for payer, lines in self.line_ids.grouped("payer_id").items():
            parts = lines.filtered(lambda line: line.kind == "part")
            payer._check_ready_for_parts(parts.product_id)
        self.line_ids._check_location_books_once()

    def _get_lines_to_quote(self):
        return self.line_ids.filtered(lambda line: line.payer_id.kind == "invoiced")

    def _sync_quotations(self):
        """Bring the open quotations in line with these jobs, which nobody approved.

        Lines that are quoted keep their price; new ones are added, those whose
        payer changed move to the other payer's quotation.
        """
        missing = {}
        # Quotations, and prices agreed before, are not for every technician's eyes.
        for job in self.sudo():
            job._drop_stale_sale_lines()
            for payer, lines in job._get_lines_to_quote().grouped("payer_id").items():
                new_lines = lines._get_unquoted()
                if not new_lines:
                    continue
                sections = job.sale_line_ids.filtered(
                    lambda line, payer=payer: (
                        line.display_type == "line_section"
                        and line.order_id.aftersales_payer_id == payer
                    )
                )
                values = missing.setdefault((job.order_id, payer), [])
                if not sections:
                    values.append(job._prepare_section_values())
                values += [line._prepare_sale_line_values() for line in new_lines]
        self.order_id._add_to_quotations(missing)
        self.share_ids._sync_sale_lines()

    def _drop_stale_sale_lines(self):
        """Remove quoted lines whose payer changed, and sections left empty."""
        for job in self:
            quoted = job.sale_line_ids.filtered(lambda line: line.state != "sale")
            stale = quoted.filtered(
                lambda line: (
                    line.job_line_id
                    and line.job_line_id.payer_id != line.order_id.aftersales_payer_id
                )
            )
            lonely = quoted.filtered(
                lambda line, quoted=quoted, stale=stale: (
                    line.display_type
                    and not (quoted - stale).filtered(
                        lambda other, line=line: (
                            other.order_id == line.order_id and not other.display_type
                        )
                    )
                )
            )
            (stale | lonely)._unlink_from_quotation()

    def _prepare_section_values(self):
        self.ensure_one()
        return {
            "display_type": "line_section",
            "name": self.name,
            "aftersales_job_id": self.id,
            "sequence": 10 * self.sequence,
        }

    def _remove_from_quotations(self):
        """Take these jobs off quotations nobody accepted; empty ones are cancelled."""
        self.sudo().sale_line_ids.filtered(
            lambda line: line.state != "sale"
        )._unlink_from_quotation()

    def _confirm_quotations(self):
        """Confirm the quotations of these approved jobs, with only these on them."""
        self.share_ids._sync_sale_lines()
        sale_orders = self.sudo().sale_line_ids.order_id.filtered(
            lambda sale: sale.state in ("draft", "sent")
        )
        sale_orders._split_off_unapproved()
        if sale_orders:
            sale_orders.with_context(tracking_disable=True).action_confirm()

    # Parts and sublet work

    def _request_parts(self):
        self.line_ids.filtered(lambda line: line.kind == "part")._run_procurement()

    def _order_sublet(self):
        self.line_ids.filtered(lambda line: line.kind == "sublet")._create_purchases()
