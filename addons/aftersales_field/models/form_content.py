import hashlib
import json

from odoo import models

ORDER = ("name", "partner_id", "contact_id", "asset_id", "complaint")
PLAN = ("start", "technician_id", "outcome")
CLOSE = (
    "site_id", "date_arrived", "date_left", "opinion", "opinion_comment", "signature",
    "signed_by", "signed_role", "date_signed", "no_signature_reason",
    "payment_method_id", "payment_amount", "payment_note",
)  # fmt: skip
MONTH = ("partner_id", "asset_id", "technician_id", "outcome", "opinion",
         "opinion_comment", "date_left")  # fmt: skip
JOB = ("name", "cause", "correction", "decline_reason")


class AftersalesFormIssue(models.Model):
    """What a paper says of its record, and so what replaces it when it changes.

    Values and ids alone: a company that moves, an engineer who marries or a label in
    other words leaves what was signed as it is.
    """

    _inherit = "aftersales.form.issue"

    def _is_outdated(self):
        """Whether the order says something else than what was printed."""
        self.ensure_one()
        return bool(self.digest) and self.digest != self._get_digest()

    def _get_digest(self):
        """Return what changes with anything that this paper says of its record."""
        self.ensure_one()
        paper = self.with_context(bin_size=False)
        content = getattr(paper, f"_get_content_{self.kind}")()
        text = json.dumps(content, default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _get_content_complaint(self):
        order = self.sudo().order_id
        return [
            order.read([*ORDER, "channel", "priority"], load=None),
            self._get_papers(),
            self._get_visits().read(PLAN, load=None),
            self._get_jobs()
            .filtered("correction")
            .read(("name", "correction"), load=None),
        ]

    def _get_content_service(self):
        order = self.sudo().order_id
        return [
            order.read(ORDER, load=None),
            order.asset_id.serial,
            self._get_visits().read([*PLAN, *CLOSE], load=None),
            self._get_jobs().read(JOB, load=None),
            [
                (
                    line.product_id.id,
                    line.name,
                    line.qty_used,
                    self._get_lots_used(line).ids,
                )
                for line in self._get_parts_used()
            ],
        ]

    def _get_content_month(self):
        return [
            (
                row["visit"].read(MONTH, load=None),
                [(call.date, call.words) for call in row["calls"]],
            )
            for row in self._get_month_rows()
        ]
