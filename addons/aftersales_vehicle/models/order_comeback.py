from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class AftersalesOrder(models.Model):
    """What reception has to know: it was here lately, and may be a come-back."""

    _inherit = "aftersales.order"

    comeback_notice = fields.Text(
        "Come-backs", compute="_compute_comeback_notice", compute_sudo=True
    )
    repeat_notice = fields.Text(
        "Repeated Visit",
        compute="_compute_repeat_notice",
        compute_sudo=True,
        help="What was done on this asset within the come-back period.",
    )
    has_comeback_offer = fields.Boolean(
        compute="_compute_comeback_notice", compute_sudo=True
    )

    @api.depends("job_ids.comeback_offer", "job_ids.comeback_job_id")
    def _compute_comeback_notice(self):
        for order in self:
            offered = order.job_ids.filtered("comeback_offer_id")
            linked = order.job_ids.filtered("comeback_job_id")
            order.has_comeback_offer = bool(offered)
            order.comeback_notice = "\n".join(
                [
                    self.env._("%(job)s: %(why)s", job=job.name, why=why)
                    for job, why in (
                        *((job, job.comeback_offer) for job in offered),
                        *((job, job.comeback_reason) for job in linked),
                    )
                ]
            )

    @api.depends("asset_id", "date_reported", "meter_in")
    def _compute_repeat_notice(self):
        """Name the visits of the come-back period, whatever was wrong then (R025)."""
        asked = self.filtered(
            lambda order: order.asset_id and order.state not in ("done", "cancel")
        )
        windows = [order._get_comeback_window(distance=False) for order in asked]
        earlier = self.sudo().search(Domain.OR(windows), order="date_out desc")
        by_asset = earlier.grouped("asset_id")
        for order in self:
            visits = by_asset.get(order.asset_id._origin, earlier.browse())
            order.repeat_notice = "\n".join(
                self.env._(
                    "%(order)s, %(date)s: %(jobs)s",
                    order=visit.name,
                    date=format_date(self.env, visit.date_out),
                    jobs=", ".join(
                        visit.job_ids.filtered(lambda job: job.state == "done").mapped(
                            "name"
                        )
                    ),
                )
                for visit in visits
                if order in asked and order._is_repeated_visit(visit)
            )

    def _get_comeback_window(self, distance=True):
        """Return the domain of the visits that this one may be a come-back of.

        A little wider than the company's limits, which are weighed visit by visit.

        :param bool distance: whether the distance since then counts too
        """
        self.ensure_one()
        company = self.company_id
        near = Domain.FALSE
        if company.aftersales_comeback_days:
            # A day more: hand-overs are kept in UTC.
            days = company.aftersales_comeback_days + 1
            near |= Domain("date_out", ">=", self._get_day_reported() - timedelta(days))
        if distance and company.aftersales_comeback_distance and self.meter_in:
            since = self.meter_in - company.aftersales_comeback_distance
            near |= Domain("meter_out", ">=", since) & Domain("meter_out", ">", 0)
        return (
            Domain("asset_id", "=", self.asset_id._origin.id)
            & Domain("date_out", "!=", False)
            & near
        )

    def _is_repeated_visit(self, visit):
        """Whether ``visit`` lies within the company's come-back period."""
        self.ensure_one()
        if visit == self._origin:
            return False
        days = self._count_days_since(visit)
        return 0 <= days <= (self.company_id.aftersales_comeback_days or -1)

    def _count_days_since(self, visit):
        """Return the days from the hand-over of ``visit``, as our calendar counts."""
        self.ensure_one()
        local = self.with_context(tz=self.company_id.partner_id.tz or self.env.user.tz)
        out = fields.Datetime.context_timestamp(local, visit.date_out)
        return (self._get_day_reported() - out.date()).days

    def _get_day_reported(self):
        # Empty while somebody types another day.
        return self.date_reported or fields.Date.context_today(self)

    def action_link_comebacks(self):
        """Take every job that matches an earlier one as rework of it."""
        self._check_decides()
        self._lock()
        self.sudo().job_ids.filtered("comeback_offer_id")._link_comebacks()
        return True

    @api.depends("job_ids.comeback_job_id", "job_ids.root_cause")
    def _compute_missing(self):
        return super()._compute_missing()

    def _get_missing(self):
        missing = super()._get_missing()
        if self.state in ("progress", "quality", "ready"):
            missing += [
                self.env._("Come-back, not solved: root cause of %(job)s", job=job.name)
                for job in self.job_ids
                if job.is_unsolved
            ]
        return missing
