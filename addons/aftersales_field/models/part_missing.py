from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .visit_parts import OVER

# A date that moves by less is not worth a message to the customer.
WORTH_TELLING = timedelta(days=1)


class AftersalesVisitPart(models.Model):
    """A part that was missing: asked for, expected, arrived."""

    _inherit = "aftersales.visit.part"

    next_visit_id = fields.Many2one(
        "aftersales.visit", index="btree_not_null", ondelete="set null"
    )
    date_expected = fields.Datetime("Expected", readonly=True)
    is_lost = fields.Boolean(
        "Not Coming", readonly=True, help="Nothing is on its way for it."
    )

    def _ask_for_parts(self):
        """Get parts that the customer agreed to: reserve, or order what is short.

        They are for the next visit, which waits for the last of them.
        """
        for record in self.filtered(lambda record: record.state == "waiting"):
            record.state = "expected"
            visit = record.next_visit_id
            moves = record._get_moves().filtered(
                lambda move: not move.aftersales_visit_id
            )
            moves.aftersales_visit_id = visit
            record._order_short()
        self.next_visit_id._follow_parts()

    def _get_moves(self):
        """Return the open moves that will take these parts to the customer."""
        return self.job_line_id._get_issue_moves().filtered(
            lambda move: move.state not in OVER
        )

    def _order_short(self):
        """Order what nobody has ordered yet, by the product's own routes."""
        self.ensure_one()
        product = self.product_id
        moves = self._get_moves()
        staging = self.job_line_id._get_staging_moves().filtered(
            lambda move: move.state not in OVER
        )
        # What is staged first is ordered for the move that takes it from the store.
        if not product.is_storable or any(
            move.procure_method == "make_to_order" for move in staging or moves
        ):
            return
        warehouse = self.job_line_id.order_id.warehouse_id
        if staging:
            short = self._get_short_staged(staging, warehouse)
        else:
            moves.invalidate_recordset(["forecast_availability"])
            short = sum(
                move.product_qty
                - move.product_uom._compute_quantity(
                    max(move.forecast_availability, 0.0), product.uom_id
                )
                for move in moves
            )
        if product.uom_id.compare(short, 0) <= 0:
            return
        store = warehouse.lot_stock_id
        orderpoint = self.env["stock.warehouse.orderpoint"].search(
            [("product_id", "=", product.id), ("location_id", "=", store.id)], limit=1
        )
        try:
            with self.env.cr.savepoint():
                if orderpoint and orderpoint.qty_to_order:
                    orderpoint._procure_orderpoint_confirm(company_id=self.company_id)
                else:
                    self._run_procurement(short, store, warehouse)
        except UserError as error:
            self.visit_id._ask_dispatcher(
                self.env._(
                    "Order %(part)s: nobody supplies it", part=product.display_name
                ),
                str(error),
            )

    def _get_short_staged(self, staging, warehouse):
        """Return how much the store lacks for what goes to the workshop first.

        Odoo forecasts no moves within a warehouse.
        """
        waiting = staging.filtered(lambda move: move.state != "assigned")
        product = self.product_id.with_context(location=warehouse.lot_stock_id.id)
        product.invalidate_recordset(["virtual_available"])
        return min(sum(waiting.mapped("product_qty")), -product.virtual_available)

    def _run_procurement(self, quantity, store, warehouse):
        order = self.job_line_id.order_id
        Rule = self.env["stock.rule"]
        rules = self.product_id._get_rules_from_location(store)
        delays, _words = rules._get_lead_days(self.product_id)
        Rule.run(
            [
                Rule.Procurement(
                    self.product_id,
                    quantity,
                    self.product_id.uom_id,
                    store,
                    self.product_id.display_name,
                    order.name,
                    self.company_id,
                    {
                        "warehouse_id": warehouse,
                        "company_id": self.company_id,
                        "date_planned": fields.Datetime.now()
                        + timedelta(days=delays["total_delay"]),
                        "priority": "1",
                    },
                )
            ]
        )

    def _get_progress(self):
        """Return ``(state, date)``: arrived, expected (when, if known) or lost."""
        self.ensure_one()
        line = self.job_line_id
        moves = self._get_moves()
        if not moves:
            used = line.product_uom_id.compare(
                line._get_qty_issued(), line.product_uom_qty
            )
            return ("arrived" if used >= 0 else "lost"), False
        if all(move.state == "assigned" for move in moves):
            return "arrived", False
        moves.invalidate_recordset(["forecast_availability", "forecast_expected_date"])
        state, date = line._get_availability()
        if state in ("available", "staged", "issued"):
            return "arrived", False
        if state == "expected":
            return "expected", date
        # Ordered, and the order is not confirmed yet.
        return ("expected" if self._is_ordered() else "lost"), False

    def _is_ordered(self):
        """Whether somebody is asked to supply the product to the warehouse."""
        warehouse = self.job_line_id.order_id.warehouse_id
        return bool(
            self.env["purchase.order.line"].search_count(
                [
                    ("product_id", "=", self.product_id.id),
                    ("order_id.state", "in", ("draft", "sent", "to approve")),
                    (
                        "order_id.picking_type_id.warehouse_id",
                        "=",
                        warehouse.id,
                    ),
                ],
                limit=1,
            )
        )


