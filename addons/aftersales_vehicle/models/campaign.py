from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .asset_vin import normalize_vin


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
        if self._get_criteria() & vals.keys():
            self.filtered(lambda campaign: campaign.state == "running")._enroll()
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
            "pack_id",
        }

    def action_start(self):
        """Call the vehicles: those there are now, and those registered later.

        :raises UserError: if nothing says which vehicles are meant, or a recall
            has no cover
        """
        todo = self._lock().filtered(lambda campaign: campaign.state != "running")
        for campaign in todo:
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
        todo._set_state("running")
        todo._enroll()
        return True

    def action_close(self):
        """End the campaigns: who has not come is not asked any more."""
        todo = self._lock().filtered(lambda campaign: campaign.state != "closed")
        todo._set_state("closed")
        vehicles = todo.vehicle_ids.filtered(
            lambda vehicle: vehicle.state in ("open", "invited")
        )
        vehicles._set_state("lapsed")
        vehicles.registration_id.filtered(
            lambda registration: registration.state == "active"
        ).action_end(reason=self.env._("Campaign closed"))
        return True

    def _has_criteria(self):
        self.ensure_one()
        return bool(
            self.category_ids
            or self.fleet_brand_ids
            or self.fleet_model_ids
            or self.year_from
            or self.year_to
            or self.range_ids
            or self.vin_ids
        )

    def action_add_vins(self, vins):
        """Add VINs of the maker's list; those listed already are left alone.

        :param list vins: the VINs, in any spelling
        :raises ValidationError: naming those that are no VIN
        """
        wanted = list(dict.fromkeys(filter(None, map(normalize_vin, vins))))
        wrong = [vin for vin in wanted if len(vin) != 17]
        if wrong:
            raise ValidationError(
                self.env._(
                    "%(vins)s: a VIN has 17 characters. Correct the list.",
                    vins=", ".join(wrong[:10]),
                )
            )
        Vin = self.env["aftersales.campaign.vin"]
        for campaign in self:
            known = {
                row.vin
                for row in Vin.search_fetch(
                    [("campaign_id", "=", campaign.id), ("vin", "in", wanted)], ["vin"]
                )
            }
            Vin.create(
                [
                    {"campaign_id": campaign.id, "vin": vin}
                    for vin in wanted
                    if vin not in known
                ]
            )
        return True

    def _enroll(self, assets=None):
        """Take in the vehicles that are meant and not in yet.

        :param assets: only look at these
        :return: the new ``aftersales.campaign.vehicle``
        """
        Vehicle = self.env["aftersales.campaign.vehicle"].sudo()
        new = Vehicle
        for campaign in self.sudo():
            # As rows of a running campaign may be many: no message for each.
            new |= Vehicle.with_context(mail_create_nolog=True).create(
                [
                    {"campaign_id": campaign.id, "asset_id": asset.id}
                    for asset in campaign._find_vehicles(assets)
                ]
            )
        new._register_cover()
        return new

    def _find_vehicles(self, assets=None):
        """Return the vehicles of the company that are meant and not in yet."""
        self.ensure_one()
        Asset = self.env["aftersales.asset"].sudo()
        if not self._has_criteria():
            return Asset
        domain = Domain("is_vehicle", "=", True) & Domain(
            "company_id", "=", self.company_id.id
        )
        if assets is not None:
            domain &= Domain("id", "in", assets.ids)
        for field, records in (
            ("category_id", self.category_ids),
            ("fleet_brand_id", self.fleet_brand_ids),
            ("fleet_model_id", self.fleet_model_ids),
        ):
            if records:
                domain &= Domain(field, "in", records.ids)
        if self.year_from or self.year_to:
            domain &= Domain("model_year", ">=", self.year_from or 1)
        if self.year_to:
            domain &= Domain("model_year", "<=", self.year_to)
        by_vin = self.range_ids or self.vin_ids
        query = Asset._search(domain)
        table = SQL.identifier(query.table)
        if by_vin:
            # Ranges and lists add up; models and years narrow them down.
            query.add_where(
                SQL(
                    "(%s)",
                    SQL(" OR ").join(
                        [
                            SQL(
                                "%s.serial IN (SELECT vin FROM aftersales_campaign_vin "
                                "WHERE campaign_id = %s)",
                                table,
                                self.id,
                            ),
                            *(row._get_condition(table) for row in self.range_ids),
                        ]
                    ),
                )
            )
        query.add_where(
            SQL(
                "NOT EXISTS (SELECT 1 FROM aftersales_campaign_vehicle called "
                "WHERE called.campaign_id = %s AND called.asset_id = %s.id)",
                self.id,
                table,
            )
        )
        self.env["aftersales.campaign.vin"].flush_model()
        self.env["aftersales.campaign.vehicle"].flush_model(["campaign_id", "asset_id"])
        Asset.flush_model(["serial"])
        return Asset.browse(query)

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


