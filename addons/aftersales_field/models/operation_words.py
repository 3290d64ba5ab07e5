from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import plaintext2html

# Ids that a phone sends, one or a list, and what they are of.
NAMED = {
    "job_id": "aftersales.job",
    "job_ids": "aftersales.job",
    "done_job_ids": "aftersales.job",
    "line_id": "aftersales.job.line",
    "inspection_id": "aftersales.inspection",
    "item_id": "aftersales.inspection.item",
    "product_id": "product.product",
    "technician_id": "hr.employee.public",
    "reason_id": "aftersales.clock.reason",
    "method": "aftersales.visit.payment.method",
}
# What only the app itself can read.
SILENT = (
    "offers", "operation", "operations", "uom", "photo_id", "old_part_id", "marks",
)  # fmt: skip


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
        return "\n".join(self._describe(values if isinstance(values, dict) else {}))

    def _describe(self, values):
        """Return lines ``label: text`` of what was sent."""
        labels = self._get_value_labels()
        lines = []
        for field, value in values.items():
            if value in (None, "", False, [], {}) or field in SILENT:
                continue
            if field == "name" and values.get("product_id"):
                continue
            text = self._describe_value(field, value)
            label = labels.get(field) or field.replace("_", " ").capitalize()
            lines.append(f"{label}: {text[:2000]}")
        return lines

    def _describe_value(self, field, value):
        """Return one thing that was sent in words."""
        if field == "signature":
            return self.env._("(signature)")
        if field in NAMED:
            numbers = value if isinstance(value, list) else [value]
            return ", ".join(self._get_name_of(NAMED[field], each) for each in numbers)
        if value is True:
            return self.env._("Yes")
        if isinstance(value, list):
            return "; ".join(
                ", ".join(self._describe(each)) if isinstance(each, dict) else str(each)
                for each in value
            )
        return self._get_choices(field).get(str(value)) or str(value)

    def _get_choices(self, field):
        """Return the words of what is chosen from a list: ``{value: label}``."""
        Visit = self.env["aftersales.visit"]
        choices = {
            "outcome": Visit._fields["outcome"],
            "score": Visit._fields["opinion"],
            "choice": self.env["aftersales.old.part"]._fields["choice"],
        }
        if field not in choices:
            return {}
        return dict(choices[field]._description_selection(self.env))

    def _get_value_labels(self):
        """Return what each thing that a phone sends is called."""
        return {
            "job_id": self.env._("Job"),
            "job_ids": self.env._("Jobs"),
            "done_job_ids": self.env._("Jobs done"),
            "line_id": self.env._("Line"),
            "inspection_id": self.env._("Checklist"),
            "item_id": self.env._("Question"),
            "product_id": self.env._("Part"),
            "lot_name": self.env._("Serial or lot number"),
            "quantity": self.env._("Quantity"),
            "technician_id": self.env._("Colleague"),
            "reason_id": self.env._("Reason"),
            "reason": self.env._("Reason"),
            "outcome": self.env._("Outcome"),
            "note": self.env._("Note"),
            "text": self.env._("What was found"),
            "cause": self.env._("Cause"),
            "correction": self.env._("What was done"),
            "signer": self.env._("Name"),
            "signature": self.env._("Signature"),
            "no_signature_reason": self.env._("Why nobody signed"),
            "unused_reason": self.env._("Why parts were not used"),
            "score": self.env._("Opinion"),
            "comment": self.env._("In the customer's words"),
            "method": self.env._("How it is paid"),
            "amount": self.env._("Amount"),
            "price": self.env._("Price the customer was told"),
            "restored": self.env._("Put back as it was found"),
            "counts": self.env._("Counted"),
            "answers": self.env._("Answers"),
            "serial": self.env._("Serial number"),
            "choice": self.env._("What becomes of it"),
            "value": self.env._("Meter reading"),
            "name": self.env._("Name"),
            "role": self.env._("Role"),
            "phone": self.env._("Phone"),
            "wish": self.env._("Wish"),
        }

    def _get_name_of(self, model, number):
        """Return the name of a record the phone named, if the reader may know it."""
        record = self.env[model].browse(
            self.env["aftersales.field.app"]._read_id(number) or ()
        )
        if record.exists() and record.has_access("read"):
            return record.display_name
        return self.env._("(not to be found any more)")

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
