import logging
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.tools import format_date

_logger = logging.getLogger(__name__)

HISTORY = 5


class AftersalesFieldApp(models.AbstractModel):
    """A visit as the phone keeps it: everything that is needed without a network.

    Its version is a digest of these very values, so that nothing that changes on the
    screen can be missed. Therefore nothing here may depend on the time of day.
    """

    _inherit = "aftersales.field.app"

    @api.model
    def _prepare_visits(self, visits):
        """Return the values of these visits, each with its ``version``."""
        orders = visits.order_id
        # First of all: what follows asks for the quotation line by line.
        self._warm_prices(orders)
        batch = {**self._prepare_batch(orders), **self._prepare_visit_batch(visits)}
        orders.visit_ids.mapped("state")
        payloads = []
        for visit in visits:
            values = self.with_company(visit.company_id)._prepare_visit(visit, batch)
            payloads.append({**values, "version": self._get_version(values)})
        return payloads

    @api.model
    def _prepare_batch(self, orders):
        """Return what is read for all of these orders together."""
        self._warm(orders)
        employees = self._get_own_employees()
        return {
            "employees": employees,
            "history": self._get_history(orders),
            "clocks": self._get_clocks(orders.job_ids, employees),
            "needed": self._get_needed_inspections(orders),
        }

    @api.model
    def _prepare_visit_batch(self, visits):
        """Return what is read for visits alone."""
        return {"covers": self._get_covers(visits)}

    @api.model
    def _warm_prices(self, orders):
        """Read at once what the prices of visits are made of."""
        jobs = orders.job_ids
        lines = jobs.line_ids
        lines.sale_line_ids.mapped("price_total")
        for field in ("currency_id", "price_total", "verdict_id"):
            lines.mapped(field)
        quoted = lines.sale_line_ids
        quoted.mapped("name")
        quoted.tax_ids.mapped("price_include")
        quoted.order_id.pricelist_id.mapped("name")
        jobs.share_ids.sale_line_ids.mapped("state")

    @api.model
    def _warm(self, orders):
        """Read at once what is asked for order by order afterwards."""
        jobs = orders.job_ids
        lines = jobs.line_ids
        for field in ("qty_used", "name"):
            lines.mapped(field)
        lines.move_ids.move_line_ids.lot_id.mapped("name")
        lines.product_id.mapped("default_code")
        jobs.mapped("hours_planned")
        jobs.skill_ids.mapped("name")
        orders.old_part_ids.mapped("name")
        orders.inspection_ids.answer_ids.photo_ids.mapped("name")

    @api.model
    def _prepare_visit(self, visit, batch):
        cover = batch["covers"][visit]
        # Nobody waits for us any more once it is done.
        told = visit._get_window() if visit.state != "done" else (False, False)
        covers = {row["id"]: row for row in cover["jobs"]}
        return {
            "id": visit.id,
            "name": visit.name,
            "state": str(visit.state),
            "state_label": visit._get_state_label(visit.state),
            "start": self._write_moment(visit.start),
            "stop": self._write_moment(visit.stop),
            # What the customer reads.
            "window_start": self._write_moment(told[0]),
            "window_stop": self._write_moment(told[1]),
            # After it the customer waits in vain, whoever looks and when.
            "late_after": self._write_moment(visit._get_late_moment()),
            "technician": visit.technician_id.name or "",
            "is_lead": visit.technician_id in batch["employees"],
            "customer": self._prepare_customer(visit),
            "site": self._prepare_site(visit.site_id, visit.company_id),
            "note": visit.note or "",
            "priority": visit.priority or "0",
            "deadline": self._write_moment(visit.date_deadline),
            "jobs": [
                self._prepare_visit_job(job, covers[job.id], batch)
                for job in visit._get_own_jobs()
            ],
            "total": cover["total_text"],
            "stamps": [
                {
                    "kind": stamp.kind,
                    "date": self._write_moment(stamp.date),
                    "employee": stamp.employee_id.name or "",
                    "note": stamp.note or "",
                }
                for stamp in visit.stamp_ids
            ],
            "next_step": self._get_next_step(visit),
            "block_reason": visit.block_reason or "",
            "people": [
                self._prepare_person(person, visit)
                for person in visit.person_ids | visit.known_person_ids
            ],
            **self._prepare_order(visit.order_id, batch),
            **self._prepare_closing(visit),
        }

    @api.model
    def _prepare_order(self, order, batch):
        """Return what a phone keeps of a work order, on a visit or in the workshop."""
        return {
            "order": order.name,
            "complaint": order.complaint or "",
            "asset": self._prepare_asset(order.asset_id),
            "history": batch["history"].get(order.id, []),
            "solutions": self._prepare_solutions(order),
            "inspections": [
                inspection.get_runner_data()
                for inspection in order.inspection_ids
                if inspection.state != "cancel"
            ],
            "old_parts": [self._prepare_old_part(part) for part in order.old_part_ids],
            "rules": {"inspections": batch["needed"].get(order, [])},
        }

    @api.model
    def _get_covers(self, visits):
        """Return who pays what, by visit.

        One visit with a gap must not keep the others from the phone: then each is
        asked on its own, and that one comes without prices.
        """
        try:
            with self.env.cr.savepoint():
                return {visit: visit.get_cover() for visit in visits}
        except LockError as error:
            raise ConcurrencyError(str(error)) from error
        except UserError as error:
            if len(visits) > 1:
                covers = {}
                for visit in visits:
                    covers |= self._get_covers(visit)
                return covers
            _logger.warning("%s: no prices for the phone: %s", visits.name, error)
            return {visits: visits._prepare_unknown_cover(str(error))}

    @api.model
    def _prepare_customer(self, visit):
        customer, contact = visit.partner_id, visit.contact_id
        return {
            "name": customer.name or "",
            "phone": customer.phone or visit.site_id.phone or "",
            "mobile": contact.phone or "",
            "contact": contact.name or "",
        }

    @api.model
    def _prepare_site(self, site, company):
        place = site._get_place()
        latitude, longitude = place or (False, False)
        address = site._display_address(without_company=True)
        return {
            "name": site.name or "",
            "address": "\n".join(line for line in address.splitlines() if line.strip()),
            "latitude": latitude,
            "longitude": longitude,
            "map_url": company._get_map_url(site),
        }

    @api.model
    def _prepare_person(self, person, visit):
        return {
            "name": person.name,
            "role": person.role or "",
            "phone": person.phone or "",
            "wish": person.wish or "",
            "is_known": person.visit_id != visit,
        }

    @api.model
    def _prepare_asset(self, asset):
        return bool(asset) and {
            "id": asset.id,
            "name": asset.name,
            "serial": asset.serial or "",
            "model": asset.product_id.name or "",
            "category": asset.category_id.name or "",
            "meter": asset.meter,
            "meter_unit": asset.meter_unit or "",
            "meter_required": asset.category_id.meter_required,
            "code_url": asset.code_url,
        }

    @api.model
    def _get_history(self, orders):
        """Return the orders before of the assets of these, in words, by order."""
        assets = orders.asset_id
        earlier = (
            self.env["aftersales.order"]
            .sudo()
            .search(
                [
                    ("asset_id", "in", assets.ids),
                    ("date_completed", "!=", False),
                    ("state", "!=", "cancel"),
                ],
                order="date_completed desc, id desc",
                limit=HISTORY * 4 * len(assets),
            )
            if assets
            else self.env["aftersales.order"]
        )
        earlier = earlier.grouped("asset_id")
        return {
            order.id: [
                {
                    "date": format_date(self.env, each.date_completed),
                    "order": each.name,
                    "words": self._get_history_words(each),
                }
                for each in (earlier.get(order.asset_id, order.browse()) - order)[
                    :HISTORY
                ]
            ]
            for order in orders
        }

    @api.model
    def _get_history_words(self, order):
        """Return what was wrong, why and what was done."""
        words = [order.complaint]
        for job in order.job_ids:
            if job.state == "done":
                told = (job.name, job.cause, job.correction)
                words.append(" – ".join(word for word in told if word))
        return "\n".join(word for word in words if word)

    @api.model
    def _prepare_solutions(self, order):
        """Return what helped before with the same complaint on such a model."""
        solutions = (
            self.env["aftersales.solution"]
            .sudo()
            ._find(
                order.complaint,
                order.asset_id.product_id,
                order.asset_id.category_id,
                company=order.company_id,
            )
        )
        return [
            {
                "symptom": solution.symptom,
                "cause": solution.cause or "",
                "remedy": solution.remedy or "",
            }
            for solution in solutions
        ]

    @api.model
    def _get_needed_inspections(self, orders):
        """Return ids of checklists that have to be finished first, by order.

        They are those that ``action_finish`` waits for where a visit is “fixed”.
        """
        needed = defaultdict(list)
        begins = orders.filtered(lambda order: order.state == "approved")
        for step, waiting in (("start", begins), ("complete", orders)):
            for order, templates in waiting._get_lacking_inspections(step).items():
                needed[order] += [
                    inspection.id
                    for inspection in order.inspection_ids
                    if inspection.template_id in templates
                    and inspection.state not in ("done", "cancel")
                ]
        return needed

    # Jobs

    @api.model
    def _get_clocks(self, jobs, employees):
        """Return ``(hours worked by all, what runs of these employees)`` by job."""
        entries = (
            self.env["aftersales.clock.entry"]
            .sudo()
            .search_fetch(
                ["|", ("job_id", "in", jobs.ids), ("paused_job_id", "in", jobs.ids)],
                ["job_id", "paused_job_id", "kind", "employee_id", "start", "stop"],
            )
        )
        hours, running = defaultdict(float), {}
        for entry in entries:
            if entry.kind == "work" and entry.stop:
                hours[entry.job_id.id] += entry.hours
            if not entry.stop and entry.employee_id in employees:
                running[(entry.job_id or entry.paused_job_id).id] = entry
        return hours, running

    @api.model
    def _prepare_visit_job(self, job, cover, batch):
        """Return a job with what the customer pays for it."""
        return {
            **self._prepare_job(job, batch),
            "is_fee": bool(job.fee_id),
            "needs_consent": cover["needs_consent"],
            "cover": {"is_unknown": cover.get("is_unknown", False)}
            | {
                key: cover[key]
                for key in (
                    "covered", "reason", "missing", "price", "price_text", "currency",
                    "price_list", "offer",
                )
            },
            "lines": [
                {
                    **self._prepare_line(line),
                    **{key: row[key] for key in ("covered", "reason", "price")},
                }
                for line, row in zip(job.line_ids, cover["lines"], strict=True)
            ],
        }  # fmt: skip

    @api.model
    def _prepare_job(self, job, batch):
        hours, running = batch["clocks"]
        entry = running.get(job.id)
        clock = "off"
        if entry:
            clock = "work" if entry.kind == "work" else "pause"
        return {
            "id": job.id,
            "name": job.name,
            "state": str(job.state),
            "state_label": job._get_state_label(job.state),
            "cause": job.cause or "",
            "correction": job.correction or "",
            "complaint": job.complaint or "",
            "skills": job.skill_ids.mapped("name"),
            "hours": job.hours_planned,
            "clock": clock,
            "clock_since": self._write_moment(entry.start) if entry else False,
            "clocked_hours": round(hours.get(job.id, 0.0), 4),
        }

    @api.model
    def _prepare_line(self, line):
        moves = line.move_ids.filtered(lambda move: move.state == "done")
        return {
            "id": line.id,
            "kind": line.kind,
            "product_id": line.product_id.id,
            "name": line.name or "",
            "uom": line.product_uom_id.name,
            "planned": line.product_uom_qty,
            "used": line.qty_used,
            "lot_names": sorted(
                lot.name for lot in moves.move_line_ids.lot_id if lot.name
            ),
        }

    @api.model
    def _prepare_old_part(self, part):
        return {
            "id": part.id,
            "line_id": part.job_line_id.id,
            "name": part.name,
            "product": part.product_id.display_name,
            "quantity": part.quantity,
            "serial": part.serial or "",
            "state": str(part.state),
            "state_label": part._get_state_label(part.state),
            "choice": part.choice or "",
        }

    @api.model
    def _prepare_closing(self, visit):
        """Return what the customer said at the end, and how a visit can end."""
        return {
            "opinion": bool(visit.opinion)
            and {"score": visit.opinion, "comment": visit.opinion_comment or ""},
            "signed_by": visit.signed_by or "",
            "payment": bool(visit.payment_method_id)
            and {
                "method": visit.payment_method_id.id,
                "name": visit.payment_method_id.name,
                "amount": visit.payment_amount,
                "note": visit.payment_note or "",
            },
            "outcome": visit.outcome or "",
            "outcome_note": visit.outcome_note or "",
            "outcomes": [
                {"value": value, "label": label}
                for value, label in visit.get_outcomes()
            ],
        }

    @api.model
    def _get_next_step(self, visit):
        """Return what comes next, in words."""
        words = {
            "planned": self.env._("Set off to %(customer)s."),
            "travel": self.env._("Arrive at %(customer)s."),
            "onsite": self.env._("Do the work, have it signed and finish the visit."),
            "paused": self.env._("Go on with the work."),
            "done": self.env._("Nothing: this visit is done."),
        }
        return words.get(str(visit.state), "") % {"customer": visit.partner_id.name}
