from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class AftersalesCampaign(models.Model):
    """A recall, a maker's campaign or a season's offer for certain vehicles.

    Which ones: by models and years, by ranges of VINs, or by the maker's list of
    VINs. Started, it takes in the vehicles there are; those registered later fall
    under it by themselves. A recall covers its work: each vehicle gets a guarantee
    registered, so that the verdicts send the bill to the maker.
    """

    _name = "aftersales.campaign"
    _description = "Campaign"
    _inherit = ["aftersales.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char("Maker's Number", index="trigram")
    kind = fields.Selection(
        [
            ("recall", "Recall"),
            ("campaign", "Service campaign"),
            ("season", "Seasonal offer"),
        ],
        required=True,
        default="campaign",
        tracking=True,
    )
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("closed", "Closed")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date_start = fields.Date(required=True, default=fields.Date.context_today)
    date_end = fields.Date("Until")
    description = fields.Text(
        "Customer Text",
        translate=True,
        help="What is wrong or offered, as the owner reads it in the invitation.",
    )
    job_template_id = fields.Many2one(
        "aftersales.job.template",
        check_company=True,
        help="The work to do; its lines may be for certain models.",
    )
    payer_id = fields.Many2one(
        "aftersales.payer",
        check_company=True,
        help="Who pays for the work; the template's payer or the customer if empty.",
    )
    pack_id = fields.Many2one(
        "aftersales.warranty.pack",
        "Cover",
        check_company=True,
        domain="[('kind', '=', 'campaign')]",
        help="The guarantee registered for each vehicle: it says what is free and who "
        "bears it.",
    )
    category_ids = fields.Many2many(
        "aftersales.asset.category",
        "aftersales_campaign_category_rel",
        string="Asset Categories",
        domain=[("is_vehicle", "=", True)],
    )
    fleet_brand_ids = fields.Many2many(
        "fleet.vehicle.model.brand", "aftersales_campaign_brand_rel", string="Brands"
    )
    fleet_model_ids = fields.Many2many(
        "fleet.vehicle.model", "aftersales_campaign_model_rel", string="Models"
    )
    year_from = fields.Integer("From Model Year")
    year_to = fields.Integer("To Model Year")
    range_ids = fields.One2many(
        "aftersales.campaign.range", "campaign_id", "VIN Ranges", copy=True
    )
    vin_ids = fields.One2many("aftersales.campaign.vin", "campaign_id", "VIN List")
    vin_count = fields.Integer("VINs on the List", compute="_compute_vin_count")
    vin_paste = fields.Text(
        "Add VINs",
        compute="_compute_vin_paste",
        inverse="_inverse_vin_paste",
        help="One per line, as the maker sends them.",
    )
    vehicle_ids = fields.One2many(
        "aftersales.campaign.vehicle", "campaign_id", "Vehicles"
    )
    vehicle_count = fields.Integer("Vehicles Called", compute="_compute_progress")
    done_count = fields.Integer("Vehicles Done", compute="_compute_progress")
    refused_count = fields.Integer("Vehicles Refused", compute="_compute_progress")
    completion_rate = fields.Float(
        "Completion (%)", digits=(16, 1), compute="_compute_progress"
    )

    _dates_in_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "A campaign can't end before it begins.",
    )
    _years_in_order = models.Constraint(
        "CHECK(year_from >= 0 AND (year_to = 0 OR year_to >= year_from))",
        "The last model year can't be before the first.",
    )
    _running_idx = models.Index("(company_id) WHERE state = 'running'")

    @api.depends("vin_ids")
    def _compute_vin_count(self):
        counts = dict(
            self.env["aftersales.campaign.vin"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]
            )
        )
        for campaign in self:
            campaign.vin_count = counts.get(campaign._origin, 0)

    def _compute_vin_paste(self):
        self.vin_paste = False

    def _inverse_vin_paste(self):
        for campaign in self:
            if campaign.vin_paste:
                campaign.action_add_vins(campaign.vin_paste.split())

    @api.depends("vehicle_ids.state")
    def _compute_progress(self):
        groups = self.env["aftersales.campaign.vehicle"]._read_group(
            [("campaign_id", "in", self.ids)], ["campaign_id", "state"], ["__count"]
        )
        counts = {(campaign, state): count for campaign, state, count in groups}
        states = (
            self.env["aftersales.campaign.vehicle"]
            ._fields["state"]
            .get_values(self.env)
        )
        for campaign in self:
            by_state = {
                state: counts.get((campaign._origin, state), 0) for state in states
            }
            # A campaign that is over still tells how far it came.
            campaign.vehicle_count = sum(by_state.values())
            campaign.done_count = by_state["done"]
            campaign.refused_count = by_state["refused"]
            campaign.completion_rate = (
                100.0 * campaign.done_count / campaign.vehicle_count
                if campaign.vehicle_count
                else 0.0
            )

    @api.depends("name", "code")
    def _compute_display_name(self):
        for campaign in self:
            parts = (campaign.code, campaign.name)
            campaign.display_name = " ".join(part for part in parts if part)

    @api.constrains("pack_id")
    def _check_pack(self):
        for campaign in self:
            if campaign.pack_id and campaign.pack_id.kind != "campaign":
                raise ValidationError(
                    self.env._(
                        "%(campaign)s: %(pack)s is not a guarantee of the kind "
                        "“Campaign or recall”. Choose or make one of that kind.",
                        campaign=campaign.display_name,
                        pack=campaign.pack_id.name,
                    )
                )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "draft": {"running"},
            "running": {"closed"},
            "closed": {"running"},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        started = self.filtered(lambda campaign: campaign.state != "draft")
        if started:
            raise UserError(
                self.env._(
                    "%(campaigns)s has been started. Close it instead of deleting it.",
                    campaigns=", ".join(started.mapped("display_name")),
                )
            )

    def write(self, vals):
        result = super().write(vals)
        running = self.filtered(lambda campaign: campaign.state == "running")
        if self._get_criteria() & vals.keys():
            running._enroll()
        if "pack_id" in vals:
            running.vehicle_ids._register_cover()
        return result

    @api.model
    def _get_criteria(self):
        """Fields that say which vehicles are called."""
        return {
            "category_ids",
            "fleet_brand_ids",
            "fleet_model_ids",
            "year_from",
            "year_to",
            "range_ids",
        }

    def action_start(self):
        """Call the vehicles: those there are now, and those registered later.

        Started again, a campaign also calls those it had given up when it was closed.

        :raises UserError: if nothing says which vehicles are meant, a recall has no
            cover, or it would be over already
        """
        todo = self._lock().filtered(lambda campaign: campaign.state != "running")
        todo._check_start()
        todo._set_state("running")
        todo.vehicle_ids.filtered(lambda vehicle: vehicle.state == "lapsed")._set_state(
            "open"
        )
        todo.vehicle_ids._register_cover()
        todo._enroll()
        return True

    def _check_start(self):
        today = fields.Date.context_today(self)
        for campaign in self:
            if not campaign._has_criteria():
                raise UserError(
                    self.env._(
                        "%(campaign)s: say which vehicles are called, by models, VIN "
                        "ranges or a list of VINs.",
                        campaign=campaign.display_name,
                    )
                )
            if campaign.kind == "recall" and not campaign.pack_id:
                raise UserError(
                    self.env._(
                        "%(campaign)s: a recall costs the owner nothing. Choose the "
                        "cover that says who bears it.",
                        campaign=campaign.display_name,
                    )
                )
            if campaign.date_end and campaign.date_end < today:
                raise UserError(
                    self.env._(
                        "%(campaign)s ended on %(date)s. Give it a later end, or none, "
                        "then start it.",
                        campaign=campaign.display_name,
                        date=format_date(self.env, campaign.date_end),
                    )
                )

    def _is_on(self):
        """Whether vehicles are called and booked today: started, and in its time."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        return (
            self.state == "running"
            and self.date_start <= today
            and (not self.date_end or today <= self.date_end)
        )

    def action_close(self):
        """End the campaigns: who has not come is not asked any more."""
        todo = self._lock().filtered(lambda campaign: campaign.state != "closed")
        todo._set_state("closed")
        waiting = todo.vehicle_ids.filtered(
            lambda vehicle: vehicle.state in ("open", "invited")
        )
        waiting._set_state("lapsed")
        waiting._end_cover(self.env._("Campaign closed"))
        return True

    @api.model
    def _cron_close(self):
        """Close the campaigns that are past their end; run by night."""
        self.search(
            [
                ("state", "=", "running"),
                ("date_end", "<", fields.Date.context_today(self)),
            ]
        ).action_close()

    def action_view_vehicles(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_vehicle.campaign_vehicle_action"
        )
        return {
            **action,
            "domain": [("campaign_id", "=", self.id)],
            "context": {"default_campaign_id": self.id},
        }
