import base64
import binascii
import os.path
from datetime import datetime, time, timedelta

import pytz

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, human_size
from odoo.tools.mimetypes import guess_mimetype

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
PHOTO_SIZE = 10_000_000
PHOTO_COUNT = 8
WORDS_LENGTH = 5000
WISH_COUNT = 3
WISH_DAYS = 180
# The parts of a day a customer may name, with when they begin.
DAY_PARTS = {"any": 0, "morning": 8, "afternoon": 12}


class AftersalesOrder(models.Model):
    """A visit asked for by the customer on the portal.

    The form says what is asked for; what may be asked for is looked up here: a machine
    or an address of somebody else is not found, whatever id was sent.
    """

    _inherit = "aftersales.order"

    _onsite_request_unique = models.UniqueIndex(
        "(partner_id, request_key) WHERE request_key IS NOT NULL AND asset_id IS NULL",
        "This request for service was received already.",
    )

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | {"is_onsite"}

    @api.model
    def _get_request_assets(self, partner):
        """Return the machines ``partner`` may ask service for, as superuser."""
        Asset = self.env["aftersales.asset"].sudo()
        return Asset.search(
            Asset._get_portal_domain(partner)
            & Domain("company_id", "=", self.env.company.id),
            order="name, id",
            limit=200,
        )

    @api.model
    def _get_request_sites(self, partner):
        """Return the addresses of the partner's own company, as superuser."""
        owner = partner.commercial_partner_id.sudo()
        return owner.search(
            Domain("id", "child_of", owner.ids)
            & (
                Domain("id", "=", owner.id)
                | Domain("street", "!=", False)
                | Domain("type", "in", ("delivery", "other"))
            ),
            order="is_company desc, id",
            limit=100,
        )

    @api.model
    def create_service_request(self, values, request_key, photos=None):
        """Ask for service at the customer's, for the customer who is logged in.

        :param dict values: ``asset_id`` of an own machine, or ``asset_words`` that
            describe it; ``complaint``, required; ``site_id`` of an own address;
            ``wishes``: list of ``(date, any/morning/afternoon)``; ``urgent``;
            ``phone`` to be called at
        :param str request_key: names the form: sent twice, it makes one order
        :param list photos: dicts with ``name`` and ``data``, bytes or base64
        :return: the order, new or the one made before
        :raises UserError: in words for the customer
        """
        user, company = self.env.user, self.env.company
        sudo = self.with_user(SUPERUSER_ID).with_company(company)
        sudo = sudo.with_context(lang=user.lang)
        return sudo._create_service_request(
            user.partner_id,
            dict(values or {}),
            str(request_key or "")[:64],
            self._read_photos(photos),
        ).with_env(self.env)

    @api.model
    def _create_service_request(self, partner, values, request_key, photos):
        if known := self._find_service_request(partner, request_key):
            return known
        complaint = str(values.get("complaint") or "").strip()[:WORDS_LENGTH]
        if not complaint:
            raise UserError(self.env._("Tell us what is wrong, please."))
        asset = self._read_own(
            self._get_request_assets(partner), values.get("asset_id")
        )
        words = str(values.get("asset_words") or "").strip()[:200]
        if not asset and not words:
            raise UserError(
                self.env._("Choose what we shall look at, or describe it, please.")
            )
        site = self._read_own(self._get_request_sites(partner), values.get("site_id"))
        date_wished, wishes = self._read_wishes(values.get("wishes"))
        if asset:
            order_values = asset._prepare_request_values(
                complaint, partner, request_key
            )
        else:
            owner = partner.commercial_partner_id
            order_values = {
                "partner_id": owner.id,
                "contact_id": (partner - owner).id,
                "company_id": self.env.company.id,
                "complaint": complaint,
                "channel": "portal",
                "user_id": False,
                "team_id": self._get_company_teams(self.env.company)[:1].id,
                "request_key": request_key,
                "asset_words": words,
            }
        order = self.create(
            {
                **order_values,
                "is_onsite": True,
                "priority": "1" if values.get("urgent") else "0",
                "request_site_id": site.id,
                "date_wished": date_wished,
                "time_wishes": wishes,
                "date_received": fields.Datetime.now(),
            }
        )
        order._post_request(partner, str(values.get("phone") or "")[:40], photos)
        order._remind_advisor(self.env._("Call the customer about the request"))
        return order

    @api.model
    def _find_service_request(self, partner, request_key):
        """Return the order a form was received as before, one caller at a time."""
        if not request_key:
            raise UserError(
                self.env._("Load the page again and send your request once more.")
            )
        # Two posts at the same time: the row is rewritten, so that the second fails
        # to serialize, is run again by the dispatcher and finds the first one's order.
        self.env.cr.execute(
            "UPDATE res_partner SET write_date = write_date WHERE id = %s",
            [partner.commercial_partner_id.id],
        )
        return self.search(
            self._get_portal_domain(partner) & Domain("request_key", "=", request_key),
            limit=1,
        )

    @api.model
    def _read_own(self, records, record_id):
        """Return the one of ``records`` that an id from outside names, or none.

        :raises UserError: for an id that is none of them
        """
        text = str(record_id or "")
        found = records.filtered(lambda record: str(record.id) == text)
        if text and not found:
            raise UserError(
                self.env._(
                    "What you chose is not in your list any more. Choose again, please."
                )
            )
        return found

    @api.model
    def _read_wishes(self, wishes):
        """Return ``(the earliest time in UTC or False, the wishes in words)``."""
        company = self.env.company
        zone = pytz.timezone(company.resource_calendar_id.tz or "UTC")
        today = datetime.now(zone).date()
        labels = {
            "any": self.env._("at any time"),
            "morning": self.env._("in the morning"),
            "afternoon": self.env._("in the afternoon"),
        }
        earliest, words = False, []
        for day, part in self._read_pairs(wishes)[:WISH_COUNT]:
            try:
                date = fields.Date.to_date(day)
            except ValueError:
                date = None
            if not date:
                continue
            if not today <= date <= today + timedelta(days=WISH_DAYS):
                raise UserError(
                    self.env._(
                        "Choose a day from today on, and within half a year, please."
                    )
                )
            part = part if isinstance(part, str) and part in DAY_PARTS else "any"
            begin = zone.localize(datetime.combine(date, time(DAY_PARTS[part])))
            begin = begin.astimezone(pytz.utc).replace(tzinfo=None)
            earliest = min(earliest or begin, begin)
            day_words = format_date(self.env, date, date_format="EEEE, d MMMM y")
            words.append(f"{day_words}, {labels[part]}")
        return earliest, "\n".join(words)

    @api.model
    def _read_pairs(self, wishes):
        """Return what comes from outside as pairs of a day and a part of it."""
        if not isinstance(wishes, list | tuple):
            return []
        return [
            wish
            for wish in wishes
            if isinstance(wish, list | tuple)
            and len(wish) == 2
            and isinstance(wish[0], str)
        ]

    # Photos

    @api.model
    def _read_photos(self, photos):
        """Return ``[(name, bytes)]`` of pictures that can be shown and are not big."""
        photos = [photo for photo in photos or () if isinstance(photo, dict)]
        if len(photos) > PHOTO_COUNT:
            raise UserError(
                self.env._("Send at most %(count)s photos.", count=PHOTO_COUNT)
            )
        return [self._read_photo(photo) for photo in photos]

    @api.model
    def _read_photo(self, photo):
        content = photo.get("data") or b""
        name = os.path.basename(str(photo.get("name") or "").replace("\\", "/"))[:100]
        if isinstance(content, str):
            try:
                content = base64.b64decode(content, validate=True)
            except (binascii.Error, ValueError):
                content = b""
        if len(content) > PHOTO_SIZE:
            raise UserError(
                self.env._(
                    "%(file)s is too big: send at most %(limit)s, a smaller picture "
                    "is enough.",
                    file=name,
                    limit=human_size(PHOTO_SIZE),
                )
            )
        # What it is, whatever its name says.
        if guess_mimetype(content) not in PHOTO_TYPES:
            raise UserError(
                self.env._(
                    "%(file)s can't be read. Send a photo (JPEG, PNG).", file=name
                )
            )
        return name or self.env._("Photo"), content

    def _post_request(self, partner, phone, photos):
        """Keep the pictures, and the number to be called at, in the discussion."""
        self.ensure_one()
        if not photos and not phone:
            return
        unique = {content: name for name, content in photos}
        attachments = self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
                for content, name in unique.items()
            ]
        )
        body = self.env._("Photos of the request")
        if phone:
            body = self.env._("Please call me at %(phone)s.", phone=phone)
        self.message_post(
            body=body,
            author_id=partner.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachment_ids=attachments.ids,
        )
