import re

from odoo import api, models
from odoo.tools import email_normalize, html2plaintext

# What could be a serial or the number of an order, in a text.
NUMBER = re.compile(r"[\w][\w./-]{2,}")
NUMBER_COUNT = 500


class AftersalesMailIntake(models.AbstractModel):
    """A document that a customer's e-mail makes, for somebody to read and answer.

    The words are kept and the sender becomes the customer; a sender nobody knows
    becomes a contact of that company. The host has ``company_id`` and ``channel``, and
    names this model before its own in ``_inherit``.
    """

    _name = "aftersales.mail.intake"
    _description = "Made of an E-mail"
    _inherit = ["mail.thread"]

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        # Before anything is made: whoever can't create would leave contacts behind.
        self.check_access("create")
        defaults = dict(custom_values or {})
        company = self.env["res.company"].browse(defaults.get("company_id"))
        company = company or self.env.company
        partner = self._find_sender(msg_dict, company)
        text = self._get_mail_words(msg_dict)
        values = {
            **self._prepare_mail_values(partner, company, text),
            "company_id": company.id,
            "channel": "email",
            # The subject is no number.
            "name": "/",
            **defaults,
        }
        record = super().message_new(msg_dict, custom_values=values)
        record._receive_mail(partner, text)
        return record

    @api.model
    def _prepare_mail_values(self, partner, company, text):
        """Return what the document takes from a mail of ``partner``."""
        return {}

    def _receive_mail(self, partner, text):
        """Act on a document that was made of a mail: match it, remind somebody."""

    @api.model
    def _find_sender(self, msg_dict, company):
        """Return the contact of the sender in that company, new if nobody knows it."""

        def is_common(partner):
            return partner.company_id in (company, company.browse())

        email = msg_dict.get("email_from")
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or ())
        partner = author.filtered(is_common)[:1]
        if not partner and email:
            partner = self._partner_find_from_emails_single(
                [email],
                filter_found=is_common,
                additional_values={email_normalize(email): {"company_id": company.id}},
            )[:1]
        return partner or self.env["res.partner"].create(
            {"name": email or self.env._("Unknown sender"), "company_id": company.id}
        )

    @api.model
    def _get_mail_words(self, msg_dict):
        words = html2plaintext(msg_dict.get("body") or "").strip()
        return "\n\n".join(filter(None, (msg_dict.get("subject"), words)))

    @api.model
    def _get_named_numbers(self, text):
        """Return what could be a serial or the number of an order, each once."""
        # At the end of a sentence the full stop belongs to the sentence.
        names = (name.strip("./-") for name in NUMBER.findall(text))
        return list(dict.fromkeys(names))[:NUMBER_COUNT]
