from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class AftersalesJob(models.Model):
    """Work that comes back: the same asset, the same group of faults, too soon.

    The repair is linked to the first one, we bear it, the first technician's figures
    are restated, and it stays unsolved until its root cause is known.
    """

    _inherit = "aftersales.job"

    comeback_job_id = fields.Many2one(
        "aftersales.job",
        "Come-back Of",
        check_company=True,
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    comeback_ids = fields.One2many("aftersales.job", "comeback_job_id", "Come-backs")
    comeback_reason = fields.Char(
        "Why a Come-back",
        readonly=True,
        copy=False,
        help="What matched when it was linked, with the figures of that day.",
    )
    comeback_refusal = fields.Char(
        "Why No Come-back",
        readonly=True,
        copy=False,
        help="Set when somebody looked and decided that this is another fault.",
    )
    comeback_offer_id = fields.Many2one(
        "aftersales.job",
        "May Be a Come-back Of",
        compute="_compute_comeback_offer",
        compute_sudo=True,
    )
    comeback_offer = fields.Char(
        "What Matches", compute="_compute_comeback_offer", compute_sudo=True
    )
    root_cause = fields.Text(
        help="Why the first repair did not last. A come-back is unsolved without it.",
        copy=False,
    )
    is_unsolved = fields.Boolean(
        "Unsolved", compute="_compute_is_unsolved", search="_search_is_unsolved"
    )

    @api.depends(
        "fault_id",
        "state",
        "comeback_job_id",
        "comeback_refusal",
        "order_id.asset_id",
        "order_id.date_reported",
        "order_id.meter_in",
    )
    def _compute_comeback_offer(self):
        offers = self._get_comeback_offers()
        for job in self:
            first, words = offers.get(job, (False, False))
            job.comeback_offer_id = first
            job.comeback_offer = words

    @api.depends("comeback_job_id", "root_cause")
    def _compute_is_unsolved(self):
        for job in self:
            job.is_unsolved = bool(
                job.comeback_job_id and not (job.root_cause or "").strip()
            )

    @api.model
    def _search_is_unsolved(self, operator, value):
        if operator != "in":
            return NotImplemented
        unsolved = fields.Domain("comeback_job_id", "!=", False) & fields.Domain(
            "root_cause", "in", (False, "")
        )
        return unsolved if True in value else ~unsolved

    @api.model_create_multi
    def create(self, vals_list):
        self._check_comeback_written(
            {name for vals in vals_list for name, value in vals.items() if value}
        )
        jobs = super().create(vals_list)
        jobs.browse(
            job.id
            for job, vals in zip(jobs, vals_list, strict=True)
            if vals.get("fault_id")
        )._link_comebacks_by_policy()
        return jobs

    def write(self, vals):
        self._check_comeback_written(vals.keys())
        result = super().write(vals)
        if vals.get("fault_id"):
            self._link_comebacks_by_policy()
        return result

    def _check_comeback_written(self, names):
        """Linking also decides who pays and whose figures suffer: never by halves."""
        own = {"comeback_job_id", "comeback_reason", "comeback_refusal"}
        if not self.env.su and own & names:
            raise AccessError(
                self.env._(
                    "%(jobs)s: a come-back is linked and unlinked by its own steps and "
                    "can't be written.",
                    jobs=", ".join(self.mapped("name")) or self.env._("New job"),
                )
            )

    def _link_comebacks_by_policy(self):
        """Link what matches, in companies that don't want to be asked."""
        self.sudo().filtered(
            lambda job: (
                job.company_id.aftersales_comeback_policy == "link" and job.can_change
            )
        )._link_comebacks()

    def _get_comeback_offers(self):
        """Return the earlier job that each of these may be a come-back of.

        The same asset and the same group of faults (without a group: the same
        fault), handed over at most so many days before it was reported, or at most
        so many kilometres ago; both limits are the company's, either is enough. Of
        several the last one counts.

        :return: ``{job: (first job, what matches in words)}``
        """
        asked = self.filtered(
            lambda job: (
                job.fault_id
                and job.asset_id
                and job.state not in ("declined", "cancel")
                and not job.comeback_job_id
                and not job.comeback_refusal
            )
        )
        if not asked:
            return {}
        windows = [order._get_comeback_window() for order in asked.order_id]
        earlier = self.sudo().search(
            [
                ("order_id", "any", Domain.OR(windows)),
                ("fault_id", "!=", False),
                ("state", "=", "done"),
            ]
        )
        earlier = earlier.sorted(lambda job: (job.order_id.date_out, job.id))
        by_asset = earlier.grouped("asset_id")
        offers = {}
        for job in asked.sudo():
            for first in reversed(by_asset.get(job.asset_id, earlier.browse())):
                if words := job._match_comeback(first):
                    offers[job.with_env(self.env)] = (first, words)
                    break
        return offers

    def _match_comeback(self, first):
        """Say in words why this is a come-back of ``first``; nothing if it is not."""
        self.ensure_one()
        order, before = self.order_id, first.order_id
        fault, fault_before = self.fault_id, first.fault_id
        same = fault == fault_before or (
            fault.group_id and fault.group_id == fault_before.group_id
        )
        if order == before or not same or not before.date_out:
            return ""
        company = self.company_id
        days = order._count_days_since(before)
        distance = None
        if order.meter_in and before.meter_out:
            distance = order.meter_in - before.meter_out
        if days < 0 or (distance is not None and distance < 0):
            return ""
        limit_days = company.aftersales_comeback_days
        limit_km = company.aftersales_comeback_distance
        in_days = limit_days and days <= limit_days
        in_distance = limit_km and distance is not None and distance <= limit_km
        if not in_days and not in_distance:
            return ""
        values = {
            "job": first.name,
            "order": before.name,
            "what": (fault.group_id or fault).display_name,
            "days": days,
            "technician": first.technician_id.name or self.env._("nobody named"),
        }
        if distance is None:
            return self.env._(
                "%(what)s: “%(job)s” on %(order)s, handed over %(days)s days before "
                "(%(technician)s)",
                **values,
            )
        return self.env._(
            "%(what)s: “%(job)s” on %(order)s, handed over %(days)s days and "
            "%(distance)s %(unit)s before (%(technician)s)",
            distance=f"{distance:g}",
            unit=order.meter_unit or "km",
            **values,
        )

    def action_link_comeback(self, first=None):
        """Take these jobs as rework of an earlier one: we bear them.

        :param first: the earlier job, record or id; without it, what matches
        :raises UserError: if nothing matches, or the customer has answered already
        """
        self.order_id._check_decides()
        self.order_id._lock()
        self.sudo()._link_comebacks(first)
        unlinked = self.filtered(lambda job: not job.comeback_job_id)
        if unlinked:
            raise UserError(
                self.env._(
                    "%(jobs)s: no earlier job matches. Check the fault and the meter "
                    "reading.",
                    jobs=", ".join(unlinked.mapped("name")),
                )
            )
        return True

    def _link_comebacks(self, first=None):
        if isinstance(first, int):
            first = self.browse(first)
        todo = self.filtered(lambda job: not job.comeback_job_id)
        offers = {} if first else todo._get_comeback_offers()
        linked = self.browse()
        for job in todo:
            origin, words = (first, "") if first else offers.get(job, (False, ""))
            if origin:
                job._check_comeback_of(origin)
                payer = job.company_id._get_bearer("rework")
                job.write(
                    {
                        "comeback_job_id": origin.id,
                        "comeback_reason": words
                        or self.env._(
                            "Chosen by %(user)s", user=self.env.user.display_name
                        ),
                        "comeback_refusal": False,
                        "payer_id": payer.id,
                    }
                )
                linked |= job
        linked._record_comebacks()
        return linked

    def _check_comeback_of(self, first):
        self.ensure_one()
        if (
            first.asset_id != self.asset_id
            or first.order_id == self.order_id
            or first.state != "done"
        ):
            raise UserError(
                self.env._(
                    "%(job)s can't be a come-back of %(first)s. Choose a finished job "
                    "of another work order on %(asset)s.",
                    job=self.name,
                    first=first.name,
                    asset=self.asset_id.display_name,
                )
            )

    def _record_comebacks(self):
        """Write the rework to the first technician's account, and tell both orders."""
        self.env["aftersales.rework"].create(
            [
                {
                    **first.order_id._prepare_rework_values(first, job.comeback_reason),
                    "comeback_job_id": job.id,
                }
                for job in self
                for first in job.comeback_job_id
            ]
        )
        for job in self:
            job.order_id.message_post(
                body=self.env._(
                    "%(job)s is a come-back. %(why)s",
                    job=job.name,
                    why=job.comeback_reason,
                )
            )
            job.comeback_job_id.order_id.message_post(
                body=Markup("%s %s")
                % (
                    self.env._("Came back as %(job)s on", job=job.name),
                    job.order_id._get_html_link(),
                )
            )
        self.comeback_job_id._restate_clock_days()

    def action_unlink_comeback(self, reason=None):
        """Say that these jobs are no come-back, and why; they are not offered again.

        The payer goes back to what it is without a come-back.

        :param str reason: what makes it another fault; required
        :raises UserError: without one, or after the customer's answer
        """
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "%(jobs)s: say why this is no come-back.",
                    jobs=", ".join(self.mapped("name")),
                )
            )
        self.order_id._check_decides()
        self.order_id._lock()
        for job in self.sudo():
            first = job.comeback_job_id
            values = {
                "comeback_job_id": False,
                "comeback_reason": False,
                "comeback_refusal": reason,
            }
            if first and job.payer_id == job.company_id._get_bearer("rework"):
                own = job.company_id._get_customer_payers()[job.company_id]
                values["payer_id"] = (job.template_id.payer_id or own).id
            job.write(values)
            job.order_id.message_post(
                body=self.env._(
                    "%(job)s is no come-back: %(reason)s", job=job.name, reason=reason
                )
            )
            first._restate_clock_days()
        self.env["aftersales.rework"].sudo().search(
            [("comeback_job_id", "in", self.ids)]
        ).unlink()
        self.sudo()._recheck_warranty()
        return True

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        if state in ("declined", "cancel") and moved.comeback_job_id:
            # Nothing was done again: nobody's figures suffer.
            self.env["aftersales.rework"].sudo().search(
                [("comeback_job_id", "in", moved.ids)]
            ).unlink()
            moved.comeback_job_id._restate_clock_days()
        return moved

    def _get_billed_hours(self):
        """What comes back earned nothing: the first job loses the hours it took again.

        Source: capabilities A26, N13 (technician figures of the first job restated).
        """
        hours = super()._get_billed_hours()
        if self.comeback_job_id:
            return 0.0
        again = self.comeback_ids.filtered(
            lambda job: job.state not in ("declined", "cancel")
        )
        return max(0.0, hours - sum(again.mapped("hours_planned")))

    def _is_counted(self):
        """A come-back of a counted repair is one more of the same fault."""
        return super()._is_counted() or bool(
            self.comeback_job_id.order_id.repair_event_ids.filtered(
                lambda event: event.job_id == self.comeback_job_id and event.is_counted
            )
        )


class AftersalesRework(models.Model):
    _inherit = "aftersales.rework"

    comeback_job_id = fields.Many2one(
        "aftersales.job",
        "Came Back As",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Set when the customer brought it back; empty when our own check did.",
    )
