from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

# Work may still be added to these; the one in the shop now comes first.
OPEN_STATES = ("progress", "approved", "quoted", "draft")
HERE_DOMAIN = Domain("state", "in", ("progress", "quality", "ready")) | (
    Domain("state", "not in", ("done", "cancel"))
    & Domain("booking_state", "=", "arrived")
)


class AftersalesInvitationMixin(models.AbstractModel):
    """The way from an invitation to a visit: the order, then its time."""

    _inherit = "aftersales.invitation.mixin"

    date_planned = fields.Datetime(related="order_id.date_planned")
    booking_state = fields.Selection(related="order_id.booking_state")
    visit_id = fields.Many2one(
        "aftersales.order",
        "Open Work Order",
        compute="_compute_visit_id",
        help="The visit of this vehicle that more work can be put on.",
    )
    is_here = fields.Boolean(
        "In the Workshop", compute="_compute_is_here", search="_search_is_here"
    )
    status = fields.Char(compute="_compute_status")

    def _compute_visit_id(self):
        visits = self._get_visits()
        for record in self:
            record.visit_id = visits.get(record.asset_id, False)

    def _compute_is_here(self):
        domain = HERE_DOMAIN & Domain("asset_id", "in", self.asset_id.ids)
        here = self.env["aftersales.order"].search(domain).asset_id
        for record in self:
            record.is_here = record.asset_id in here

    def _compute_status(self):
        """Say what counts now: that it is here, or when it comes, else the state."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for record in self:
            order = record.order_id
            if record.is_here and record.state not in ("done", "lapsed"):
                record.status = self.env._("In the shop")
            elif record.state != "booked":
                record.status = labels.get(record.state)
            elif order.date_planned:
                record.status = order._format_moment(order.date_planned)
            else:
                record.status = self.env._("Planned, no time")

    @api.model
    def _search_is_here(self, operator, value):
        if operator != "in":
            return NotImplemented
        here = self.env["aftersales.order"]._search(HERE_DOMAIN)
        domain = Domain("asset_id", "in", here.subselect("asset_id"))
        return domain if True in value else ~domain

    def _get_visits(self):
        """Return ``{vehicle: order}`` of the visits that work can be added to.

        The one in the shop, else the next one planned, else the newest.
        """
        orders = self.env["aftersales.order"].search(
            [("asset_id", "in", self.asset_id.ids), ("state", "in", OPEN_STATES)],
            order="date_planned, id desc",
        )
        orders = orders.sorted(lambda order: order.state != "progress")
        return {
            asset: visits[0] for asset, visits in orders.grouped("asset_id").items()
        }

    def action_book(self, order=None):
        """Put the jobs on work orders, one per vehicle, and look for a time.

        They go to the given order, or to the visit the vehicle has open, or else to a
        new order. What is planned already stays where it is.

        :param order: ``aftersales.order`` of the vehicle, to add the jobs to
        :return: the free times of one order that has no appointment, else an action
            that opens the orders
        """
        self._check_ongoing()
        self.env["aftersales.order"].check_access("create")
        todo = self._lock().filtered(lambda record: record.state != "booked")
        visits = {} if order else self._get_visits()
        ownerless = todo.asset_id.filtered(
            lambda asset: not asset.partner_id and asset not in visits
        )
        if ownerless and not order:
            raise UserError(
                self.env._(
                    "%(assets)s has no owner. Enter who owns it, then book.",
                    assets=", ".join(ownerless.mapped("display_name")),
                )
            )
        strange = order and todo.asset_id - order.asset_id
        if strange:
            raise UserError(
                self.env._(
                    "%(order)s is for %(asset)s, not for %(others)s.",
                    order=order.name,
                    asset=order.asset_id.display_name or "–",
                    others=", ".join(strange.mapped("display_name")),
                )
            )
        for asset, records in todo.with_user(self.env.user).grouped("asset_id").items():
            records._create_jobs(order or visits.get(asset))
        return self._get_time_action()

    def _create_jobs(self, order=None):
        """Put the jobs of one vehicle on its order, or on a new one."""
        commands = [
            Command.create({**record._prepare_job_values(), self._job_field: record.id})
            for record in self
        ]
        if order:
            order.write({"job_ids": commands})
        else:
            asset = self.asset_id
            order = (
                self.env["aftersales.order"]
                .with_company(asset.company_id)
                .create({**self._prepare_order_values(asset), "job_ids": commands})
            )
        self.sudo()._set_state("booked", order_id=order.id)

    def _get_time_action(self):
        order = self.order_id
        if (
            len(order) == 1
            and order.state in ("draft", "quoted", "approved")
            and order.booking_state in ("none", "missed")
        ):
            return order.action_open_book()
        return order._get_open_action()

    def _prepare_order_values(self, asset):
        return {
            "asset_id": asset.id,
            "partner_id": asset.partner_id.id,
            "company_id": asset.company_id.id,
            "channel": "outbound",
            "complaint": "\n".join(self.mapped("display_name")),
        }

    def _prepare_job_values(self):
        """Return the values of the job that the owner is asked to come for."""
        raise NotImplementedError

    def action_view_order(self):
        """Open the order the job is on, or the visit the vehicle has open."""
        self.ensure_one()
        return (self.order_id or self.visit_id)._get_open_action()
