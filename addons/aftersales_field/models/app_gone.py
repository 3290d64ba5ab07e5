from odoo import api, fields, models
from odoo.tools import format_datetime


class AftersalesFieldApp(models.AbstractModel):
    """Visits that left the phone: which they are, and why, in words."""

    _inherit = "aftersales.field.app"

    @api.model
    def _get_met_visits(self, ids):
        """Return the visits among ``ids`` that are, or once were, the user's.

        Of all others nothing is told, not even that they exist.

        :return: ``{id: visit}``, as superuser
        """
        ids = {self._read_id(visit_id) for visit_id in ids} - {0}
        if not ids:
            return {}
        user = self.env.user
        visits = (
            self.env["aftersales.visit"]
            .sudo()
            .search(
                [("id", "in", list(ids)), ("company_id", "in", user.company_ids.ids)]
            )
        )
        own = visits.filtered(lambda visit: user in visit._get_engineer_users())
        others = visits - own
        if others and user.has_group("aftersales.aftersales_group_user"):
            # Advisors act for everybody in their reach.
            own |= others.sudo(False)._filtered_access("write").sudo()
            others -= own
        if others:
            resources = self._get_own_employees().resource_id
            bookings = (
                self.env["aftersales.booking"]
                .sudo()
                .search_fetch(
                    [
                        ("visit_id", "in", others.ids),
                        ("resource_id", "in", resources.ids),
                    ],
                    ["visit_id"],
                )
            )
            own |= bookings.visit_id
        return {visit.id: visit for visit in own}

    @api.model
    def _get_lost_words(self, visit):
        """Return why this visit, once the user's, is so no more; empty if it is."""
        if not visit:
            return ""
        visit = visit.sudo()
        if visit.state == "cancel":
            if visit.cancel_reason:
                return self.env._(
                    "It was called off: %(reason)s.",
                    reason=visit.cancel_reason.rstrip("."),
                )
            return self.env._("It was called off.")
        user = self.env.user
        if user in visit._get_engineer_users():
            return ""
        if user.has_group("aftersales.aftersales_group_user") and visit.sudo(
            False
        ).has_access("write"):
            return ""
        if visit.technician_id:
            return self.env._(
                "It was given to %(engineer)s.", engineer=visit.technician_id.name
            )
        return self.env._("It was taken off the plan and is planned anew.")

    @api.model
    def _prepare_gone(self, ids):
        """Return the tombstones of visits that the phone has and should not keep."""
        if not ids:
            return []
        met = self._get_met_visits(ids)
        return [
            {
                "id": visit_id,
                "name": met[visit_id].name if visit_id in met else "",
                "reason": self._get_gone_words(met.get(visit_id)),
            }
            for visit_id in sorted(ids)
        ]

    @api.model
    def _get_gone_words(self, visit):
        if not visit:
            return self.env._("This visit is not yours.")
        if lost := self._get_lost_words(visit):
            return lost
        if visit.state == "done":
            return self.env._("It is done.")
        if visit.state == "draft":
            return self.env._("It was taken off the plan and is planned anew.")
        if visit.start and visit.start > fields.Datetime.now():
            return self.env._(
                "It was moved to %(time)s and comes back by then.",
                time=format_datetime(self.env, visit.start, dt_format="short"),
            )
        return self.env._("It is not among your visits any more.")
