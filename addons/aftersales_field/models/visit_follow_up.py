from odoo import Command, models

# The customer is visited again, after these.
CONTINUED = ("part_missing", "no_access", "follow_up")


class AftersalesVisit(models.Model):
    """What is left to do after a visit is the next one's, with what is known."""

    _inherit = "aftersales.visit"

    def _after_finish(self, jobs):
        left = self._get_jobs_left()
        if self.outcome in CONTINUED or (self.outcome == "declined" and left):
            follow_up = self._create_follow_up()
            # It may have been made before this was said.
            if self.outcome_note and self.outcome_note not in (follow_up.note or ""):
                follow_up.note = "\n".join(
                    text for text in (follow_up.note, self.outcome_note) if text
                )
        return super()._after_finish(jobs)

    def _get_jobs_left(self):
        """Return the jobs of this visit that are not done."""
        self.ensure_one()
        return self.job_ids.filtered(
            lambda job: job.state not in ("done", "declined", "cancel")
        )

    def _create_follow_up(self, jobs=None, date_earliest=None):
        """Make the next visit of each of these, to be planned; an open one is kept.

        :param jobs: what is done on it; without, what is left of the visit
        :param date_earliest: not before that (UTC), as when the part arrives
        :return: the next visits
        """
        follow_ups = self.browse()
        for visit in self.sudo():
            follow_up = visit.next_ids.filtered(
                lambda each: each.state not in ("done", "cancel")
            )[:1] or self.sudo().create(visit._prepare_follow_up_values(jobs))
            if date_earliest:
                follow_up.date_earliest = date_earliest
            follow_ups |= follow_up
        return follow_ups

    def _prepare_follow_up_values(self, jobs=None):
        self.ensure_one()
        values = {
            "order_id": self.order_id.id,
            "previous_id": self.id,
            "site_id": self.site_id.id,
            "territory_id": self.territory_id.id,
            # Who knows the case, unless the customer wished for somebody.
            "preferred_id": (self.preferred_id or self.technician_id).id,
            "note": "\n".join(
                text
                for text in (self.note, self.hand_over_note, self.outcome_note)
                if text
            ),
        }
        jobs = self._get_jobs_left() if jobs is None else jobs
        if jobs:
            values["job_ids"] = [Command.set(jobs.ids)]
        return values
