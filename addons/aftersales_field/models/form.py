from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

KINDS = [
    ("complaint", "Repair (complaint) record"),
    ("service", "Service repair record"),
    ("month", "Monthly follow-up record"),
]


class AftersalesForm(models.Model):
    """A service paper: its code, its version, and who gets which copy (D16, R229).

    Papers that were issued keep the version they were issued with. What is printed on
    a form changes with a new version, and never on one that was used.
    """

    _name = "aftersales.form"
    _description = "Service Form"
    _order = "code, version desc, id desc"
    _check_company_auto = True

    name = fields.Char("Title", required=True, translate=True)
    code = fields.Char("Form Code", required=True)
    version = fields.Char(required=True, default="1.0", copy=False)
    kind = fields.Selection(KINDS, "Contents", required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    copy_ids = fields.One2many("aftersales.form.copy", "form_id", "Copies", copy=True)
    issue_ids = fields.One2many("aftersales.form.issue", "form_id", "Issued")
    issue_count = fields.Integer("Papers Issued", compute="_compute_issue_count")

    _version_unique = models.UniqueIndex(
        "(code, version, COALESCE(company_id, 0))",
        "This form has that version already.",
    )

    @api.depends("code", "version", "name")
    def _compute_display_name(self):
        for form in self:
            form.display_name = f"{form.code} {form.version} {form.name or ''}".strip()

    @api.depends("issue_ids")
    def _compute_issue_count(self):
        counts = dict(
            self.env["aftersales.form.issue"]._read_group(
                [("form_id", "in", self.ids)], ["form_id"], ["__count"]
            )
        )
        for form in self:
            form.issue_count = counts.get(form._origin, 0)

    def write(self, vals):
        if {"name", "code", "version", "kind", "copy_ids", "company_id"} & vals.keys():
            self._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    def _check_unused(self):
        """Refuse to change a form that papers were issued with."""
        used = self.sudo().filtered("issue_count")
        if used:
            raise UserError(
                self.env._(
                    "%(forms)s: papers were issued with it. Make a new version.",
                    forms=", ".join(used.mapped("display_name")),
                )
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for form, vals in zip(self, vals_list, strict=True):
            if not (default or {}).get("version"):
                vals["version"] = form._get_next_version()
        return vals_list

    def _get_next_version(self):
        """Return the version after this one: 1.0, 1.1, or with a figure added."""
        self.ensure_one()
        head, dot, last = self.version.rpartition(".")
        number = int(last) + 1 if last.isdecimal() else 1
        new = f"{head}{dot}{number}" if last.isdecimal() else f"{self.version}.1"
        taken = self.with_context(active_test=False).search(
            [("code", "=", self.code), ("company_id", "=", self.company_id.id)]
        )
        while new in taken.mapped("version"):
            number += 1
            new = f"{new.rpartition('.')[0]}{dot or '.'}{number}"
        return new

    def action_new_version(self):
        """Make the next version of this form; papers are issued with it from now on."""
        self.ensure_one()
        new = self.copy()
        self.active = False
        return new.get_formview_action()

    @api.model
    def _get_current(self, kind, company):
        """Return the form of a kind that papers are issued with.

        :raises UserError: if there is none
        """
        form = self.sudo().search(
            [("kind", "=", kind), ("company_id", "in", (company.id, False))],
            order="company_id, id desc",
            limit=1,
        )
        if not form:
            raise UserError(
                self.env._(
                    "No form for “%(kind)s” is in use. Make one under Configuration / "
                    "Field Service / Service Forms.",
                    kind=dict(self._fields["kind"]._description_selection(self.env))[
                        kind
                    ],
                )
            )
        return form

    def _get_number(self, company):
        """Return the next number of this form.

        The first of a form, and of a year, makes what it is counted with. Of two at
        once the second waits, fails with a serialization error by the row that the
        first rewrote, and is run again by Odoo's dispatcher.
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if not self._find_sequence(company):
            self._rewrite("aftersales_form", self)
        sequence = self._get_sequence(company)
        if not sequence.date_range_ids.filtered(
            lambda year: year.date_from <= today <= year.date_to
        ):
            self._rewrite("ir_sequence", sequence)
        return sequence.next_by_id(sequence_date=today)

    def _rewrite(self, table, record):
        self.env.cr.execute(
            SQL(
                "UPDATE %(table)s SET id = id WHERE id = %(id)s",
                table=SQL.identifier(table),
                id=record.id,
            ),
            log_exceptions=False,
        )

    def _find_sequence(self, company):
        return (
            self.env["ir.sequence"]
            .sudo()
            .search(
                [
                    ("code", "=", f"aftersales.form.{self.code}"),
                    ("company_id", "=", company.id),
                ],
                limit=1,
            )
        )

    def _get_sequence(self, company):
        """Return the sequence of this form's numbers: by year, and without gaps."""
        self.ensure_one()
        Sequence = self.env["ir.sequence"].sudo()
        return self._find_sequence(company) or Sequence.create(
            {
                "name": self.env._("Numbers of form %(code)s", code=self.code),
                "code": f"aftersales.form.{self.code}",
                "company_id": company.id,
                "implementation": "no_gap",
                "use_date_range": True,
                "prefix": f"{self.code}-%(range_year)s-",
                "padding": 4,
            }
        )

    def action_view_issues(self):
        """Open the papers issued with this version."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_field.form_issue_action"
        )
        return {**action, "domain": [("form_id", "in", self.ids)]}

    def _prepare_copies(self):
        """Return whom the copies are for, to be kept with a paper."""
        self.ensure_one()
        names = self.copy_ids.mapped("name")
        return names or [self.env._("Original")]

    @api.model
    def _issue(self, kind, company, **values):
        """Return the paper of a record: the one that was issued, or a new one.

        A paper that says something else than the record does by now is replaced.

        :param values: what it is about: ``order_id``, ``visit_id``, or ``month`` and
            ``team_id``
        """
        form = self._get_current(kind, company)
        Issue = self.env["aftersales.form.issue"].sudo()
        known = Issue.search(
            [
                ("kind", "=", kind),
                ("company_id", "=", company.id),
                ("state", "=", "issued"),
                *((field, "=", value) for field, value in values.items()),
            ],
            limit=1,
        )
        if known and not known._is_outdated():
            return known.with_env(self.env)
        if known:
            # Of two papers of one record, one counts.
            known._set_state("replaced")
            known.flush_recordset()
        lang = Issue.browse()._get_lang(values, company)
        frozen = form.with_context(lang=lang)
        issue = Issue.create(
            {
                **values,
                "name": form._get_number(company),
                "form_id": form.id,
                "code": form.code,
                "version": form.version,
                "title": frozen.name,
                "copies": frozen._prepare_copies(),
                "company_id": company.id,
                "user_id": self.env.user.id,
                "replaces_id": known.id,
            }
        )
        return issue.with_env(self.env)


class AftersalesFormCopy(models.Model):
    """One copy of a form, and who keeps it: stub, service department, customer."""

    _name = "aftersales.form.copy"
    _description = "Copy of a Form"
    _order = "form_id, sequence, id"

    form_id = fields.Many2one(
        "aftersales.form", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("For", required=True, translate=True)

    def write(self, vals):
        self.form_id._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.form_id._check_unused()

    @api.model_create_multi
    def create(self, vals_list):
        copies = super().create(vals_list)
        copies.form_id._check_unused()
        return copies


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    form_issue_ids = fields.One2many("aftersales.form.issue", "order_id", "Papers")

    def action_print_complaint(self):
        """Print the repair (complaint) records of these orders (R225)."""
        return self._print_form("complaint")

    def action_print_service(self):
        """Print the service repair records of these orders (R226)."""
        return self._print_form("service")

    def _print_form(self, kind):
        self.check_access("read")
        issues = self.env["aftersales.form.issue"]
        for order in self:
            issues |= self.env["aftersales.form"]._issue(
                kind, order.company_id, order_id=order.id, visit_id=False
            )
        return issues.action_print()


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    form_issue_ids = fields.One2many("aftersales.form.issue", "visit_id", "Papers")

    def action_print_complaint(self):
        """Print the repair (complaint) records of the orders of these visits."""
        return self.order_id.action_print_complaint()

    def action_print_service(self):
        """Print the service repair records of these visits (R226)."""
        self.check_access("read")
        issues = self.env["aftersales.form.issue"]
        for visit in self:
            issues |= self.env["aftersales.form"]._issue(
                "service",
                visit.company_id,
                order_id=visit.order_id.id,
                visit_id=visit.id,
            )
        return issues.action_print()


class ResCompany(models.Model):
    _inherit = "res.company"

    def _print_month(self, month, team=None):
        """Return the action that prints the follow-up record of a month (R228).

        :param month: a date in it
        :param team: ``aftersales.team``, or all
        """
        self.ensure_one()
        issue = self.env["aftersales.form"]._issue(
            "month",
            self,
            month=fields.Date.start_of(month, "month"),
            team_id=team.id if team else False,
        )
        return issue.action_print()
