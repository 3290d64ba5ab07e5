from odoo import models


class AftersalesOrder(models.Model):
    """What the papers of a vehicle say beyond those of any work order."""

    _inherit = "aftersales.order"

    def _get_paper_walkaround(self):
        """Return the walk-around of this visit: the finished one, or the open one."""
        self.ensure_one()
        sheets = self.sudo().inspection_ids.filtered(
            lambda item: item.use == "walkaround" and item.state != "cancel"
        )
        return (sheets.filtered(lambda item: item.state == "done") or sheets)[:1]

    def _get_paper_agreed(self):
        """Return ``[(label, value)]`` of what was agreed at reception."""
        self.ensure_one()
        rows = []
        for name in (
            "visit_kind",
            "payment_way",
            "old_parts_choice",
            "customer_waits",
            "fuel_level",
        ):
            field = self._fields[name]
            labels = dict(field._description_selection(self.env))
            rows.append((field._description_string(self.env), labels.get(self[name])))
        for name in ("wash", "loaner", "has_licence_shown", "has_handbook_shown"):
            label = self._fields[name]._description_string(self.env)
            rows.append((label, self.env._("Yes") if self[name] else self.env._("No")))
        return rows

    def _get_paper_verdicts(self):
        """Return what the guarantee does to each line weighed so far, in words."""
        self.ensure_one()
        return [
            self.env._(
                "%(line)s: %(verdict)s",
                line=verdict.job_line_id.name,
                verdict=verdict._get_customer_text(),
            )
            for verdict in self.sudo().job_ids.line_ids.verdict_id
        ]
