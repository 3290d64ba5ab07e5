from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesVisit(models.Model):
    """One trip to a site for a work order.

    The dispatcher plans it: who, when. The engineer goes there, works, writes down
    what was found and done, and has it signed. Work, parts and money are on the work
    order; a visit says who was where and when, and how it ended.
    """

    _name = "aftersales.visit"
    _description = "Visit"
    _inherit = [
        "aftersales.state.mixin",
        "aftersales.code.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "start, priority desc, id"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(
        "Number", default="/", readonly=True, copy=False, index="trigram"
    )
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="order_id.partner_id", store=True, precompute=True, index=True
    )
    contact_id = fields.Many2one(related="order_id.contact_id")
    asset_id = fields.Many2one(
        related="order_id.asset_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    team_id = fields.Many2one(
        related="order_id.team_id", store=True, precompute=True, index="btree_not_null"
    )
    priority = fields.Selection(
        related="order_id.priority", store=True, precompute=True
    )
    complaint = fields.Text(related="order_id.complaint", string="What Is Wrong")
    site_id = fields.Many2one(
        "res.partner",
        "Address",
        required=True,
        check_company=True,
        index=True,
        compute="_compute_site_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    latitude = fields.Float(related="site_id.partner_latitude")
    longitude = fields.Float(related="site_id.partner_longitude")
    territory_id = fields.Many2one(
        "aftersales.territory",
        check_company=True,
        index="btree_not_null",
        compute="_compute_territory_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    job_ids = fields.Many2many(
        "aftersales.job",
        "aftersales_visit_job_rel",
        string="Jobs",
        domain="[('order_id', '=', order_id)]",
        compute="_compute_job_ids",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="What is done on this visit.",
    )
    technician_id = fields.Many2one(
        "hr.employee",
        "Engineer",
        check_company=True,
        index="btree_not_null",
        readonly=True,
        copy=False,
        tracking=True,
    )
    helper_ids = fields.Many2many(
        "hr.employee",
        "aftersales_visit_helper_rel",
        string="Helpers",
        check_company=True,
        readonly=True,
        copy=False,
    )
    state = fields.Selection(
        [
            ("draft", "To Plan"),
            ("planned", "Planned"),
            ("travel", "On the Way"),
            ("onsite", "On Site"),
            ("paused", "Paused"),
            ("done", "Done"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    duration = fields.Float(
        "Hours on Site",
        compute="_compute_duration",
        store=True,
        readonly=False,
        precompute=True,
    )
    start = fields.Datetime(readonly=True, copy=False, index=True, tracking=True)
    stop = fields.Datetime("End", readonly=True, copy=False)
    date_earliest = fields.Datetime("Not Before", copy=False)
    date_deadline = fields.Datetime(
        "Deadline", copy=False, help="The latest time that was promised."
    )
    window_start = fields.Datetime(
        "Window From", copy=False, help="What the customer was told."
    )
    window_stop = fields.Datetime("Window Until", copy=False)
    is_locked = fields.Boolean(
        "Fixed", copy=False, help="Proposals for the day leave this visit as it is."
    )
    preferred_id = fields.Many2one(
        "hr.employee",
        "Preferred Engineer",
        check_company=True,
        help="Whom the customer would like to come.",
    )
    note = fields.Text("Directions", help="What the engineer should know on the way.")
    booking_ids = fields.One2many("aftersales.booking", "visit_id", "Bookings")
    previous_id = fields.Many2one(
        "aftersales.visit", "Follows", index="btree_not_null", readonly=True, copy=False
    )
    next_ids = fields.One2many("aftersales.visit", "previous_id", "Followed By")
    cancel_reason = fields.Char(readonly=True, copy=False)

    _window = models.Constraint(
        "CHECK(window_start < window_stop)", "The window ends after it begins."
    )
    _positive = models.Constraint(
        "CHECK(duration >= 0)", "A visit can't take less than no time."
    )
    _open_idx = models.Index(
        "(company_id, start) WHERE state NOT IN ('done', 'cancel')"
    )
    _day_idx = models.Index("(technician_id, start)")

    @api.depends("order_id.asset_id.site_id", "order_id.partner_id")
    def _compute_site_id(self):
        for visit in self:
            order = visit.order_id
            visit.site_id = (
                visit.site_id
                if visit.state not in (False, "draft")
                else order.asset_id.site_id or order.contact_id or order.partner_id
            )

    @api.depends("site_id", "company_id")
    def _compute_territory_id(self):
        Territory = self.env["aftersales.territory"]
        for visit in self:
            visit.territory_id = (
                Territory._find(visit.site_id, visit.company_id)
                if visit.site_id
                else False
            )

    @api.depends("order_id")
    def _compute_job_ids(self):
        for visit in self:
            visit.job_ids = visit.job_ids or visit.order_id.job_ids.filtered(
                lambda job: (
                    job.state not in ("done", "declined", "cancel") and not job.fee_id
                )
            )

    # Hours that change later are told by the lines, see ``job_line_hours``: a path
    # through the jobs would ask for visits of every order of the workshop.
    @api.depends("job_ids")
    def _compute_duration(self):
        for visit in self:
            visit.duration = (
                sum(visit.job_ids.mapped("hours_planned")) or visit.duration or 1.0
            )

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for visit in self:
            words = (visit.name, visit.partner_id.name)
            visit.display_name = " · ".join(word for word in words if word)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                order = self.env["aftersales.order"].browse(vals.get("order_id"))
                Sequence = self.env["ir.sequence"].with_company(order.company_id)
                vals["name"] = Sequence.next_by_code("aftersales.visit")
        visits = super().create(vals_list)
        visits.order_id._mark_onsite()
        return visits

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        kept = self.filtered(lambda visit: visit.state not in ("draft", "cancel"))
        if kept:
            raise UserError(
                self.env._(
                    "%(visits)s: cancel a planned visit before deleting it.",
                    visits=", ".join(kept.mapped("name")),
                )
            )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"planned", "cancel"},
            "planned": {"draft", "travel", "onsite", "cancel"},
            "travel": {"planned", "onsite", "done", "cancel"},
            "onsite": {"paused", "done"},
            "paused": {"onsite", "done"},
        }

    # Who may do what

    def _check_dispatches(self):
        """Refuse planning to those who only drive and work."""
        self.order_id._check_decides()

    def _check_is_own(self):
        """Refuse visits of somebody else; advisors act for everybody in their reach.

        :return: these visits as superuser, in their company: engineers need not have
            rights in everything that a visit touches, and some are portal users
        :raises AccessError: naming the visits
        """
        if not self.env.su:
            if self.env.user.has_group("aftersales.aftersales_group_user"):
                self.check_access("write")
            else:
                visits = self.sudo().exists()
                foreign = visits.filtered(
                    lambda visit: self.env.user not in visit._get_engineer_users()
                )
                if foreign or len(visits) != len(self):
                    raise AccessError(
                        self.env._(
                            "%(visits)s is not your visit. Ask the dispatcher.",
                            visits=", ".join(
                                (foreign or self - visits).mapped(
                                    lambda visit: str(visit.id)
                                )
                            ),
                        )
                    )
        visits = self.sudo()
        # Costs and defaults are those of the visit, whatever is open beside it.
        company = visits.company_id
        return visits.with_company(company) if len(company) == 1 else visits

    def _get_engineer_users(self):
        """Return the users who make these visits."""
        return (self.technician_id | self.helper_ids).user_id
