from odoo import api, models
from odoo.exceptions import UserError

OVER = ("done", "cancel")
BEGUN = ("onsite", "paused", "travel")


class AftersalesVisit(models.Model):
    """Parts of a visit: loaded into the engineer's van, or in there already.

    Parts that were approved are asked for as on any work order. Once the visit has
    an engineer, they go over his van; with another engineer they change vans.
    """

    _inherit = "aftersales.visit"

    def _after_plan(self, start, technician):
        result = super()._after_plan(start, technician)
        self._route_parts()
        return result

    def write(self, vals):
        result = super().write(vals)
        if vals.get("technician_id"):
            # Handed over in the middle of it; plans call _after_plan themselves.
            self.filtered(lambda visit: visit.state in BEGUN)._route_parts()
        return result

    def _get_van(self):
        """Return the van or bag of the engineer, or none."""
        self.ensure_one()
        van = self.sudo().technician_id.aftersales_van_id
        return van.filtered(lambda location: location.company_id == self.company_id)

    def _route_parts(self):
        """Lead the open parts of these visits to where their engineers take them."""
        for visit in self.sudo():
            if visit.state == "done":
                continue
            moves = visit._get_part_moves()
            if visit.state == "cancel":
                moves._bring_to(visit.env["stock.location"])
                moves.exists().aftersales_visit_id = False
            elif visit.state == "draft":
                # What is in a van stays until it is known who comes.
                moves.filtered(
                    lambda move: (
                        "done" not in move.move_orig_ids.mapped("state")
                        or not move.location_id.aftersales_is_van
                    )
                )._bring_to(visit.env["stock.location"])
            else:
                moves |= visit._get_free_part_moves()
                moves.filtered(
                    lambda move, visit=visit: move.aftersales_visit_id != visit
                ).aftersales_visit_id = visit
                moves._bring_to(visit._get_van(), visit.start)

    def _get_part_moves(self):
        """Return the moves that will take parts of this visit to the customer."""
        self.ensure_one()
        lines = self.order_id.line_ids.filtered(lambda line: line.kind == "part")
        return lines._get_issue_moves().filtered(
            lambda move: move.state not in OVER and move.aftersales_visit_id == self
        )

    def _get_free_part_moves(self):
        """Return moves of this visit's jobs that no visit to come takes along."""
        self.ensure_one()
        lines = self.job_ids.line_ids.filtered(lambda line: line.kind == "part")
        return lines._get_issue_moves().filtered(
            lambda move: (
                move.state not in OVER
                and (
                    not move.aftersales_visit_id
                    or move.aftersales_visit_id.state in OVER
                )
            )
        )


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    def _request_parts(self):
        result = super()._request_parts()
        onsite = self.filtered(lambda job: job.order_id.is_onsite)
        if onsite:
            onsite.sudo()._route_parts()
        return result

    def _route_parts(self):
        """Lead the parts of jobs that were just approved to the visits they are for."""
        records = self.env["aftersales.visit.part"].search(
            [("job_id", "in", self.ids), ("state", "=", "waiting")]
        )
        missing = records.filtered(lambda record: record.kind == "missing")
        missing._ask_for_parts()
        for job in self:
            visit = job._get_visit()
            if not visit:
                continue
            moves = job.line_ids._get_issue_moves().filtered(
                lambda move: move.state not in OVER and not move.aftersales_visit_id
            )
            moves.aftersales_visit_id = visit
            if visit.state != "draft":
                moves._bring_to(visit._get_van(), visit.start)
        (records - missing)._issue_waiting()

    def _get_visit(self):
        """Return the visit on which this job is done next, if any is open."""
        self.ensure_one()
        visits = self.order_id.visit_ids.filtered(
            lambda visit: visit.state not in OVER and self in visit.job_ids
        )
        return visits.sorted(
            lambda visit: (
                visit.state not in BEGUN,
                visit.state == "draft",
                str(visit.start or ""),
                visit.id,
            )
        )[:1]

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        if state in ("declined", "cancel"):
            onsite = moved.filtered(lambda job: job.order_id.is_onsite)
            if onsite:
                self.env["aftersales.visit.part"].sudo().search(
                    [("job_id", "in", onsite.ids), ("state", "=", "waiting")]
                ).state = "cancel"
        return moved


class StockLot(models.Model):
    _inherit = "stock.lot"

    @api.model
    def _find_for_use(self, product, lot, company):
        """Return the lot that an engineer scanned.

        :param lot: record, id or number
        :raises UserError: if a number is needed and there is none, or none like it
        """
        Lot = self.sudo()
        if product.tracking == "none":
            return Lot.browse()
        if isinstance(lot, models.BaseModel):
            lot = lot.sudo()
        elif isinstance(lot, int) and lot:
            lot = Lot.browse(lot).exists()
        elif lot:
            lot = Lot.search(
                [
                    ("product_id", "=", product.id),
                    ("name", "=", str(lot).strip()),
                    ("company_id", "in", (False, company.id)),
                ],
                limit=1,
            ) or self._refuse_unknown(product, lot)
        if not lot or lot.product_id != product:
            raise UserError(
                self.env._(
                    "%(product)s is used by its number. Scan the serial or lot number "
                    "on the part.",
                    product=product.display_name,
                )
            )
        return lot

    def _refuse_unknown(self, product, name):
        raise UserError(
            self.env._(
                "%(product)s: number %(name)s is not known here. Look at the label "
                "again, or have the store take it in first.",
                product=product.display_name,
                name=name,
            )
        )

    def _get_whereabouts(self):
        """Return in words where this lot went last."""
        self.ensure_one()
        line = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [("lot_id", "=", self.id), ("state", "=", "done")],
                order="date desc, id desc",
                limit=1,
            )
        )
        if not line:
            return self.env._("It was never taken in.")
        order = line.move_id.job_line_id.order_id
        if order and line.location_dest_id.usage == "customer":
            return self.env._(
                "It was used on %(order)s for %(customer)s on %(date)s.",
                order=order.name,
                customer=order.partner_id.display_name,
                date=line.date.date(),
            )
        return self.env._(
            "It went to %(place)s on %(date)s (%(document)s).",
            place=line.location_dest_id.display_name,
            date=line.date.date(),
            document=line.reference or line.picking_id.name or "",
        )
