from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesOrder(models.Model):
    """Claims of the order; a claim's invoice waits until the claim is sent."""

    _inherit = "aftersales.order"

    claim_line_ids = fields.One2many("aftersales.claim.line", "order_id")
    claim_ids = fields.Many2many(
        "aftersales.claim",
        compute="_compute_claims",
        string="Claims",
        compute_sudo=True,
    )
    claim_count = fields.Integer(compute="_compute_claims", compute_sudo=True)

    @api.depends("claim_line_ids.claim_id")
    def _compute_claims(self):
        for order in self:
            order.claim_ids = order.claim_line_ids.claim_id
            order.claim_count = len(order.claim_ids)

    @api.model
    def _get_invoices_to_post(self, invoices):
        to_post = super()._get_invoices_to_post(invoices)
        return to_post.filtered(
            lambda move: (
                not move.sudo().aftersales_claim_ids.filtered(
                    lambda claim: claim.state == "draft"
                )
            )
        )

    def _check_no_open_invoice(self):
        """Refuse to cancel what is claimed; drafts of claims give the lines back."""
        lines = self.sudo().claim_line_ids
        sent = lines.claim_id.filtered(
            lambda claim: claim.state not in ("draft", "cancel")
        )
        if sent:
            raise UserError(
                self.env._(
                    "%(orders)s is claimed by %(claims)s, which was sent. Credit "
                    "%(moves)s first; the claim is cancelled with it. Then cancel the "
                    "order.",
                    orders=", ".join((sent.order_ids & self).mapped("name")),
                    claims=", ".join(sent.mapped("name")),
                    moves=", ".join(
                        sent.move_id.mapped("display_name") or sent.mapped("name")
                    ),
                )
            )
        lines.filtered(lambda line: line.claim_id.state == "draft")._take_off()
        return super()._check_no_open_invoice()

    def action_view_claims(self):
        return self.claim_ids._get_open_action()


class AftersalesClaimLine(models.Model):
    _inherit = "aftersales.claim.line"

    def _take_off(self):
        """Take lines off draft claims, and off their draft invoices with them.

        A claim that is left without lines is cancelled.
        """
        claims = self.claim_id
        orders = self.order_id
        self.unlink()
        for claim in claims:
            move = claim.move_id
            if move.state == "draft" and claim.line_ids:
                # The other orders stay on the invoice.
                move.invoice_line_ids.filtered(
                    lambda item: item.aftersales_order_id in orders
                ).unlink()
        empty = claims.filtered(lambda claim: not claim.line_ids)
        empty.move_id.filtered(lambda move: move.state == "draft").button_cancel()
        empty.filtered(lambda claim: claim.state == "draft")._set_state("cancel")
