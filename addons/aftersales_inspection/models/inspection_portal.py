from odoo import models

from .template import WORK_USES


class AftersalesInspection(models.Model):
    """What the customer sees of inspections: those of the asset, not of our work."""

    _inherit = "aftersales.inspection"

    def _describe_rating(self, rating):
        """Return ``(word, colour, icon)``: nobody has to tell colours apart."""
        return {
            "green": (self.env._("In order"), "success", "fa-check-circle"),
            "yellow": (self.env._("Due soon"), "warning", "fa-exclamation-circle"),
            "red": (self.env._("Needs work now"), "danger", "fa-times-circle"),
        }.get(rating)

    def _is_for_customer(self):
        """Whether the customer may read it, once it is finished."""
        self.ensure_one()
        return self.state == "done" and self.use not in WORK_USES

    def _get_portal_photos(self):
        """Return the photos of these inspections that are shown as pictures."""
        return self.answer_ids.photo_ids._filter_pictures().sorted("id")


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def _get_portal_inspections(self):
        """Return the inspections the customer may read, as superuser, newest last."""
        self.ensure_one()
        return (
            self.sudo()
            .inspection_ids.filtered(lambda inspection: inspection._is_for_customer())
            .sorted("id")
        )
