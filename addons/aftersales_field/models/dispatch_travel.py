import logging

from odoo import api, fields, models

from ..engine import get_distance, get_distances, get_travel

_logger = logging.getLogger(__name__)

# Times that a person can remember: all travel is rounded up to it. Seconds.
STEP = 300
# Kilometres to a place that nobody knows, where a plan has to count something.
UNKNOWN_KM = 15.0


class AftersalesDispatch(models.AbstractModel):
    """Who goes where and when: the questions of a dispatcher.

    A *place* is ``(latitude, longitude)`` in degrees, or None if nobody knows it.
    """

    _name = "aftersales.dispatch"
    _description = "Dispatch"

    @api.model
    def get_travel(self, place, other, company=None):
        """Return how long the way between two places takes, by the company's settings.

        :return: dict with ``minutes`` (a multiple of five), ``km`` and ``is_known``;
            a way that is not known counts nothing
        """
        company = self._get_company(company)
        if not place or not other:
            return {"minutes": 0, "km": 0.0, "is_known": False}
        km = get_distance(place, other) * company.aftersales_road_factor
        seconds = self._get_seconds(km, company) if tuple(place) != tuple(other) else 0
        return {"minutes": seconds // 60, "km": round(km, 1), "is_known": True}

    @api.model
    def _get_company(self, company=None):
        """Accept a record, an id or nothing; settings are for everybody to read."""
        if isinstance(company, int):
            company = self.env["res.company"].browse(company)
        return (company or self.env.company).sudo()

    @api.model
    def _get_seconds(self, km, company):
        seconds = km * 3600 / company.aftersales_travel_speed
        seconds += company.aftersales_travel_fixed * 60
        return -(-round(seconds) // STEP) * STEP

    @api.model
    def _get_leg(self, place, other, company):
        """Return the seconds between two places; 0 if one is not known."""
        return self.get_travel(place, other, company)["minutes"] * 60

    @api.model
    def _get_matrix(self, places, company):
        """Return ``(seconds, kilometres)`` between all places, as lists of rows."""
        distances = get_distances(places, company.aftersales_road_factor, UNKNOWN_KM)
        fixed = company.aftersales_travel_fixed * 60
        rows = get_travel(distances, company.aftersales_travel_speed, fixed)
        rows = [[-(-seconds // STEP) * STEP for seconds in row] for row in rows]
        return rows, distances


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    def _get_start_place(self):
        """Return where an engineer's day begins, None if nobody knows; as superuser."""
        self.ensure_one()
        place = self.aftersales_start_id._get_place() if self.aftersales_start_id else 0
        if place:
            return place
        resource = self.resource_id
        warehouse = (
            resource.aftersales_warehouse_id or resource.aftersales_team_id.warehouse_id
        )
        if warehouse.partner_id:
            place = warehouse.partner_id._get_place()
        for territory in self.aftersales_territory_ids:
            place = place or territory._get_place()
        return place or self.company_id.partner_id._get_place()


class AftersalesTerritory(models.Model):
    _inherit = "aftersales.territory"

    def _get_place(self):
        """Return the place that stands for addresses that nobody knows, or None."""
        self.ensure_one()
        place = (self.latitude, self.longitude)
        return place if any(place) else None


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def _get_place(self):
        """Return the place of the address, else the territory's, or None."""
        self.ensure_one()
        return self.site_id._get_place() or (
            self.territory_id._get_place() if self.territory_id else None
        )

    def action_find_place(self):
        """Ask the provider of coordinates where the addresses are."""
        self._check_dispatches()
        self.sudo().site_id.with_context(force_geo_localize=True).geo_localize()
        return True

    @api.model
    def _cron_find_places(self):
        """Find the places of visits to come, where the company wants it."""
        domain = [
            ("company_id.aftersales_find_places", "=", True),
            ("state", "in", ("draft", "planned")),
            ("site_id.partner_latitude", "in", (False, 0)),
            ("site_id.partner_longitude", "in", (False, 0)),
            # Asked once: what was not found then is not found now.
            ("site_id.date_localization", "=", False),
        ]
        sites = self.search(domain).site_id
        for count, site in enumerate(sites, 1):
            try:
                with self.env.cr.savepoint():
                    site.geo_localize()
                    site.date_localization = fields.Date.context_today(site)
            except Exception:
                _logger.exception("The place of %s could not be found", site.id)
            if not self.env["ir.cron"]._commit_progress(
                1, remaining=len(sites) - count
            ):
                return
