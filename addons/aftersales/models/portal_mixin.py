from odoo import api, models, tools


class AftersalesPortalMixin(models.AbstractModel):
    """A record of which portal users read a few fields and no others.

    The host returns them from ``_get_portal_fields``. A field that is not there is
    refused to portal users in reading and in searching, so that what an add-on adds
    stays private until somebody decides otherwise.
    """

    _name = "aftersales.portal.mixin"
    _description = "Fields for Portal Users"

    @api.model
    def _get_portal_fields(self):
        """Return the names of the fields portal users may read."""
        return frozenset()

    @api.model
    @tools.ormcache("self.env.uid")
    def _is_read_from_portal(self):
        # Asked for each access to a field, and so worth remembering.
        return self.env.user.has_group("base.group_portal")

    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            self.env.su
            or field.name in self._get_portal_fields()
            or not self._is_read_from_portal()
        )
