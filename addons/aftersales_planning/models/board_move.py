from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError


class AftersalesBooking(models.Model):
    _inherit = "aftersales.booking"

    def action_move(self, start=None, resource_id=None):
        """Move a booking to another time or another bay, technician or tool.

        With the time the whole appointment moves: bay, technician and tools of an order
        stay together. Another resource takes over this booking alone.

        :param start: the new start in UTC, unchanged if not given
        :param resource_id: who or what takes over, of the same role
        :raises UserError: if it is over, or saying who has that time, why the resource
            is not there, or which skill or equipment it lacks
        """
        self.ensure_one()
        self._lock()
        if self.state not in ("hold", "confirmed"):
            raise UserError(
                self.env._(
                    "%(booking)s is over. Plan the work order again.",
                    booking=self.display_name,
                )
            )
        resource = self.env["resource.resource"].browse(resource_id)
        order = self.order_id
        order._check_decides()
        start = self.env["aftersales.availability"]._read_moment(start) or self.start
        replaced = resource and resource != self.resource_id
        if start != self.start and order.state in ("draft", "quoted", "approved"):
            # Nothing has begun: its pieces are laid anew around breaks and closing.
            self._replan(start, resource)
        else:
            self._shift(start - self.start)
            if replaced:
                self._replace_resource(resource)
        return True

    def _replan(self, start, resource):
        """Move the appointment with the same people and places, except ``resource``."""
        order, bookings = self.order_id, self._get_companions()
        resources = defaultdict(set)
        for booking in bookings:
            taken = booking.resource_id
            if resource and taken == self.resource_id:
                taken = resource
            resources[booking.role].add(taken.id)
        resources = {role: sorted(ids) for role, ids in resources.items()}
        moment = order.date_planned + (start - self.start)
        # Whoever drags it there is told who has the place, and not only that nothing
        # of the kind is free.
        other = bookings._find_overlap(
            [
                {
                    "resource_id": (resource or self.resource_id).id,
                    "start": start,
                    "stop": start + (self.stop - self.start),
                }
            ]
        )
        if other:
            slots = self.env["aftersales.availability"].get_slots(
                order, date_from=moment, limit=1, resources=resources
            )
            raise UserError(
                other._get_taken_message(slots[0]["start"] if slots else None)
            )
        order.action_rebook(start=moment, resources=resources)

    def _shift(self, shift):
        if not shift:
            return
        # The last one first if they move on: one may take the time of the next.
        bookings = self._get_companions() | self
        for booking in bookings.sorted("start", reverse=shift > timedelta(0)):
            booking.write(
                {
                    "start": booking.start + shift,
                    "stop": booking.stop + shift,
                    "problem": False,
                }
            )

    def _replace_resource(self, resource):
        """Let ``resource`` take over every piece that the present one has."""
        old, order = self.resource_id, self.order_id
        pieces = self | self._get_companions().filtered(
            lambda booking: booking.resource_id == old
        )
        pieces.write({"resource_id": resource.id, "problem": False})
        if self.role == "technician":
            jobs = order.job_ids.filtered(
                lambda job: (
                    job.technician_id in old.employee_id
                    and job.state not in ("done", "declined", "cancel")
                )
            )
            jobs.technician_id = resource.employee_id[:1]
        elif self.role == "bay" and resource.aftersales_location_id:
            order.bay_id = resource.aftersales_location_id

    def _get_companions(self):
        """Return the bookings of the same appointment."""
        self.ensure_one()
        return self.order_id.booking_ids.filtered(
            lambda booking: booking.state in ("hold", "confirmed")
        )


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    def action_board_step(self, stage):
        """Take the step that leads to a column of the board, where one alone does.

        :param str stage: ``arrived``, ``work`` or ``ready``
        :raises UserError: if the order can't take it, or it needs more than a move
        """
        if stage == "arrived":
            return self.action_arrive()
        if stage == "work":
            return self.action_start()
        if stage == "ready":
            return self.action_pass_quality()
        raise UserError(
            self.env._(
                "%(orders)s: take this step on the work order.",
                orders=", ".join(self.mapped("name")),
            )
        )
