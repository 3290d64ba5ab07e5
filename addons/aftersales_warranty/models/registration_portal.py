import base64
import binascii
import os.path

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import human_size
from odoo.tools.mimetypes import guess_mimetype

PAPER_SIZE = 10_000_000
PAPER_COUNT = 10
PAPER_TYPES = ("application/pdf", "image/jpeg", "image/png", "image/webp")


class AftersalesWarrantyRegistration(models.Model):
    """What the holder sees of a guarantee, and how the paper for it is sent in."""

    _inherit = "aftersales.warranty.registration"

    def _can_receive_paper(self):
        """Whether a proof of purchase would still change anything."""
        self.ensure_one()
        return (
            self.state in ("pending", "active")
            and self.document_state in ("missing", "shown")
            and self.pack_kind != "repair"
        )

    def _receive_paper(self, name, content, partner):
        """Take in a proof of purchase from the portal, for the staff to check.

        Sent again, the same paper is kept once.

        :param str name: name of the file
        :param content: the file: bytes, or their base64 text
        :param partner: the holder, who sends it
        :return: whether it is new
        :raises UserError: saying what the holder can do about it
        """
        self.ensure_one()
        registration = self._lock()
        content = registration._check_paper(content)
        if not registration._can_receive_paper():
            raise UserError(
                self.env._(
                    "%(guarantee)s needs no paper any more.",
                    guarantee=registration.pack_id.name,
                )
            )
        Attachment = registration.env["ir.attachment"]
        checksum = Attachment._compute_checksum(content)
        if checksum in registration.document_ids.mapped("checksum"):
            return False
        if len(registration.document_ids) >= PAPER_COUNT:
            raise UserError(
                self.env._(
                    "We have %(count)s papers for %(guarantee)s already. Write to us "
                    "if they are not the right ones.",
                    count=PAPER_COUNT,
                    guarantee=registration.pack_id.name,
                )
            )
        paper = Attachment.create(
            {
                "name": os.path.basename((name or "").replace("\\", "/"))[:100]
                or self.env._("Proof of purchase"),
                "raw": content,
                "res_model": registration._name,
                "res_id": registration.id,
            }
        )
        registration.write(
            {
                "document_ids": [Command.link(paper.id)],
                "document_state": "shown",
            }
        )
        registration.message_post(
            body=self.env._("Proof of purchase sent in: %(name)s", name=paper.name),
            author_id=partner.id,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        registration._remind_of_paper()
        return True

    def _check_paper(self, content):
        """Return the bytes of a paper that can be read and is not too big."""
        if isinstance(content, str):
            try:
                content = base64.b64decode(content, validate=True)
            except (binascii.Error, ValueError):
                content = b""
        if not content:
            raise UserError(
                self.env._(
                    "%(guarantee)s: choose a photo or a PDF of your invoice.",
                    guarantee=self.pack_id.name,
                )
            )
        if len(content) > PAPER_SIZE:
            raise UserError(
                self.env._(
                    "The file is too big: %(size)s. Send at most %(limit)s, a photo "
                    "is enough.",
                    size=human_size(len(content)),
                    limit=human_size(PAPER_SIZE),
                )
            )
        # What it is, whatever its name says.
        if guess_mimetype(content) not in PAPER_TYPES:
            raise UserError(
                self.env._(
                    "This file can't be read. Send a photo (JPEG, PNG) or a PDF."
                )
            )
        return content

    def _remind_of_paper(self):
        """Put the check before who served the asset last, or the leader of a team."""
        self.ensure_one()
        if self.activity_ids:
            return
        Order = self.env["aftersales.order"]
        last = Order.search(
            [("asset_id", "=", self.asset_id.id), ("user_id.active", "=", True)],
            order="id desc",
            limit=1,
        )
        teams = last.team_id or Order._get_company_teams(self.company_id)
        user = last.user_id or teams.user_id[:1]
        if user:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Check the proof of purchase"),
                user_id=user.id,
            )

    def action_check_document(self):
        result = super().action_check_document()
        self.activity_feedback(["mail.mail_activity_data_todo"])
        return result


class AftersalesAsset(models.Model):
    _inherit = "aftersales.asset"

    def _get_portal_registrations(self):
        """Return the guarantees that the present owner holds on this asset.

        Those of an owner before are not shown.
        """
        self.ensure_one()
        owner = self.partner_id.commercial_partner_id
        return self.registration_ids.filtered(
            lambda registration: (
                registration.state in ("pending", "active")
                and registration.partner_id.commercial_partner_id == owner
            )
        ).sorted(
            lambda registration: (
                registration.pack_kind == "repair",
                registration.date_start or fields.Date.today(),
                registration.id,
            )
        )
