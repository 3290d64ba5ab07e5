from odoo import api, models
from odoo.exceptions import UserError


class AftersalesFormReport(models.AbstractModel):
    """Rendering a paper is printing it: what was printed before is a copy.

    What is kept comes from its file alone, never on a page of today's words.
    """

    _name = "aftersales.form.report"
    _description = "Print of Service Papers"

    @api.model
    def _get_report_values(self, docids, data=None):
        issues = self.env["aftersales.form.issue"].browse(docids)
        issues.check_access("read")
        if kept := issues.filtered("pdf_sha256"):
            raise UserError(
                self.env._(
                    "%(papers)s is kept as it was first printed. Print it as PDF.",
                    papers=", ".join(kept.mapped("name")),
                )
            )
        printed = issues.filtered("print_count").ids
        issues._count_print()
        return {
            "doc_ids": issues.ids,
            "doc_model": issues._name,
            "docs": issues,
            "printed": printed,
        }


class ReportFormComplaint(models.AbstractModel):
    _name = "report.aftersales_field.report_form_complaint"
    _description = "Repair (Complaint) Record"
    _inherit = ["aftersales.form.report"]


class ReportFormService(models.AbstractModel):
    _name = "report.aftersales_field.report_form_service"
    _description = "Service Repair Record"
    _inherit = ["aftersales.form.report"]


class ReportFormMonth(models.AbstractModel):
    _name = "report.aftersales_field.report_form_month"
    _description = "Monthly Follow-up Record"
    _inherit = ["aftersales.form.report"]
