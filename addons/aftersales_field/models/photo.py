import base64
import hashlib
import io
from datetime import timedelta

import psycopg2.errors
from PIL import Image

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError

from odoo.addons.aftersales_inspection.models.inspection_photo import (
    FORMATS,
    MAX_PIXELS,
)

from .operation import KEPT_DAYS

# Pieces of photos nobody goes on with: the phone was wiped or lost.
STALE_DAYS = 30
# How many are dropped at a time.
GC_BATCH = 1000


class AftersalesFieldPhoto(models.Model):
    """A photo on its way from a phone, in pieces, until it is whole.

    Pieces are taken in their order, each once. What the phone should send next is
    told by how much is here; so it goes on wherever it was cut off.
    """

    _name = "aftersales.field.photo"
    _description = "Photo of a Phone"
    _order = "id desc"
    _rec_name = "file_name"

    name = fields.Char("Photo", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    visit_id = fields.Many2one(
        "aftersales.visit", index="btree_not_null", readonly=True, ondelete="restrict"
    )
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        help="Of the workshop; visits have theirs.",
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, precompute=True
    )
    inspection_id = fields.Many2one(
        "aftersales.inspection", readonly=True, ondelete="cascade"
    )
    item_id = fields.Integer(readonly=True)
    old_part_id = fields.Many2one(
        "aftersales.old.part", readonly=True, ondelete="cascade"
    )
    file_name = fields.Char(readonly=True)
    size = fields.Integer(required=True, readonly=True, help="In bytes.")
    sha256 = fields.Char("SHA-256", required=True, readonly=True)
    received = fields.Integer(readonly=True, help="How many bytes are here.")
    piece_ids = fields.One2many("aftersales.field.photo.piece", "photo_id")
    attachment_id = fields.Many2one("ir.attachment", readonly=True, ondelete="set null")
    is_done = fields.Boolean(readonly=True)

    _name_unique = models.UniqueIndex(
        "(user_id, name)", "This photo was begun already."
    )
    _of_work = models.Constraint(
        "CHECK(visit_id IS NOT NULL OR order_id IS NOT NULL)",
        "A photo is of a visit or of a work order.",
    )

    @api.depends("visit_id.company_id", "order_id.company_id")
    def _compute_company_id(self):
        for photo in self:
            photo.company_id = photo._get_work().company_id

    def _get_work(self):
        """Return where it was taken: a visit, or an order of the workshop."""
        return self.visit_id or self.order_id

    @api.model
    def _begin(self, values):
        """Return the record of a photo, made at its first piece; one caller at a time.

        :param dict values: of the record; ``name`` is the phone's name for the photo
        :raises UserError: if the name was used for another photo
        """
        photo = self._find(values["name"])
        if not photo:
            try:
                with self.env.cr.savepoint():
                    return self.sudo().create({**values, "user_id": self.env.uid})
            except psycopg2.errors.UniqueViolation as error:
                raise ConcurrencyError("A photo arrives twice at once") from error
        if any(photo[field] != values[field] for field in ("size", "sha256")) or any(
            photo[field].id != values[field] for field in ("visit_id", "order_id")
        ):
            raise UserError(
                self.env._(
                    "%(photo)s: another photo was sent under this name. Take it again.",
                    photo=values["file_name"],
                )
            )
        # The second of two callers is run again and sees what the first one brought.
        self.env.cr.execute(
            "UPDATE aftersales_field_photo SET received = received WHERE id = %s",
            [photo.id],
            log_exceptions=False,
        )
        photo.invalidate_recordset(["received", "is_done"])
        return photo

    @api.model
    def _find(self, name):
        # All of these are the user's own.
        return self.sudo().search(
            [("user_id", "=", self.env.uid), ("name", "=", name)], limit=1
        )

    def _take(self, offset, data):
        """Keep a piece, if it is the next one.

        :param int offset: where it begins
        :param bytes data: the piece
        :raises UserError: if the photo is longer than was said
        """
        self.ensure_one()
        if self.is_done or offset != self.received or not data:
            return
        if offset + len(data) > self.size:
            raise UserError(
                self.env._(
                    "%(photo)s is longer than was said. Take it again.",
                    photo=self.file_name,
                )
            )
        self.env["aftersales.field.photo.piece"].create(
            {
                "photo_id": self.id,
                "position": offset,
                "data": base64.b64encode(data),
            }
        )
        self.received += len(data)

    def _join(self):
        """Return the whole photo; one that arrived damaged is begun anew.

        :return: bytes, or None if it was damaged
        """
        self.ensure_one()
        pieces = self.piece_ids.sorted("position")
        raw = b"".join(base64.b64decode(piece.data) for piece in pieces)
        pieces.unlink()
        if hashlib.sha256(raw).hexdigest() == self.sha256 and len(raw) == self.size:
            return raw
        self.received = 0
        return None

    def _read_picture(self, raw):
        """Return the mimetype of a picture.

        :raises UserError: if it is none, or one of absurd size
        """
        self.ensure_one()
        refusal = self.env["aftersales.inspection"]._get_photo_refusal(self.file_name)
        try:
            with Image.open(io.BytesIO(raw)) as image:
                mimetype = FORMATS[image.format]
                pixels = image.width * image.height
                image.verify()
        except (KeyError, ValueError, OSError, SyntaxError,
                Image.DecompressionBombError) as error:  # fmt: skip
            raise refusal from error
        if pixels > MAX_PIXELS:
            raise refusal
        return mimetype

    def _store(self, raw):
        """Keep the whole photo where it belongs and return the attachment."""
        self.ensure_one()
        mimetype = self._read_picture(raw)
        attachment = self._store_answer(raw) or self._store_document(raw, mimetype)
        self.write({"is_done": True, "attachment_id": attachment.id})
        return attachment

    def _store_answer(self, raw):
        """Add the photo to its answer of a checklist.

        What the checklist does not take any more, as it was closed meanwhile, is kept
        with the visit: a photo is never taken a second time.
        """
        Attachment = self.env["ir.attachment"]
        if not self.inspection_id:
            return Attachment
        try:
            with self.env.cr.savepoint():
                answer = self.inspection_id.add_photo(
                    self.item_id,
                    self.file_name,
                    base64.b64encode(raw),
                    operation=f"{self.user_id.id}:{self.name}",
                )
        except UserError as error:
            self._get_work().message_post(
                body=self.env._(
                    "The photo %(photo)s is kept here: %(reason)s",
                    photo=self.file_name,
                    reason=str(error),
                )
            )
            return Attachment
        return Attachment.browse(answer["photo_id"]).exists()

    def _store_document(self, raw, mimetype):
        """Attach the photo to the work or the old part; the same again is one."""
        record = self.old_part_id or self._get_work()
        target = [("res_model", "=", record._name), ("res_id", "=", record.id)]
        Attachment = self.env["ir.attachment"]
        known = Attachment.search(
            [*target, ("aftersales_sha256", "=", self.sha256)], limit=1
        )
        # As it was taken: what is scaled again proves less.
        return known or Attachment.with_context(image_no_postprocess=True).create(
            {
                "name": self.file_name,
                "raw": raw,
                "mimetype": mimetype,
                "res_model": record._name,
                "res_id": record.id,
                "aftersales_sha256": self.sha256,
            }
        )

    @api.autovacuum
    def _gc_photos(self):
        """Drop pieces nobody goes on with, and what is known of old photos."""
        now = fields.Datetime.now()
        stale = self.search(
            [
                "|",
                "&",
                ("is_done", "=", False),
                ("write_date", "<", now - timedelta(days=STALE_DAYS)),
                "&",
                ("is_done", "=", True),
                ("write_date", "<", now - timedelta(days=KEPT_DAYS)),
            ],
            limit=GC_BATCH,
        )
        count = len(stale)
        stale.unlink()
        return count, count == GC_BATCH


class AftersalesFieldPhotoPiece(models.Model):
    """A piece of a photo that is not whole yet."""

    _name = "aftersales.field.photo.piece"
    _description = "Piece of a Photo"
    _order = "position"

    photo_id = fields.Many2one(
        "aftersales.field.photo", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="photo_id.company_id", store=True)
    position = fields.Integer(required=True)
    # In the table: it is gone as soon as the photo is whole.
    data = fields.Binary(attachment=False, required=True)

    _position_unique = models.UniqueIndex(
        "(photo_id, position)", "This piece is here already."
    )
