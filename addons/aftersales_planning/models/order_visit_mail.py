from urllib.parse import urlsplit

import pytz
import vobject

from odoo import Command, fields, models


class AftersalesOrder(models.Model):
    """What the customer gets to keep of a visit: the message and a calendar file."""

    _inherit = "aftersales.order"

    def _get_visit_contact(self):
        """Return who is written to about the visit."""
        self.ensure_one()
        return self.contact_id or self.partner_id

    def _get_visit_url(self):
        """Return the address of the page of the visit, with the right to open it."""
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url(suffix="/visit")

    def _get_visit_ics(self):
        """Return the visit as calendar file; imported again, it replaces itself."""
        self.ensure_one()
        host = urlsplit(self.get_base_url()).hostname
        calendar = vobject.iCalendar()
        event = calendar.add("vevent")
        event.add("uid").value = f"visit-{self.id}@{host}"
        event.add("dtstamp").value = pytz.utc.localize(fields.Datetime.now())
        event.add("dtstart").value = pytz.utc.localize(self.date_planned)
        stop = self.date_planned_stop or self.date_planned
        event.add("dtend").value = pytz.utc.localize(stop)
        event.add("summary").value = self.env._(
            "%(company)s: %(asset)s",
            company=self.company_id.name,
            asset=self.asset_id.name or self.name,
        )
        event.add("location").value = self._get_visit_address()
        lines = [self.name, *self._get_portal_jobs_told().mapped("name")]
        items = self._get_visit_items()
        if items:
            lines.append(
                self.env._(
                    "Please bring: %(items)s", items=", ".join(items.mapped("name"))
                )
            )
        if self.company_id.phone:
            lines.append(self.company_id.phone)
        event.add("description").value = "\n".join(lines)
        event.add("url").value = self._get_visit_url()
        return calendar.serialize().encode()

    def _get_portal_jobs_told(self):
        """Return the jobs the customer chose or was told about."""
        self.ensure_one()
        if self.online_state:
            return self.job_ids.filtered(
                lambda job: job.state not in ("declined", "cancel")
            )
        return self._get_portal_jobs().filtered(
            lambda job: job.state not in ("declined", "cancel")
        )

    def _send_visit(self, template):
        """Write to the customer about the visit, with the calendar file.

        :param str template: xml id of the mail template
        :return: whether there was an address to write to
        """
        self.ensure_one()
        template = self.env.ref(template, raise_if_not_found=False)
        contact = self._get_visit_contact()
        if not template or not contact.email:
            return False
        order = self.with_context(lang=contact.lang or self.env.lang)
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"{self.name.replace('/', '-')}.ics",
                "raw": order._get_visit_ics(),
                "mimetype": "text/calendar",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        order.message_post_with_source(
            template,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            attachment_ids=[Command.link(attachment.id)],
        )
        return True
