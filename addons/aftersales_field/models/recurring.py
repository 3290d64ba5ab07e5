from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]


class AftersalesRecurringVisit(models.Model):
    """Visits that come again and again: by a contract, a meter or before a season.

    It says where, how often and what is done. Each visit that is due is a turn; the
    work order of a turn is made by night, some days ahead.
    """

    _name = "aftersales.recurring.visit"
    _description = "Recurring Visit"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    # Where
    target = fields.Selection(
        [("asset", "Each asset"), ("customer", "The customer")],
        "Visit",
        required=True,
        default="asset",
        help="Each asset: one work order per asset. The customer: one for the "
        "customer, without an asset, as for a key customer.",
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", check_company=True, index="btree_not_null"
    )
    asset_ids = fields.Many2many(
        "aftersales.asset",
        string="Assets",
        check_company=True,
        help="Empty: all that the following say.",
    )
    pack_id = fields.Many2one(
        "aftersales.warranty.pack",
        "Contract",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Only assets that are registered for this cover, as long as it is in "
        "force. It also says what is free.",
    )
    category_ids = fields.Many2many(
        "aftersales.asset.category", string="Asset Categories"
    )
    territory_id = fields.Many2one("aftersales.territory", "Region", check_company=True)
    # What
    template_ids = fields.Many2many(
        "aftersales.job.template", string="Jobs", required=True, check_company=True
    )
    note = fields.Text("Directions", help="What the engineer should know.")
    payer_id = fields.Many2one(
        "aftersales.payer",
        check_company=True,
        help="Who pays. Empty: as guarantees and contracts of the asset say, else the "
        "customer. What the customer doesn't pay is approved by itself.",
    )
    # When
    date_start = fields.Date(
        "First Due",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="By the meter, it counts from this day and reading. With a contract the "
        "first one is due an interval after the asset's contract began, not before "
        "this day.",
    )
    date_end = fields.Date("Until", tracking=True)
    interval = fields.Integer("Every", default=3, help="0: by the meter alone.")
    interval_unit = fields.Selection(
        [("day", "Days"), ("week", "Weeks"), ("month", "Months"), ("year", "Years")],
        required=True,
        default="month",
    )
    meter_interval = fields.Float(
        "or Every (Meter)",
        digits=(16, 0),
        help="In the unit of the asset's main meter; whichever comes first. The day is "
        "forecast from its readings. Counted from the visit before.",
    )
    season_first = fields.Selection(MONTHS, "Season From")
    season_last = fields.Selection(MONTHS, "Season Until")
    days_ahead = fields.Integer(
        default=21, help="So many days before it is due its work order is made."
    )
    days_slack = fields.Integer(
        "Days Before or After", default=7, help="How far a visit may be from its day."
    )
    # Who
    team_id = fields.Many2one(
        "aftersales.team", check_company=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        check_company=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    preferred_id = fields.Many2one(
        "hr.employee.public", "Preferred Engineer", check_company=True
    )
    is_told = fields.Boolean(
        "Tell the Customer", default=True, help="By e-mail, when the order is made."
    )
    turn_ids = fields.One2many("aftersales.recurring.turn", "recurring_id", "Turns")
    turn_count = fields.Integer("Due", compute="_compute_turns")
    problem_count = fields.Integer("With Problems", compute="_compute_turns")
    date_next = fields.Date("Next Due", compute="_compute_turns")
    order_count = fields.Integer("Orders", compute="_compute_turns")

    _figures = models.Constraint(
        "CHECK(interval >= 0 AND meter_interval >= 0 AND days_ahead >= 0 "
        "AND days_slack >= 0)",
        "Intervals and days can't be negative.",
    )
    _rhythm = models.Constraint(
        "CHECK(interval > 0 OR meter_interval > 0)",
        "Say how often: every so many days, weeks, months or years, or by the meter.",
    )
    _dates = models.Constraint(
        "CHECK(date_end >= date_start)", "It can't end before the first visit is due."
    )
    _season = models.Constraint(
        "CHECK((season_first IS NULL) = (season_last IS NULL))",
        "A season has a first and a last month.",
    )

    def _compute_turns(self):
        Turn = self.env["aftersales.recurring.turn"]
        groups = {
            (recurring, state): (count, date, orders, problems)
            for recurring, state, count, date, orders, problems in Turn._read_group(
                [("recurring_id", "in", self.ids)],
                ["recurring_id", "state"],
                ["__count", "date:min", "order_id:count_distinct", "problem:count"],
            )
        }
        for recurring in self:
            origin = recurring._origin
            count, date, _orders, problems = groups.get((origin, "open"), (0, 0, 0, 0))
            recurring.turn_count = count
            recurring.date_next = date
            recurring.problem_count = problems
            recurring.order_count = groups.get((origin, "made"), (0, 0, 0))[2]

    @api.constrains("template_ids")
    def _check_templates(self):
        for recurring in self:
            if not recurring.template_ids:
                raise ValidationError(
                    self.env._(
                        "%(recurring)s: choose the jobs that are done.",
                        recurring=recurring.name,
                    )
                )

    @api.constrains(
        "target", "partner_id", "asset_ids", "pack_id", "category_ids", "territory_id"
    )
    def _check_target(self):
        for recurring in self:
            if recurring.target == "customer" and not recurring.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(recurring)s: choose the customer who is visited.",
                        recurring=recurring.name,
                    )
                )
            if recurring.target == "asset" and not (
                recurring.partner_id
                or recurring.asset_ids
                or recurring.pack_id
                or recurring.category_ids
                or recurring.territory_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(recurring)s: choose assets, or the customer, contract, "
                        "category or region whose assets are visited.",
                        recurring=recurring.name,
                    )
                )

    @api.constrains("target", "interval", "meter_interval")
    def _check_meter(self):
        for recurring in self:
            if recurring.target == "customer" and not recurring.interval:
                raise ValidationError(
                    self.env._(
                        "%(recurring)s: a customer has no meter. Say every how many "
                        "days, weeks, months or years.",
                        recurring=recurring.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_made(self):
        made = self.filtered("order_count")
        if made:
            raise ValidationError(
                self.env._(
                    "%(recurring)s has made work orders. Archive it instead.",
                    recurring=", ".join(made.mapped("name")),
                )
            )

    # Which assets

    def _get_assets_domain(self):
        """Return what the assets of this recurring visit have in common."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id)
        if self.asset_ids:
            domain &= Domain("id", "in", self.asset_ids.ids)
        if self.partner_id:
            domain &= Domain("partner_id", "child_of", self.partner_id.id)
        if self.category_ids:
            domain &= Domain("category_id", "in", self.category_ids.ids)
        if self.pack_id:
            domain &= Domain("registration_ids", "any", self._get_contract_domain())
        return domain

    def _get_contract_domain(self):
        """Return which registrations of the contract are in force."""
        self.ensure_one()
        return Domain("pack_id", "=", self.pack_id.id) & Domain("is_running", "=", True)

    def _get_assets(self):
        """Return the assets that are visited today, by what is said here."""
        self.ensure_one()
        if self.target == "customer":
            return self.env["aftersales.asset"]
        assets = self.env["aftersales.asset"].search(self._get_assets_domain())
        if self.territory_id:
            find = self.env["aftersales.territory"]._find
            assets = assets.filtered(
                lambda asset: (
                    find(asset.site_id or asset.partner_id, self.company_id)
                    == self.territory_id
                )
            )
        return assets.filtered("partner_id")

    def _get_registrations(self, assets):
        """Return ``{asset: registration}`` of the contract, the one that ends last."""
        self.ensure_one()
        if not self.pack_id or not assets:
            return {}
        registrations = (
            self.env["aftersales.warranty.registration"]
            .sudo()
            .search(
                self._get_contract_domain() & Domain("asset_id", "in", assets.ids),
                order="date_end",
            )
        )
        return {each.asset_id: each for each in registrations}

    # Buttons

    def action_make_now(self):
        """Make the work orders of all turns that are due, now (see the turns)."""
        self.check_access("write")
        for recurring in self.filtered("active"):
            recurring.sudo()._update_turns()
            recurring.turn_ids.filtered(lambda turn: turn._is_due()).action_make()
        return True

    def action_update(self):
        """Reckon anew which visits are due next."""
        self.check_access("write")
        for recurring in self:
            recurring.sudo()._update_turns()
        return True

    def action_view_turns(self):
        """Open the turns of these recurring visits."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_field.recurring_turn_action"
        )
        return {
            **action,
            "domain": [("recurring_id", "in", self.ids)],
            "context": {"search_default_open": 1},
        }

    def action_view_orders(self):
        """Open the work orders that were made."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.order_action"
        )
        return {
            **action,
            "domain": [("id", "in", self.turn_ids.order_id.ids)],
            "context": {},
        }
