import base64
import binascii
import hashlib
import math

from odoo import api, models
from odoo.exceptions import UserError

MAX_OPERATION = 100


class AftersalesInspection(models.Model):
    """The inspection on the tablet: what the screen shows and what it sends.

    Each request carries the name of its ``operation``. Whatever is sent again, after
    a time-out or from a second tab, has the effect of once.
    """

    _inherit = "aftersales.inspection"

    def action_open_runner(self):
        """Open the inspection on the screen for tablets."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "aftersales_inspection.runner_action"
        )
        return {
            **action,
            "display_name": self.display_name,
            "params": {"inspection_id": self.id},
        }

    # What the screen shows

    @api.readonly
    def get_runner_data(self):
        """Return everything the screen shows of this inspection.

        :return: dict of the checklist (``sections`` with their ``items``,
            ``outlines``), what it is about (``asset``, ``partner``, ``order``) and
            its present ``state``, see ``_prepare_runner_state``
        """
        self.ensure_one()
        self.check_access("read")
        # A technician reads of order and asset what is needed to find them.
        inspection = self.sudo()
        items = inspection.answer_ids.item_id.sorted(
            lambda item: (item.sequence, item.id)
        )
        return {
            "id": self.id,
            "name": self.name,
            "template": inspection.template_id.name,
            "version": inspection.version_id.number,
            "is_outdated": inspection.template_id.version_id != inspection.version_id,
            "round": self.round,
            "asset": inspection._prepare_runner_asset(),
            "partner": inspection.partner_id.name or "",
            "order": inspection.order_id.name or "",
            "complaint": inspection.order_id.complaint or "",
            "meter_unit": inspection.meter_unit or "",
            "signature_required": inspection.signature_required,
            "photo_max_mb": inspection._get_photo_limit(),
            "mark_labels": self.env["aftersales.inspection.answer"]._get_mark_labels(),
            "sections": [
                {
                    "name": section or self.env._("General"),
                    "items": [item._prepare_runner_values() for item in members],
                }
                for section, members in items.grouped(
                    lambda item: item.section or ""
                ).items()
            ],
            "outlines": {
                str(outline.id): outline._prepare_runner_values()
                for outline in items.outline_id
            },
            "state": self._prepare_runner_state(),
        }

    def _prepare_runner_asset(self):
        """Return what the asset is recognized by: name, number, category."""
        self.ensure_one()
        asset = self.asset_id
        return {
            "name": asset.name or "",
            "number": asset.serial or "",
            "category": asset.category_id.name or "",
        }

    def _prepare_runner_state(self):
        """Return what changes while somebody walks around: answers, photos, things.

        :return: dict with ``answers`` by item id (as text, like all JSON keys),
            ``belongings``, ``meter``, and the state of the inspection
        """
        self.ensure_one()
        inspection = self.sudo()
        labels = dict(self._fields["result"]._description_selection(self.env))
        return {
            # Just set, it is more than the text that goes over the network.
            "state": str(self.state),
            "state_label": self._get_state_label(self.state),
            "is_readonly": self.state in ("done", "cancel")
            or not self.has_access("write"),
            "result": self.result,
            "result_label": labels.get(self.result, ""),
            "signed_by": self.signed_by or "",
            "has_signature": bool(inspection.signature),
            "meter": self.meter,
            "answers": {
                str(answer.item_id.id): answer._prepare_runner_values()
                for answer in inspection.answer_ids
            },
            "belongings": [
                {
                    "key": belonging.id,
                    "name": belonging.name,
                    "quantity": belonging.quantity,
                    "note": belonging.note or "",
                }
                for belonging in inspection.belonging_ids
            ],
        }

    # What the screen sends

    def save_answers(self, answers):
        """Write down answers, all or none; those sent before have no effect again.

        :param list answers: dicts with ``operation`` (the caller's unique name for
            it), ``item_id``, and what ``_write_answer`` takes: ``value_yes_no``,
            ``rating``, ``value_number``, ``value_text``, ``choice_id``, ``marks``,
            ``signature``, ``note``, ``not_applicable``
        :return: what the screen shows now, see ``_prepare_runner_state``
        :raises UserError: naming item and reason; nothing of the list is kept then
        """
        self.ensure_one()
        if not isinstance(answers, list) or not all(
            isinstance(answer, dict) for answer in answers
        ):
            raise UserError(
                self.env._(
                    "%(inspection)s: send a list of answers.", inspection=self.name
                )
            )
        known = self._lock_operations(
            [answer.get("operation") for answer in answers],
            [answer.get("signature") for answer in answers],
        )
        for answer in answers:
            values = dict(answer)
            operation = values.pop("operation", None)
            if operation in known:
                continue
            item_id = values.pop("item_id", None)
            if isinstance(values.get("signature"), str):
                values["signature"] = values["signature"].rpartition(",")[2]
            self._write_answer(item_id, values)
            self._keep_operation(known, operation, image=answer.get("signature"))
        return self._prepare_runner_state()

    def save_meter(self, value, operation=None):
        """Write down what the meter shows, in the unit of the asset.

        :raises UserError: if ``value`` is not a number from 0
        """
        self.ensure_one()
        known = self._lock_operations([operation])
        if operation not in known:
            try:
                number = float(value or 0)
            except (TypeError, ValueError):
                number = math.nan
            if not 0 <= number < 1e9:
                raise UserError(
                    self.env._(
                        "%(inspection)s: “%(value)s” is no meter reading. Give the "
                        "number that the meter shows.",
                        inspection=self.name,
                        value=str(value)[:40],
                    )
                )
            self.meter = number
            self._keep_operation(known, operation)
        return self._prepare_runner_state()

    def save_belongings(self, belongings):
        """Write down things that were left in the asset or handed in.

        :param list belongings: dicts with ``operation``, ``name``, ``quantity``,
            ``note``; ``key`` names the one that is meant: its id, or the operation
            that made it; ``is_removed`` takes it off the list
        :return: what the screen shows now
        """
        self.ensure_one()
        if not isinstance(belongings, list) or not all(
            isinstance(values, dict) for values in belongings
        ):
            raise UserError(
                self.env._(
                    "%(inspection)s: send a list of belongings.", inspection=self.name
                )
            )
        names = [values.get("operation") for values in belongings]
        keys = [values.get("key") for values in belongings]
        known = self._lock_operations(
            names + [key for key in keys if isinstance(key, str)]
        )
        for values in belongings:
            operation = values.get("operation")
            if operation not in known:
                belonging = self._save_belonging(values, known)
                self._keep_operation(known, operation, belonging.id)
        return self._prepare_runner_state()

    def _save_belonging(self, values, known):
        self._check_open()
        key = values.get("key")
        belonging = self.belonging_ids.filtered(
            lambda each: each.id == known.get(key, key)
        )
        if values.get("is_removed"):
            belonging.unlink()
            return belonging.browse()
        name = str(values.get("name") or "").strip()
        quantity = values.get("quantity", 1)
        if not name or not isinstance(quantity, int) or not 0 < quantity < 10000:
            raise UserError(
                self.env._(
                    "%(inspection)s: write what it is and how many, from 1 on.",
                    inspection=self.name,
                )
            )
        content = {
            "name": name[:200],
            "quantity": quantity,
            "note": str(values.get("note") or "")[:500],
        }
        if belonging:
            belonging.write(content)
            return belonging
        if self.state == "draft":
            self.action_start()
        return self.env["aftersales.belonging"].create(
            {**content, "inspection_id": self.id, "company_id": self.company_id.id}
        )

    # Operations

    def _lock_operations(self, names, images=()):
        """Begin requests: check the right, wait for others, tell what is known.

        :param names: of the operations; empty ones are never known
        :param images: the signature or photo that came with each, if any
        :return: ``{name: what it made}`` of those that were carried out
        :raises UserError: if a name is not usable, was used elsewhere, or comes with
            another image than before
        """
        self.ensure_one()
        self._lock()
        for name in names:
            if name and not (isinstance(name, str) and len(name) <= MAX_OPERATION):
                raise UserError(
                    self.env._(
                        "%(inspection)s: an operation has a name of at most %(length)s "
                        "characters.",
                        inspection=self.name,
                        length=MAX_OPERATION,
                    )
                )
        wanted = [name for name in names if name]
        if not wanted:
            return {}
        # Nobody reads the list of requests itself.
        operations = (
            self.env["aftersales.inspection.operation"]
            .sudo()
            .search([("name", "in", wanted)])
        )
        if operations.inspection_id - self.sudo():
            raise UserError(
                self.env._(
                    "%(inspection)s: this request belongs to another inspection. Open "
                    "the inspection again.",
                    inspection=self.name,
                )
            )
        sent = dict(zip(names, images, strict=False))
        for operation in operations:
            image = sent.get(operation.name)
            if image and operation.digest != self._get_image_digest(image):
                raise UserError(
                    self.env._(
                        "%(inspection)s: another picture or signature was sent under "
                        "the name of one that is kept. The first one stays. Open the "
                        "inspection again and enter the new one.",
                        inspection=self.display_name,
                    )
                )
        return {operation.name: operation.result_id for operation in operations}

    def _keep_operation(self, known, name, result_id=0, image=None):
        """Remember that a request was carried out, and what it made."""
        if name:
            self.env["aftersales.inspection.operation"].sudo().create(
                {
                    "name": name,
                    "inspection_id": self.id,
                    "result_id": result_id,
                    "digest": image and self._get_image_digest(image),
                }
            )
            known[name] = result_id

    @api.model
    def _get_image_digest(self, image):
        """Return what tells a base64 image from another one."""
        text = image if isinstance(image, bytes) else str(image).encode()
        try:
            content = base64.b64decode(text.rpartition(b",")[2])
        except binascii.Error:
            content = text
        return hashlib.sha256(content).hexdigest()


class AftersalesInspectionItem(models.Model):
    _inherit = "aftersales.inspection.item"

    def _prepare_runner_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "help": self.help or "",
            "kind": self.kind,
            "is_required": self.is_required,
            "is_safety": self.is_safety,
            "photo_rule": self.photo_rule,
            "unit": self.unit or "",
            "green": self._prepare_runner_range(self._get_range("green")),
            "yellow": self._prepare_runner_range(self._get_range("yellow")),
            "possible": self._prepare_runner_range(self._get_possible_range()),
            "expected": self.expected or "",
            "choices": [
                {"id": choice.id, "name": choice.name, "rating": choice.rating or ""}
                for choice in self.choice_ids
            ],
            "outline_id": self.outline_id.id,
        }

    @api.model
    def _prepare_runner_range(self, limits):
        """Return limits for the network, which knows no infinity: False."""
        return bool(limits) and [
            limit if math.isfinite(limit) else False for limit in limits
        ]


class AftersalesInspectionAnswer(models.Model):
    _inherit = "aftersales.inspection.answer"

    def _prepare_runner_values(self):
        self.ensure_one()
        return {
            "value_yes_no": self.value_yes_no or "",
            "rating": self.rating or "",
            "value_number": self.value_number if self.is_measured else False,
            "value_text": self.value_text or "",
            "choice_id": self.choice_id.id,
            "marks": self.marks or (self.is_clear and []),
            "has_signature": bool(self.signature),
            "note": self.note or "",
            "not_applicable": self.not_applicable,
            "is_copied": self.is_copied,
            "photos": [
                {"id": photo.id, "name": photo.name} for photo in self.photo_ids
            ],
            "answer_id": self.id,
        }
