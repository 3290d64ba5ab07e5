from odoo import SUPERUSER_ID, Command, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html


class AftersalesJob(models.Model):
    """A job of the workshop in the hands of who works on it, on a tablet."""

    _inherit = "aftersales.job"

    # Written with the first answer that names the job: what was entered on a tablet
    # after the job went to somebody else is known to be of somebody who had it.
    phone_user_ids = fields.Many2many(
        "res.users",
        "aftersales_job_phone_user_rel",
        string="Had on the Phone Of",
        copy=False,
        readonly=True,
    )

    def _get_worker_users(self):
        """Return the users who work on these jobs."""
        return self.technician_id.user_id | self.helper_ids.user_id

    def _finish_at(self, moment, employee, use_parts=True):
        """Finish a job that was finished on a tablet, maybe without a network.

        :param moment: when it was (UTC)
        :param employee: who finished it; everybody's clock on it stopped then
        :param bool use_parts: see ``action_done``
        """
        self.ensure_one()
        if self.state == "done":
            return
        if employee:
            self.action_clock_off(employee=employee, moment=moment)
        self._stop_clocks(moment)
        self.action_done(use_parts=use_parts)
        # Its hours count on the day on which the work ended.
        self._restate_clock_days()
        self.date_done = moment
        self._restate_clock_days()

    def _check_may_add(self, moment=None):
        """Refuse to rewrite jobs that were done before, but to advisors."""
        self.order_id._check_not_ended(
            self.filtered(lambda job: job.state == "done"), "date_done", moment
        )