class AftersalesCampaignRange(models.Model):
    """VINs that begin alike and whose last characters lie between two numbers.

    The check digit, the ninth character, is left out of the comparison: it differs
    from car to car.
    """

    _name = "aftersales.campaign.range"
    _description = "VIN Range"
    _order = "campaign_id, prefix, serial_from, id"

    campaign_id = fields.Many2one(
        "aftersales.campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, precompute=True
    )
    prefix = fields.Char(
        "Begins With",
        required=True,
        help="What the VINs share: at least the three letters of the maker.",
    )
    serial_from = fields.Char("From", required=True, help="The last characters.")
    serial_to = fields.Char("To", required=True)

    @api.model_create_multi
    def create(self, vals_list):
        ranges = super().create([self._normalize(vals) for vals in vals_list])
        ranges.campaign_id.filtered(lambda row: row.state == "running")._enroll()
        return ranges

    def write(self, vals):
        result = super().write(self._normalize(vals))
        self.campaign_id.filtered(lambda row: row.state == "running")._enroll()
        return result

    @api.model
    def _normalize(self, vals):
        return {
            field: normalize_vin(value)
            if field in ("prefix", "serial_from", "serial_to")
            else value
            for field, value in vals.items()
        }

    @api.constrains("prefix", "serial_from", "serial_to")
    def _check_range(self):
        for row in self:
            parts = (row.prefix, row.serial_from, row.serial_to)
            if (
                not all(part.isalnum() and part.isascii() for part in parts)
                or len(row.prefix) < 3
                or not 1 <= len(row.serial_from) <= 8
                or len(row.prefix) + len(row.serial_from) > 17
            ):
                raise ValidationError(
                    self.env._(
                        "%(prefix)s %(from)s–%(to)s is no VIN range: give at least the "
                        "three letters of the maker, and up to eight characters from "
                        "the end of the VIN.",
                        **{
                            "prefix": row.prefix,
                            "from": row.serial_from,
                            "to": row.serial_to,
                        },
                    )
                )
            if len(row.serial_from) != len(row.serial_to):
                raise ValidationError(
                    self.env._(
                        "%(first)s and %(last)s: write both with as many characters, "
                        "with zeros in front.",
                        first=row.serial_from,
                        last=row.serial_to,
                    )
                )
            if row.serial_from > row.serial_to:
                raise ValidationError(
                    self.env._(
                        "%(first)s comes after %(last)s: change them round.",
                        first=row.serial_from,
                        last=row.serial_to,
                    )
                )

    def _get_condition(self, table):
        """Return the SQL condition that the VIN of ``table`` is in this range."""
        self.ensure_one()
        prefix = self.prefix[:8] + "_" + self.prefix[9:]
        return SQL(
            "(%(table)s.serial LIKE %(pattern)s AND length(%(table)s.serial) = 17 "
            'AND right(%(table)s.serial, %(count)s) COLLATE "C" '
            "BETWEEN %(first)s AND %(last)s)",
            table=table,
            pattern=f"{prefix if len(self.prefix) > 8 else self.prefix}%",
            count=len(self.serial_from),
            first=self.serial_from,
            last=self.serial_to,
        )


class AftersalesCampaignVin(models.Model):
    """A VIN of the maker's list, whether the vehicle is registered or not."""

    _name = "aftersales.campaign.vin"
    _description = "VIN of a Campaign"
    _order = "campaign_id, vin"
    _rec_name = "vin"

    campaign_id = fields.Many2one(
        "aftersales.campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, precompute=True
    )
    vin = fields.Char("VIN", required=True, index=True)

    _once = models.UniqueIndex(
        "(campaign_id, vin)", "That VIN is on the list of the campaign already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(
            [{**vals, "vin": normalize_vin(vals.get("vin"))} for vals in vals_list]
        )
        rows.campaign_id.filtered(lambda row: row.state == "running")._enroll()
        return rows