class AftersalesVisit(models.Model):
    """A part was missing: what happens until the next visit (D10, R204)."""

    _inherit = "aftersales.visit"

    waits_for_parts = fields.Boolean(
        readonly=True,
        copy=False,
        help="Planned by itself when the last part is there.",
    )
    awaited_ids = fields.One2many(
        "aftersales.visit.part", "next_visit_id", "Awaited Parts", readonly=True
    )
    date_parts = fields.Datetime(
        "Parts Expected", readonly=True, copy=False, help="When the last is due."
    )
    date_parts_told = fields.Datetime("Told the Customer", readonly=True, copy=False)
    is_parts_told = fields.Boolean(readonly=True, copy=False)

    _waiting_idx = models.Index("(id) WHERE waits_for_parts")

    def action_report_missing(
        self, product, quantity=1, job=None, note=None, operation=None, moment=None
    ):
        """Say that a part is needed which the engineer does not have along.

        Once the customer agreed it is reserved, or ordered by the product's routes,
        and the customer is told when it is due. The next visit waits and is planned
        by itself when the last part is there.

        :param product: ``product.product`` as record or id
        :param float quantity: in the unit of the product
        :param job: what it is for, as record or id
        :param str operation: unique name: the same again changes nothing
        :param moment: when it was found missing (UTC), if that was before now
        :return: the line, as ``aftersales.job.line``
        :raises UserError: if the van has it, with the figures
        """
        visit = self._begin_part_step(moment)
        if known := visit._find_part_records(operation):
            return known.job_line_id[-1:]
        product = visit._browse_product(product)
        job = visit._browse_visit_job(job)
        quantity = visit._check_part_quantity(product, quantity, by_number=False)
        visit._check_not_in_van(product, quantity)
        rows = []
        rest = quantity
        for line, open_quantity in visit._get_open_lines(product, job):
            take = min(rest, open_quantity)
            if product.uom_id.compare(take, 0) > 0:
                rows.append((line, take))
                rest -= take
        if product.uom_id.compare(rest, 0) > 0:
            line = visit._propose_part(product, rest, job, kind="missing")
            rows.append((line, rest))
        lines = visit.env["aftersales.job.line"].union(*(row[0] for row in rows))
        follow_up = visit._create_follow_up(jobs=visit._get_jobs_left() | lines.job_id)
        follow_up.job_ids |= lines.job_id
        if not follow_up.waits_for_parts:
            follow_up.waits_for_parts = True
        records = visit.env["aftersales.visit.part"].create(
            [
                {
                    "visit_id": visit.id,
                    "next_visit_id": follow_up.id,
                    "kind": "missing",
                    "job_line_id": line.id,
                    "quantity": take,
                    "note": note,
                    "date": visit._check_moment(moment),
                    "employee_id": visit._get_acting_employee().id,
                    "operation": operation if line == rows[-1][0] else False,
                }
                for line, take in rows
            ]
        )
        records.job_id._name_by_parts()
        agreed = records.filtered(lambda record: not record.job_id.can_change)
        for record in agreed:
            visit._leave_for(follow_up, record.job_line_id, record.quantity)
        agreed._ask_for_parts()
        return lines[-1:]

    def _check_not_in_van(self, product, quantity):
        van = self._get_van()
        there = (
            van
            and product.is_storable
            and self._get_on_hand(product, van, self.env["stock.lot"])
        )
        if there and product.uom_id.compare(there, quantity) >= 0:
            raise UserError(
                self.env._(
                    "%(van)s has %(there)s %(unit)s of %(product)s. Use it, or count "
                    "the van first if it is not there or is broken.",
                    van=van.display_name,
                    there=f"{there:g}",
                    unit=product.uom_id.name,
                    product=product.display_name,
                )
            )

    def _leave_for(self, follow_up, line, quantity):
        """Keep what was planned for this visit and is not here for the next one."""
        uom = line.product_id.uom_id
        moves = line._get_usable_moves(self)
        short = quantity - sum(moves.mapped("product_qty"))
        if uom.compare(short, 0) > 0:
            # It was called off before.
            moves |= line._ask_again(self, short)
        for move in moves.sorted(lambda move: (move.state == "assigned", -move.id)):
            take = min(quantity, move.product_qty)
            if uom.compare(take, 0) <= 0:
                break
            if uom.compare(take, move.product_qty) < 0:
                move = move._cut(take)
            move.aftersales_visit_id = follow_up
            move._bring_to(self.env["stock.location"])
            quantity -= take

    def _get_missing_parts(self):
        return self.part_ids.filtered(
            lambda record: record.kind == "missing" and record.state != "cancel"
        )

    # Until the parts are there

    def _follow_parts(self):
        """Look where the parts of waiting visits are, and do what follows from it."""
        for visit in self.filtered(
            lambda visit: visit.waits_for_parts and visit.state in ("draft", "planned")
        ):
            records = visit.awaited_ids.filtered(lambda each: each.state != "cancel")
            if not records:
                visit._stop_waiting()
            elif any(record.state == "waiting" for record in records):
                # The customer has to agree first.
                continue
            else:
                visit._follow_records(records)

    def _stop_waiting(self):
        """The customer declined what it was made for."""
        self.waits_for_parts = False
        left = self.job_ids.filtered(lambda job: job.state in ("approved", "progress"))
        if not left:
            self._cancel(self.env._("The customer declined the work."))

    def _follow_records(self, records):
        self.ensure_one()
        progress = {record: record._get_progress() for record in records}
        lost = records.filtered(lambda record: progress[record][0] == "lost")
        self._tell_lost(lost.filtered(lambda record: not record.is_lost))
        for record in records:
            state, date = progress[record]
            values = {
                "is_lost": state == "lost",
                "date_expected": date,
                "state": "done" if state == "arrived" else "expected",
            }
            if any(record[name] != value for name, value in values.items()):
                record.write(values)
        states = {state for state, _date in progress.values()}
        dates = [date for state, date in progress.values() if state == "expected"]
        known = max(dates) if dates and all(dates) and not lost else False
        if self.date_parts != known:
            self.date_parts = known
        if states == {"arrived"}:
            if self._is_previous_open():
                self._tell_expected()
            self._trigger_planning()
        elif not lost:
            self.date_earliest = known or self.date_earliest
            self._tell_expected()
            self._check_parts_in_time()

    def _is_previous_open(self):
        return bool(self.previous_id) and self.previous_id.state not in OVER

    def _check_parts_in_time(self):
        """Somebody planned it before the part was here: that has to work out."""
        if self.state == "planned" and self.date_parts and self.date_parts > self.start:
            self._ask_dispatcher(
                self.env._("A part comes after the visit"),
                self.env._(
                    "%(visit)s begins before its last part is here. Move the visit, or "
                    "have the part sent faster.",
                    visit=self.name,
                ),
            )

    def _tell_lost(self, records):
        """Somebody has to find the part elsewhere, or talk to the customer."""
        for record in records:
            self._ask_dispatcher(
                self.env._(
                    "%(part)s is not coming any more",
                    part=record.product_id.display_name,
                ),
                self.env._(
                    "%(visit)s waits for %(quantity)s %(unit)s of %(part)s, and "
                    "nothing is on its way. Order it again, or agree on something "
                    "else with %(customer)s.",
                    visit=self.name,
                    quantity=f"{record.quantity:g}",
                    unit=record.uom_id.name,
                    part=record.product_id.display_name,
                    customer=self.partner_id.display_name,
                ),
            )

    def _tell_expected(self):
        """Tell the customer when the part is due, and again if that moved."""
        due, told = self.date_parts, self.date_parts_told
        if self.is_parts_told and (
            not due or (told and abs(due - told) < WORTH_TELLING)
        ):
            return
        self._send_part_mail("aftersales_field.mail_template_part_missing")
        self.write({"is_parts_told": True, "date_parts_told": due})
