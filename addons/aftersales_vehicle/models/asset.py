import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


def normalize_plate(text):
    """Return ``text`` as plates are written: capitals, single blanks."""
    return " ".join((text or "").upper().split())


def get_plate_key(text):
    """Return the letters and digits of a plate: what is compared and searched."""
    return re.sub(r"[\W_]+", "", (text or "").upper())


class AftersalesAsset(models.Model):
    """A vehicle: an asset whose category says so. Its VIN is the serial number.

    Plates change hands and are typed with dots, dashes and blanks: searches compare
    letters and digits only, and the discussion keeps which plates a car had.
    """

    _inherit = "aftersales.asset"

    # Stored with the asset: whoever holds the record knows without asking again.
    is_vehicle = fields.Boolean(
        related="category_id.is_vehicle", store=True, precompute=True
    )
    plate = fields.Char(copy=False, tracking=True)
    plate_key = fields.Char(
        "Plate, Letters and Digits",
        compute="_compute_plate_key",
        store=True,
        precompute=True,
        index="trigram",
    )
    fleet_model_id = fields.Many2one(
        "fleet.vehicle.model",
        "Vehicle Model",
        index="btree_not_null",
        domain="[('brand_id', '=?', fleet_brand_id)]",
    )
    fleet_brand_id = fields.Many2one(
        "fleet.vehicle.model.brand",
        "Brand",
        index="btree_not_null",
        compute="_compute_fleet_brand_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    model_year = fields.Integer(
        compute="_compute_model_year", store=True, readonly=False, precompute=True
    )
    engine_code = fields.Char(
        "Engine Type", help="As labour-time tables name it, e.g. EA211 or B48."
    )
    engine_number = fields.Char(copy=False, index="trigram")
    gearbox_number = fields.Char(copy=False)
    date_first_registration = fields.Date(
        "First Registration", help="The first service is reckoned from here."
    )

    _model_year_sensible = models.Constraint(
        "CHECK(model_year = 0 OR model_year BETWEEN 1885 AND 2100)",
        "That is no model year: give the four digits, or leave it empty.",
    )

    @api.depends("plate", "fleet_model_id")
    def _compute_name(self):
        for asset in self:
            asset.name = asset.name or asset._get_vehicle_name()
        return super()._compute_name()

    def _get_vehicle_name(self):
        self.ensure_one()
        parts = (normalize_plate(self.plate), self.fleet_model_id.display_name)
        return " ".join(part for part in parts if part)

    def _get_name_beside_plate(self):
        """Return what the vehicle is called besides its plate, where that is told."""
        self.ensure_one()
        name = self.name or ""
        return name.replace(self.plate or "", "").strip(" ,·–-") or name

    @api.depends("plate")
    def _compute_plate_key(self):
        for asset in self:
            asset.plate_key = get_plate_key(asset.plate) or False

    @api.depends("fleet_model_id", "serial", "is_vehicle")
    def _compute_fleet_brand_id(self):
        bare = self.filtered(
            lambda asset: not asset.fleet_model_id and not asset.fleet_brand_id
        )
        brands = bare._get_vin_brands()
        for asset in self:
            asset.fleet_brand_id = (
                asset.fleet_model_id.brand_id
                or asset.fleet_brand_id
                or brands.get(asset, False)
            )

    @api.depends("serial", "is_vehicle")
    def _compute_model_year(self):
        for asset in self:
            asset.model_year = asset.model_year or asset._get_vin_year()

    @api.constrains("fleet_model_id", "fleet_brand_id")
    def _check_fleet_brand(self):
        for asset in self:
            model = asset.fleet_model_id
            if model and model.brand_id != asset.fleet_brand_id:
                raise ValidationError(
                    self.env._(
                        "%(asset)s: %(model)s is not made by %(brand)s. Choose the "
                        "model again, or leave the brand to it.",
                        asset=asset.display_name,
                        model=model.display_name,
                        brand=asset.fleet_brand_id.name or "–",
                    )
                )

    @api.onchange("fleet_brand_id")
    def _onchange_fleet_brand_id(self):
        if self.fleet_model_id.brand_id != self.fleet_brand_id:
            self.fleet_model_id = False

    @api.onchange("plate")
    def _onchange_plate(self):
        other = self._get_plate_twins()[:1]
        if other:
            return {
                "warning": {
                    "title": self.env._("Plate in use"),
                    "message": self.env._(
                        "%(plate)s is also the plate of %(other)s (%(owner)s). If the "
                        "plate went to this car, correct the other one.",
                        plate=normalize_plate(self.plate),
                        other=other.display_name,
                        owner=other.partner_id.display_name or "–",
                    ),
                }
            }
        return None

    def _get_plate_twins(self):
        """Return the other vehicles of the company with the same plate."""
        self.ensure_one()
        key = get_plate_key(self.plate)
        if not key:
            return self.browse()
        company = self.company_id or self.env.company
        return self.search(
            [
                ("plate_key", "=", key),
                ("company_id", "=", company.id),
                ("id", "!=", self._origin.id),
            ]
        )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "category_id" in fields and self.env.context.get("default_is_vehicle"):
            category = self.env["aftersales.asset.category"].search(
                [("is_vehicle", "=", True)], limit=1
            )
            values.setdefault("category_id", category.id)
        return values

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        key = get_plate_key(value) if isinstance(value, str) else ""
        if key and operator in ("ilike", "like", "=ilike", "="):
            domain = Domain(domain) | Domain("serial", "ilike", key)
            # Customers search what they may read.
            if self._has_field_access(self._fields["plate_key"], "read"):
                domain |= Domain("plate_key", "ilike", key)
            else:
                domain |= Domain("plate", "ilike", value)
        return domain

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("plate"):
                vals["plate"] = normalize_plate(vals["plate"])
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("plate"):
            vals = {**vals, "plate": normalize_plate(vals["plate"])}
        renamed = self.browse()
        if {"plate", "fleet_model_id"} & vals.keys() and "name" not in vals:
            renamed = self.filtered(
                lambda asset: asset.name == asset._get_vehicle_name()
            )
        result = super().write(vals)
        for asset in renamed:
            # A name that was made of plate and model follows them.
            if name := asset._get_vehicle_name():
                asset.name = name
        return result

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | {
            "fleet_brand_id",
            "fleet_model_id",
            "is_vehicle",
            "model_year",
            "next_service_date",
            "next_service_meter",
            "plate",
        }

    def _get_age_date(self):
        """Return the day the vehicle's life began: registered, or sold."""
        self.ensure_one()
        return self.date_first_registration or self.date_sold
