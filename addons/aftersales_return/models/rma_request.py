import base64
import binascii
import math
import os.path

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import human_size
from odoo.tools.mimetypes import guess_mimetype

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
PROOF_TYPES = ("application/pdf", *PHOTO_TYPES)
FILE_SIZE = 10_000_000
FILE_COUNT = 10
WORDS_LENGTH = 5000


class AftersalesReturn(models.Model):
    """A return asked for by the customer, who sees before what may be asked for."""

    _inherit = "aftersales.return"

    request_key = fields.Char(
        copy=False,
        readonly=True,
        help="Names the portal form this return came from: sent twice, it makes one.",
    )
    photo_ids = fields.Many2many(
        "ir.attachment",
        "aftersales_return_photo_rel",
        string="Photos",
        copy=False,
    )
    proof_ids = fields.Many2many(
        "ir.attachment",
        "aftersales_return_proof_rel",
        string="Proof of Purchase",
        copy=False,
    )

    _request_key_unique = models.UniqueIndex(
        "(partner_id, request_key) WHERE request_key IS NOT NULL",
        "This request was received already.",
    )

    @api.model
    def create_portal_request(
        self, lines, request_key, description=None, photos=None, proofs=None
    ):
        """Ask for a return, for the customer who is logged in.

        :param list lines: dicts with ``key`` of an offered item, ``quantity`` in its
            unit, ``operation_id``, ``reason_id`` and ``note``
        :param str request_key: names the form: sent twice, it makes one return
        :param str description: the customer's own words
        :param list photos: dicts with ``name`` and ``data``, bytes or base64;
            JPEG, PNG or WebP
        :param list proofs: likewise, also PDF: invoices, receipts
        :return: the return, new or the one made before
        :raises UserError: for what is not the customer's, or may not be asked for
        """
        user, company = self.env.user, self.env.company
        sudo = self.with_user(SUPERUSER_ID).with_company(company)
        sudo = sudo.with_context(lang=user.lang)
        return sudo._create_portal_request(
            user.partner_id,
            lines,
            str(request_key or "")[:64],
            str(description or "").strip()[:WORDS_LENGTH],
            self._read_files(photos, PHOTO_TYPES),
            self._read_files(proofs, PROOF_TYPES),
        ).with_env(self.env)

    @api.model
    def _create_portal_request(
        self, partner, lines, request_key, description, photos, proofs
    ):
        if known := self._find_request(partner, request_key):
            return known
        values_list = self._prepare_request_lines(partner, lines)
        reasons = self.env["aftersales.return.reason"].browse(
            values["reason_id"] for values in values_list
        )
        if not photos and (strict := reasons.filtered("photo_required")):
            raise UserError(
                self.env._(
                    "Add a photo, please: we need it for “%(reason)s”.",
                    reason=strict[0].name,
                )
            )
        rma = self.create(
            {
                **self._prepare_request_values(partner, self.env.company, "portal"),
                "description": description,
                "request_key": request_key,
                "line_ids": [Command.create(values) for values in values_list],
            }
        )
        rma._keep_files("photo_ids", photos, self.env._("Photo"))
        rma._keep_files("proof_ids", proofs, self.env._("Proof of purchase"))
        rma._remind_of_request()
        return rma

    @api.model
    def _find_request(self, partner, request_key):
        """Return the return a form was received as before, one caller at a time."""
        if not request_key:
            raise UserError(
                self.env._("Load the page again and send your request once more.")
            )
        # Two posts at the same time: the row is rewritten, so that the second fails
        # to serialize, is run again by the dispatcher and finds the first one's.
        self.env.cr.execute(
            "UPDATE res_partner SET write_date = write_date WHERE id = %s", [partner.id]
        )
        return self.search(
            [
                ("partner_id", "=", partner.id),
                ("request_key", "=", request_key),
            ],
            limit=1,
        )

    @api.model
    def _prepare_request_values(self, partner, company, channel):
        """Return the values of a return that a customer asks for by himself."""
        owner = partner.commercial_partner_id
        return {
            "partner_id": partner.id,
            "contact_name": partner.name if partner != owner else False,
            "contact_phone": partner.phone or owner.phone,
            "company_id": company.id,
            "channel": channel,
            "user_id": False,
        }

    # What is asked for

    @api.model
    def _prepare_request_lines(self, partner, lines):
        """Return the values of the lines, each of them weighed again.

        The form says what is asked for; what may be asked for is looked up here.
        """
        lines = [line for line in lines or () if isinstance(line, dict)]
        if not lines:
            raise UserError(self.env._("Choose what you want to send back."))
        items = self._find_offer_items(partner, {line.get("key") for line in lines})
        values_list = []
        for line in lines:
            item = items.pop(line.get("key"), None)
            if not item:
                raise UserError(
                    self.env._(
                        "Something you chose can't be sent back any more, or was not "
                        "delivered to you. Choose again, please."
                    )
                )
            values_list.append(self._prepare_request_line(item, line))
        return values_list

    @api.model
    def _find_offer_items(self, partner, keys):
        """Return ``{key: item}`` of those that are the customer's own to send back."""
        company = self.env.company
        ids = {"move": set(), "asset": set()}
        for key in keys:
            kind, _dash, number = str(key).rpartition("-")
            target, text = ("asset", number) if kind == "asset" else ("move", kind)
            if text.isdecimal() and len(text) < 10:
                ids[target].add(int(text))
        moves = self.env["stock.move"].search(
            self._get_offer_domain(partner, company)
            & fields.Domain("id", "in", list(ids["move"]))
        )
        items = self._get_offer_items(partner, company, moves)
        own = self._get_own_assets(
            partner, company, fields.Domain("id", "in", list(ids["asset"]))
        )
        for serial in set(own.filtered("serial").mapped("serial")):
            items += self._get_offer_assets(partner, company, serial)
        return {item["key"]: item for item in items}

    @api.model
    def _prepare_request_line(self, item, line):
        """Return the values of one line, or refuse what may not be asked for."""
        product = item["product"]
        verdict = next(
            (
                verdict
                for verdict in item["verdicts"]
                if str(verdict["operation"].id) == str(line.get("operation_id"))
            ),
            None,
        )
        if not verdict:
            raise UserError(
                self.env._(
                    "%(product)s: choose what we shall do.",
                    product=product.display_name,
                )
            )
        if not verdict["is_open"]:
            raise UserError(
                self.env._(
                    "%(product)s: “%(operation)s” is not possible. %(reason)s",
                    product=product.display_name,
                    operation=verdict["operation"].name,
                    reason=verdict["words"],
                )
            )
        return {
            "product_id": product.id,
            "product_uom_id": item["unit"].id,
            "quantity": self._read_quantity(item, line.get("quantity")),
            "lot_id": item["lot"].id,
            "serial": item["serial"],
            "asset_id": item["asset"].id,
            "move_id": item["move"].id,
            "operation_id": verdict["operation"].id,
            "reason_id": self._read_reason(product, line.get("reason_id")).id,
            "reason_note": str(line.get("note") or "").strip()[:500],
        }

    @api.model
    def _read_quantity(self, item, quantity):
        unit = item["unit"]
        try:
            quantity = float(str(quantity or 0).replace(",", "."))
        except ValueError:
            quantity = 0.0
        quantity = unit.round(quantity) if math.isfinite(quantity) else 0.0
        if not 0 < quantity <= unit.round(item["quantity"]):
            raise UserError(
                self.env._(
                    "%(product)s: choose a quantity between 0 and %(left)s %(unit)s; "
                    "no more can come back.",
                    product=item["product"].display_name,
                    left=f"{item['quantity']:g}",
                    unit=unit.name,
                )
            )
        return quantity

    @api.model
    def _get_portal_reasons(self, company):
        """Return the reasons customers of ``company`` may choose from."""
        return self.env["aftersales.return.reason"].search(
            fields.Domain("is_portal", "=", True)
            & fields.Domain("company_id", "in", (False, company.id))
        )

    @api.model
    def _read_reason(self, product, reason_id):
        reason = self._get_portal_reasons(self.env.company).filtered(
            lambda reason: str(reason.id) == str(reason_id)
        )
        if not reason:
            raise UserError(
                self.env._(
                    "%(product)s: choose why it comes back.",
                    product=product.display_name,
                )
            )
        return reason

    # Photos and papers

    @api.model
    def _read_files(self, files, types):
        """Return ``[(name, bytes)]`` of files that can be shown and are not too big."""
        files = [file for file in files or () if isinstance(file, dict)]
        if len(files) > FILE_COUNT:
            raise UserError(
                self.env._("Send at most %(count)s files.", count=FILE_COUNT)
            )
        return [self._read_file(file, types) for file in files]

    @api.model
    def _read_file(self, file, types):
        content = file.get("data") or b""
        name = os.path.basename(str(file.get("name") or "").replace("\\", "/"))[:100]
        if isinstance(content, str):
            try:
                content = base64.b64decode(content, validate=True)
            except (binascii.Error, ValueError):
                content = b""
        if len(content) > FILE_SIZE:
            raise UserError(
                self.env._(
                    "%(file)s is too big: send at most %(limit)s, a smaller picture "
                    "is enough.",
                    file=name or self.env._("The file"),
                    limit=human_size(FILE_SIZE),
                )
            )
        # What it is, whatever its name says.
        if guess_mimetype(content) not in types:
            formats = (
                self.env._("a photo (JPEG, PNG) or a PDF")
                if "application/pdf" in types
                else self.env._("a photo (JPEG, PNG)")
            )
            raise UserError(
                self.env._(
                    "%(file)s can't be read. Send %(formats)s.",
                    file=name or self.env._("The file"),
                    formats=formats,
                )
            )
        return name, content

    def _keep_files(self, field, files, default_name):
        """Keep files with the return; the same picture sent twice once."""
        self.ensure_one()
        unique = {content: name for name, content in files}
        attachments = self.env["ir.attachment"].create(
            [
                {
                    "name": name or default_name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
                for content, name in unique.items()
            ]
        )
        self[field] = [Command.link(attachment.id) for attachment in attachments]

    def _find_responsible(self):
        """Return who served the customer last, or somebody of a team."""
        self.ensure_one()
        last = self.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("user_id.active", "=", True),
                ("user_id.share", "=", False),
            ],
            limit=1,
        )
        teams = self.env["aftersales.order"]._get_company_teams(self.company_id)
        return last.user_id or teams.user_id[:1] or teams.member_ids[:1]

    def _remind_of_request(self):
        """Put requests before who is responsible for them."""
        for rma in self:
            if user := rma._find_responsible():
                rma.user_id = user
                rma.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Answer the request"),
                    user_id=user.id,
                )
