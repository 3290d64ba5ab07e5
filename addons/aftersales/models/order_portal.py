from odoo import api, fields, models
from odoo.fields import Domain

# Texts of the workshop, cost and what others pay are not among them.
PORTAL_FIELDS = frozenset(
    {
        "id",
        "display_name",
        "create_date",
        "access_token",
        "access_url",
        "access_warning",
        "asset_id",
        "company_id",
        "complaint",
        "contact_id",
        "currency_id",
        "customer_waits",
        "date_completed",
        "date_in",
        "date_out",
        "date_planned",
        "date_promised",
        "has_message",
        "loaner",
        "message_ids",
        "message_is_follower",
        "meter_in",
        "meter_out",
        "meter_unit",
        "name",
        "old_parts_choice",
        "partner_id",
        "payment_way",
        "priority",
        "serial",
        "signed_by",
        "state",
        "user_id",
        "wash",
        "website_message_ids",
    }
)


class AftersalesOrder(models.Model):
    """What the customer sees of the order, and what the customer may do with it.

    The portal pages call these methods and hold no rules of their own. Amounts are
    those of the customer's own quotations: what a maker or an insurer pays is
    nobody's business but theirs.
    """

    _name = "aftersales.order"
    _inherit = ["aftersales.order", "aftersales.portal.mixin"]

    request_key = fields.Char(
        copy=False,
        readonly=True,
        help="Names the portal form this order came from: sent twice, it makes one.",
    )

    _request_key_unique = models.UniqueIndex(
        "(asset_id, request_key) WHERE request_key IS NOT NULL",
        "This request for service was received already.",
    )

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | PORTAL_FIELDS

    @api.model
    def _get_portal_domain(self, partner):
        """Return which orders ``partner`` sees: those of the whole own company."""
        return Domain("partner_id", "child_of", partner.commercial_partner_id.ids)

    @api.model
    def _get_portal_waiting_domain(self):
        """Return the domain of orders on which the customer is asked something."""
        # As superuser: customers have no right to jobs, but may be told these exist.
        orders = self.sudo()._search(
            [
                ("job_ids.state", "=", "proposed"),
                ("state", "not in", ("ready", "done", "cancel")),
            ]
        )
        return Domain("id", "in", orders)

    def _get_portal_jobs(self):
        """Return the jobs the customer was told about; drafts are still ours.

        Those that wait for an answer come first.
        """
        jobs = self.job_ids.filtered(lambda job: job.state != "draft")
        return jobs.sorted(lambda job: job.state != "proposed")

    def _get_waiting_jobs(self):
        """Return the jobs that wait for a yes or no which can still be given."""
        self.ensure_one()
        if self.state in ("ready", "done", "cancel"):
            return self.job_ids.browse()
        return self.job_ids.filtered(lambda job: job.state == "proposed")

    def _get_portal_status(self):
        """Return what the customer is told: what is the case, and what comes next.

        :return: ``(title, explanation, colour)``
        """
        self.ensure_one()
        waiting = self._get_waiting_jobs()
        if waiting and self.state == "approved":
            return (
                self.env._("Your answer to the rest"),
                self.env._(
                    "What you approved goes on. Please answer what is still open below."
                ),
                "warning",
            )
        if waiting and self.state != "quoted":
            return (
                self.env._("We found more"),
                self.env._(
                    "Please tell us below whether we should do it too. What you "
                    "approved before goes on meanwhile."
                ),
                "warning",
            )
        if self.state == "quoted" and not waiting:
            return (
                self.env._("You declined the work"),
                self.env._("We get in touch with you about the next step."),
                "secondary",
            )
        return {
            "draft": (
                self.env._("We have your request"),
                self.env._("We look into it and send you an estimate."),
                "info",
            ),
            "quoted": (
                self.env._("Your answer, please"),
                self.env._(
                    "Say yes or no to each job and sign. We start once you did."
                ),
                "warning",
            ),
            "approved": (
                self.env._("Approved"),
                self._get_portal_approved_text(),
                "info",
            ),
            "progress": (
                self.env._("We are working on it"),
                self.env._(
                    "We tell you if we find anything else, and when it is ready."
                ),
                "primary",
            ),
            "quality": (
                self.env._("Final check"),
                self.env._("The work is done. We check it before we hand it over."),
                "primary",
            ),
            "ready": (
                self.env._("Ready for you"),
                self.env._("Everything is done and checked: you can take it back."),
                "success",
            ),
            "done": (
                self.env._("Handed over"),
                self.env._("Thank you. If anything is not right, write to us below."),
                "success",
            ),
            "cancel": (
                self.env._("Cancelled"),
                self.env._(
                    "Nothing more will be done. Write to us below if that is wrong."
                ),
                "secondary",
            ),
        }[self.state]

    def _get_portal_approved_text(self):
        if self.parts_state in ("missing", "expected"):
            return self.env._("We order the parts and begin when they are here.")
        if self.date_planned:
            return self.env._("We begin at the time we agreed on.")
        return self.env._("We begin as soon as it is your turn.")

    def _get_customer_promise(self):
        """Return what the customer is told about the time: ``(label, words)``.

        The words are empty as long as nothing is known. Nothing at all is returned
        where no time is waited for.
        """
        self.ensure_one()
        over = ("cancel",) if self.date_promised else ("ready", "done", "cancel")
        if self.state in over:
            return None
        words = self.date_promised and self.env["ir.qweb.field.datetime"].value_to_html(
            self.date_promised,
            {
                "hide_seconds": True,
                "tz_name": self.company_id.resource_calendar_id.tz or "UTC",
            },
        )
        return self.env._("Promised"), words or ""

    def _get_portal_steps(self):
        """Return the stations of an order and whether each is reached.

        :return: list of ``(label, reached)``; empty for a cancelled order
        """
        self.ensure_one()
        stations = {
            "draft": self.env._("Received"),
            "quoted": self.env._("Estimate"),
            "approved": self.env._("Approved"),
            "progress": self.env._("In work"),
            "ready": self.env._("Ready"),
            "done": self.env._("Handed over"),
        }
        order = ["draft", "quoted", "approved", "progress", "quality", "ready", "done"]
        if self.state not in order:
            return []
        here = order.index(self.state)
        return [
            (label, order.index(state) <= here) for state, label in stations.items()
        ]

    def _get_portal_totals(self):
        """Return what the customer pays, per currency.

        :return: list of dicts ``currency``, ``approved``, ``waiting``
        """
        self.ensure_one()
        totals = {}
        for job in self._get_portal_jobs():
            price = job._get_customer_price()
            column = {"proposed": "waiting", "declined": None, "cancel": None}.get(
                job.state, "approved"
            )
            if column:
                total = totals.setdefault(
                    price["currency"],
                    {"currency": price["currency"], "approved": 0.0, "waiting": 0.0},
                )
                total[column] += price["total"]
        return list(totals.values())

    def _is_customer(self, partner):
        """Whether ``partner`` is the customer, or of the customer's company."""
        self.ensure_one()
        return partner.commercial_partner_id == self.partner_id.commercial_partner_id

    def _get_portal_sale_orders(self):
        return self.sale_order_ids.filtered(
            lambda sale: sale.state != "cancel" and self._is_customer(sale.partner_id)
        )

    def _get_portal_invoices(self):
        return self.invoice_ids.filtered(
            lambda move: move.state == "posted" and self._is_customer(move.partner_id)
        )

    def _get_portal_document_url(self, document, has_account):
        """Return the address of a quotation or invoice of this order.

        It carries the document's own token, unless the document tells about other
        orders too: a collective invoice is for those who may log in.
        """
        self.ensure_one()
        lines = document.line_ids if document._name == "account.move" else None
        others = lines and lines.aftersales_order_id - self
        if others and not has_account:
            return document.access_url
        return document.get_portal_url()

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.name

    def _get_portal_reports(self):
        """Return the papers the customer may print now, ``{kind: report}``."""
        self.ensure_one()
        after = {
            "estimate": ("quoted", "approved", "progress", "quality", "ready", "done"),
            "task_order": ("approved", "progress", "quality", "ready", "done"),
            "settlement": ("ready", "done"),
        }
        reports = {
            kind: self.env.ref(
                f"aftersales.action_report_{kind}", raise_if_not_found=False
            )
            for kind, states in after.items()
            if self.state in states
        }
        return {kind: report for kind, report in reports.items() if report}

    def _remind_advisor(
        self, summary, note=None, activity_type="mail.mail_activity_data_call"
    ):
        """Put orders before their advisor, or somebody of a team, to act on."""
        for order in self:
            teams = order.team_id or self._get_company_teams(order.company_id)
            user = order.user_id or teams.user_id[:1] or teams.member_ids[:1]
            if user:
                order.activity_schedule(
                    activity_type,
                    summary=summary,
                    note=note,
                    user_id=user.id,
                )

    def action_send_ready(self):
        """Open the composer with the message that the asset can be fetched."""
        return self._get_composer_action(
            self.env._("Tell the Customer"), "aftersales.mail_template_ready"
        )
