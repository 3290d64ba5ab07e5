from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AftersalesRecurringTurn(models.Model):
    """One visit of a recurring visit: due on a day, for an asset or a customer.

    There is one open turn at a time; what was made or skipped stays as history. The
    day of the rhythm is its key, so that no visit is made twice.
    """

    _name = "aftersales.recurring.turn"
    _description = "Turn of a Recurring Visit"
    _inherit = ["aftersales.state.mixin"]
    _order = "date, id"
    _rec_names_search = ["recurring_id", "asset_id"]
    _check_company_auto = True

    recurring_id = fields.Many2one(
        "aftersales.recurring.visit",
        "Recurring Visit",
        required=True,
        index=True,
        check_company=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="recurring_id.company_id", store=True, precompute=True, index=True
    )
    team_id = fields.Many2one(related="recurring_id.team_id")
    asset_id = fields.Many2one(
        "aftersales.asset",
        index="btree_not_null",
        readonly=True,
        check_company=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        compute="_compute_partner_id",
        store=True,
        index=True,
        precompute=True,
    )
    registration_id = fields.Many2one(
        "aftersales.warranty.registration",
        "Contract",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    date_planned = fields.Date(
        "By the Rhythm", required=True, readonly=True, help="The key of this turn."
    )
    date_due = fields.Date(
        "Reckoned",
        readonly=True,
        help="In season, or as forecast from the meter. Empty: nobody can tell before "
        "the meter is read.",
    )
    date_moved = fields.Date(
        "Moved To", help="Another day for this one; those after it stay."
    )
    date = fields.Date("Due", compute="_compute_date", store=True, index=True)
    meter_due = fields.Float(
        "Due at Meter", digits=(16, 0), readonly=True, help="Over all meters fitted."
    )
    state = fields.Selection(
        [
            ("open", "Due"),
            ("made", "Order Made"),
            ("skipped", "Skipped"),
            ("lapsed", "No Longer Due"),
        ],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    reason = fields.Char(readonly=True)
    problem = fields.Char(
        readonly=True, help="Why its work order could not be made. Tried every night."
    )
    date_made = fields.Datetime("Made", readonly=True)
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    order_state = fields.Selection(related="order_id.state", string="Order State")

    _once = models.UniqueIndex(
        "(recurring_id, COALESCE(asset_id, 0), date_planned)",
        "That visit is in the list already.",
    )
    _one_open = models.UniqueIndex(
        "(recurring_id, COALESCE(asset_id, 0)) WHERE state = 'open'",
        "One visit is due at a time.",
    )
    _order_once = models.UniqueIndex(
        "(order_id) WHERE order_id IS NOT NULL", "That work order has its turn already."
    )

    @api.depends("recurring_id.partner_id", "asset_id.partner_id")
    def _compute_partner_id(self):
        for turn in self:
            turn.partner_id = turn.asset_id.partner_id or turn.recurring_id.partner_id

    @api.depends("date_due", "date_moved")
    def _compute_date(self):
        for turn in self:
            turn.date = turn.date_moved or turn.date_due

    @api.depends("recurring_id.name", "asset_id.name", "partner_id.name", "date")
    def _compute_display_name(self):
        for turn in self:
            words = (
                turn.recurring_id.name,
                turn.asset_id.name or turn.partner_id.name,
                turn.date and format_date(self.env, turn.date),
            )
            turn.display_name = " · ".join(word for word in words if word)

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "open": {"made", "skipped", "lapsed"},
            "lapsed": {"open"},
        }

    def write(self, vals):
        if "date_moved" in vals:
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_made(self):
        made = self.filtered(lambda turn: turn.state == "made")
        if made:
            raise UserError(
                self.env._(
                    "%(turns)s has its work order. The history stays.",
                    turns=", ".join(made.mapped("display_name")),
                )
            )

    def _check_open(self):
        """Refuse to change what is not due any more."""
        over = self.filtered(lambda turn: turn.state != "open")
        if over:
            raise UserError(
                self.env._(
                    "%(turns)s is made or over. Move the visit of its work order "
                    "instead, or wait for the next turn.",
                    turns=", ".join(over.mapped("display_name")),
                )
            )

    def action_move(self, date, reason=None):
        """Have these turns on another day; those after them stay where they are.

        :param date: the new day
        :param str reason: why; kept
        """
        turns = self._lock()
        turns._check_open()
        turns.write(
            {"date_moved": fields.Date.to_date(date), "reason": reason or False}
        )
        return True

    def action_skip(self, reason=None):
        """Leave these turns out; the next one becomes due.

        :param str reason: why; required
        """
        turns = self._lock().filtered(lambda turn: turn.state != "skipped")
        turns._check_reason(reason)
        turns._set_state("skipped", reason=reason, problem=False)
        for recurring in turns.recurring_id:
            recurring._update_turns(turns.asset_id)
        return True

    def _is_due(self):
        """Whether the work order of this turn is to be made by now."""
        self.ensure_one()
        ahead = fields.Date.add(
            fields.Date.context_today(self), days=self.recurring_id.days_ahead
        )
        return self.state == "open" and bool(self.date) and self.date <= ahead
