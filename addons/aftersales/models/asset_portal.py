from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

PORTAL_FIELDS = frozenset(
    {
        "id",
        "display_name",
        "active",
        "category_id",
        "company_id",
        "create_date",
        "date_sold",
        "lot_id",
        "name",
        "partner_id",
        "product_id",
        "serial",
        "site_id",
    }
)


class AftersalesAsset(models.Model):
    """What the owner sees of the asset, and how service is asked for it."""

    _name = "aftersales.asset"
    _inherit = ["aftersales.asset", "aftersales.portal.mixin"]

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | PORTAL_FIELDS

    @api.model
    def _get_portal_domain(self, partner):
        """Return which assets ``partner`` sees: those of the whole own company."""
        return Domain("partner_id", "child_of", partner.commercial_partner_id.ids)

    def _request_service(self, complaint, partner, request_key):
        """Open a work order for what the owner writes on the portal.

        :param str complaint: the owner's words; required
        :param partner: who asks
        :param str request_key: names the form: sent twice, it makes one order
        :return: the work order, new or the one made before
        """
        self.ensure_one()
        complaint = (complaint or "").strip()
        if not complaint:
            raise UserError(
                self.env._("%(asset)s: tell us what is wrong.", asset=self.name)
            )
        known = self._find_request(request_key)
        if known:
            return known
        order = (
            self.env["aftersales.order"]
            .with_company(self.company_id)
            .create(self._prepare_request_values(complaint, partner, request_key))
        )
        order._remind_advisor(self.env._("Answer the request from the portal"))
        return order

    def _find_request(self, request_key):
        """Return the work order a form was received as before, one caller at a time.

        :param str request_key: names the form; required
        """
        self.ensure_one()
        if not request_key:
            raise UserError(
                self.env._(
                    "%(asset)s: load the page again and send your request once more.",
                    asset=self.name,
                )
            )
        # Two posts at the same time: the row is rewritten, so that the second fails
        # to serialize, is run again by the dispatcher and finds the first one's order.
        self.env.cr.execute(
            "UPDATE aftersales_asset SET write_date = write_date WHERE id = %s",
            [self.id],
        )
        return self.env["aftersales.order"].search(
            [("asset_id", "=", self.id), ("request_key", "=", request_key)], limit=1
        )

    def _prepare_request_values(self, complaint, partner, request_key):
        """Return the values of a work order asked for on the portal.

        The advisor and team are those of the last visit; without one, the company's
        first team looks after it.
        """
        self.ensure_one()
        owner = self.partner_id or partner.commercial_partner_id
        last = self.env["aftersales.order"].search(
            [("asset_id", "=", self.id), ("user_id.active", "=", True)],
            order="id desc",
            limit=1,
        )
        teams = last.team_id or last._get_company_teams(self.company_id)
        return {
            "asset_id": self.id,
            "partner_id": owner.id,
            "contact_id": (partner - owner).id,
            "company_id": self.company_id.id,
            "complaint": complaint,
            "channel": "portal",
            "user_id": last.user_id.id,
            "team_id": teams[:1].id,
            "request_key": request_key,
        }
