import logging
from datetime import datetime, time, timedelta

import pytz

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

_logger = logging.getLogger(__name__)

BATCH = 50


class AftersalesApproval(models.Model):
    _inherit = "aftersales.approval"

    method = fields.Selection(
        selection_add=[("contract", "By contract")],
        ondelete={"contract": lambda answers: answers.write({"method": "desk"})},
    )


class AftersalesRecurringVisit(models.Model):
    """By night: what is next is reckoned, and the work orders of what is due made."""

    _inherit = "aftersales.recurring.visit"

    @api.model
    def _cron_make_visits(self, batch=BATCH):
        """Reckon the turns of all recurring visits, and make the orders that are due.

        Batches are kept one by one; a bad record is logged by its name and does not
        stop the rest. Run again, it does what is left.
        """
        cron = self.env["ir.cron"]
        recurring = self.with_context(active_test=False).search(
            ["|", ("active", "=", True), ("turn_ids.state", "=", "open")]
        )
        due = self.env["aftersales.recurring.turn"]._get_due_domain()
        remaining = self.env["aftersales.recurring.turn"].search_count(due)
        cron._commit_progress(remaining=len(recurring) + remaining)
        for each in recurring:
            each._try("_update_turns")
            if not cron._commit_progress(1):
                return
        turns = self.env["aftersales.recurring.turn"].search(due, order="date, id")
        cron._commit_progress(remaining=len(turns))
        for begin in range(0, len(turns), batch):
            part = turns[begin : begin + batch]
            made = part._try_make()
            made._tell_customers()
            if not cron._commit_progress(len(part)):
                return

    def _try(self, step):
        """Run a step on one record; what fails is logged by its name."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                getattr(self.with_company(self.company_id), step)()
        except Exception:  # one bad record must not keep the others
            _logger.exception("%s of %s failed", step, self.name)


class AftersalesRecurringTurn(models.Model):
    """The work order of a turn, with its jobs and its visit."""

    _inherit = "aftersales.recurring.turn"

    @api.model
    def _get_due_domain(self):
        """Return the open turns whose order is to be made by now."""
        today = fields.Date.context_today(self)
        days = self.env["aftersales.recurring.visit"]._read_group(
            [], ["days_ahead"], ["id:recordset"]
        )
        due = fields.Domain.OR(
            fields.Domain("recurring_id", "in", recurring.ids)
            & fields.Domain("date", "<=", fields.Date.add(today, days=ahead))
            for ahead, recurring in days
        )
        return due & fields.Domain("state", "=", "open")

    def action_make(self):
        """Make the work orders and visits of these turns now.

        Turns that have theirs stay as they are.

        :return: the work orders, as ``aftersales.order``
        :raises UserError: for turns that were skipped, or what is missing
        """
        turns = self._lock()
        over = turns.filtered(lambda turn: turn.state not in ("open", "made"))
        over._check_transition("made")
        todo = turns.filtered(lambda turn: turn.state == "open")
        for turn in todo:
            turn.with_company(turn.company_id)._make()
        todo._tell_customers()
        for recurring in todo.recurring_id:
            recurring._update_turns()
        return turns.order_id.with_env(self.env)

    def action_open_made(self):
        """Make the work order of this turn now and open it."""
        self.ensure_one()
        return self.action_make().get_formview_action()

    def _try_make(self):
        """Make what is due; what fails says why and waits for tomorrow.

        :return: the turns whose order was made
        """
        made = self.browse()
        for turn in self.try_lock_for_update().filtered(lambda t: t.state == "open"):
            try:
                with self.env.cr.savepoint():
                    turn.with_company(turn.company_id)._make()
                    turn.recurring_id._update_turns(turn.asset_id)
                made |= turn
            except Exception as error:  # one bad turn must not keep the others
                _logger.exception("The order of %s failed", turn.display_name)
                turn.problem = turn._get_problem_text(error)
        return made

    def _get_problem_text(self, error):
        """Return what went wrong, for people; the log has the rest."""
        if isinstance(error, UserError):
            return str(error)
        return self.env._(
            "Unexpected error: %(name)s. The log of the server says more.",
            name=type(error).__name__,
        )

    def _make(self):
        """Make order, jobs and visit of one turn; ``self`` is superuser."""
        self.ensure_one()
        self._check_makeable()
        order = self.env["aftersales.order"].create(self._prepare_order_values())
        self._set_state(
            "made", order_id=order.id, date_made=fields.Datetime.now(), problem=False
        )
        order.job_ids._check_warranty()
        if self._is_paid(order):
            order.action_approve(method="contract", note=self.recurring_id.name)
        else:
            order.action_estimate()
        visit = order.action_create_visit()
        visit.write(self._prepare_visit_values(visit))
        order.message_post(
            body=self.env._(
                "Made for the recurring visit “%(name)s”, due on %(date)s.",
                name=self.recurring_id.name,
                date=format_date(self.env, self.date or self.date_planned),
            )
        )

    def _check_makeable(self):
        """Refuse an order that nobody could do."""
        if not self.partner_id:
            raise UserError(
                self.env._(
                    "%(asset)s has no owner: who is visited? Set it on the asset.",
                    asset=self.asset_id.display_name,
                )
            )
        recurring = self.recurring_id
        templates = recurring.template_ids.filtered("active")
        if not templates:
            raise UserError(
                self.env._(
                    "%(recurring)s: its jobs are archived. Choose others.",
                    recurring=recurring.name,
                )
            )
        if recurring.payer_id and not recurring.payer_id.active:
            raise UserError(
                self.env._(
                    "%(recurring)s: the payer %(payer)s is archived. Choose another.",
                    recurring=recurring.name,
                    payer=recurring.payer_id.name,
                )
            )

    def _prepare_order_values(self):
        """Return the values of the order of this turn, with its jobs."""
        self.ensure_one()
        recurring = self.recurring_id
        values = {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "asset_id": self.asset_id.id,
            "is_onsite": True,
            "channel": "outbound",
            "complaint": recurring.name,
            "user_id": recurring.user_id.id,
            "job_ids": [
                Command.create(self._prepare_job_values(template))
                for template in recurring.template_ids
                if template.active
            ],
        }
        if recurring.team_id:
            values["team_id"] = recurring.team_id.id
        return values

    def _prepare_job_values(self, template):
        values = {"template_id": template.id}
        if self.recurring_id.payer_id:
            values["payer_id"] = self.recurring_id.payer_id.id
        return values

    def _is_paid(self, order):
        """Whether the customer pays nothing of ``order``: it needs no answer."""
        lines = order.job_ids.line_ids
        return bool(lines) and not any(
            order._is_billed_to_customer(line.payer_id)
            and not line.currency_id.is_zero(line.price_total)
            for line in lines
        )

    def _prepare_visit_values(self, visit):
        """Return when and by whom the visit of this turn is wanted."""
        self.ensure_one()
        recurring = self.recurring_id
        slack = timedelta(days=recurring.days_slack)
        day = max(self.date or self.date_planned, fields.Date.context_today(self))
        values = {
            "date_earliest": self._get_moment(day - slack, time.min),
            "date_deadline": self._get_moment(day + slack, time(23, 59, 59)),
        }
        if recurring.preferred_id:
            values["preferred_id"] = recurring.preferred_id.id
        if recurring.note:
            values["note"] = recurring.note
        return values

    def _get_moment(self, day, clock):
        """Return a local time of the company in UTC."""
        tz = pytz.timezone(self.company_id.resource_calendar_id.tz or "UTC")
        moment = tz.localize(datetime.combine(day, clock))
        return moment.astimezone(pytz.utc).replace(tzinfo=None)

    # The customer

    def _tell_customers(self):
        """Tell customers about orders just made: one message for all their assets."""
        told = self.filtered(lambda turn: turn.order_id and turn.recurring_id.is_told)
        template = self.env.ref(
            "aftersales_field.mail_template_recurring", raise_if_not_found=False
        )
        if not template:
            return
        for _key, turns in told.grouped(
            lambda turn: (turn.recurring_id, turn._get_contact())
        ).items():
            if turns[0]._get_contact().email:
                turns._tell_customer(template)

    def _tell_customer(self, template):
        """Write to one customer; if that fails, the advisor does, and nothing stops."""
        order = self[0].order_id
        try:
            with self.env.cr.savepoint():
                template.with_context(aftersales_turn_ids=self.ids).send_mail(order.id)
        except Exception as error:  # one bad message must not keep the others
            _logger.exception("Telling of %s failed", order.name)
            order._remind_advisor(
                self.env._("Tell the customer about the recurring visit"),
                note=self._get_problem_text(error),
            )

    def _get_contact(self):
        """Return who is told of the visit."""
        self.ensure_one()
        return self.order_id.contact_id or self.partner_id


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    recurring_turn_ids = fields.One2many(
        "aftersales.recurring.turn", "order_id", "Recurring Visit"
    )

    def _get_told_turns(self):
        """Return the turns that one message tells a customer about."""
        self.ensure_one()
        ids = self.env.context.get("aftersales_turn_ids")
        turns = self.env["aftersales.recurring.turn"].browse(ids or ())
        return turns or self.recurring_turn_ids
