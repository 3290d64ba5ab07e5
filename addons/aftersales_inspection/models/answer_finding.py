from odoo import models


class AftersalesInspectionAnswer(models.Model):
    """What is yellow or red becomes a finding; what is no longer so takes it back."""

    _inherit = "aftersales.inspection.answer"

    def _get_finding(self):
        """Return what was found here, by this inspection or the one before."""
        self.ensure_one()
        return self.sudo().finding_ids[:1] or self.sudo().earlier_finding_id

    def _sync_findings(self):
        """Make, bring up to date or take back the findings of these answers."""
        values_list = []
        for answer in self.sudo():
            template = answer.inspection_id.template_id
            finding = answer.finding_ids[:1]
            bad = answer.rating in ("yellow", "red") and not answer.is_copied
            known = answer.earlier_finding_id._is_unsolved()
            if bad and template.makes_findings and answer.inspection_id.asset_id:
                values = answer._prepare_finding_values()
                if finding:
                    finding.write(values)
                elif known:
                    # Found before and still so: one finding, however often we look.
                    answer.earlier_finding_id.write(
                        {
                            field: values[field]
                            for field in ("rating", "words", "is_safety")
                        }
                    )
                else:
                    values_list.append(
                        {
                            **values,
                            "answer_id": answer.id,
                            "inspection_id": answer.inspection_id.id,
                            "asset_id": answer.inspection_id.asset_id.id,
                            "order_id": answer.inspection_id.order_id.id,
                            "company_id": answer.company_id.id,
                        }
                    )
            elif finding and finding._can_withdraw():
                finding.unlink()
        return self.env["aftersales.finding"].sudo().create(values_list)

    def _prepare_finding_values(self):
        self.ensure_one()
        # The customer reads it, whatever language the technician works in.
        lang = self.inspection_id.partner_id.lang or self.env.lang
        item = self.item_id.with_context(lang=lang)
        return {
            "name": item.name,
            "rating": self.rating,
            "words": item._get_words(self.rating),
            "note": self.note,
            "is_safety": item.is_safety and self.rating == "red",
            "job_template_id": item.job_template_id.id,
        }

    def _settle_earlier_findings(self):
        """What the second inspection finds in order is fixed."""
        for answer in self:
            if answer.rating == "green" and answer.earlier_finding_id._is_unsolved():
                answer.earlier_finding_id.fixed_answer_id = answer
