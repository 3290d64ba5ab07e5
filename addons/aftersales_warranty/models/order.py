from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import count_repair_days


class AftersalesOrder(models.Model):
    """The guarantee on a work order: verdicts, what is counted, what it gives."""

    _inherit = "aftersales.order"

    date_reported = fields.Date(
        "Reported On",
        default=fields.Date.context_today,
        copy=False,
        required=True,
        help="The day the customer told us. Guarantees are weighed as of that day, "
        "whenever the work is done.",
    )
    verdict_ids = fields.One2many(
        "aftersales.verdict",
        "order_id",
        "Verdicts",
        domain=[("is_current", "=", True)],
    )
    verdict_count = fields.Integer("Lines Weighed", compute="_compute_verdict_count")
    exclusion_ids = fields.Many2many(
        "aftersales.job.exclusion",
        string="Excluded Causes",
        compute="_compute_exclusion_ids",
    )
    repair_pause_ids = fields.One2many(
        "aftersales.repair.pause", "order_id", "Not Repair Time"
    )
    repair_event_ids = fields.One2many(
        "aftersales.repair.event", "order_id", "Counted Repairs"
    )

    @api.depends("verdict_ids")
    def _compute_verdict_count(self):
        for order in self:
            order.verdict_count = len(order.verdict_ids)

    @api.depends("job_ids.exclusion_ids")
    def _compute_exclusion_ids(self):
        for order in self:
            order.exclusion_ids = order.job_ids.exclusion_ids

    def write(self, vals):
        result = super().write(vals)
        if {"date_reported", "asset_id", "meter_in"} & vals.keys():
            self.job_ids._recheck_warranty()
        return result

    def action_check_warranty(self):
        """Weigh every line that nobody answered yet, and let the payers follow.

        :return: True; a second call changes nothing
        """
        self._lock().job_ids._check_warranty()
        return True

    def _action_estimate(self):
        self.job_ids._check_warranty()
        return super()._action_estimate()

    def action_complete(self, accept_differences=False, reason=None):
        result = super().action_complete(
            accept_differences=accept_differences, reason=reason
        )
        self.sudo()._count_repairs()
        return result

    def action_deliver(self, meter_out=None, signer=None, signature=None):
        result = super().action_deliver(
            meter_out=meter_out, signer=signer, signature=signature
        )
        self.sudo().job_ids._register_repairs()
        return result

    def action_cancel(self, reason=None):
        result = super().action_cancel(reason=reason)
        # As superuser: what was called off is no repair, whoever called it off.
        self.sudo().repair_event_ids.unlink()
        return result

    def _get_repair_days(self):
        """Return the days this order has been, or was, in repair."""
        self.ensure_one()
        pauses = [
            (pause.date_from, pause.date_to or fields.Datetime.now())
            for pause in self.repair_pause_ids
            if pause._is_uncounted()
        ]
        end = self.date_completed
        if not end and self.state not in ("draft", "quoted", "cancel"):
            end = fields.Datetime.now()
        return count_repair_days(self.date_in, end, pauses)

    def _get_waiting_days(self):
        """Return the days since it was handed in, if it waits or waited for parts.

        What the customer or we ourselves delay is not the maker's.
        """
        self.ensure_one()
        now = fields.Datetime.now()
        pauses = self.repair_pause_ids
        waits = pauses.filtered(lambda pause: pause.kind == "parts")
        if not waits:
            return 0
        others = [
            (pause.date_from, pause.date_to or now)
            for pause in pauses
            if pause.kind in ("customer", "own_delay")
        ]
        begin = min([self.date_in or now, *waits.mapped("date_from")])
        return count_repair_days(begin, self.date_completed or now, others)

    def _count_repairs(self):
        """Write what counts towards the customer's rights, once per job."""
        Event = self.env["aftersales.repair.event"]
        jobs = self.job_ids.filtered(lambda job: job.is_weighed and job.state == "done")
        if not jobs:
            return
        values_list = []
        for job in jobs:
            values_list += job._prepare_repair_events()
        known = {
            (event.job_id.id, event.kind, event.product_id.id): event
            for event in Event.search([("job_id", "in", jobs.ids)])
        }
        new = []
        for values in values_list:
            key = values["job_id"], values["kind"], values.get("product_id", False)
            if event := known.get(key):
                event.write(values)
            else:
                new.append(values)
        Event.create(new)

    def _get_missing(self):
        missing = super()._get_missing()
        if self.state in ("draft", "quoted", "approved"):
            # As superuser: also storekeepers see what an order waits for.
            refer = self.sudo().verdict_ids.filtered(
                lambda verdict: (
                    verdict.result == "refer" and verdict.job_id.state != "declined"
                )
            )
            missing += [
                self.env._("Warranty: %(text)s", text=text)
                for text in dict.fromkeys(refer.mapped("summary"))
            ]
        return missing

    def action_view_verdicts(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.verdict_action"
        )
        return {
            **action,
            "domain": [("order_id", "in", self.ids)],
            "context": {"search_default_current": 1},
        }


