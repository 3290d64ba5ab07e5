from odoo import api, models
from odoo.fields import Domain


class AftersalesOrder(models.Model):
    """What the customer sees of an order that is done at his place."""

    _inherit = "aftersales.order"

    @api.model
    def _get_service_domain(self, partner):
        """Return which orders on site ``partner`` sees."""
        return self._get_portal_domain(partner) & Domain("is_onsite", "=", True)

    def _get_portal_visits(self):
        """Return the visits the customer is told of, the next one first."""
        self.ensure_one()
        return (
            self.sudo()
            .visit_ids.filtered(
                lambda visit: visit.start or visit.state in ("draft", "done")
            )
            .sorted(lambda visit: (visit.state in ("done", "cancel"), visit.id))
        )

    def _get_portal_status(self):
        self.ensure_one()
        if not self.is_onsite:
            return super()._get_portal_status()
        if self.state == "done" and self.is_solved_remotely and not self.job_ids:
            return (
                self.env._("Solved"),
                self.env._("We solved it together, and nobody had to come."),
                "success",
            )
        waiting = self._get_waiting_jobs()
        if self.state in ("ready", "done"):
            return (
                self.env._("Done"),
                self.env._("Thank you. If anything is not right, write to us below."),
                "success",
            )
        if self.state not in ("draft", "approved", "progress") or waiting:
            return super()._get_portal_status()
        visit = self._get_next_visit()
        if visit:
            return visit._get_portal_status()
        visits = self._get_portal_visits().filtered(
            lambda visit: visit.state not in ("done", "cancel")
        )
        if visits:
            return (
                self.env._("We plan your visit"),
                self.env._("We tell you the time as soon as we know it."),
                "info",
            )
        if self.state == "draft":
            return (
                self.env._("We have your request"),
                self.env._("We look into it and call you."),
                "info",
            )
        return super()._get_portal_status()

    def _get_portal_steps(self):
        self.ensure_one()
        if not self.is_onsite:
            return super()._get_portal_steps()
        if self.state == "cancel" or (self.is_solved_remotely and not self.job_ids):
            return []
        states = set(self._get_portal_visits().mapped("state"))
        is_done = self.state in ("ready", "done")
        is_begun = is_done or bool(states & {"onsite", "paused", "done"})
        return [
            (self.env._("Received"), True),
            (
                self.env._("Visit planned"),
                is_begun or bool(states & {"planned", "travel"}),
            ),
            (self.env._("At your place"), is_begun),
            (self.env._("Done"), is_done),
        ]

    # The pages of the workshop's appointments are not for visits: they would move the
    # engineer's time without the dispatcher.

    def _can_choose_visit(self):
        self.ensure_one()
        return not self.is_onsite and super()._can_choose_visit()

    def _can_change_visit(self):
        self.ensure_one()
        return not self.is_onsite and super()._can_change_visit()


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    def _get_portal_words(self):
        """Return how a visit stands, in the customer's words, with its colour."""
        self.ensure_one()
        return {
            "draft": (self.env._("We plan it"), "info"),
            "planned": (self.env._("Planned"), "primary"),
            "travel": (self.env._("On the way"), "primary"),
            "onsite": (self.env._("At your place"), "primary"),
            "paused": (self.env._("Interrupted"), "warning"),
            "done": (self.env._("Done"), "success"),
            "cancel": (self.env._("Called off"), "secondary"),
        }[self.state]

    def _get_portal_status(self):
        """Return what the customer is told of a visit that has a time.

        :return: ``(title, explanation, colour)``
        """
        self.ensure_one()
        title, colour = self._get_portal_words()
        if self.is_overdue:
            words = self.env._(
                "We are late, and we are sorry. You expected us on %(time)s.",
                time=self._get_window_text(),
            )
            return self.env._("We are late"), words, "warning"
        if self.state == "planned":
            title = self.env._("Visit planned")
            words = self.env._("We come on %(time)s.", time=self._get_window_text())
        else:
            words = self._get_customer_words()
        return title, words, colour
