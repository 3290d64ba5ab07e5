from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesOrder(models.Model):
    """The order's way through the workshop, step by step."""

    _inherit = "aftersales.order"

    def action_start(self, meter_in=None):
        """Begin work on approved orders.

        :param float meter_in: the reading at reception, if not recorded yet
        :raises UserError: before approval, or without a reading where one is due
        """
        orders = self._lock()
        if meter_in is not None:
            orders.write({"meter_in": meter_in})
        orders._check_meter("meter_in")
        moved = orders._set_state("progress", date_in=fields.Datetime.now())
        moved.job_ids.filtered(lambda job: job.state == "approved")._action_start()
        return True

    def _check_meter(self, field):
        """Refuse to go on where the asset's category wants a reading and has none."""
        missing = self.filtered(
            lambda order: order.asset_id.category_id.meter_required and not order[field]
        )
        if missing:
            raise UserError(
                self.env._(
                    "%(orders)s: record the meter of %(assets)s first.",
                    orders=", ".join(missing.mapped("name")),
                    assets=", ".join(missing.asset_id.mapped("display_name")),
                )
            )

    def action_complete(self, accept_differences=False, reason=None):
        """Finish the work: what was used is issued, what was not goes back.

        :param bool accept_differences: somebody was shown that less is used than
            was approved, and says yes
        :param str reason: why, kept with the name of who said it
        :raises UserError: naming planned and available quantities, where they
            differ and nobody accepted it
        """
        todo = self._lock().filtered(lambda order: order.state != "quality")
        todo._check_transition("quality")
        todo._check_jobs_decided()
        todo._check_differences(accept_differences, reason)
        todo._consume_parts()
        # Technicians may have finished theirs before.
        jobs = todo.job_ids.filtered(
            lambda job: job.state in ("approved", "progress", "done")
        )
        jobs._set_state("done")
        jobs.line_ids._deliver_services()
        jobs.share_ids._update_to_delivered()
        jobs.line_ids._create_old_parts()
        todo._set_state("quality", date_completed=fields.Datetime.now())
        return True

    def _check_jobs_decided(self):
        """Refuse to finish while the customer has not answered about added work."""
        waiting = self.job_ids.filtered(lambda job: job.state in ("draft", "proposed"))
        if waiting:
            raise UserError(
                self.env._(
                    "%(orders)s: the customer has not answered about %(jobs)s. "
                    "Approve, decline or delete that work first.",
                    orders=", ".join(waiting.order_id.mapped("name")),
                    jobs=", ".join(waiting.mapped("name")),
                )
            )

    def action_pass_quality(self):
        """Say that the work is right; the customer can be told."""
        self._check_decides()
        self._lock()._set_state("ready")
        return True

    def action_rework(self, reason=None):
        """Send work back that did not pass; the round is counted.

        :param str reason: what is wrong; required
        """
        if not reason:
            raise UserError(
                self.env._(
                    "%(orders)s: say what has to be done again.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        self._check_decides()
        orders = self._lock()
        orders._check_transition("progress")
        for order in orders:
            order._set_state("progress", rework_count=order.rework_count + 1)
            order.message_post(body=self.env._("Sent back: %(reason)s", reason=reason))
        orders.job_ids.filtered(lambda job: job.state == "done")._set_state("progress")
        return True

    def action_deliver(self, meter_out=None, signer=None, signature=None):
        """Hand the asset back and close the order.

        :param float meter_out: the reading at hand-over
        :param str signer: who takes the asset
        :param bytes signature: base64 image of the signature
        :raises UserError: naming parts whose old part is not accounted for
        """
        self._check_decides()
        todo = self._lock().filtered(lambda order: order.state != "done")
        todo._check_transition("done")
        values = {"meter_out": meter_out, "signed_by": signer, "signature": signature}
        values = {field: value for field, value in values.items() if value}
        if values:
            todo.write(values)
        todo._check_meter("meter_out")
        todo._close_old_parts()
        todo._set_state("done", date_out=fields.Datetime.now())
        return True

    def action_cancel(self, reason=None):
        """Call the order off and undo what it caused.

        Quotations are cancelled, reserved parts freed, staged and consumed parts
        brought back to stock. Invoices that are posted must be credited first.

        :param str reason: why; kept on the order
        """
        self._check_decides()
        todo = self._lock().filtered(lambda order: order.state != "cancel")
        todo._check_transition("cancel")
        todo._check_no_open_invoice()
        todo._cancel_parts()
        todo._cancel_old_parts()
        todo._cancel_purchases()
        todo.job_ids.filtered(
            lambda job: job.state not in ("cancel", "declined")
        )._set_state("cancel")
        todo._cancel_quotations()
        todo._set_state("cancel", cancel_reason=reason)
        return True
