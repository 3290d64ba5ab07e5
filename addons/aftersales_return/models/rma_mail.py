from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_return_mail = fields.Boolean(
        "Tell Customers about Returns",
        default=True,
        help="By e-mail: accepted, refused, arrived, refunded.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_return_mail = fields.Boolean(
        related="company_id.aftersales_return_mail", readonly=False
    )


class AftersalesReturn(models.Model):
    """What the customer is told by e-mail, in his language, at each step.

    One message for one step: what follows by itself in the same step is told with it.
    """

    _inherit = "aftersales.return"

    date_told = fields.Datetime(
        "Customer Told On",
        readonly=True,
        copy=False,
        help="When the customer was last written to about this return.",
    )

    def action_accept(self):
        new = self.filtered(
            lambda rma: rma.state != "open" or "draft" in rma.line_ids.mapped("state")
        )
        result = super().action_accept()
        new._tell_customer("accepted")
        return result

    def action_refuse(self, reason=None):
        new = self.filtered(lambda rma: rma.state != "refused")
        result = super().action_refuse(reason)
        new._tell_customer("refused")
        return result

    def _tell_customer(self, step):
        """Write to the customers of these returns about a step.

        Whose company does not want it, or who has no address, is left out.

        :param str step: ``accepted``, ``refused``, ``received`` or ``refunded``
        :return: the returns whose customer was written to
        """
        # Whoever takes the step need not have a right to read what is told.
        todo = self.sudo().filtered(
            lambda rma: rma.company_id.aftersales_return_mail and rma.partner_id.email
        )
        template = todo and self.env.ref(
            f"aftersales_return.mail_template_{step}", raise_if_not_found=False
        )
        if not template:
            return self.browse()
        todo.date_told = fields.Datetime.now()
        for rma in todo:
            rma.with_context(
                lang=rma.partner_id.lang or self.env.lang
            ).message_post_with_source(
                template,
                message_type="auto_comment",
                subtype_xmlid="mail.mt_comment",
            )
        return todo

    def _get_mail_url(self):
        """Return the address of the page of the return, with the right to open it."""
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url()

    def _get_mail_way(self):
        """Return how the goods come: ``send``, ``desk``, or ``none`` need to."""
        self.ensure_one()
        # What arrived unannounced is here already.
        if self.channel == "arrival" or not self._is_awaited():
            return "none"
        return "desk" if self.channel == "desk" else "send"

    def _get_mail_lines(self, step):
        """Return the goods that a message about ``step`` names."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.state != "cancel")
        if step == "received":
            return lines.filtered("date_received")
        if step == "refunded":
            return lines.filtered(lambda line: line._get_portal_credit_notes())
        return lines


class AftersalesReturnLine(models.Model):
    _inherit = "aftersales.return.line"

    def _follow_moves(self):
        """Tell of the arrival, unless the goods are settled by it: that is told."""
        awaited = self.filtered(lambda line: line.state == "expected")
        result = super()._follow_moves()
        awaited.filtered(
            lambda line: line.state == "received"
        ).return_id._tell_customer("received")
        return result

    def _describe_for_mail(self):
        """Return the goods as the customer knows them, with quantity and serial."""
        self.ensure_one()
        return self._describe(self.quantity, self.serial)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """Tell of refunds. What is refunded at the acceptance is told with it."""
        posted = super()._post(soft=soft)
        credited = posted.filtered(lambda move: move.move_type == "out_refund")
        returns = credited.sudo().line_ids.aftersales_return_line_id.return_id
        # Not whose goods were paid by somebody else.
        returns.filtered(
            lambda rma: rma.date_told and rma._get_portal_invoices()
        )._tell_customer("refunded")
        return posted
