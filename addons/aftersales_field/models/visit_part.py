from math import isfinite

from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesVisitPart(models.Model):
    """What an engineer said about a part on a visit: used, taken back, or missing.

    Quantities and money follow from the transfers of the job's line. This record
    keeps what was said once, waits for the customer's consent where that is needed,
    and says what is missing for the next visit.
    """

    _name = "aftersales.visit.part"
    _description = "Part of a Visit"
    _order = "date desc, id desc"
    _check_company_auto = True

    visit_id = fields.Many2one(
        "aftersales.visit", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="visit_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [("used", "Used"), ("returned", "Taken Back"), ("missing", "Missing")],
        required=True,
        default="used",
    )
    state = fields.Selection(
        [
            ("waiting", "Waits for Consent"),
            ("expected", "Expected"),
            ("done", "Done"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="waiting",
        index=True,
    )
    job_line_id = fields.Many2one(
        "aftersales.job.line", "Line", required=True, index=True, ondelete="cascade"
    )
    job_id = fields.Many2one(related="job_line_id.job_id", store=True, index=True)
    product_id = fields.Many2one(related="job_line_id.product_id", store=True)
    lot_id = fields.Many2one("stock.lot", "Serial or Lot Number", check_company=True)
    quantity = fields.Float(
        digits="Product Unit", required=True, help="In the unit of the product."
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    employee_id = fields.Many2one("hr.employee", "Engineer", index="btree_not_null")
    note = fields.Char()
    problem = fields.Char(help="Why it could not be taken from the van after all.")
    operation = fields.Char(readonly=True, help="The name that the phone gave it.")

    _operation_unique = models.UniqueIndex(
        "(visit_id, operation) WHERE operation IS NOT NULL",
        "This entry was recorded before.",
    )
    _positive = models.Constraint(
        "CHECK(quantity > 0)", "A quantity used is more than nothing."
    )


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    part_ids = fields.One2many(
        "aftersales.visit.part", "visit_id", "Parts", readonly=True
    )

    # Called by the phone, and from anywhere else

    def action_use_part(
        self, product, quantity=1, lot=None, job=None, operation=None, moment=None
    ):
        """Record that a part was used on this visit, and take it from the van.

        Parts that the customer agreed to are taken at once. What goes beyond that is
        proposed as a job and taken when the customer agrees (``action_approve``).

        :param product: ``product.product`` as record or id
        :param float quantity: in the unit of the product
        :param lot: ``stock.lot`` as record, id or number; required for tracked parts
        :param job: the job it was used for, as record or id; by itself the one that
            has the part planned
        :param str operation: unique name: the same again changes nothing
        :param moment: when it was used (UTC), if that was before now
        :return: its line, as ``aftersales.job.line``; the proposed one, if some of it
            waits for the customer
        :raises UserError: with the figures, if the van has less; for serials that are
            elsewhere, with where they went
        """
        visit = self._begin_part_step(moment)
        if known := visit._find_part_records(operation):
            return known.job_line_id[-1:]
        product = visit._browse_product(product)
        job = visit._browse_visit_job(job)
        quantity = visit._check_part_quantity(product, quantity)
        lot = visit.env["stock.lot"]._find_for_use(product, lot, visit.company_id)
        # What was said before goes first, now that it may be there.
        visit._issue_consented()
        visit._check_in_van(product, quantity, lot)
        moment = visit._check_moment(moment)
        rows = []
        rest = quantity
        for line, open_quantity in visit._get_open_lines(product, job):
            take = min(rest, open_quantity)
            if product.uom_id.compare(take, 0) > 0:
                line.with_context(aftersales_moment=moment)._use(visit, take, lot)
                rows.append((line, take, "done"))
                rest -= take
        if product.uom_id.compare(rest, 0) > 0:
            line = visit._propose_part(product, rest, job, lot=lot)
            rows.append((line, rest, "waiting"))
        records = visit.env["aftersales.visit.part"].create(
            [
                {
                    "visit_id": visit.id,
                    "kind": "used",
                    "job_line_id": line.id,
                    "quantity": take,
                    "state": state,
                    "lot_id": lot.id,
                    "employee_id": visit._get_acting_employee().id,
                    "operation": operation if line == rows[-1][0] else False,
                    "date": moment,
                }
                for line, take, state in rows
            ]
        )
        records.job_id._name_by_parts()
        return rows[-1][0]

    def action_unuse_part(self, line, quantity=1, operation=None, moment=None):
        """Take back what was recorded as used, or will not be used.

        First what was taken from the van: it is there again. Then what is planned and
        was not used: it is called off, and brought back if it was loaded.

        :param line: ``aftersales.job.line`` as record or id
        :param float quantity: in the unit of the product
        :param moment: when (UTC), if that was before now
        :raises UserError: with the figures, if that much was neither used nor planned
        """
        visit = self._begin_part_step(moment)
        if visit._find_part_records(operation):
            return True
        line_id = line.id if isinstance(line, models.BaseModel) else line
        line = visit.order_id.line_ids.filtered(lambda each: each.id == line_id)
        if not line or line.kind != "part":
            raise UserError(
                visit.env._(
                    "%(visit)s: this part is not on work order %(order)s.",
                    visit=visit.name,
                    order=visit.order_id.name,
                )
            )
        quantity = visit._check_part_quantity(line.product_id, quantity)
        moment = visit._check_moment(moment)
        line.with_context(aftersales_moment=moment)._unuse(visit, quantity)
        visit.env["aftersales.visit.part"].create(
            {
                "visit_id": visit.id,
                "kind": "returned",
                "state": "done",
                "job_line_id": line.id,
                "quantity": quantity,
                "employee_id": visit._get_acting_employee().id,
                "operation": operation,
                "date": moment,
            }
        )
        line.job_id._name_by_parts()
        return True

    # What the steps have in common

    def _begin_part_step(self, moment=None):
        """Check and lock this visit; parts are spoken of while somebody is there.

        A second phone may tell it later, until the work order is completed.

        :param moment: when it was (UTC), if before now
        """
        self.ensure_one()
        visit = self._check_is_own()._lock()
        if visit.state == "done":
            visit._check_may_tell_late(moment)
        elif visit.state not in ("onsite", "paused"):
            raise UserError(
                visit.env._(
                    "%(visit)s: parts are recorded while the engineer is there. Take "
                    "the step “Arrive” first.",
                    visit=visit.name,
                )
            )
        return visit

    def _check_may_tell_late(self, moment):
        """Refuse parts of after the end of a visit, or for work that is completed."""
        if self._check_moment(moment) > self.date_left or self.order_id.state in (
            "quality", "ready", "done", "cancel",
        ):  # fmt: skip
            raise UserError(
                self.env._(
                    "%(visit)s is over. Have the advisor put the part right on work "
                    "order %(order)s, and the store count the van.",
                    visit=self.name,
                    order=self.order_id.name,
                )
            )

    def _find_part_records(self, operation):
        records = self.env["aftersales.visit.part"]
        if not operation:
            return records
        return records.search(
            [("visit_id", "=", self.id), ("operation", "=", operation)]
        )

    def _browse_product(self, product):
        """Accept records or ids; parts are goods."""
        if not isinstance(product, models.BaseModel):
            product = self.env["product.product"].browse(product)
        product = product.with_env(self.env).exists()
        if not product or product.type != "consu":
            raise UserError(
                self.env._(
                    "%(visit)s: choose a part. Labour and fees are not taken from a "
                    "van.",
                    visit=self.name,
                )
            )
        if product.company_id and product.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "%(product)s is of %(company)s and can't be used on %(visit)s.",
                    product=product.display_name,
                    company=product.company_id.name,
                    visit=self.name,
                )
            )
        return product

    def _browse_visit_job(self, job):
        """Accept records or ids of jobs on this visit's work order."""
        if not job:
            return self.env["aftersales.job"]
        job_id = job.id if isinstance(job, models.BaseModel) else job
        found = self.order_id.job_ids.filtered(lambda each: each.id == job_id)
        if not found:
            raise UserError(
                self.env._(
                    "%(visit)s: this job is not on work order %(order)s.",
                    visit=self.name,
                    order=self.order_id.name,
                )
            )
        return found

    def _check_part_quantity(self, product, quantity, by_number=True):
        try:
            quantity = float(quantity)
        except (TypeError, ValueError):
            quantity = 0.0
        if not isfinite(quantity) or product.uom_id.compare(quantity, 0) <= 0:
            raise UserError(
                self.env._(
                    "%(product)s: say how many, more than none.",
                    product=product.display_name,
                )
            )
        if (
            by_number
            and product.tracking == "serial"
            and product.uom_id.compare(quantity, 1) != 0
        ):
            raise UserError(
                self.env._(
                    "%(product)s has serial numbers: record each piece by its own.",
                    product=product.display_name,
                )
            )
        return quantity

    def _check_moment(self, moment):
        now = fields.Datetime.now()
        moment = self.env["aftersales.availability"]._read_moment(moment) or now
        return min(moment, now)

    def _get_acting_employee(self):
        """Return who says this: the user, or the engineer an advisor speaks for."""
        team = (self.technician_id | self.helper_ids).sudo()
        own = team.filtered(lambda each: each.user_id == self.env.user)
        named = self.env.context.get("aftersales_employee_id")
        if named and self.env.user.has_group("aftersales.aftersales_group_user"):
            # An entry of a phone, settled at the desk.
            own = team.filtered(lambda each: each.id == named)
        return own[:1] or self.technician_id

    def _get_open_lines(self, product, job):
        """Return ``[(line, quantity)]`` that the customer agreed to and is not used.

        Quantities are in the unit of the product; jobs of this visit come first.
        """
        lines = (job or self.order_id.job_ids).line_ids.filtered(
            lambda line: (
                line.kind == "part"
                and line.product_id == product
                and line.job_id.state in ("approved", "progress")
            )
        )
        found = []
        for line in lines.sorted(lambda line: line.job_id not in self.job_ids):
            rest = line.product_uom_qty - line._get_qty_issued()
            if line.product_uom_id.compare(rest, 0) > 0:
                found.append(
                    (
                        line,
                        line.product_uom_id._compute_quantity(
                            rest, product.uom_id, rounding_method="HALF-UP"
                        ),
                    )
                )
        return found

    def _get_activity_user(self):
        return self.order_id.user_id or self.team_id.member_ids[:1] or self.env.user

    def _ask_dispatcher(self, summary, note):
        """Leave something to do with the advisor of the work order."""
        for visit in self:
            known = visit.activity_ids.filtered(
                lambda activity: activity.summary == summary
            )
            if not known:
                visit.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=summary,
                    note=note,
                    user_id=visit._get_activity_user().id,
                )
