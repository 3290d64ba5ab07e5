import hmac as _hmac
import secrets

from odoo import api, fields, models
from odoo.tools import hmac


class AftersalesCodeMixin(models.AbstractModel):
    """A record that can be reached by a printed code (QR, label, link).

    The code names the record and is signed with the database's secret, so that
    it can't be guessed or counted up. ``action_withdraw_code`` makes a new one
    and every printed copy of the old one useless.
    """

    _name = "aftersales.code.mixin"
    _description = "Signed Code"

    code_nonce = fields.Char(
        copy=False,
        groups="base.group_system",
        default=lambda self: secrets.token_hex(4),
    )

    @api.model
    def _sign_code(self, record_id, nonce):
        message = (self._name, record_id, nonce)
        return hmac(self.env(su=True), "aftersales.code", message)[:20]

    def _get_code(self):
        """Return the signed code of this record: ``<id>-<nonce>-<signature>``."""
        self.ensure_one()
        nonce = self.sudo().code_nonce
        return f"{self.id}-{nonce}-{self._sign_code(self.id, nonce)}"

    @api.model
    def _browse_code(self, code):
        """Return the record a code names, or nothing if it is forged or withdrawn."""
        record_id, nonce, signature = (*(code or "").split("-"), "", "", "")[:3]
        if not record_id.isdecimal():
            return self.browse()
        expected = self._sign_code(int(record_id), nonce)
        # Compared before the database is asked: anybody may type an address.
        if not _hmac.compare_digest(expected.encode(), signature.encode()):
            return self.browse()
        record = self.sudo().browse(int(record_id)).exists()
        if not record or record.code_nonce != nonce:
            return self.browse()
        return record.with_env(self.env)

    def action_withdraw_code(self):
        """Make the codes printed so far useless, and new ones for the next print."""
        self.check_access("write")
        for record in self:
            record.sudo().code_nonce = secrets.token_hex(4)
        return True
