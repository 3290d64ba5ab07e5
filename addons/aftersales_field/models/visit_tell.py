import logging
from datetime import timedelta

import pytz

from odoo import api, fields, models

from odoo.addons.aftersales_planning.engine.quiet import get_quiet_window

_logger = logging.getLogger(__name__)

BATCH = 50
TEMPLATES = {
    "plan": "aftersales_field.mail_template_visit_planned",
    "move": "aftersales_field.mail_template_visit_moved",
    "travel": "aftersales_field.mail_template_visit_travel",
}


class AftersalesVisit(models.Model):
    """What the customer is told of a visit, and when: R187.

    A visit that is planned or moved is told of by a scheduled action, outside the quiet
    hours, with its last time only. That the engineer is on the way is told at once.
    """

    _inherit = "aftersales.visit"

    tell = fields.Selection(
        [("plan", "Planned"), ("move", "Moved")],
        "To Tell the Customer",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    date_told = fields.Datetime("Told the Customer On", readonly=True, copy=False)

    def _after_plan(self, start, technician):
        result = super()._after_plan(start, technician)
        for visit in self:
            if visit.start != start or visit.state != "planned":
                visit._note_to_tell(start)
                visit._note_to_call()
        return result

    def _note_to_tell(self, start):
        """Keep what the customer has to hear of a new time, or of none.

        What was told of the time before ends with that time.
        """
        self.ensure_one()
        if self.state == "planned":
            if self.date_told and not self._is_in_window(self.start):
                self._drop_window()
            if self.team_id.tells_customers:
                self.tell = "move" if self.date_told else "plan"
                self.env.ref("aftersales_field.ir_cron_tell_customers")._trigger()
            return
        if self.tell:
            self.tell = False
        if self.date_told and self.state in ("draft", "cancel"):
            told = self.env._(
                "The customer was told: %(window)s.", window=self._get_told_text()
            )
            self.date_told = False
            self._drop_window()
            self.order_id._remind_advisor(
                self.env._(
                    "%(visit)s: tell the customer that it is off", visit=self.name
                ),
                note=told,
            )

    def _note_to_call(self):
        """Have somebody call on the day before, to confirm the time (R187)."""
        self.ensure_one()
        kind = "aftersales_field.mail_activity_type_call_ahead"
        if not self.team_id.calls_ahead:
            return
        self.activity_unlink([kind])
        user = self.order_id.user_id or self.team_id.user_id
        if self.state == "planned" and user:
            zone = pytz.timezone(self._get_tz())
            day = pytz.utc.localize(self.start).astimezone(zone).date()
            self.activity_schedule(
                kind,
                date_deadline=max(
                    day - timedelta(days=1), fields.Date.context_today(self)
                ),
                summary=self.env._(
                    "Confirm the time with %(customer)s",
                    customer=self.order_id._get_visit_contact().display_name,
                ),
                note=self._get_window_text(),
                user_id=user.id,
            )

    def action_travel(self, moment=None, place=None):
        before = self.sudo().filtered(lambda visit: visit.state == "planned")
        result = super().action_travel(moment=moment, place=place)
        for visit in before.filtered(lambda visit: visit.state == "travel"):
            if visit.team_id.tells_customers:
                visit.tell = False
                visit._send_to_customer("travel")
        return result

    def _send_to_customer(self, kind):
        """Write to the customer; whoever has no address is called.

        :param str kind: plan, move or travel
        """
        self.ensure_one()
        template = self.env.ref(TEMPLATES[kind], raise_if_not_found=False)
        contact = self.order_id._get_visit_contact()
        if not template or not contact.email:
            if kind != "travel":
                self.order_id._remind_advisor(
                    self.env._("%(visit)s: tell the customer when", visit=self.name),
                    note=self._get_window_text(),
                )
            return
        self.with_context(lang=contact.lang or self.env.lang).message_post_with_source(
            template, message_type="auto_comment", subtype_xmlid="mail.mt_note"
        )

    def _is_quiet(self):
        """Whether the customer may not be disturbed now."""
        self.ensure_one()
        company = self.company_id
        zone = self.order_id._get_visit_contact().tz or self._get_tz()
        return bool(
            get_quiet_window(
                fields.Datetime.now(),
                company.aftersales_quiet_from,
                company.aftersales_quiet_to,
                pytz.timezone(zone),
            )
        )

    def _tell_customer(self):
        """Tell of the time that holds now, and keep it as what was promised."""
        self.ensure_one()
        kind, self.tell = self.tell, False
        if self.state != "planned" or not kind:
            return
        start, stop = self._get_window()
        self.write(
            {
                "window_start": start,
                "window_stop": stop,
                "date_told": fields.Datetime.now(),
            }
        )
        self._send_to_customer(kind)

    @api.model
    def _cron_tell_customers(self):
        """Tell customers of visits that were planned or moved.

        One bad visit is logged by its name and does not stop the rest.
        """
        visits = self.search([("tell", "!=", False)], order="start, id")
        visits = visits.filtered(lambda visit: not visit._is_quiet())
        self.env["ir.cron"]._commit_progress(remaining=len(visits))
        for begin in range(0, len(visits), BATCH):
            batch = visits[begin : begin + BATCH]
            for visit in batch.try_lock_for_update():
                try:
                    with self.env.cr.savepoint():
                        visit.with_company(visit.company_id)._tell_customer()
                except Exception:
                    _logger.exception("Telling of %s failed", visit.name)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return
