import re
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

# The customer may still do something about it.
AHEAD = ("planned",)
NOON = time(12)
# Chinese, Japanese and Korean writing.
FAMILY_FIRST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class AftersalesVisit(models.Model):
    """The customer's link to a visit: when somebody comes, and who (D08).

    Whoever has the link sees what is done where, the state, the window and the
    engineer's first name, and nothing else. It ends some days after the visit and can
    be withdrawn.
    """

    _inherit = "aftersales.visit"

    # Whoever has the link moves the visit without a login.
    tracking_url = fields.Char(
        "Customer's Link",
        compute="_compute_tracking_url",
        groups="aftersales.aftersales_group_user",
    )

    def _compute_tracking_url(self):
        for visit in self:
            visit.tracking_url = visit._get_tracking_url() if visit._origin else False

    def _get_tracking_url(self):
        """Return the address of the page that shows this visit to its customer."""
        self.ensure_one()
        visit = self._origin
        return f"{visit.get_base_url()}/aftersales/visit/{visit._get_code()}"

    @api.model
    def _browse_tracking(self, code):
        """Return the visit a link shows, as superuser; nothing once it ended."""
        visit = self._browse_code(code).sudo()
        return visit if visit and visit._is_tracked() else visit.browse()

    def _is_tracked(self):
        """Whether the customer's link still shows this visit."""
        self.ensure_one()
        end = self.date_left or self.stop
        if not end:
            return self.state == "draft"
        days = timedelta(days=self.company_id.aftersales_tracking_days)
        return fields.Datetime.now() <= end + days

    # What the page shows

    def _get_tracking(self):
        """Return what the customer may know: the page shows this and nothing else."""
        self.ensure_one()
        company = self.company_id
        return {
            "state": str(self.state),
            "words": self._get_customer_words(),
            "window": self._get_window_text(),
            "what": self._get_tracking_subject(),
            "where": self._get_tracking_place(),
            "engineer": self._get_first_name(),
            "company": company.name,
            "phone": company.phone or "",
            "can_change": self._can_customer_change(),
            "fees": [] if self.state == "cancel" else self.get_fee_words(),
        }

    def _get_tracking_subject(self):
        """Return what the visit is about, in the words that the customer knows."""
        self.ensure_one()
        order = self.order_id
        return order.asset_id.name or order.asset_words or ""

    def _get_tracking_place(self):
        """Return where somebody comes to, without whose place it is."""
        self.ensure_one()
        address = self.site_id._display_address(without_company=True)
        lines = [line.strip() for line in address.splitlines() if line.strip()]
        return ", ".join(lines)

    def _get_first_name(self):
        """Return the engineer's first name, while somebody is to come."""
        self.ensure_one()
        if self.state in ("draft", "cancel"):
            return ""
        name = self.technician_id.name or ""
        # Names in Chinese, Japanese or Korean begin with the family.
        return name if FAMILY_FIRST.search(name) else name.split(" ")[0]

    # What the customer may do

    def _can_customer_change(self):
        """Whether the customer may still move this visit or call it off."""
        self.ensure_one()
        ahead = timedelta(hours=self.company_id.aftersales_tracking_hours)
        return bool(
            self.state in AHEAD
            and self.start
            and fields.Datetime.now() + ahead <= self.start
        )

    def _check_customer_changes(self):
        self.ensure_one()
        if self._can_customer_change():
            return
        phone = self.company_id.phone
        if phone:
            raise UserError(
                self.env._(
                    "This visit can't be changed here any more. Please call us: "
                    "%(phone)s.",
                    phone=phone,
                )
            )
        raise UserError(
            self.env._("This visit can't be changed here any more. Please write to us.")
        )

    def _get_offers(self):
        """Return the other times a customer may choose from, the earliest first.

        One each morning and afternoon, of whoever could come at the least expense.

        :return: list of dicts ``start`` (UTC), ``employee_id``, ``window`` in words and
            ``fees``: what the visit would cost then besides the work
        """
        self.ensure_one()
        offers = [self._get_offer(*part) for part in self._get_offer_parts()]
        known = {}
        return [
            {**offer, "fees": self._quote_fees(offer["start"], known)}
            for offer in offers
            if offer
        ]

    def _get_offer_parts(self):
        """Return the half days to choose from, as ``(begin, end)`` in UTC."""
        self.ensure_one()
        company = self.company_id
        zone = pytz.timezone(self._get_tz())
        now = fields.Datetime.now()
        first = now + timedelta(hours=company.aftersales_tracking_hours)
        today = pytz.utc.localize(now).astimezone(zone).date()
        edges = [
            zone.localize(datetime.combine(today + timedelta(days=days), moment))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for days in range(company.aftersales_tracking_ahead)
            for moment in (time.min, NOON)
        ]
        edges.append(edges[-1] + timedelta(hours=12))
        return [
            (max(begin, first), end) for begin, end in pairwise(edges) if end > first
        ]

    def _get_offer(self, begin, end):
        """Return the time that is offered in a half day, or None."""
        self.ensure_one()
        # The customer chooses anew: what was told of the time before binds nobody.
        candidates = self.env["aftersales.dispatch"].get_candidates(
            self, date_from=begin, date_to=end, limit=1, keep_window=False
        )
        best = candidates[0] if candidates else {"start": False}
        start = best["start"]
        if not start or not begin <= start < end or start == self.start:
            return None
        hours = timedelta(hours=self.company_id.aftersales_window_hours)
        return {
            "start": start,
            "employee_id": best["employee_id"],
            "window": self._describe_window(start, start + hours),
        }

    def _find_offer(self, start):
        """Return the offer that begins at ``start``, or None if it is none now."""
        self.ensure_one()
        for begin, end in self._get_offer_parts():
            if start and begin <= start < end:
                offer = self._get_offer(begin, end)
                return offer if offer and offer["start"] == start else None
        return None

    def _move_by_customer(self, start):
        """Give this visit another time that was offered; again, it changes nothing.

        :param datetime start: in UTC
        :raises UserError: in words for the customer
        """
        self.ensure_one()
        visit = self.sudo()
        visit._lock()
        if visit.state == "planned" and start and visit.start == start:
            return
        visit._check_customer_changes()
        offer = visit._find_offer(start)
        if not offer:
            raise UserError(
                self.env._("This time was taken meanwhile. Please choose another one.")
            )
        before = visit._get_window_text()
        try:
            with self.env.cr.savepoint():
                visit.action_plan(start=start, technician=offer["employee_id"])
                if not visit._is_in_window(start):
                    visit._drop_window()
        except UserError as error:
            raise UserError(
                self.env._("This time was taken meanwhile. Please choose another one.")
            ) from error
        visit._log_by_customer(
            self.env._(
                "The customer moved the visit: %(window)s instead of %(before)s",
                window=visit._get_window_text(),
                before=before,
            )
        )

    def _cancel_by_customer(self, reason):
        """Call this visit off for the customer; the advisor agrees on what follows."""
        self.ensure_one()
        visit = self.sudo()
        visit._lock()
        if visit.state == "cancel":
            return
        visit._check_customer_changes()
        reason = (reason or "").strip()[:200] or self.env._(
            "Called off by the customer"
        )
        visit.date_told = False
        visit._drop_window()
        visit._cancel(reason)
        visit.order_id._remind_advisor(
            self.env._(
                "%(visit)s: the customer called it off. Agree on what comes next",
                visit=visit.name,
            ),
            note=reason,
        )

    def _log_by_customer(self, body):
        self.ensure_one()
        self.message_post(body=body, author_id=self.partner_id.id)
