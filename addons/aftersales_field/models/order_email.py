from odoo import api, models
from odoo.fields import Domain

from .order_request import WORDS_LENGTH


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
    """A request that came by e-mail, for somebody to read and to call about.

    Only machines of the sender's own company are found by the serial: a number read
    elsewhere leads nowhere.
    """

    _name = "aftersales.order"
    _inherit = ["aftersales.mail.intake", "aftersales.order"]

    @api.model
    def _prepare_mail_values(self, partner, company, text):
        owner = partner.commercial_partner_id
        return {
            **super()._prepare_mail_values(partner, company, text),
            "partner_id": owner.id,
            "contact_id": (partner - owner).id,
            "asset_id": self._find_named_asset(partner, company, text).id,
            "user_id": False,
            "complaint": text[:WORDS_LENGTH],
        }

    def _receive_mail(self, partner, text):
        result = super()._receive_mail(partner, text)
        self._remind_advisor(self.env._("Call the customer about the e-mail"))
        return result

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
    def _find_named_asset(self, partner, company, text):
        """Return the sender's own machine whose serial the text names, or none."""
        Asset = self.env["aftersales.asset"].sudo()
        assets = Asset.search(
            Asset._get_portal_domain(partner)
            & Domain("company_id", "=", company.id)
            & Domain("serial", "in", self._get_named_numbers(text)),
            limit=2,
        )
        # Of two, a person chooses.
        return assets if len(assets) == 1 else Asset
