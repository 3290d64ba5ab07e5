import json

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import plaintext2html

# Ids that a phone sends, and what they are of.
NAMED = {
    "job_id": "aftersales.job",
    "line_id": "aftersales.job.line",
    "inspection_id": "aftersales.inspection",
    "product_id": "product.product",
    "technician_id": "hr.employee.public",
    "reason_id": "aftersales.clock.reason",
}


class AftersalesFieldOperation(models.Model):
    """What the dispatcher reads of an entry: what it was, and what differs."""

    _inherit = "aftersales.field.operation"

    kind_label = fields.Char("What", compute="_compute_kind_label")
    words = fields.Text("Content", compute="_compute_words")
    differences = fields.Html(compute="_compute_differences")

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_kind_label(self):
        labels = self.env["aftersales.field.app"]._get_kinds()
        for operation in self:
            operation.kind_label = labels.get(operation.kind, operation.kind)

    @api.depends("payload")
    @api.depends_context("uid", "lang")
    def _compute_words(self):
        for operation in self:
            operation.words = operation._get_words()

    @api.depends("conflicts")
    def _compute_differences(self):
        for operation in self:
            operation.differences = operation._get_differences()

    @api.depends("kind", "visit_id.name", "order_id.name")
    def _compute_display_name(self):
        for operation in self:
            words = (operation._get_work().name, operation.kind_label)
            operation.display_name = " · ".join(word for word in words if word)

    def _get_words(self):
        """Return what the phone sent, a line for each thing, without pictures."""
        self.ensure_one()
        values = self._get_values()
        lines = []
        for field, value in (values if isinstance(values, dict) else {}).items():
            if value in (None, "", False, [], {}):
                continue
            if field == "signature":
                value = self.env._("(signature)")
            elif field in NAMED:
                value = self._get_name_of(NAMED[field], value)
            text = value if isinstance(value, str) else json.dumps(value)
            label = field.removesuffix("_id").replace("_", " ").capitalize()
            lines.append(f"{label}: {text[:2000]}")
        return "\n".join(lines)

    def _get_name_of(self, model, number):
        """Return the name of a record the phone named, if the reader may know it."""
        record = self.env[model].browse(
            self.env["aftersales.field.app"]._read_id(number) or ()
        )
        if record.exists() and record.has_access("read"):
            return record.display_name
        return str(number)

    def _get_differences(self):
        """Return both values of what is in conflict, as a table."""
        self.ensure_one()
        if not self.conflicts:
            return False
        cells = Markup("<td>%s</td>")
        row = Markup("<tr>%s</tr>")
        head = (
            "",
            self.env._("The phone saw"),
            self.env._("The phone wrote"),
            self.env._("Written meanwhile"),
            self.env._("By"),
        )
        lines = [
            (
                conflict["label"],
                conflict["base"],
                conflict["mine"],
                conflict["theirs"],
                " ".join(filter(None, (conflict["who"], conflict["when"]))),
            )
            for conflict in self.conflicts
        ]
        return Markup(
            '<table class="table table-sm"><thead>%s</thead><tbody>%s</tbody></table>'
        ) % (
            row % Markup("").join(Markup("<th>%s</th>") % word for word in head),
            Markup("").join(
                row % Markup("").join(cells % word for word in line) for line in lines
            ),
        )

    def _tell_dispatcher(self):
        """Put work whose entries wait for somebody before its advisor, once."""
        waiting = self.sudo().filtered(
            lambda operation: operation.state != "done" and operation._get_work()
        )
        for work, operations in waiting.grouped(lambda each: each._get_work()).items():
            is_visit = work._name == "aftersales.visit"
            before = self.sudo().search_count(
                [
                    ("visit_id" if is_visit else "order_id", "=", work.id),
                    ("state", "!=", "done"),
                    ("settled", "=", False),
                    ("id", "not in", operations.ids),
                ],
                limit=1,
            )
            if not before:
                (work.order_id if is_visit else work)._remind_advisor(
                    self.env._(
                        "%(visit)s: settle what the phone could not do",
                        visit=work.name,
                    ),
                    note=plaintext2html(
                        "\n".join(
                            f"{operation.kind_label}: {operation.message}"
                            for operation in operations
                        )
                    ),
                    activity_type="mail.mail_activity_data_todo",
                )

    def _get_settled_words(self):
        labels = dict(self._fields["settled"]._description_selection(self.env))
        words = self.env._(
            "%(label)s, by %(user)s.",
            label=labels[self.settled],
            user=self.settled_user_id.name,
        )
        return f"{words} {self.settled_note or ''}".strip()
