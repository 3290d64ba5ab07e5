from odoo import api, fields, models
from odoo.tools import format_date

from .rights import PRICE_GROUPS


class AftersalesOrder(models.Model):
    """What the screens say at first sight: what is missing, what waits for whom."""

    _inherit = "aftersales.order"

    state = fields.Selection(group_expand="_group_expand_state")
    payer_ids = fields.Many2many(
        "aftersales.payer", compute="_compute_payer_ids", string="Who Pays"
    )
    job_draft_count = fields.Integer("Jobs to Quote", compute="_compute_job_counts")
    job_waiting_count = fields.Integer(
        "Jobs Waiting for an Answer", compute="_compute_job_counts"
    )
    hours_planned = fields.Float(
        "Labour Hours",
        compute="_compute_hours_planned",
        help="Standard hours of the labour on all jobs that were not declined.",
    )
    invoice_summary = fields.Text(
        "Invoices and Payments",
        compute="_compute_invoice_summary",
        compute_sudo=True,
        groups=PRICE_GROUPS,
        help="What was billed and whether it is paid, for who hands over.",
    )
    date_last_visit = fields.Datetime("Last Visit", compute="_compute_date_last_visit")
    missing = fields.Text(
        compute="_compute_missing", help="What holds this order up, one thing a line."
    )

    @api.model
    def _group_expand_state(self, states, domain):
        """Show the columns of open orders, in their order, even when empty."""
        everything = [value for value, _label in self._fields["state"].selection]
        return [
            value
            for value in everything
            if value not in ("done", "cancel") or value in states
        ]

    @api.depends("name", "asset_id")
    @api.depends_context("aftersales_show_asset")
    def _compute_display_name(self):
        """Show the number; in the calendar, which shows nothing else, the asset too."""
        show_asset = self.env.context.get("aftersales_show_asset")
        for order in self:
            name = self.env._("New") if order.name == "/" else order.name
            if show_asset and order.asset_id:
                name = f"{name} {order.asset_id.display_name}"
            order.display_name = name

    @api.depends(
        "job_ids.payer_id",
        "job_ids.line_ids.payer_id",
        "job_ids.share_ids.payer_id",
    )
    def _compute_payer_ids(self):
        for order in self:
            jobs = order.job_ids
            order.payer_ids = (
                jobs.payer_id | jobs.line_ids.payer_id | jobs.share_ids.payer_id
            )

    @api.depends("job_ids.state")
    def _compute_job_counts(self):
        for order in self:
            states = order.job_ids.mapped("state")
            order.job_draft_count = states.count("draft")
            order.job_waiting_count = states.count("proposed")

    @api.depends(
        "job_ids.state", "job_ids.line_ids.product_uom_qty", "job_ids.line_ids.kind"
    )
    def _compute_hours_planned(self):
        hour = self.env.ref("uom.product_uom_hour")
        for order in self:
            order.hours_planned = sum(
                line.product_uom_id._compute_quantity(line.product_uom_qty, hour)
                for line in order.job_ids.line_ids
                if line.kind == "labour"
                and line.job_id.state not in ("declined", "cancel")
                and line.product_uom_id._has_common_reference(hour)
            )

    @api.depends("invoice_ids.state", "invoice_ids.payment_state")
    def _compute_invoice_summary(self):
        Move = self.env["account.move"]
        states = dict(Move._fields["state"]._description_selection(self.env))
        payments = dict(Move._fields["payment_state"]._description_selection(self.env))
        for order in self:
            order.invoice_summary = "\n".join(
                "{name} {amount} {state}".format(
                    name=move.display_name,
                    amount=move.currency_id.format(move.amount_total_signed),
                    state=payments[move.payment_state]
                    if move.state == "posted"
                    else states[move.state],
                )
                for move in order.invoice_ids
            )

    @api.depends("asset_id")
    def _compute_date_last_visit(self):
        dates = dict(
            self._read_group(
                [
                    ("asset_id", "in", self.asset_id.ids),
                    ("id", "not in", self.ids),
                    ("date_out", "!=", False),
                ],
                ["asset_id"],
                ["date_out:max"],
            )
        )
        for order in self:
            order.date_last_visit = dates.get(order.asset_id._origin, False)

    @api.depends(
        "state",
        "job_ids.state",
        "job_ids.line_ids.availability_state",
        "date_promised",
        "meter_in",
        "meter_out",
        "old_part_ids.state",
    )
    def _compute_missing(self):
        for order in self:
            order.missing = "\n".join(order._get_missing())

    def _get_missing(self):
        """Return sentences that say what this order still needs; add-ons add theirs."""
        self.ensure_one()
        if self.state in ("done", "cancel"):
            return []
        missing = []
        waiting = self.job_ids.filtered(lambda job: job.state == "proposed")
        if waiting:
            missing.append(
                self.env._(
                    "Customer's answer: %(jobs)s",
                    jobs=", ".join(waiting.mapped("name")),
                )
            )
        for line in self.job_ids.line_ids:
            if line.job_id.state in ("declined", "cancel"):
                continue
            if line.availability_state == "missing":
                missing.append(
                    self.env._(
                        "%(part)s: not in stock and not on order", part=line.name
                    )
                )
            elif line.availability_state == "expected":
                missing.append(
                    self.env._(
                        "%(part)s: expected on %(date)s",
                        part=line.name,
                        date=format_date(self.env, line.date_expected),
                    )
                    if line.date_expected
                    else self.env._("%(part)s: on order", part=line.name)
                )
        if (
            self.date_promised
            and self.date_parts_expected
            and self.date_promised < self.date_parts_expected
        ):
            missing.append(
                self.env._("The parts are expected after the promised time.")
            )
        meter_field = "meter_out" if self.state == "ready" else "meter_in"
        if self.asset_id.category_id.meter_required and not self[meter_field]:
            missing.append(
                self.env._("Meter reading at hand-over")
                if meter_field == "meter_out"
                else self.env._("Meter reading at reception")
            )
        missing += [
            self.env._(
                "Old part %(tag)s: %(product)s",
                tag=part.name,
                product=part.product_id.display_name,
            )
            for part in self.old_part_ids
            if part.state == "expected"
        ]
        return missing

    def _get_next_step(self):
        self.ensure_one()
        if self.state == "progress" and self.job_ids:
            states = set(self.job_ids.mapped("state"))
            if states <= {"done", "declined", "cancel"}:
                return self.env._("All jobs are done: complete the order.")
        if self.state == "ready" and not self.to_invoice:
            return self.env._("Hand over.")
        return super()._get_next_step()

    def action_invoice_collective(self):
        """Bill the selected orders with one invoice per payer and customer."""
        return self.action_invoice(collective=True)

    def action_preview(self):
        """Show the order as the customer sees it on the portal."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "target": "self",
            "url": self.get_portal_url(),
        }


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    payers = fields.Char("Who Pays", compute="_compute_payers")
    line_summary = fields.Text("Parts and Labour", compute="_compute_line_summary")

    @api.depends(
        "payer_id",
        "line_ids.payer_id",
        "share_ids.payer_id",
        "share_ids.kind",
        "share_ids.percentage",
        "share_ids.amount",
    )
    def _compute_payers(self):
        """Name the payers, with their shares: “Customer, Maker warranty 30 %”."""
        for job in self:
            others = (job.line_ids.payer_id - job.payer_id).mapped("name")
            job.payers = ", ".join(
                [
                    job.payer_id.name or "",
                    *others,
                    *(share._get_label() for share in job.share_ids),
                ]
            )

    @api.depends("line_ids.name", "line_ids.product_uom_qty")
    def _compute_line_summary(self):
        """List what the job needs, a line each: “1.5 × Mechanic's hour”."""
        for job in self:
            job.line_summary = "\n".join(
                f"{line.product_uom_qty:g} × {line.name}" for line in job.line_ids
            )


class AftersalesJobShare(models.Model):
    _inherit = "aftersales.job.share"

    def _get_label(self):
        self.ensure_one()
        if self.kind == "percent":
            return f"{self.payer_id.name} {self.percentage:g} %"
        amount = (
            self.currency_id.format(self.amount) if self.currency_id else self.amount
        )
        return f"{self.payer_id.name} {amount}"
