from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .rma_request import WORDS_LENGTH


class ResCompany(models.Model):
    """The address to which customers write about what they send back."""

    _inherit = "res.company"

    aftersales_return_alias_id = fields.Many2one(
        "mail.alias", "Returns Address", copy=False, ondelete="restrict"
    )
    aftersales_return_alias_name = fields.Char(
        "Returns E-mail",
        compute="_compute_aftersales_return_alias_name",
        inverse="_inverse_aftersales_return_alias_name",
        help="The part before the @. What is written there becomes a return to answer.",
    )

    @api.depends("aftersales_return_alias_id.alias_name")
    def _compute_aftersales_return_alias_name(self):
        for company in self:
            company.aftersales_return_alias_name = (
                company.sudo().aftersales_return_alias_id.alias_name
            )

    def _inverse_aftersales_return_alias_name(self):
        for company in self:
            name = company.aftersales_return_alias_name
            # Whoever may change the company may change its address.
            alias = company.sudo().aftersales_return_alias_id
            if alias:
                alias.alias_name = name
            elif name:
                company.aftersales_return_alias_id = (
                    self.env["mail.alias"]
                    .sudo()
                    .create(company._prepare_return_alias_values(name))
                )

    def _prepare_return_alias_values(self, name):
        self.ensure_one()
        return {
            "alias_name": name,
            "alias_domain_id": self.alias_domain_id.id,
            "alias_model_id": self.env["ir.model"]._get_id("aftersales.return"),
            "alias_contact": "everyone",
            "alias_defaults": {"company_id": self.id},
        }


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_return_alias_name = fields.Char(
        related="company_id.aftersales_return_alias_name", readonly=False
    )
    aftersales_return_alias_domain = fields.Char(
        related="company_id.alias_domain_id.name", string="Domain of Returns"
    )


class AftersalesReturn(models.Model):
    """A request that came by e-mail: in draft, for somebody to read and accept.

    Only what the sender's own company was delivered is matched: a number read elsewhere
    leads nowhere.
    """

    _name = "aftersales.return"
    _inherit = ["aftersales.mail.intake", "aftersales.return"]

    @api.model
    def _prepare_mail_values(self, partner, company, text):
        return {
            **super()._prepare_mail_values(partner, company, text),
            **self._prepare_request_values(partner, company, "email"),
            "description": text[:WORDS_LENGTH],
        }

    def _receive_mail(self, partner, text):
        result = super()._receive_mail(partner, text)
        self._match_mail(partner, text)
        self._remind_of_request()
        return result

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        """Machines that answer each other: so many requests nobody writes."""
        return [
            ("channel", "=", "email"),
            ("partner_id.email_normalized", "=", email_from_normalized),
        ]

    def _match_mail(self, partner, text):
        """Add the goods whose serial, or whose order, the mail names.

        Nothing that goes wrong here turns the mail away.
        """
        self.ensure_one()
        parts, found = self._find_named_parts(partner, text)
        if not parts:
            return
        try:
            with self.env.cr.savepoint():
                self.line_ids = [
                    Command.create(
                        {
                            "product_id": move.product_id.id,
                            "product_uom_id": move.product_id.uom_id.id,
                            "quantity": quantity,
                            "lot_id": lot.id,
                            "move_id": move.id,
                        }
                    )
                    for move, lot, quantity in parts
                ]
        except UserError as error:
            self.message_post(body=str(error))
            return
        self.message_post(
            body=self.env._(
                "Found by the mail: %(names)s. Take out what does not come back.",
                names=", ".join(found),
            )
        )

    def _find_named_parts(self, partner, text):
        """Return ``(parts, names)`` that may come back and are named in the text.

        Serials go before: who names them means them, and not the whole order.
        """
        names = self._get_named_numbers(text)
        Move = self.env["stock.move"].sudo()
        own = self._get_offer_domain(partner, self.company_id)
        by_serial = Move.search(
            own & Domain("move_line_ids.lot_id.name", "in", names), limit=80
        )
        parts = [
            part for part in by_serial._get_returnable_parts() if part[1].name in names
        ]
        if parts:
            return parts, [lot.name for _move, lot, _quantity in parts]
        by_order = Move.search(
            own
            & (
                Domain("sale_line_id.order_id.name", "in", names)
                | Domain("picking_id.name", "in", names)
            ),
            limit=80,
        )
        orders = by_order.sale_line_id.order_id.mapped("name")
        return by_order._get_returnable_parts(), [
            name
            for name in orders + by_order.picking_id.mapped("name")
            if name in names
        ]
