import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

BATCH = 100


class AftersalesDeferral(models.Model):
    """Revenue of a cover that was sold for one asset, taken in over its term.

    The invoice credits the deferred revenue account. From the day the cover begins,
    each month takes its days' share of the amount to the revenue account. A credit
    note lowers what is left; one of the whole amount ends the schedule and takes back
    what was recognised, so that both accounts come to what the customer paid.
    """

    _name = "aftersales.deferral"
    _description = "Deferred Revenue of a Cover"
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["invoice_id", "asset_id", "product_id"]

    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        "Invoice Line",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    invoice_id = fields.Many2one(
        related="move_line_id.move_id",
        string="Invoice",
        store=True,
        precompute=True,
        index=True,
    )
    partner_id = fields.Many2one(related="move_line_id.partner_id", string="Customer")
    product_id = fields.Many2one(
        related="move_line_id.product_id", string="Cover", store=True, precompute=True
    )
    sale_line_id = fields.Many2one(
        "sale.order.line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    sale_order_id = fields.Many2one(
        related="sale_line_id.order_id", string="Sales Order"
    )
    aftersales_order_id = fields.Many2one(
        related="move_line_id.aftersales_order_id", string="Work Order"
    )
    asset_id = fields.Many2one(
        "aftersales.asset",
        check_company=True,
        index="btree_not_null",
        help="Empty: the serial number is not delivered yet, or has no asset.",
    )
    registration_id = fields.Many2one(
        "aftersales.warranty.registration",
        "Guarantee",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    account_id = fields.Many2one(
        "account.account",
        "Deferred Revenue Account",
        required=True,
        readonly=True,
        check_company=True,
    )
    account_income_id = fields.Many2one(
        "account.account",
        "Revenue Account",
        required=True,
        readonly=True,
        check_company=True,
    )
    months = fields.Integer("Term (months)", readonly=True)
    date_start = fields.Date(
        "Cover Begins",
        help="Empty: not known yet. It follows the delivery or the guarantee that "
        "comes first; you can also set it here.",
    )
    date_end = fields.Date(
        "Cover Ends", compute="_compute_date_end", store=True, readonly=True
    )
    amount = fields.Monetary("Invoiced", readonly=True)
    amount_currency = fields.Monetary(
        "In Invoice Currency", readonly=True, currency_field="invoice_currency_id"
    )
    invoice_currency_id = fields.Many2one(
        related="move_line_id.currency_id", string="Invoice Currency"
    )
    credit_ids = fields.One2many(
        "aftersales.deferral.credit", "deferral_id", "Credit Notes", readonly=True
    )
    line_ids = fields.One2many(
        "aftersales.deferral.line", "deferral_id", "Schedule", readonly=True
    )
    amount_credited = fields.Monetary(
        "Credited", compute="_compute_amounts", store=True
    )
    amount_recognised = fields.Monetary(
        "Recognised", compute="_compute_amounts", store=True
    )
    amount_left = fields.Monetary(
        "Still Deferred", compute="_compute_amounts", store=True
    )
    date_stopped = fields.Date("Stopped On", readonly=True, copy=False)
    is_external = fields.Boolean(
        readonly=True, help="Another application defers the revenue of this invoice."
    )
    state = fields.Selection(
        [
            ("waiting", "Waits for its Start"),
            ("running", "Running"),
            ("done", "Recognised"),
            ("stopped", "Stopped"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
    )

    @api.depends("date_start", "months")
    def _compute_date_end(self):
        for deferral in self:
            deferral.date_end = deferral.date_start and fields.Date.subtract(
                fields.Date.add(deferral.date_start, months=deferral.months), days=1
            )

    @api.depends(
        "amount",
        "credit_ids.amount",
        "line_ids.amount",
        "line_ids.move_id",
        "is_external",
    )
    def _compute_amounts(self):
        for deferral in self:
            credited = sum(deferral.credit_ids.mapped("amount"))
            recognised = sum(deferral._get_posted_lines().mapped("amount"))
            deferral.amount_credited = credited
            deferral.amount_recognised = recognised
            deferral.amount_left = (
                deferral.amount - credited - recognised
                if not deferral.is_external
                else 0.0
            )

    @api.depends("date_start", "date_stopped", "amount_left")
    def _compute_state(self):
        for deferral in self:
            if deferral.date_stopped:
                deferral.state = "stopped"
            elif not deferral.date_start:
                deferral.state = "waiting"
            elif deferral.currency_id.is_zero(deferral.amount_left):
                deferral.state = "done"
            else:
                deferral.state = "running"

    @api.depends("invoice_id.name", "asset_id.name", "product_id.name")
    def _compute_display_name(self):
        # As superuser: managers without rights in Invoicing see what was deferred.
        for deferral in self.sudo():
            parts = (
                deferral.invoice_id.name,
                deferral.product_id.name,
                deferral.asset_id.name,
            )
            deferral.display_name = " · ".join(part for part in parts if part)

    def write(self, vals):
        """A start or an asset set by hand makes the schedule."""
        moved = {"date_start", "asset_id"} & vals.keys()
        if moved and not self.env.su:
            fixed = self.filtered(lambda deferral: deferral.state != "waiting")
            if fixed:
                raise UserError(
                    self.env._(
                        "%(deferrals)s: the cover has begun. Credit the invoice if it "
                        "was sold for another asset or day.",
                        deferrals=", ".join(fixed.mapped("display_name")),
                    )
                )
        result = super().write(vals)
        if moved and not self.env.su:
            self.sudo()._try_start()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        if self._get_posted_lines():
            raise UserError(
                self.env._(
                    "%(deferrals)s: revenue was recognised already. Credit the invoice "
                    "instead.",
                    deferrals=", ".join(self.mapped("display_name")),
                )
            )
        self.sudo().line_ids._remove()

    def action_stop(self):
        """Take in at once what is left: the cover ended early and nothing is paid back.

        The entry is dated today.
        """
        deferrals = self._lock_open().filtered(
            lambda deferral: deferral.state in ("waiting", "running")
        )
        deferrals.date_stopped = fields.Date.context_today(self)
        deferrals._schedule()
        deferrals._get_due_lines()._create_entries()
        return True

    def action_post_due(self):
        """Make the entries that are due, without waiting for the night."""
        deferrals = self._lock_open()
        deferrals._try_start()
        deferrals._get_due_lines()._create_entries()
        return True

    def action_view_moves(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_journal_line"
        )
        return {
            **action,
            "domain": [("id", "in", self.line_ids.move_id.ids)],
            "context": {},
        }

    def _lock_open(self):
        """Check the right to change these and let one caller in at a time."""
        self.check_access("write")
        deferrals = self.sudo()
        deferrals.lock_for_update()
        return deferrals

    def _get_posted_lines(self):
        return self.line_ids.filtered(lambda line: line.move_id.state == "posted")

    def _get_due_lines(self):
        today = fields.Date.context_today(self)
        return self.line_ids.filtered(
            lambda line: not line.move_id and line.date <= today
        )

    def _try_start(self):
        """Begin the covers whose asset and first day are known by now."""
        for deferral in self.filtered(
            lambda deferral: not deferral.date_stopped and not deferral.line_ids
        ):
            if not deferral.asset_id:
                deferral.asset_id = deferral._find_delivered_asset()
            if not deferral.date_start:
                deferral.date_start = deferral._get_start()
            if deferral.date_start and deferral.asset_id:
                deferral._schedule()
                deferral._create_cover_registrations()

    def _find_delivered_asset(self):
        """Return the asset of a serial delivered with this sale that has no cover."""
        self.ensure_one()
        assets = self.sale_line_id._get_delivered_assets()
        siblings = self.sale_line_id.aftersales_deferral_ids - self
        return (assets - siblings.asset_id)[:1]

    def _get_start(self):
        """Return the day the cover begins, or False while it can't be known."""
        self.ensure_one()
        return bool(self.asset_id) and self.move_line_id._get_cover_start(self.asset_id)

    def _create_cover_registrations(self):
        """Register the covers that have begun, each once."""
        todo = self.filtered(
            lambda deferral: (
                not deferral.registration_id
                and deferral.asset_id
                and deferral.date_start
                and not deferral.date_stopped
            )
        )
        registrations = self.env["aftersales.warranty.registration"].create(
            [deferral._prepare_registration_values() for deferral in todo]
        )
        for deferral, registration in zip(todo, registrations, strict=True):
            deferral.registration_id = registration
        return registrations

    def _prepare_registration_values(self):
        self.ensure_one()
        return {
            **self.move_line_id._prepare_cover_registration_values(
                self.asset_id, self.date_start
            ),
            "cover_months": self.months,
            "price": max(self.amount_currency, 0.0),
        }

    @api.model
    def _cron_recognise(self):
        """Begin covers whose start is known by now, and book the months that are over.

        One bad record is logged by its name and does not stop the rest.
        """
        today = fields.Date.context_today(self)
        Cron = self.env["ir.cron"]
        waiting = self.search([("state", "=", "waiting")])
        due = self.env["aftersales.deferral.line"].search(
            [("move_id", "=", False), ("date", "<=", today)]
        )
        Cron._commit_progress(remaining=len(waiting) + len(due))
        for records, step in ((waiting, "_try_start"), (due, "_create_entries")):
            for start in range(0, len(records), BATCH):
                batch = records[start : start + BATCH]
                for record in batch.try_lock_for_update():
                    try:
                        with self.env.cr.savepoint():
                            getattr(record, step)()
                    except Exception:
                        _logger.exception("%s was not booked", record.display_name)
                if not Cron._commit_progress(len(batch)):
                    return
