import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize, html2plaintext

from .order_request import WORDS_LENGTH

# What could be a serial, in a text.
NUMBER = re.compile(r"[\w][\w./-]{2,}")
NUMBER_COUNT = 500


class AftersalesTeam(models.Model):
    """A team may have an address: what is written there becomes an order on site."""

    _name = "aftersales.team"
    _inherit = ["aftersales.team", "mail.alias.mixin.optional"]

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("aftersales.order")
        values["alias_contact"] = "everyone"
        if self.ids:
            values["alias_domain_id"] = self.company_id.alias_domain_id.id
            values["alias_defaults"] = {
                "team_id": self.id,
                "company_id": self.company_id.id,
                "is_onsite": True,
            }
        return values

    def _retire_addresses(self):
        """Give up the addresses: nobody is left to make orders of what comes."""
        aliases = self.sudo().alias_id
        self.sudo().alias_id = False
        aliases.unlink()


class AftersalesOrder(models.Model):
    """A request that came by e-mail, for somebody to read and to call about."""

    _inherit = "aftersales.order"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Make an order of a mail: the words kept, the machine found by its serial.

        Only machines of the sender's own company are found: a number read elsewhere
        leads nowhere. A sender nobody knows becomes a contact.
        """
        self.check_access("create")
        values = dict(custom_values or {})
        company = self.env["res.company"].browse(values.get("company_id"))
        company = company or self.env.company
        partner = self._find_sender(msg_dict, company)
        owner = partner.commercial_partner_id
        text = self._get_mail_words(msg_dict)
        asset = self._find_named_asset(partner, company, text)
        values = {
            "partner_id": owner.id,
            "contact_id": (partner - owner).id,
            "company_id": company.id,
            "asset_id": asset.id,
            "channel": "email",
            "user_id": False,
            # The subject is no number.
            "name": "/",
            "complaint": text[:WORDS_LENGTH],
            **values,
        }
        # Mails to no team's address are not for the field.
        values.setdefault("needs_call", bool(values.get("is_onsite")))
        order = super().message_new(msg_dict, custom_values=values)
        order._remind_advisor(self.env._("Call the customer about the e-mail"))
        return order

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        """Machines that answer each other: so many requests nobody writes."""
        return [
            ("channel", "=", "email"),
            "|",
            ("partner_id.email_normalized", "=", email_from_normalized),
            ("contact_id.email_normalized", "=", email_from_normalized),
        ]

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
    def _find_named_asset(self, partner, company, text):
        """Return the sender's own machine whose serial the text names, or none."""
        names = {name.strip("./-") for name in NUMBER.findall(text)[:NUMBER_COUNT]}
        Asset = self.env["aftersales.asset"].sudo()
        assets = Asset.search(
            Asset._get_portal_domain(partner)
            & Domain("company_id", "=", company.id)
            & Domain("serial", "in", list(names)),
            limit=2,
        )
        # Of two, a person chooses.
        return assets if len(assets) == 1 else Asset