class AftersalesOrder(models.Model):
    """What technicians record of an order in the workshop, besides their jobs."""

    _inherit = "aftersales.order"

    def _check_is_own(self):
        """Refuse orders on which the user has no job; advisors act in their reach.

        :return: these orders as superuser: technicians need not have rights in all
            that a job touches, and some are portal users
        :raises AccessError: naming no order but those that were asked for
        """
        if not self.env.su:
            orders = self.sudo().exists()
            if orders != self or not all(order._get_own_jobs() for order in orders):
                raise AccessError(
                    self.env._(
                        "Work order %(orders)s is not yours. Ask the advisor.",
                        orders=", ".join(map(str, self.ids)) or "?",
                    )
                )
        return self.sudo()

    def _get_own_jobs(self):
        """Return the jobs the user works on, as superuser; for advisors, all."""
        jobs = self.sudo().job_ids
        user = self.env.user
        own = jobs.filtered(lambda job: user in job._get_worker_users())
        if own == jobs or not user.has_group("aftersales.aftersales_group_user"):
            return own
        reached = self.sudo(False)._filtered_access("write").sudo()
        return own | jobs.filtered(lambda job: job.order_id in reached)

    def _check_may_add(self, moment=None):
        """Refuse to add to work that was handed over or billed, but to advisors.

        A tablet may tell late what happened before the work was completed.

        :param moment: when it was (UTC), if before now
        """
        self._check_not_ended(
            self.filtered(lambda order: order.state in ("ready", "done")),
            "date_completed",
            moment,
        )

    def _check_not_ended(self, works, field, moment):
        """Refuse what was done to ``works`` after the time in ``field``."""
        moment = self.env["aftersales.availability"]._read_moment(moment)
        late = works.filtered(
            lambda work: not moment or not work[field] or moment > work[field]
        )
        # The superuser acts for who is logged in here: ask about the person.
        if late and not (
            self.env.uid == SUPERUSER_ID
            or self.env.user.has_group("aftersales.aftersales_group_user")
        ):
            raise UserError(
                self.env._(
                    "%(work)s is finished. Ask the advisor to correct it.",
                    work=", ".join(late.mapped("display_name")),
                )
            )

    def record_meter(self, value=None, moment=None):
        """Write down the meter of the asset: before the work, or when it is over.

        :param float value: in the unit of the asset
        :param moment: when it was read (UTC), if before now
        :raises UserError: if it is no number, or the meter would fall; once the order
            was finished
        """
        order = self._check_is_own()
        order.ensure_one()
        order._check_may_add(moment)
        order._write_meter(value)
        return True

    def record_old_part(
        self, line, old_part=None, serial=None, choice=None, signer=None, reason=None,
        moment=None,
    ):  # fmt: skip
        """Write down what becomes of a part that came out of the asset.

        :param line: the own ``aftersales.job.line`` that replaced it, or its id
        :param str choice: see ``aftersales.visit``; store puts it on the shelf
        :return: the ``aftersales.old.part``
        :raises UserError: for a part of another job; once the order was finished
        """
        order = self._check_is_own()
        order.ensure_one()
        order._check_may_add(moment)
        lines = order._get_own_jobs().line_ids
        return order._write_old_part(
            lines, line, old_part, serial, choice, signer, reason
        )

    def action_report_missing(
        self, product, quantity=1, job=None, note=None, operation=None, moment=None
    ):
        """Ask for a part that is missing, short, or was not thought of.

        A part of the job is asked for at the store, which issues it; where the store
        has none, the advisor is told. Any other part is work the customer has not
        agreed to: a job of its own, to be priced and asked about.

        :param product: record or id
        :param quantity: in the product's unit
        :param job: record or id; the first own one if not given
        :return: the line that it is asked for on
        :raises UserError: for what is no part or no number above zero; once the order
            was finished
        """
        order = self._check_is_own()
        order.ensure_one()
        order._check_may_add(moment)
        App = self.env["aftersales.field.app"]
        quantity = App._read_quantity({"quantity": quantity})
        jobs = order._get_own_jobs()
        job_id, product_id = (getattr(each, "id", each) for each in (job, product))
        job = jobs.filtered(lambda each: each.id == job_id) if job else jobs[:1]
        product = App._get_product(order, product_id)
        if not job or product.type != "consu":
            raise UserError(
                self.env._(
                    "%(order)s: choose one of your jobs and a part.", order=order.name
                )
            )
        line = job.line_ids.filtered(
            lambda line: (
                line.product_id == product
                and line._get_issue_moves().filtered(
                    lambda move: move.state not in ("done", "cancel")
                )
            )
        )[:1]
        words = self.env._(
            "%(user)s needs %(quantity)s × %(part)s for %(job)s. %(note)s",
            user=self.env.user.name,
            quantity=f"{quantity:g}",
            part=product.display_name,
            job=job.name,
            note=note or "",
        ).strip()
        if line:
            line._ask_store(words)
        else:
            line = order._propose_part(job, product, quantity, words)
        return line

    def _propose_part(self, job, product, quantity, words):
        """Return the line of a part that nobody planned, on a job to be agreed to."""
        added = job.create(
            {
                "order_id": self.id,
                "name": self.env._("Part: %(part)s", part=product.name)[:64],
                "complaint": words,
                "technician_id": job.technician_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "kind": "part",
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                        }
                    )
                ],
            }
        )
        self._remind_advisor(
            self.env._("Part asked for during the work: price it and ask the customer"),
            note=plaintext2html(words),
        )
        return added.line_ids

    def _write_meter(self, value):
        """Write the reading where it belongs: at the beginning, or at the end."""
        self.ensure_one()
        if not self._is_reading(value):
            raise UserError(
                self.env._(
                    "%(order)s: “%(value)s” is no meter reading. Give the number that "
                    "the meter shows.",
                    order=self.name,
                    value=str(value)[:40],
                )
            )
        if not self.asset_id:
            raise UserError(
                self.env._(
                    "%(order)s names no asset whose meter could be read.",
                    order=self.name,
                )
            )
        self._lock()
        begun = self.state not in ("draft", "quoted", "approved")
        self["meter_out" if begun and self.meter_in else "meter_in"] = value

    def _is_reading(self, value):
        # Neither infinite nor no number: both compare as false.
        return (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and 0 <= value < 1e9
        )

    def _write_old_part(self, lines, line, old_part, serial, choice, signer, reason):
        """Return the record of what came out; ``lines`` are those one may name."""
        self.ensure_one()
        line_id, part_id = (getattr(each, "id", each) for each in (line, old_part))
        line = lines.filtered(lambda each: each.id == line_id)
        parts = line.old_part_ids
        part = parts.filtered(
            lambda part: part.id == part_id if part_id else part.state == "expected"
        )[:1]
        steps = {
            "keep": lambda: part.action_return(),
            "give_up": lambda: part.action_give_up(signer=signer),
            "maker": lambda: part.action_store(),
            "store": lambda: part.action_store(),
            "none": lambda: part.action_none(reason=reason),
        }
        if line.kind != "part" or (part_id and not part) or (
            choice and choice not in steps
        ):  # fmt: skip
            raise UserError(
                self.env._(
                    "%(order)s: choose the part that was replaced, and whether the "
                    "customer keeps it, gives it up, it goes to the maker or on the "
                    "shelf, or there is none.",
                    order=self.name,
                )
            )
        part = part or parts.create({"job_line_id": line.id})
        values = {"serial": serial} if serial else {}
        if choice and choice not in ("none", "store"):
            values["choice"] = choice
        if values:
            part.write(values)
        if choice:
            steps[choice]()
        return part


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    def _ask_store(self, words):
        """Tell the storekeeper that somebody waits for this part.

        It is written on the transfer that brings or issues it; what is not there is
        the advisor's to get.
        """
        self.ensure_one()
        for picking in self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        ).picking_id:
            picking.message_post(body=words)
        if self.availability_state in ("missing", "expected"):
            self.order_id._remind_advisor(
                self.env._("A technician waits for a part: get it, or plan anew"),
                note=plaintext2html(words),
            )
