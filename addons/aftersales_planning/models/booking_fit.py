from odoo import api, models
from odoo.exceptions import UserError


class AftersalesBooking(models.Model):
    """Who or what takes over a booking has to suit the work, whoever writes it."""

    _inherit = "aftersales.booking"

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        # The steps of the order run as superuser and choose among what suits.
        if not self.env.su:
            bookings._check_own_suits()
        return bookings

    def _check_own_suits(self):
        """Refuse bookings whose own resource does not suit their work order."""
        Availability = self.env["aftersales.availability"]
        for booking in self.filtered("order_id"):
            misfits = Availability._get_misfits(
                booking.resource_id,
                booking.role,
                booking.order_id,
                booking._get_served_jobs(),
                booking._get_needed_types(booking.resource_id),
            )
            if misfits:
                raise UserError(
                    self.env._(
                        "%(resource)s does not suit %(order)s: %(reasons)s Choose "
                        "another one, or change what the job needs.",
                        resource=booking.resource_id.name,
                        order=booking.order_id.name,
                        reasons=" ".join(misfits),
                    )
                )

    def _check_suits(self, resource):
        """Refuse a resource that can't take over these bookings.

        :raises UserError: naming the resource, the job and what is missing
        """
        Availability = self.env["aftersales.availability"]
        changed = self.filtered(lambda each: each.order_id).filtered(
            lambda each: each.resource_id != resource
        )
        served = changed.grouped(
            lambda each: (each.order_id, each.resource_id, each.job_id)
        )
        for (order, old, _job), bookings in served.items():
            booking = bookings[0]
            misfits = Availability._get_misfits(
                resource,
                booking.role,
                order,
                booking._get_served_jobs(),
                booking._get_needed_types(resource),
            )
            if misfits:
                raise UserError(
                    self.env._(
                        "%(resource)s does not suit %(order)s in place of %(old)s: "
                        "%(reasons)s Choose another one, or change what the job needs.",
                        resource=resource.name,
                        order=order.name,
                        old=old.name,
                        reasons=" ".join(misfits),
                    )
                )

    def _get_served_jobs(self):
        """Return the open jobs that this booking is for."""
        self.ensure_one()
        order = self.order_id.sudo()
        jobs = self.env["aftersales.availability"]._get_open_jobs(order)
        if self.role != "technician":
            return jobs
        employees = self.resource_id.sudo().employee_id
        own = jobs.filtered(lambda job: job.technician_id in employees)
        return (jobs & self.sudo().job_id) or own or jobs

    def _get_needed_types(self, resource):
        """Return what the bay or tool must offer in place of the present one.

        A work order takes one tool per type: what the other tools bring counts, and
        of what only this one brings nothing may be lost.
        """
        self.ensure_one()
        if self.role != "tool":
            return None
        others = self.order_id._get_active_bookings().resource_id - self.resource_id
        own = self.resource_id.sudo().aftersales_type_ids
        return own - (others - resource).sudo().aftersales_type_ids
