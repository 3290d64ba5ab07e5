import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

_logger = logging.getLogger(__name__)

BATCH = 20


class AftersalesVisit(models.Model):
    """The last part is here: the next visit is planned by itself (D10)."""

    _inherit = "aftersales.visit"

    def _trigger_planning(self):
        """Look at the waiting visits as soon as this transaction is over."""
        self.env.ref("aftersales_field.ir_cron_plan_waiting").sudo()._trigger()

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        if state == "done" and moved.next_ids.filtered("waits_for_parts"):
            moved._trigger_planning()
        return moved

    @api.model
    def _cron_plan_waiting(self):
        """Follow the parts of waiting visits, and plan those whose parts are here.

        One bad visit is logged by its name and does not stop the rest.
        """
        self.env["aftersales.visit.part"]._issue_late()
        visits = self.search(
            [("waits_for_parts", "=", True), ("state", "in", ("draft", "planned"))]
        )
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(visits))
        for begin in range(0, len(visits), BATCH):
            batch = visits[begin : begin + BATCH]
            for visit in batch.try_lock_for_update():
                try:
                    with self.env.cr.savepoint():
                        visit.with_company(visit.company_id)._go_on_waiting()
                except Exception:
                    _logger.exception("Parts of %s could not be followed", visit.name)
            if not commit(len(batch)):
                return

    def _go_on_waiting(self):
        """Look where the parts of one visit are; plan it when they are here."""
        self.ensure_one()
        self._follow_parts()
        records = self.awaited_ids.filtered(lambda record: record.state != "cancel")
        if not self.waits_for_parts or not records or self._is_previous_open():
            return
        if any(record.state != "done" for record in records):
            return
        self.waits_for_parts = False
        if self.state == "draft":
            self._plan_by_itself()

    def _plan_by_itself(self):
        """Give this visit the best free time, or put it before the dispatcher."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.date_earliest and self.date_earliest > now:
            # It came sooner than it was expected.
            self.date_earliest = now
        for start, employee in self._get_free_times():
            try:
                with self.env.cr.savepoint():
                    self.action_plan(start=start, technician=employee)
            except UserError as error:
                _logger.info("%s at %s: %s", self.name, start, error)
                continue
            self._send_part_mail("aftersales_field.mail_template_part_arrived")
            return
        self._ask_dispatcher(
            self.env._("Plan the visit: the parts are here"),
            self.env._(
                "Nobody is free for %(visit)s. Choose an engineer and a time.",
                visit=self.name,
            ),
        )

    def _get_free_times(self):
        """Return ``[(start, employee)]``, the best first."""
        self.ensure_one()
        candidates = self.env["aftersales.dispatch"].get_candidates(self)
        return [
            (each["start"], each["employee_id"]) for each in candidates if each["start"]
        ]

    # What the customer reads

    def _send_part_mail(self, template):
        """Write to the customer, in the customer's language; it is kept on the visit.

        :param str template: xml id
        """
        self.ensure_one()
        template = self.env.ref(template, raise_if_not_found=False)
        if template:
            self.message_post_with_source(
                template, message_type="auto_comment", subtype_xmlid="mail.mt_comment"
            )

    def _get_mail_contact(self):
        """Return to whom is written about this visit."""
        self.ensure_one()
        return self.contact_id if self.contact_id.email else self.partner_id

    def _get_awaited_words(self):
        """Return the parts that are waited for, in the customer's language."""
        self.ensure_one()
        lang = self._get_mail_contact().lang
        records = self.awaited_ids.filtered(lambda each: each.state != "cancel")
        return [
            {
                "name": record.product_id.with_context(lang=lang).display_name,
                "quantity": f"{record.quantity:g}",
                "unit": record.uom_id.with_context(lang=lang).name,
            }
            for record in records.with_context(lang=lang)
        ]

    def _format_date_parts(self):
        self.ensure_one()
        return (
            format_date(
                self.env,
                fields.Datetime.context_timestamp(
                    self.with_context(tz=self._get_tz()), self.date_parts
                ).date(),
                lang_code=self._get_mail_contact().lang,
                date_format="long",
            )
            if self.date_parts
            else ""
        )
