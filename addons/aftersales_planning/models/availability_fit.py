from odoo import api, models


class AftersalesAvailability(models.AbstractModel):
    """Whether a resource suits what a work order needs, whatever the time."""

    _inherit = "aftersales.availability"

    @api.model
    def _get_misfits(self, resource, role, order, jobs=None, types=None):
        """Return why a resource can't serve jobs of an order, as sentences.

        :param str role: what it is taken for
        :param jobs: the jobs it serves; all that are open if not given
        :param types: what a bay or tool must offer; all that the jobs need of the
            role if not given
        :return: list of sentences, empty if it suits
        """
        resource, order = resource.sudo(), order.sudo()
        jobs = self._get_open_jobs(order) if jobs is None else jobs.sudo()
        name = resource.name
        if resource.aftersales_role != role:
            return [
                self.env._(
                    "%(resource)s is not a %(role)s.",
                    resource=name,
                    role=self._get_role_label(role).lower(),
                )
            ]
        misfits = []
        if not resource.active:
            misfits.append(self.env._("%(resource)s is archived.", resource=name))
        for owner, own in (
            (resource.aftersales_team_id, order.team_id),
            (resource.aftersales_warehouse_id, order.warehouse_id),
        ):
            if owner and owner != own:
                misfits.append(
                    self.env._(
                        "%(resource)s is kept for work orders of %(owner)s.",
                        resource=name,
                        owner=owner.display_name,
                    )
                )
        if role == "technician":
            lacking = self._get_lacking_skills(resource, jobs)
        else:
            lacking = {
                job: (
                    job.resource_type_ids.filtered(lambda kind: kind.role == role)
                    & (job.resource_type_ids if types is None else types)
                )
                - resource.aftersales_type_ids
                for job in jobs
            }
            lacking = {job: kinds.mapped("name") for job, kinds in lacking.items()}
        return misfits + [
            self.env._(
                "“%(job)s” needs %(needed)s, which %(resource)s does not have.",
                job=job.name,
                needed=", ".join(words),
                resource=name,
            )
            for job, words in lacking.items()
            if words
        ]

    @api.model
    def _get_lacking_skills(self, technician, jobs):
        """Return ``{job: [skills in words]}`` of what a technician does not have."""
        levels = self._get_skills(technician) if jobs.skill_ids else {}
        return {
            job: [
                self._get_skill_words(skill, job.skill_progress)
                for skill in job.skill_ids
                if levels.get((technician.id, skill.id), -1) < job.skill_progress
            ]
            for job in jobs
        }

    @api.model
    def _get_skill_words(self, skill, level):
        if not level:
            return skill.name
        return self.env._("%(skill)s (%(level)s %%)", skill=skill.name, level=level)

    @api.model
    def _get_chosen_misfits(self, plan, key, role):
        """Return why none of the resources that were chosen serves a need."""
        if not plan.order:
            return []
        kind, number = key
        jobs = types = None
        if kind == "worker":
            segment = plan.needs["segments"][number]
            jobs = self.env["aftersales.job"].browse(segment["job_ids"])
        else:
            types = self.env["aftersales.resource.type"].browse(
                plan.needs["places"][number]["type_ids"]
            )
        chosen = self.env["resource.resource"].browse(plan.pins[role]).exists()
        return [
            reason
            for resource in chosen.sorted("id")
            for reason in self._get_misfits(resource, role, plan.order, jobs, types)
        ]
