import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

_logger = logging.getLogger(__name__)


class AftersalesReturnLine(models.Model):
    """Exchange in advance: the new one is sent before the old one is here.

    The customer has until a day to send the old one. He is reminded before; after it
    the new one is sold to him. What comes late is taken all the same, and the charge
    refunded.
    """

    _inherit = "aftersales.return.line"

    date_deadline = fields.Date(
        "Send Back By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The new one was sent before: after this day it is charged.",
    )
    date_reminded = fields.Date("Reminded On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Not Sent Back",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="The new one was sent, the day is over, and nothing is charged.",
    )
    advance_line_id = fields.Many2one(
        "aftersales.return.line",
        "Given With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Of goods in several parcels: the line whose new ones were sent.",
    )

    @api.depends("state", "date_deadline", "charge_line_id")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.is_overdue = bool(
                line.state == "expected"
                and line.date_deadline
                and line.date_deadline < today
                and not line.charge_line_id
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_overdue_domain()
        return domain if True in value else ~domain

    @api.model
    def _get_overdue_domain(self):
        return fields.Domain(
            [
                ("state", "=", "expected"),
                ("date_deadline", "<", fields.Date.context_today(self)),
                ("charge_line_id", "=", False),
            ]
        )

    def _give_in_advance(self):
        result = super()._give_in_advance()
        today = fields.Date.context_today(self)
        for line in self.filtered(
            lambda line: line.remedy == "exchange" and line.goods != "stay"
        ):
            if days := line.operation_id.advance_days:
                line.date_deadline = fields.Date.add(today, days=days)
        return result

    def _follow_moves(self):
        result = super()._follow_moves()
        today = fields.Date.context_today(self)
        for line in self.filtered(
            lambda line: line.date_deadline and not line.charge_line_id
        ):
            # The days run from the last one that was sent.
            if line.state == "expected":
                line.date_deadline = fields.Date.add(
                    today, days=line.operation_id.advance_days
                )
        return result

    def _prepare_rest_values(self, quantity):
        values = super()._prepare_rest_values(quantity)
        if self.date_given:
            # The new ones of both parcels are sent, and not once more.
            values |= {
                "date_given": self.date_given,
                "date_deadline": self.date_deadline,
                "date_reminded": self.date_reminded,
                "payer_id": self.payer_id.id,
                "advance_line_id": (self.advance_line_id or self).id,
                "charge_line_id": self.charge_line_id.id,
            }
        return values

    def _get_sent(self):
        """Return the done moves of the new ones to the payer who bears them."""
        self.ensure_one()
        given = self.advance_line_id or self
        return given._get_moves("new").filtered(
            lambda move: (
                move.state == "done"
                and move.location_dest_id == given.payer_id.location_id
                and not move.origin_returned_move_id
            )
        )

    # By night

    @api.model
    def _cron_advances(self):
        """Remind of what has to be sent back, and follow what was not; daily."""
        self._remind_advances()
        self._follow_overdue()

    @api.model
    def _remind_advances(self):
        """Write to the customers a few days before the deadline, once."""
        today = fields.Date.context_today(self)
        due = self.browse()
        for company in self.env["res.company"].search(
            [("aftersales_advance_reminder_days", ">", 0)]
        ):
            days = company.aftersales_advance_reminder_days
            due |= self.search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "expected"),
                    ("date_reminded", "=", False),
                    ("charge_line_id", "=", False),
                    ("date_deadline", ">=", today),
                    ("date_deadline", "<=", fields.Date.add(today, days=days)),
                ]
            ).filtered(lambda line: line._get_sent())
        due._run_by_return("_remind_of_advance")

    def _remind_of_advance(self):
        """Write to the customer of one return, or have him called."""
        rma = self.return_id
        self.date_reminded = fields.Date.context_today(self)
        template = self.env.ref(
            "aftersales_return.mail_template_advance", raise_if_not_found=False
        )
        if template and rma.partner_id.email:
            rma.message_post_with_source(
                template,
                subtype_xmlid="mail.mt_comment",
                partner_ids=rma.partner_id.ids,
            )
            return
        rma._ask_to_call(
            self.env._(
                "Ask %(customer)s to send it back by %(date)s: %(goods)s",
                customer=rma.partner_id.display_name,
                date=fields.Date.to_string(min(self.mapped("date_deadline"))),
                goods=", ".join(self.mapped("display_name")),
            )
        )

    @api.model
    def _follow_overdue(self):
        """Charge what was not sent back, or have it charged, as the company says."""
        overdue = self.search(self._get_overdue_domain())
        overdue = overdue.filtered(lambda line: line._get_sent())
        overdue._run_by_return("_follow_overdue_return")

    def _follow_overdue_return(self):
        """Charge what one customer kept, or say why that can't be done."""
        rma = self.return_id
        problem = None
        if rma.company_id.aftersales_charge_advances:
            try:
                with self.env.cr.savepoint():
                    self.action_charge()
                return
            except UserError as error:
                problem = str(error)
        rma._ask_to_call(
            problem
            or self.env._(
                "Not sent back by %(date)s, charge it: %(goods)s",
                date=fields.Date.to_string(min(self.mapped("date_deadline"))),
                goods=", ".join(self.mapped("display_name")),
            )
        )

    def _run_by_return(self, step):
        """Let a nightly step go over these lines, each return on its own.

        :param str step: method of the lines of one return
        """
        cron = self.env["ir.cron"]
        by_return = self.grouped("return_id")
        cron._commit_progress(remaining=len(by_return))
        for rma, lines in by_return.items():
            try:
                with self.env.cr.savepoint():
                    getattr(lines, step)()
            except Exception:  # one bad return must not keep the others
                _logger.exception("%s of %s failed", step, rma.name)
            if not cron._commit_progress(1):
                break


class AftersalesReturn(models.Model):
    _inherit = "aftersales.return"

    def _check_decides(self):
        """Refuse what speaks for the house to those who only do the work."""
        group = "aftersales.aftersales_group_user"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "%(user)s does not decide about %(returns)s. Ask an advisor.",
                    user=self.env.user.name,
                    returns=", ".join(self.sudo().mapped("name")),
                )
            )

    def _ask_to_call(self, summary):
        """Give who is responsible an activity, unless one waits already."""
        self.ensure_one()
        activity = "aftersales_return.activity_advance"
        if self.activity_search([activity]):
            return
        self.activity_schedule(
            activity, user_id=(self.user_id or self.env.user).id, summary=summary
        )


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_charge_advances = fields.Boolean(
        "Charge Late Exchanges by Itself",
        help="Every night, what was given in advance and not sent back in time is "
        "sold to the customer. Off: somebody gets an activity.",
    )
    aftersales_advance_reminder_days = fields.Integer(
        "Remind Days Before",
        default=3,
        help="So many days before the deadline the customer is asked to send the old "
        "one. 0: never.",
    )
