from odoo import api, fields, models, tools
from odoo.exceptions import UserError


class AftersalesCloseCheck(models.Model):
    """A thing that must be there before an order is billed or handed over (A28).

    Which ones a house wants, and for which assets, is data; what each one looks at
    is a method ``_get_gaps_<code>`` of the work order.
    """

    _name = "aftersales.close.check"
    _description = "Close Check"
    _inherit = ["aftersales.cached.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Selection(
        [
            ("meter", "Meter at start and hand-over"),
            ("technician", "Technician on each job"),
            ("category", "Category of the asset"),
            ("fault", "Fault code on each repair"),
            ("cause", "Cause and correction on each job"),
            ("purchase", "Purchase order for work done elsewhere"),
            ("root_cause", "Root cause of come-backs"),
            ("payment_way", "Way of payment"),
        ],
        required=True,
    )
    step = fields.Selection(
        [("invoice", "Invoice"), ("deliver", "Hand-over")],
        "Needed Before",
        required=True,
        default="invoice",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies."
    )
    category_ids = fields.Many2many(
        "aftersales.asset.category",
        string="Asset Categories",
        domain="[('is_vehicle', '=', True)]",
        help="Empty: for all vehicles.",
    )

    @api.model
    @tools.ormcache("step", "company.id")
    def _get_checks(self, step, company):
        """Return ``((code, ids of categories), …)``; asked at each bill."""
        checks = self.sudo().search_fetch(
            [("step", "=", step), ("company_id", "in", (False, company.id))],
            ["code", "category_ids"],
        )
        return tuple(
            (check.code, frozenset(check.category_ids.ids)) for check in checks
        )


class AftersalesOrder(models.Model):
    """What is not written yet when somebody wants to bill or hand over."""

    _inherit = "aftersales.order"

    def _get_gaps(self, step):
        """Return what the close checks of ``step`` miss on this order, in words."""
        self.ensure_one()
        checks = self.env["aftersales.close.check"]._get_checks(step, self.company_id)
        if not checks or not self.is_vehicle:
            return []
        order = self.sudo()
        category = order.asset_id.category_id
        gaps = []
        for code, category_ids in checks:
            if not category_ids or category.id in category_ids:
                gaps += getattr(order, f"_get_gaps_{code}")(step)
        return gaps

    def _check_gaps(self, step):
        """Refuse to bill or hand over orders with gaps, naming each.

        :raises UserError: a line per order
        """
        lines = [
            f"{order.name}: {', '.join(gaps)}"
            for order in self
            if (gaps := order._get_gaps(step))
        ]
        if lines:
            raise UserError(
                self.env._(
                    "Something is still missing. Fill it in and try again.\n%(gaps)s",
                    gaps="\n".join(lines),
                )
            )

    def _get_done_jobs(self):
        self.ensure_one()
        return self.job_ids.filtered(
            lambda job: job.state in ("approved", "progress", "done")
        )

    def _get_gaps_meter(self, step):
        gaps = []
        if not self.meter_in:
            gaps.append(self.env._("meter at reception"))
        # The hand-over itself brings the second reading.
        if step == "deliver" and not self.meter_out:
            gaps.append(self.env._("meter at hand-over"))
        return gaps

    def _get_gaps_technician(self, _step):
        return [
            self.env._("technician of “%(job)s”", job=job.name)
            for job in self._get_done_jobs()
            if not job.technician_id
            and job.line_ids.filtered(lambda line: line.kind == "labour")
        ]

    def _get_gaps_category(self, _step):
        asset = self.asset_id
        if asset.category_id:
            return []
        return [self.env._("category of %(asset)s", asset=asset.display_name)]

    def _get_gaps_fault(self, _step):
        if self.visit_kind not in ("repair", "accident"):
            return []
        return [
            self.env._("fault code of “%(job)s”", job=job.name)
            for job in self._get_done_jobs()
            if not job.fault_id
        ]

    def _get_gaps_cause(self, _step):
        return [
            self.env._("cause and correction of “%(job)s”", job=job.name)
            for job in self._get_done_jobs()
            if job.fault_id and not (job.cause and job.correction)
        ]

    def _get_gaps_purchase(self, _step):
        sublets = self._get_done_jobs().line_ids.filtered(
            lambda line: (
                line.kind == "sublet"
                and not line.purchase_line_ids.filtered(
                    lambda purchase_line: purchase_line.state != "cancel"
                )
            )
        )
        return [
            self.env._("purchase order for “%(line)s”", line=line.name)
            for line in sublets
        ]

    def _get_gaps_root_cause(self, _step):
        return [
            self.env._("root cause of the come-back “%(job)s”", job=job.name)
            for job in self._get_done_jobs()
            if job.is_unsolved
        ]

    def _get_gaps_payment_way(self, _step):
        return [] if self.payment_way else [self.env._("way of payment")]

    def action_invoice(self, collective=None):
        self._check_gaps("invoice")
        return super().action_invoice(collective=collective)

    def action_deliver(self, meter_out=None, signer=None, signature=None):
        todo = self.filtered(lambda order: order.state == "ready")
        if meter_out:
            todo.write({"meter_out": meter_out})
        todo._check_gaps("deliver")
        return super().action_deliver(
            meter_out=meter_out, signer=signer, signature=signature
        )

    def _get_missing(self):
        missing = super()._get_missing()
        if self.state in ("progress", "quality", "ready"):
            missing += [
                self.env._("Before the invoice: %(gap)s", gap=gap)
                for gap in self._get_gaps("invoice")
            ]
        return missing
