from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

TAKEN = ("hold", "confirmed", "done")


class AftersalesFieldApp(models.AbstractModel):
    """Jobs of the workshop on the tablet of who does them.

    They come as work orders with the own jobs on them, made like a visit, so that the
    same screens show both. What is known of one is told by job: a job given to
    somebody else leaves the tablet with a word, and the others on the order stay.
    """

    _inherit = "aftersales.field.app"

    @api.model
    def _get_workshop_jobs(self):
        """Return the jobs that belong on the user's tablet now, as superuser.

        Those of orders that are approved or under way, up to some days ahead, with the
        work that was found and waits for a yes; and what was done since yesterday.
        """
        employees = self._get_own_employees()
        Job = self.env["aftersales.job"].sudo()
        if not employees:
            return Job
        now = fields.Datetime.now()
        horizon = now + timedelta(days=self.env.company.aftersales_app_days)
        own = Domain("technician_id", "in", employees.ids)
        own |= Domain("has_helpers", "=", True) & Domain(
            "helper_ids", "in", employees.ids
        )
        near = Domain("order_id.state", "=", "progress") | (
            Domain("order_id.state", "=", "approved")
            & (
                Domain("order_id.date_planned", "=", False)
                | Domain("order_id.date_planned", "<", horizon)
            )
        )
        todo = Domain("state", "in", ("draft", "proposed", "approved", "progress"))
        done = Domain("state", "=", "done") & Domain(
            "date_done", ">=", now - timedelta(days=1)
        )
        done &= Domain("order_id.state", "in", ("progress", "quality", "ready"))
        return Job.search(
            own
            & ((todo & near) | done)
            & Domain("order_id.is_onsite", "=", False)
            & Domain("company_id", "in", self.env.user.company_ids.ids)
        )

    @api.model
    def _prepare_orders(self, jobs):
        """Return the orders of these jobs as the tablet keeps them."""
        orders = jobs.order_id
        if not orders:
            return []
        batch = {**self._prepare_batch(orders), **self._prepare_shop_batch(jobs)}
        payloads = []
        for order, own in jobs.grouped("order_id").items():
            App = self.with_company(order.company_id)
            values = App._prepare_shop_order(order, own, batch)
            payloads.append({**values, "version": self._get_version(values)})
        return payloads

    @api.model
    def _prepare_shop_batch(self, jobs):
        orders = jobs.order_id
        lines = jobs.line_ids
        lines.mapped("availability_state")
        jobs.mapped("staged_parts")
        orders.asset_id.fetch(orders.asset_id._get_label_fields())
        bookings = (
            self.env["aftersales.booking"]
            .sudo()
            .search_fetch(
                [
                    ("order_id", "in", orders.ids),
                    ("role", "in", ("bay", "technician")),
                    ("state", "in", TAKEN),
                ],
                ["order_id", "resource_id", "role", "start", "stop"],
                order="start, id",
            )
        )
        return {
            "bookings": bookings.grouped("order_id"),
            "asked": self._get_asked_parts(orders),
            "findings": self._get_findings(orders),
        }

    @api.model
    def _get_asked_parts(self, orders):
        """Return ``{(job id, product id)}`` of the parts that tablets asked for."""
        operations = (
            self.env["aftersales.field.operation"]
            .sudo()
            .search_fetch(
                [
                    ("order_id", "in", orders.ids),
                    ("kind", "=", "missing_part"),
                    ("state", "=", "done"),
                ],
                ["payload"],
            )
        )
        sent = [operation._get_values() for operation in operations]
        return {(values.get("job_id"), values.get("product_id")) for values in sent}

    @api.model
    def _get_findings(self, orders):
        """Return what is known to be wrong with the assets, by order, worst first."""
        findings = defaultdict(list)
        for order in orders:
            found = order.finding_ids | order.open_finding_ids.sudo()
            found = found.filtered(
                lambda finding: finding.state not in ("fixed", "dismissed")
            )
            findings[order] = [
                {
                    "id": finding.id,
                    "name": finding.name,
                    "rating": finding.rating or "",
                    "is_safety": finding.is_safety,
                    "state_label": dict(
                        finding._fields["state"]._description_selection(self.env)
                    )[finding.state],
                }
                for finding in found.sorted(
                    lambda finding: (not finding.is_safety, finding.id)
                )
            ]
        return findings

    @api.model
    def _prepare_shop_order(self, order, jobs, batch):
        bookings = batch["bookings"].get(order, self.env["aftersales.booking"])
        own = bookings.filtered(
            lambda booking: booking.resource_id in batch["employees"].resource_id
        )
        values = self._prepare_order(order, batch)
        return {
            **values,
            "id": order.id,
            "name": order.name,
            "state": str(order.state),
            "state_label": order._get_state_label(order.state),
            "customer": {"name": order.partner_id.name or ""},
            "priority": order.priority or "0",
            "label": (order.asset_id and order.asset_id._get_board_label()) or "",
            "start": self._write_moment(own[:1].start or order.date_planned),
            "promised": self._write_moment(order.date_promised),
            "has_arrived": bool(order.date_arrived or order.date_in),
            "places": [
                {
                    "name": booking.resource_id.name,
                    "start": self._write_moment(booking.start),
                    "stop": self._write_moment(booking.stop),
                }
                for booking in bookings
                if booking.role == "bay"
            ],
            "findings": batch["findings"][order],
            "jobs": [self._prepare_shop_job(job, batch) for job in jobs],
            "old_parts": values["old_parts"] + self._get_expected_parts(jobs),
        }

    @api.model
    def _prepare_shop_job(self, job, batch):
        """Return an own job with what the store has of its parts; without prices."""
        waits = job.state in ("draft", "proposed")
        return {
            **self._prepare_job(job, batch),
            "needs_consent": waits,
            "is_helper": job.technician_id not in batch["employees"],
            "staged_parts": job.staged_parts or "",
            "lines": [
                {
                    **self._prepare_line(line),
                    "availability": line.availability_state,
                    "availability_label": line.availability or "",
                    "expected": self._write_moment(line.date_expected),
                    "is_asked": (job.id, line.product_id.id) in batch["asked"],
                }
                for line in job.line_ids
            ],
        }

    @api.model
    def _get_expected_parts(self, jobs):
        """Return the old parts that have no tag yet, as those that have one."""
        return [
            {
                "id": False,
                "line_id": line.id,
                "name": line.name or "",
                "product": line.product_id.display_name,
                "quantity": line.qty_used,
                "serial": "",
                "state": "expected",
                "state_label": "",
                "choice": line.order_id.old_parts_choice or "",
            }
            for line in jobs.line_ids
            if line.kind == "part"
            and line.product_id.aftersales_exchange
            and not line.old_part_ids
            and line.qty_used > 0
        ]

    # What has left the tablet

    @api.model
    def _remember_jobs(self, jobs):
        """Note who was told of these jobs; two tablets of one user may ask at once."""
        told = self.env["aftersales.job"].sudo()
        told = told.search(
            [("phone_user_ids", "=", self.env.uid), ("id", "in", jobs.ids)]
        )
        if new := jobs - told:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO aftersales_job_phone_user_rel"
                    " (aftersales_job_id, res_users_id)"
                    " SELECT id, %s FROM aftersales_job WHERE id IN %s"
                    " ON CONFLICT DO NOTHING",
                    self.env.uid,
                    tuple(new.ids),
                )
            )
            new.invalidate_recordset(["phone_user_ids"])

    @api.model
    def _get_met_orders(self, ids):
        """Return the orders among ``ids`` with jobs that are or were the user's.

        Of all others nothing is told, not even that they exist.

        :return: ``{id: order}``, as superuser
        """
        ids = {self._read_id(order_id) for order_id in ids} - {0}
        if not ids:
            return {}
        orders = (
            self.env["aftersales.order"]
            .sudo()
            .search(
                [
                    ("id", "in", list(ids)),
                    ("company_id", "in", self.env.user.company_ids.ids),
                ]
            )
        )
        return {
            order.id: order
            for order in orders
            if order._get_own_jobs() or self._get_told_jobs(order.job_ids)
        }

    @api.model
    def _get_told_jobs(self, jobs):
        """Return those of these jobs that a tablet of the user was told of."""
        return jobs.filtered(lambda job: self.env.user in job.phone_user_ids)

    @api.model
    def _get_lost_job_words(self, job):
        """Return why this job, once the user's, is so no more; empty if it is."""
        order = job.order_id
        if order.state == "cancel":
            return self.env._("The work order was called off.")
        if order.is_onsite:
            return self.env._("It is done at the customer's now.")
        if job.state == "cancel":
            return self.env._("It was called off.")
        if job in order._get_own_jobs():
            return ""
        if job.technician_id:
            return self.env._(
                "It was given to %(technician)s.", technician=job.technician_id.name
            )
        return self.env._("It was taken from you; nobody has it yet.")

    @api.model
    def _prepare_gone_jobs(self, ids):
        """Return the tombstones of jobs that the tablet has and should not keep."""
        if not ids:
            return []
        jobs = self.env["aftersales.job"].sudo().search([("id", "in", list(ids))])
        met = {
            job.id: job
            for job in self._get_told_jobs(jobs)
            if job.company_id in self.env.user.company_ids
        }
        return [
            {
                "id": job_id,
                "name": met[job_id].name if job_id in met else "",
                "reason": self._get_gone_job_words(met.get(job_id)),
            }
            for job_id in sorted(ids)
        ]

    @api.model
    def _get_gone_job_words(self, job):
        if not job:
            return self.env._("This job is not yours.")
        if lost := self._get_lost_job_words(job):
            return lost
        order = job.order_id
        if job.state == "done":
            return self.env._("It is done.")
        if job.state == "declined":
            return self.env._("The customer declined it.")
        if order.state == "approved" and order.date_planned:
            return self.env._(
                "It was moved to %(time)s and comes back by then.",
                time=format_datetime(self.env, order.date_planned, dt_format="short"),
            )
        return self.env._("It is not among your jobs any more.")
