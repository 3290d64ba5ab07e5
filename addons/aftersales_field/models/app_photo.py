import base64
import binascii
import re

import psycopg2

from odoo import api, models
from odoo.exceptions import AccessError, ConcurrencyError, LockError, UserError

from .operation import MAX_NAME

# What one request brings at most, in bytes.
MAX_PIECE = 4 * 1024**2


class AftersalesFieldApp(models.AbstractModel):
    """Photos, which come in pieces and go on where they were cut off."""

    _inherit = "aftersales.field.app"

    @api.model
    def put_photo(
        self, photo=None, visit_id=None, name=None, mimetype=None, size=None,
        sha256=None, offset=None, data=None, inspection_item=None, kind="visit",
        old_part_id=None, order_id=None,
    ):  # fmt: skip
        """Take a piece of a photo, or tell which piece comes next.

        :param str photo: the phone's unique name for it
        :param int visit_id: where it was taken
        :param int order_id: the same in the workshop
        :param str name: of the file
        :param int size: of the whole, in bytes
        :param str sha256: of the whole, in hexadecimal
        :param int offset: where the piece begins; one that is not the next is dropped
        :param str data: the piece, base64; without it nothing is taken
        :param dict inspection_item: ``inspection_id`` and ``item_id`` of a checklist
        :param str kind: visit or old_part (then ``old_part_id``), without a checklist
        :return: dict with ``offset`` (what comes next), ``done``, ``attachment_id``,
            ``error`` (in words) and ``refused``: sending it again is of no use
        """
        App = self.with_context(lang=self.env.user.lang)
        try:
            with self.env.cr.savepoint():
                App._check_may_call()
                return App._put_photo(
                    {
                        "photo": photo,
                        "visit_id": visit_id,
                        "order_id": order_id,
                        "name": name,
                        "size": size,
                        "sha256": sha256,
                        "inspection_item": inspection_item,
                        "kind": kind,
                        "old_part_id": old_part_id,
                    },
                    offset,
                    data,
                )
        except (psycopg2.OperationalError, ConcurrencyError):
            raise
        except LockError as error:
            raise ConcurrencyError(str(error)) from error
        except UserError as error:
            return {
                "offset": 0,
                "done": False,
                "attachment_id": False,
                "error": str(error),
                "refused": True,
            }

    @api.model
    def _put_photo(self, values, offset, data):
        Photo = self.env["aftersales.field.photo"]
        values = self._read_photo(values)
        known = Photo._find(values["name"])
        if known.is_done and known.sha256 == values["sha256"]:
            return self._prepare_photo(known)
        piece = self._read_piece(data)
        if not piece and not known:
            return self._prepare_photo(known)
        photo = Photo._begin(values)
        photo._take(offset if isinstance(offset, int) else -1, piece)
        if photo.is_done or photo.received < photo.size:
            return self._prepare_photo(photo)
        raw = photo._join()
        if raw is None:
            return {
                **self._prepare_photo(photo),
                "error": self.env._(
                    "%(photo)s arrived damaged and is sent again.",
                    photo=photo.file_name,
                ),
            }
        photo._store(raw)
        return self._prepare_photo(photo)

    @api.model
    def _prepare_photo(self, photo):
        return {
            "offset": photo.received,
            "done": photo.is_done,
            "attachment_id": photo.attachment_id.id,
            "error": "",
            "refused": False,
        }

    @api.model
    def _read_photo(self, sent):
        """Return values for the record of a photo that may be sent.

        :raises UserError: why it can't be taken
        """
        name, size, digest = sent["photo"], sent["size"], sent["sha256"]
        file_name = sent["name"] if isinstance(sent["name"], str) else ""
        file_name = self._clean(file_name)[:200] or self.env._("Photo")
        if (
            not isinstance(name, str)
            or not 0 < len(name) <= MAX_NAME - 20
            or not isinstance(digest, str)
            or not re.fullmatch(r"[0-9a-fA-F]{64}", digest)
            or not self._read_id(size)
        ):
            raise UserError(
                self.env._(
                    "%(photo)s came without its name, size or digest. Update the app "
                    "and take it again.",
                    photo=file_name,
                )
            )
        work, inspection, old_part = self._get_photo_target(sent)
        is_visit = work._name == "aftersales.visit"
        limit = work.company_id.aftersales_photo_max_mb
        if inspection:
            limit = min(limit, inspection._get_photo_limit())
        if size > limit * 1024**2:
            raise UserError(
                self.env._(
                    "The photo %(photo)s has %(size)s MB; at most %(limit)s MB are "
                    "taken. Choose a smaller picture size in the camera and take it "
                    "again.",
                    photo=file_name,
                    size=f"{size / 1024**2:.0f}",
                    limit=f"{limit:g}",
                )
            )
        item = sent["inspection_item"] if inspection else {}
        return {
            "name": self._clean(name),
            "visit_id": is_visit and work.id,
            "order_id": not is_visit and work.id,
            "inspection_id": inspection.id,
            "item_id": self._read_id(item.get("item_id")),
            "old_part_id": old_part.id,
            "file_name": file_name,
            "size": size,
            "sha256": digest.lower(),
        }

    @api.model
    def _get_photo_target(self, sent):
        """Return visit or order, checklist and old part of a photo; as superuser.

        A photo of a visit that was called off or given to somebody else meanwhile is
        taken all the same: it shows what was the case.
        """
        visit_id = self._read_id(sent["visit_id"])
        visit = self._get_met_visits([visit_id]).get(visit_id)
        if not sent["visit_id"]:
            order_id = self._read_id(sent["order_id"])
            visit = self._get_met_orders([order_id]).get(order_id)
        if not visit:
            raise AccessError(
                self.env._(
                    "Visit %(visit)s is not yours. Ask the dispatcher.",
                    visit=visit_id or "?",
                )
            )
        item = sent["inspection_item"]
        inspection = self.env["aftersales.inspection"].sudo()
        if item:
            inspection = self._get_inspection(
                visit, item.get("inspection_id") if isinstance(item, dict) else None
            )
            if self._read_id(item.get("item_id")) not in (
                inspection.answer_ids.item_id.ids
            ):
                raise self._get_foreign_error(
                    visit, self.env._("item"), item.get("item_id")
                )
        old_part = self.env["aftersales.old.part"].sudo()
        if sent["old_part_id"]:
            old_part = self._get_order(visit).old_part_ids.filtered(
                lambda part: part.id == self._read_id(sent["old_part_id"])
            )
            if not old_part:
                raise self._get_foreign_error(
                    visit, self.env._("old part"), sent["old_part_id"]
                )
        return visit, inspection, old_part

    @api.model
    def _read_piece(self, data):
        """Return the bytes of a piece; empty for none."""
        if not data:
            return b""
        refusal = UserError(
            self.env._(
                "A piece of the photo can't be read, or has more than %(limit)s MB.",
                limit=MAX_PIECE // 1024**2,
            )
        )
        if not isinstance(data, str) or len(data) > MAX_PIECE * 4 // 3 + 100:
            raise refusal
        try:
            return base64.b64decode(data.rpartition(",")[2], validate=True)
        except (binascii.Error, ValueError) as error:
            raise refusal from error
