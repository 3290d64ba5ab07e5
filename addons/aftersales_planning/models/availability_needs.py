from odoo import api, models

from ..engine.search import PAUSES


class AftersalesAvailability(models.AbstractModel):
    """What the open jobs of a work order need."""

    _inherit = "aftersales.availability"

    @api.model
    def get_needs(self, order):
        """Return what the open jobs of a work order need, see the class.

        :param order: a work order or its id
        """
        self._check_tells_who()
        order = self._get_order(order)
        company = order.company_id
        jobs = self._get_open_jobs(order)
        segments = self._get_segments(jobs)
        if not any(segment["hours"] for segment in segments):
            segments = [
                {
                    **(segments[0] if segments else self._prepare_segment(jobs)),
                    "hours": company.aftersales_booking_hours,
                }
            ]
        return {
            "order_id": order.id,
            "company_id": company.id,
            "warehouse_id": order.warehouse_id.id,
            "team_id": order.team_id.id,
            "segments": [segment for segment in segments if segment["hours"]],
            "places": self._get_places(order, jobs),
            "preparation": company.aftersales_booking_preparation,
            "parts": self._get_parts(order, jobs),
        }

    @api.model
    def _get_open_jobs(self, order):
        """Return what is still to be done on a work order."""
        return order.job_ids.filtered(
            lambda job: job.state not in ("declined", "cancel", "done")
        )

    @api.model
    def _get_segments(self, jobs):
        """Return one segment, or one per technician if the jobs name several."""
        if len(jobs.technician_id) <= 1:
            return [self._prepare_segment(jobs)] if jobs else []
        return [
            self._prepare_segment(group)
            for group in jobs.grouped("technician_id").values()
        ]

    @api.model
    def _prepare_segment(self, jobs):
        skills = {}
        for job in jobs:
            for skill in job.skill_ids:
                skills[skill.id] = max(skills.get(skill.id, 0), job.skill_progress)
        spans = [job.work_span or "break" for job in jobs] or ["break"]
        return {
            "hours": sum(jobs.mapped("hours_planned")),
            "skills": skills,
            "technician_ids": jobs.technician_id.ids,
            "job_ids": jobs.ids,
            # Paint does not dry better because the next job may rest.
            "span": min(spans, key=PAUSES.get),
        }

    @api.model
    def _get_places(self, order, jobs):
        types = jobs.resource_type_ids
        bays = types.filtered(lambda kind: kind.role == "bay")
        places = []
        if bays or not order.team_id or order.team_id.needs_bay:
            places.append({"role": "bay", "type_ids": bays.ids})
        places += [
            {"role": "tool", "type_ids": tool.ids}
            for tool in types
            if tool.role == "tool"
        ]
        return places

    @api.model
    def _complete_needs(self, needs):
        """Return a need with everything that may be left out."""
        company_id = needs.get("company_id") or self.env.company.id
        return {
            "order_id": False,
            "warehouse_id": False,
            "team_id": False,
            "places": [],
            "preparation": 0,
            **needs,
            "company_id": company_id,
            "parts": {
                "date": False,
                "missing": [],
                "late": [],
                **needs.get("parts", {}),
            },
            "segments": [
                {
                    "technician_ids": [],
                    "job_ids": [],
                    "span": "break",
                    **segment,
                    # Keys of a dict are texts once they came over the network.
                    "skills": {
                        int(skill): level
                        for skill, level in (segment.get("skills") or {}).items()
                    },
                }
                for segment in needs.get("segments", [])
            ],
        }
