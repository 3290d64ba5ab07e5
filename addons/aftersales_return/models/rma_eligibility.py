from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class AftersalesReturnLine(models.Model):
    """Said while the customer is on the phone: may it come back, and for what."""

    _inherit = "aftersales.return.line"

    eligibility = fields.Text(
        "May Come Back",
        compute="_compute_eligibility",
        compute_sudo=True,
        help="The delivery it left by, how much of it is left, and the guarantee.",
    )

    @api.depends("product_id", "lot_id", "serial", "move_id", "partner_id", "state")
    @api.depends_context("lang")
    def _compute_eligibility(self):
        self.eligibility = False
        todo = self.filtered(
            lambda line: (
                line.state == "draft" and line.product_id and line.return_id.partner_id
            )
        )
        deliveries = {line: line._get_intake_delivery() for line in todo}
        moves = self.env["stock.move"].sudo().union(*deliveries.values())
        left = moves._get_returnable(except_lines=todo._origin)
        standings = todo._get_standings()
        Engine = self.env["aftersales.warranty.engine"]
        for line, move in deliveries.items():
            words = [line._describe_delivery(move, left.get(move, 0.0))]
            standing = standings.get(line)
            if standing and standing["level"] != "none":
                words.append(Engine._describe_standing(standing)["text"])
            line.eligibility = "\n".join(words)

    def _get_intake_delivery(self):
        """Return the delivery of what is being written down, also by a mere serial."""
        self.ensure_one()
        if self.move_id or not self._is_unknown_serial():
            return self.move_id.sudo()._origin
        rma = self.return_id
        return (
            self.env["stock.move"]
            .sudo()
            .search(
                self._get_delivery_domain(rma.partner_id._origin, rma.company_id)
                & Domain("product_id", "=", self.product_id._origin.id)
                & Domain("move_line_ids.lot_id.name", "=", self.serial.strip()),
                order="date desc, id desc",
                limit=1,
            )
        )

    def _describe_delivery(self, move, left):
        self.ensure_one()
        if not move:
            return self.env._(
                "No delivery of it to %(customer)s is known.",
                customer=self.return_id.partner_id.display_name,
            )
        delivered = fields.Date.context_today(self, move.date)
        return self.env._(
            "%(delivery)s, %(date)s, %(days)s days ago: %(left)s can come back.",
            delivery=move.reference or move.display_name,
            date=format_date(self.env, delivered),
            days=(fields.Date.context_today(self) - delivered).days,
            left=f"{max(left, 0.0):g}",
        )

    @api.onchange("product_id", "serial", "lot_id", "move_id")
    def _onchange_propose_operation(self):
        """Propose the first thing that the customer may ask for."""
        if self.operation_id or not self.product_id or not self.return_id.partner_id:
            return
        move = self._get_intake_delivery()
        company = self.return_id.company_id
        verdicts = (
            self.env["aftersales.return.operation"]
            .sudo()
            ._get_portal_operations(company)
            ._get_portal_verdicts(
                move and fields.Date.context_today(self, move.date),
                self._get_standings().get(self),
            )
        )
        operations = [item["operation"] for item in verdicts if item["is_open"]]
        if operations:
            self.operation_id = operations[0].with_env(self.env)
