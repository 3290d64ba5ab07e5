import base64
import binascii
import hashlib
import io

from PIL import Image

from odoo import fields, models
from odoo.exceptions import UserError

FORMATS = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
}
# Nobody reads a picture of more; a small file can claim to be a huge one.
MAX_PIXELS = 100_000_000


class AftersalesInspection(models.Model):
    """Photos of an inspection. They are the proof, and are kept as they were taken."""

    _inherit = "aftersales.inspection"

    def _get_photo_limit(self):
        """Return the largest photo that is taken, in MB."""
        parameter = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("aftersales_inspection.photo_max_mb", 15)
        )
        try:
            return max(float(parameter), 0.1)
        except ValueError:
            return 15.0

    def add_photo(self, item_id, name, data, operation=None):
        """Keep a photo of an item. Sent twice, it is one photo.

        :param str name: of the file
        :param str data: the picture, base64; JPEG, PNG or WebP
        :param str operation: the caller's unique name for this request
        :return: what the screen shows now, and ``photo_id``
        :raises UserError: naming the photo, if it is too large or no picture
        """
        self.ensure_one()
        known = self._lock_operations([operation], [data])
        photo_id = known.get(operation)
        if photo_id is None:
            photo_id = self._add_photo(item_id, str(name or ""), data).id
            self._keep_operation(known, operation, photo_id, image=data)
        return {**self._prepare_runner_state(), "photo_id": photo_id}

    def _add_photo(self, item_id, name, data):
        self._check_open()
        answer = self.sudo().answer_ids.filtered(
            lambda answer: answer.item_id.id == item_id
        )
        if not answer:
            raise UserError(
                self.env._(
                    "%(inspection)s has no item %(item)s for the photo %(photo)s. Open "
                    "the inspection again.",
                    inspection=self.name,
                    item=item_id,
                    photo=name,
                )
            )
        if answer.kind != "photo" and answer.item_id.photo_rule == "never":
            raise UserError(
                self.env._("%(item)s takes no photos.", item=answer.item_id.name)
            )
        name = name[:200] or self.env._("Photo")
        raw, mimetype = self._read_photo(name, data)
        digest = hashlib.sha256(raw).hexdigest()
        if known := answer.photo_ids.filtered(
            lambda photo: photo.aftersales_sha256 == digest
        ):
            return known[:1]
        if self.state == "draft":
            self.action_start()
        photo = (
            self.env["ir.attachment"]
            .sudo()
            # As it was taken: what is scaled again proves less.
            .with_context(image_no_postprocess=True)
            .create(
                {
                    "name": name,
                    "raw": raw,
                    "mimetype": mimetype,
                    "res_model": answer._name,
                    "res_id": answer.id,
                    "aftersales_sha256": digest,
                }
            )
        )
        answer.write({"not_applicable": False, "is_copied": False})
        answer.invalidate_recordset(["photo_ids", "photo_count", "is_answered"])
        return photo

    def _read_photo(self, name, data):
        """Return ``(bytes, mimetype)`` of a picture, or refuse it."""
        if not isinstance(data, (str, bytes)):
            data = ""
        elif isinstance(data, str):
            data = data.rpartition(",")[2]
        limit = self._get_photo_limit()
        # Base64 has four signs for three bytes: known before anything is decoded.
        size = len(data) * 3 / 4 / 1024**2
        if size > limit:
            raise UserError(
                self.env._(
                    "The photo %(photo)s has %(size)s MB; at most %(limit)s MB are "
                    "taken. Choose a smaller picture size in the camera and take it "
                    "again.",
                    photo=name,
                    size=f"{size:.0f}",
                    limit=f"{limit:g}",
                )
            )
        try:
            raw = base64.b64decode(data, validate=True)
            with Image.open(io.BytesIO(raw)) as image:
                mimetype = FORMATS[image.format]
                pixels = image.width * image.height
                image.verify()
        except (binascii.Error, KeyError, ValueError, OSError, SyntaxError,
                Image.DecompressionBombError) as error:  # fmt: skip
            raise self._get_photo_refusal(name) from error
        if pixels > MAX_PIXELS:
            raise self._get_photo_refusal(name)
        return raw, mimetype

    def _get_photo_refusal(self, name):
        return UserError(
            self.env._(
                "%(photo)s is not a picture that can be shown. Take a photo, or choose "
                "a JPEG, PNG or WebP file.",
                photo=name,
            )
        )

    def remove_photo(self, photo_id, operation=None):
        """Take a photo away. One that is gone already is no error.

        :return: what the screen shows now
        """
        self.ensure_one()
        known = self._lock_operations([operation])
        if operation not in known:
            self._check_open()
            answers = self.sudo().answer_ids
            photo = answers.photo_ids.filtered(lambda photo: photo.id == photo_id)
            answer = answers.filtered(lambda each: each.id == photo.res_id)
            photo.unlink()
            answer.invalidate_recordset(["photo_ids", "photo_count", "is_answered"])
            self._keep_operation(known, operation)
        return self._prepare_runner_state()


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    aftersales_sha256 = fields.Char(
        "SHA-256",
        readonly=True,
        copy=False,
        help="Of a photo as the tablet sent it: proof that it is the same.",
    )
