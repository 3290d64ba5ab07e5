from odoo import models
from odoo.fields import Domain


class AftersalesAsset(models.Model):
    """Who is let in by the code on an asset, and by which door (N9)."""

    _inherit = "aftersales.asset"

    def _get_code_door(self, user):
        """Return the address that ``user`` is led to by the code of this asset.

        An engineer with a visit to it, also one with a portal login: the app. A
        storekeeper who does nothing else here: its parts. Who may see the asset: its
        form, or its page on the portal.

        :return: an address, or None for those who see nothing
        """
        self.ensure_one()
        if self.sudo()._has_visit_of(user):
            return f"/aftersales/field#asset={self.id}"
        asset = self.with_user(user)
        if not asset.has_access("read"):
            return None
        if not user._is_internal():
            return f"/my/assets/{self.id}"
        is_store = user.has_group("stock.group_stock_user")
        if is_store and not user.has_group("aftersales.aftersales_group_technician"):
            return f"/odoo/action-aftersales_field.asset_store_action/{self.id}"
        return f"/odoo/action-aftersales.asset_action/{self.id}"

    def _has_visit_of(self, user):
        """Whether an open, planned visit to this asset is one of the user's own."""
        self.ensure_one()
        if user._is_public():
            return False
        own = Domain("technician_id.user_id", "=", user.id)
        own |= Domain("helper_ids.user_id", "=", user.id)
        return bool(
            self.env["aftersales.visit"].search_count(
                own
                & Domain("asset_id", "=", self.id)
                & Domain("state", "in", ("planned", "travel", "onsite", "paused")),
                limit=1,
            )
        )


class StockLocation(models.Model):
    """A bin, a shelf or a van whose label opens what lies in it."""

    _name = "stock.location"
    _inherit = ["stock.location", "aftersales.code.mixin"]

    def _get_code_url(self):
        """Return the address that the printed QR label leads to."""
        self.ensure_one()
        return f"{self.get_base_url()}/aftersales/bin/{self._get_code()}"

    def _get_code_door(self, user):
        """Return the address that ``user`` is led to by the code of this bin.

        :return: an address, or None for those who see nothing
        """
        self.ensure_one()
        location = self.with_user(user)
        if not user.has_group("stock.group_stock_user") or not location.has_access(
            "read"
        ):
            return None
        # By way of the bin, so that the way back shows its name.
        return (
            f"/odoo/action-stock.action_location_form/{self.id}"
            "/action-aftersales_field.bin_quant_action"
        )
