from collections import Counter

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

REPORTS = {
    "complaint": "aftersales_field.action_report_form_complaint",
    "service": "aftersales_field.action_report_form_service",
    "month": "aftersales_field.action_report_form_month",
}
# What is written on a paper of the register later: where it is kept.
BY_HAND = {"file_place"}


class AftersalesFormIssue(models.Model):
    """The register of papers: a number each, by form and year, without a gap (R227).

    Printed again, a paper keeps its number and says that it is a copy. What is spoilt
    is voided with a reason, what changed since is replaced: both stay in the register.
    """

    _name = "aftersales.form.issue"
    _description = "Service Paper"
    _inherit = ["aftersales.state.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char("Number", required=True, readonly=True, index="trigram")
    form_id = fields.Many2one(
        "aftersales.form",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        context={"active_test": False},
    )
    kind = fields.Selection(
        related="form_id.kind", store=True, precompute=True, index=True
    )
    # As they were when it was issued.
    code = fields.Char("Form Code", required=True, readonly=True)
    version = fields.Char(required=True, readonly=True)
    title = fields.Char(required=True, readonly=True)
    copies = fields.Json(readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    date = fields.Date(
        "Issued", required=True, readonly=True, default=fields.Date.context_today
    )
    user_id = fields.Many2one("res.users", "Issued By", required=True, readonly=True)
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    visit_id = fields.Many2one(
        "aftersales.visit",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    month = fields.Date(readonly=True)
    team_id = fields.Many2one("aftersales.team", readonly=True, check_company=True)
    state = fields.Selection(
        [("issued", "Issued"), ("replaced", "Replaced"), ("void", "Void")],
        required=True,
        readonly=True,
        default="issued",
        index=True,
    )
    void_reason = fields.Char(readonly=True)
    print_count = fields.Integer("Times Printed", readonly=True)
    date_printed = fields.Datetime("Last Printed", readonly=True)

    _number_unique = models.UniqueIndex(
        "(company_id, name)", "A paper of this company has that number already."
    )
    _one_per_record = models.UniqueIndex(
        "(company_id, kind, COALESCE(order_id, 0), COALESCE(visit_id, 0), "
        "COALESCE(month, '1900-01-01'), COALESCE(team_id, 0)) "
        "WHERE state = 'issued'",
        "This paper was issued at the same moment. Print it again.",
    )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "issued": {"replaced", "void"},
        }

    def write(self, vals):
        if not self.env.su and (refused := vals.keys() - BY_HAND):
            raise AccessError(
                self.env._(
                    "%(papers)s: %(fields)s stays as it was issued. Void the paper "
                    "with a reason, and print another one.",
                    papers=", ".join(self.sudo().mapped("name")),
                    fields=", ".join(sorted(refused)),
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "%(papers)s: a number that was given stays in the register. Void it "
                "with a reason.",
                papers=", ".join(self.mapped("name")),
            )
        )

    def action_void(self, reason=None):
        """Say that these papers do not count; their numbers are not used again.

        :param str reason: why; required
        """
        self._check_reason(reason)
        self._lock()._set_state("void", void_reason=reason)
        return True

    def action_print(self):
        """Print these papers, all of one kind, with all their copies."""
        if len(set(self.mapped("kind"))) != 1:
            raise UserError(self.env._("Print papers of one kind at a time."))
        report = self.env.ref(REPORTS[self[0].kind])
        return report.report_action(self)

    def _count_print(self):
        """Keep that these papers were printed: the next print is a copy."""
        for issue in self.sudo():
            issue.write(
                {
                    "print_count": issue.print_count + 1,
                    "date_printed": fields.Datetime.now(),
                }
            )

    # What stands on the papers

    @api.model
    def _get_lang(self, values, company):
        """Return the language of a paper: the customer's, else the company's."""
        order = self.env["aftersales.order"].sudo().browse(values.get("order_id") or ())
        return order.partner_id.lang or company.partner_id.lang or self.env.lang

    def _get_report_lang(self):
        self.ensure_one()
        return self._get_lang({"order_id": self.order_id.id}, self.company_id)

    def _get_report_base_filename(self):
        self.ensure_one()
        return f"{self.title} {self.name}".replace("/", "-")

    def _get_signature_labels(self):
        """Return who signs the papers, by key."""
        return {
            "recorder": self.env._("Recorder"),
            "head": self.env._("Department Head"),
            "store": self.env._("Storekeeper"),
            "technician": self.env._("Technician"),
            "customer": self.env._("Customer"),
        }

    def _get_visits(self):
        """Return the visits that the paper is about, as superuser."""
        self.ensure_one()
        issue = self.sudo()
        visits = issue.visit_id or issue.order_id.visit_ids
        return visits.filtered(lambda visit: visit.state != "cancel").sorted("start")

    def _get_jobs(self):
        """Return the jobs that the paper is about, as superuser."""
        self.ensure_one()
        issue = self.sudo()
        jobs = issue.visit_id.job_ids or issue.order_id.job_ids
        return jobs.filtered(lambda job: job.state != "cancel")

    def _get_parts_used(self):
        """Return the lines of parts that were built in."""
        return self._get_jobs().line_ids.filtered(
            lambda line: line.kind == "part" and line.qty_used
        )

    def _get_lots_used(self, line):
        """Return the lots and serial numbers of a part that was built in."""
        moves = line.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_usage == "customer"
        )
        return moves.lot_ids

    def _get_papers(self):
        """Return the names of files that belong to a complaint (R225)."""
        self.ensure_one()
        order = self.sudo().order_id
        files = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", order._name),
                    ("res_id", "=", order.id),
                    ("res_field", "=", False),
                ],
                order="id",
            )
        )
        return files.mapped("name")

    def _get_month_label(self):
        self.ensure_one()
        return format_date(self.env, self.month, date_format="MMMM y")

    def _get_month_period(self):
        """Return the first moments of the month and of the next one, in UTC."""
        self.ensure_one()
        zone = self.company_id.resource_calendar_id.tz or "UTC"
        to_utc = self.env["aftersales.form.month"]._to_utc
        return (
            to_utc(self.month, zone),
            to_utc(self.month + relativedelta(months=1), zone),
        )

    def _get_month_rows(self):
        """Return the visits of the month with what the customer said about them.

        :return: list of dicts ``visit``, ``order``, ``calls``
        """
        self.ensure_one()
        begin, end = self._get_month_period()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "done"),
            ("date_left", ">=", begin),
            ("date_left", "<", end),
        ]
        if self.team_id:
            domain.append(("team_id", "=", self.team_id.id))
        visits = (
            self.env["aftersales.visit"].sudo().search(domain, order="date_left, id")
        )
        calls = self._get_calls(visits.order_id, begin)
        return [
            {
                "visit": visit,
                "order": visit.order_id,
                "calls": [
                    call for call in calls.get(visit.order_id, ())
                    if call.date >= visit.date_left
                ],
            }
            for visit in visits
        ]  # fmt: skip

    def _get_calls(self, orders, begin):
        """Return ``{order: calls to its customer since then}`` of the register."""
        calls = (
            self.env["aftersales.call"]
            .sudo()
            .search(
                [
                    ("order_id", "in", orders.ids),
                    ("direction", "=", "out"),
                    ("date", ">=", begin),
                ],
                order="date, id",
            )
        )
        return calls.grouped("order_id")

    def _get_month_totals(self, rows):
        """Return ``(label, figure)`` pairs at the foot of the monthly record."""
        self.ensure_one()
        visits = self.env["aftersales.visit"].union(*(row["visit"] for row in rows))
        outcomes = Counter(visits.mapped("outcome"))
        scores = [
            int(each) for each in visits.mapped("opinion") if each and each != "refused"
        ]
        totals = [
            (self.env._("Visits"), len(visits)),
            (self.env._("Work orders"), len(visits.order_id)),
        ]
        labels = dict(visits.get_outcomes())
        totals += [(labels[key], count) for key, count in outcomes.items() if key]
        totals.append((self.env._("Opinions"), len(scores)))
        if scores:
            mean = sum(scores) / len(scores)
            totals.append((self.env._("Mean opinion (of 5)"), f"{mean:.1f}"))
        totals.append(
            (self.env._("Customers called afterwards"),
             sum(bool(row["calls"]) for row in rows))
        )  # fmt: skip
        return totals
