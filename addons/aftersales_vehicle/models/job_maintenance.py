from odoo import api, fields, models


class AftersalesJob(models.Model):
    """A job that does a due service, or what a campaign asks for."""

    _inherit = "aftersales.job"

    maintenance_line_id = fields.Many2one(
        "aftersales.maintenance.plan.line",
        "Service",
        index="btree_not_null",
        ondelete="restrict",
    )
    due_id = fields.Many2one(
        "aftersales.due",
        "Service Due",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    material_warning = fields.Char(
        "Not Specified by the Maker", compute="_compute_material_warning"
    )

    @api.depends(
        "maintenance_line_id", "line_ids.product_id", "order_id.asset_id", "state"
    )
    def _compute_material_warning(self):
        for job in self:
            foreign = job._get_unspecified_products()
            job.material_warning = bool(foreign) and self.env._(
                "%(products)s: not among the materials the maker specifies for "
                "%(vehicle)s.",
                products=", ".join(foreign.mapped("display_name")),
                vehicle=job.order_id.asset_id.display_name,
            )

    def _get_unspecified_products(self):
        """Return the parts of a service that its maker does not specify."""
        self.ensure_one()
        # As superuser: technicians see the warning, not the plans.
        service = self.sudo().maintenance_line_id
        items = service.item_ids
        Product = self.env["product.product"]
        if not any(items.mapped("is_specified")):
            return Product
        allowed = items._get_allowed_products(self.order_id.asset_id.sudo())
        template = service.job_template_id
        if template and not template.line_ids.product_id & allowed:
            allowed |= template.line_ids.product_id
        parts = self.line_ids.filtered(lambda line: line.kind == "part").product_id
        return parts - allowed.with_env(self.env)

    def _get_service(self):
        """Return the service of the plan that this job was, if any.

        Also a package of the vehicle's plan that was put on the order by hand.
        """
        self.ensure_one()
        if self.maintenance_line_id or not self.template_id:
            return self.maintenance_line_id
        lines = self.env["aftersales.maintenance.plan.line"].search(
            [("job_template_id", "=", self.template_id.id)]
        )
        if not lines:
            return lines
        plan = self.order_id.asset_id._get_maintenance_plan()
        return lines.filtered(lambda line: line.plan_id == plan)[:1]

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        # As superuser: technicians finish jobs and don't keep the lists.
        moved._tell_invitations(state)
        return moved

    def _tell_invitations(self, state):
        """Let the invitations know that the jobs they led to reached ``state``."""
        for field in self._get_invitation_fields():
            if invitations := self[field].sudo():
                if state in ("declined", "cancel"):
                    # Declined here, it may be planned on another order by now.
                    invitations = invitations.filtered(
                        lambda record: record.order_id in self.order_id
                    )
                invitations._follow_jobs(state)

    @api.model
    def _get_invitation_fields(self):
        """Fields that name what the owner was asked to come for."""
        return ["due_id"]

    @api.ondelete(at_uninstall=False)
    def _unlink_reopens_invitations(self):
        self._tell_invitations("cancel")


class AftersalesOrder(models.Model):
    """The service that is due when a vehicle is here, and its history afterwards."""

    _inherit = "aftersales.order"

    service_warning = fields.Char("Service Due", compute="_compute_service_warning")

    @api.depends("asset_id", "job_ids.due_id", "state")
    def _compute_service_warning(self):
        soon = fields.Date.add(fields.Date.context_today(self), months=1)
        asked = self.filtered(
            lambda order: (
                order.asset_id.is_vehicle
                and order.state not in ("ready", "done", "cancel")
                and order.asset_id.next_service_date
                and order.asset_id.next_service_date <= soon
            )
        )
        (self - asked).service_warning = False
        if not asked:
            return
        # As superuser: whoever sees the work order is told.
        dues = asked.asset_id.sudo()._get_next_due()
        for order in asked:
            asset = order.asset_id
            due = dues.filtered(lambda due, asset=asset: due.asset_id.id == asset.id)
            planned = due[:1].state == "booked" or order.job_ids.due_id & due
            order.service_warning = not planned and asset._get_next_service_words(due)

    def action_add_due_service(self):
        """Put the service that is due on these orders as a job.

        :return: True; a second call changes nothing
        """
        for order in self:
            due = order.asset_id._get_next_due()[:1]
            if due and due.state != "booked":
                due.action_book(order=order)
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_reopens_invitations(self):
        # The database deletes the jobs, unasked.
        self.job_ids._unlink_reopens_invitations()

    def _get_missing(self):
        missing = super()._get_missing()
        if self.state not in ("done", "cancel"):
            services = self.job_ids.filtered("maintenance_line_id")
            missing += [
                job.material_warning for job in services if job.material_warning
            ]
        return missing

    def action_deliver(self, meter_out=None, signer=None, signature=None):
        result = super().action_deliver(
            meter_out=meter_out, signer=signer, signature=signature
        )
        self.sudo()._record_services()
        return result

    def _record_services(self):
        """Keep the services done on these orders, and forecast the next ones."""
        orders = self.filtered("is_vehicle")
        Due = self.env["aftersales.due"]
        for order in orders:
            for job in order.job_ids.filtered(lambda job: job.state == "done"):
                if not job.due_id and (line := job._get_service()):
                    meter = order.asset_id.meter_ids[:1].total
                    job.due_id = Due._get_or_create(order.asset_id, line, meter)
                    job.due_id._set_state("done")
                if job.due_id:
                    job.due_id._note_done(order)
        orders.asset_id._update_due()
