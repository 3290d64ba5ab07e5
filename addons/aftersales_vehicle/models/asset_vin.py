import re

from vininfo import Vin
from vininfo.exceptions import VininfoException

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


def normalize_vin(text):
    """Return ``text`` as VINs are written: capitals, without blanks and dashes."""
    return re.sub(r"[\s\-]+", "", text or "").upper()


def parse_vin(text):
    """Return the :class:`vininfo.Vin` of ``text``; None unless it is well formed."""
    try:
        return Vin(text)
    except (VininfoException, ValueError):
        return None


def uses_check_digit(vin):
    """Whether the maker is not known to go without a check digit."""
    return getattr(vin.assembler, "uses_sae_checkdigit", True)


class AftersalesAsset(models.Model):
    """The VIN of a vehicle: checked, decoded, once in a company.

    A VIN is the asset's serial number. One that is not well formed is refused, unless
    somebody says why it is kept (an old car, a grey import) or it came with a
    delivery. A wrong check digit only warns: many makers outside North America and
    China don't use it.
    """

    _inherit = "aftersales.asset"

    vin_state = fields.Selection(
        [("ok", "Right"), ("warning", "To be checked"), ("kept", "Kept as it is")],
        "VIN Check",
        compute="_compute_vin_state",
        store=True,
        precompute=True,
    )
    vin_warning = fields.Char("What is Wrong", compute="_compute_vin_warning")
    vin_reason = fields.Char(
        "Why It Is Kept",
        copy=False,
        tracking=True,
        help="Who looked at the car itself and why the number is right all the same.",
    )
    vin_user_id = fields.Many2one("res.users", "Kept By", readonly=True, copy=False)
    vin_date = fields.Datetime("Kept On", readonly=True, copy=False)
    vin_details = fields.Char("VIN Says", compute="_compute_vin_details")

    # Deferred, so that _check_vin_once can name the other vehicle before.
    _vin_once = models.Constraint(
        "EXCLUDE USING btree (serial WITH =, company_id WITH =) "
        "WHERE (is_vehicle AND serial IS NOT NULL) DEFERRABLE INITIALLY DEFERRED",
        "Another vehicle of the company has that VIN already. Look for it by the last "
        "digits of the VIN, also among the archived ones.",
    )

    @api.depends("is_vehicle", "serial", "vin_reason")
    def _compute_vin_state(self):
        for asset in self:
            if not asset.is_vehicle or not asset.serial:
                asset.vin_state = False
            elif not asset._get_vin_problem():
                asset.vin_state = "ok"
            else:
                asset.vin_state = "kept" if asset.vin_reason else "warning"

    @api.depends("is_vehicle", "serial")
    def _compute_vin_warning(self):
        for asset in self:
            asset.vin_warning = asset._get_vin_problem()

    @api.depends("is_vehicle", "serial")
    def _compute_vin_details(self):
        for asset in self:
            vin = asset._get_vin()
            parts = []
            if vin:
                parts = [vin.manufacturer, vin.country, asset._get_vin_year()]
            asset.vin_details = " · ".join(
                str(part) for part in parts if part and part != "UnsupportedBrand"
            )

    def _get_vin(self):
        """Return the decoded VIN of a vehicle, or None."""
        self.ensure_one()
        if not self.is_vehicle or not self.serial:
            return None
        return parse_vin(normalize_vin(self.serial))

    def _get_vin_problem(self):
        """Return in words what is wrong with the VIN, or False."""
        self.ensure_one()
        if not self.is_vehicle or not self.serial:
            return False
        serial = normalize_vin(self.serial)
        if len(serial) != 17:
            return self.env._(
                "%(vin)s has %(count)s characters; a VIN has 17.",
                vin=serial,
                count=len(serial),
            )
        vin = parse_vin(serial)
        if not vin:
            return self.env._(
                "%(vin)s: a VIN has letters and digits only, and never I, O or Q.",
                vin=serial,
            )
        if uses_check_digit(vin) and not vin.verify_checksum(check_year=False):
            return self.env._(
                "The check digit of %(vin)s is wrong: read it again on the car. Some "
                "makers don't use it; then say why the number is kept.",
                vin=serial,
            )
        return False

    def _get_vin_year(self):
        """Return the model year that the VIN tells, or False.

        Only makers that use the check digit also keep to the letter of the year,
        which comes again after 30 years: the latest is meant.
        """
        vin = self._get_vin()
        if vin and uses_check_digit(vin) and vin.verify_checksum():
            return max(vin.years, default=False)
        return False

    def _get_vin_brands(self):
        """Return ``{asset: brand}`` for the makers named by the VINs of vehicles."""
        words_by_asset = {}
        for asset in self:
            vin = asset._get_vin()
            if vin and vin.manufacturer and vin.manufacturer != "UnsupportedBrand":
                # Joint ventures have the brand at the end: “FAW-Volkswagen”.
                words = re.split(r"[\s\-/(),]+", vin.manufacturer)
                words_by_asset[asset] = [
                    word.lower() for word in [vin.manufacturer, *reversed(words)]
                ]
        if not words_by_asset:
            return {}
        wanted = {word for words in words_by_asset.values() for word in words}
        Brand = self.env["fleet.vehicle.model.brand"]
        brands = Brand.search_fetch(
            fields.Domain.OR([("name", "=ilike", word)] for word in wanted if word),
            ["name"],
        )
        by_name = {brand.name.lower(): brand for brand in brands}
        return {
            asset: next((by_name[word] for word in words if word in by_name), Brand)
            for asset, words in words_by_asset.items()
        }

    @api.constrains("serial", "category_id", "company_id", "vin_reason")
    def _check_vin(self):
        vehicles = self.filtered(lambda asset: asset.is_vehicle and asset.serial)
        for asset in vehicles:
            serial = normalize_vin(asset.serial)
            # What Inventory delivers with an odd serial must still be delivered.
            if not parse_vin(serial) and not asset.vin_reason and not asset.lot_id:
                raise ValidationError(
                    self.env._(
                        "%(asset)s: %(problem)s Correct it, or say why it is kept.",
                        asset=asset.display_name,
                        problem=asset._get_vin_problem(),
                    )
                )
        vehicles._check_vin_once()

    def _check_vin_once(self):
        """Refuse a VIN that another vehicle of the company has, and name that one."""
        if not self:
            return
        serials = {asset: normalize_vin(asset.serial) for asset in self}
        known = (
            self.sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("serial", "in", list(serials.values())),
                    ("is_vehicle", "=", True),
                    ("company_id", "in", self.company_id.ids),
                ]
            )
        )
        twins = (known | self).grouped(
            lambda asset: (normalize_vin(asset.serial), asset.company_id)
        )
        for asset, serial in serials.items():
            other = (twins[serial, asset.company_id] - asset)[:1]
            if other:
                raise ValidationError(
                    self.env._(
                        "%(vin)s is the VIN of %(other)s (%(owner)s) already. Open "
                        "that vehicle and change its owner instead of making a second "
                        "one.",
                        vin=serial,
                        other=other.display_name,
                        owner=other.partner_id.display_name or "–",
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("vin_reason"):
                vals.update(self._prepare_vin_keeper())
        assets = super().create(vals_list)
        assets._normalize_vin()
        return assets

    def write(self, vals):
        if vals.get("vin_reason"):
            vals = {**vals, **self._prepare_vin_keeper()}
        elif "serial" in vals and "vin_reason" not in vals:
            # Who kept the old number said nothing about this one.
            changed = self.filtered(
                lambda asset: (
                    asset.vin_reason
                    and normalize_vin(vals["serial"]) != normalize_vin(asset.serial)
                )
            )
            super(AftersalesAsset, changed).write(
                {"vin_reason": False, "vin_user_id": False, "vin_date": False}
            )
        result = super().write(vals)
        if {"serial", "lot_id", "category_id", "product_id"} & vals.keys():
            self._normalize_vin()
        return result

    @api.model
    def _prepare_vin_keeper(self):
        return {"vin_user_id": self.env.uid, "vin_date": fields.Datetime.now()}

    def _normalize_vin(self):
        for asset in self:
            if asset.is_vehicle and asset.serial:
                serial = normalize_vin(asset.serial)
                if serial != asset.serial:
                    asset.serial = serial

    def action_keep_vin(self, reason=None):
        """Keep the VINs as they are, although their check failed.

        :param str reason: why the number is right all the same; required
        """
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(assets)s: say why the VIN is kept.",
                    assets=", ".join(self.mapped("display_name")),
                )
            )
        self.filtered(lambda asset: asset.vin_state == "warning").write(
            {"vin_reason": reason.strip()}
        )
        return True
