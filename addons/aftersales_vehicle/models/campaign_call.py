from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from .asset_vin import normalize_vin


class AftersalesCampaign(models.Model):
    """Which vehicles a campaign calls."""

    _inherit = "aftersales.campaign"

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