class AftersalesJob(models.Model):
    """A finished job counts, and carries a guarantee of its own."""

    _inherit = "aftersales.job"

    def _prepare_repair_events(self):
        """Return the rows this job adds to the counters of its asset."""
        self.ensure_one()
        order = self.order_id
        # The day it was brought: a right exists by what happened before.
        day = fields.Date.to_date(order.date_in) or order.date_reported
        values = {
            "asset_id": order.asset_id.id,
            "order_id": order.id,
            "job_id": self.id,
            "date": max(day, order.date_reported),
            "fault_id": self.fault_id.id,
            "is_counted": self._is_counted(),
        }
        engine = self.env["aftersales.warranty.engine"]
        parts = self.line_ids.filtered(
            lambda line: line.kind == "part" and line.qty_used
        )
        groups = engine._get_swapped_groups(parts, order.asset_id)
        rows = [
            {
                **values,
                "kind": "repair",
                "product_id": False,
                "group_id": self.fault_id.group_id.id,
                "days": order._get_repair_days(),
            }
        ]
        for product, group in groups.items():
            rows.append(
                {
                    **values,
                    "kind": "exchange",
                    "product_id": product.id,
                    "group_id": group.id,
                    "days": 0.0,
                }
            )
        return rows

    def _is_counted(self):
        """Whether this was a repair of a fault that a guarantee answered for."""
        self.ensure_one()
        return bool(self.fault_id) and bool(
            self.verdict_ids.filtered(lambda verdict: verdict.is_covered)
        )

    def _register_repairs(self):
        """Give the guarantee on our repair to jobs that are handed over."""
        return self.env["aftersales.warranty.registration"].create(
            self._get_repair_guarantees_values()
        )

    def _get_repair_guarantees_values(self):
        """Return the values of the guarantees that begin if handed over today."""
        values_list = []
        done = self.filtered(lambda job: job.state == "done" and job.asset_id)
        todo = done.filtered(lambda job: not job.registration_ids)
        categories = todo.asset_id.category_id
        given_by_law = (
            self.env["aftersales.warranty.pack"]
            .sudo()
            .search([("kind", "=", "repair"), ("category_ids", "in", categories.ids)])
        )
        for job in todo:
            day = fields.Date.context_today(job)
            packs = job.company_id.aftersales_repair_pack_id | given_by_law.filtered(
                lambda pack, job=job: (
                    pack.company_id <= job.company_id
                    and job.asset_id.category_id in pack.category_ids
                )
            )
            values_list += [
                {
                    "asset_id": job.asset_id.id,
                    "pack_id": pack.id,
                    "partner_id": job.partner_id.id,
                    "date_start": day,
                    "meter_start": job.order_id.meter_out or job.order_id.meter_in,
                    "source": "repair",
                    "document_state": "looked_up",
                    "use": "household",
                    "job_id": job.id,
                }
                for pack in packs
                if job.payer_id.code != "rework" and pack._get_version(day)
            ]
        return values_list


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_repair_pack_id = fields.Many2one(
        "aftersales.warranty.pack",
        "Guarantee on Our Repairs",
        domain="[('kind', '=', 'repair'), ('company_id', 'in', (False, id))]",
        help="Given with every job that is handed over. Empty: none.",
    )

    @api.constrains("aftersales_repair_pack_id")
    def _check_aftersales_repair_pack(self):
        for company in self:
            pack = company.aftersales_repair_pack_id
            foreign = pack.company_id and pack.company_id != company
            if pack and (pack.kind != "repair" or foreign):
                raise ValidationError(
                    self.env._(
                        "%(company)s can't give %(pack)s with its repairs. Choose a "
                        "guarantee of the kind “Our repair”, its own or one for all "
                        "companies.",
                        company=company.name,
                        pack=pack.name,
                    )
                )
