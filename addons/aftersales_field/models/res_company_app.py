from urllib.parse import quote as url_quote

from odoo import fields, models


class ResCompany(models.Model):
    """How the technician app works in this company."""

    _inherit = "res.company"

    aftersales_app_days = fields.Integer(
        "Days on the Phone",
        default=7,
        help="How many days ahead an engineer's visits are on the phone.",
    )
    aftersales_photo_max_mb = fields.Integer(
        "Largest Photo (MB)",
        default=40,
        help="Photos of visits that are larger are not taken.",
    )
    aftersales_map_url = fields.Char(
        "Address of the Map",
        default="https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"
        "#map=17/{latitude}/{longitude}",
        help="What opens when the engineer touches the address. {latitude}, "
        "{longitude} and {address} are filled in.",
    )

    _aftersales_app_positive = models.Constraint(
        "CHECK(aftersales_app_days >= 0 AND aftersales_photo_max_mb > 0)",
        "Days on the phone can't be negative, and photos need some size.",
    )

    def _get_map_url(self, site):
        """Return where the map shows an address, or an empty text."""
        self.ensure_one()
        place = site._get_place()
        if not place or not self.aftersales_map_url:
            return ""
        url = self.aftersales_map_url
        for key, value in zip(("latitude", "longitude"), place, strict=True):
            url = url.replace(f"{{{key}}}", f"{value:.6f}")
        return url.replace("{address}", url_quote(site.contact_address_inline or ""))


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aftersales_app_days = fields.Integer(
        related="company_id.aftersales_app_days", readonly=False
    )
    aftersales_photo_max_mb = fields.Integer(
        related="company_id.aftersales_photo_max_mb", readonly=False
    )
    aftersales_map_url = fields.Char(
        related="company_id.aftersales_map_url", readonly=False
    )
