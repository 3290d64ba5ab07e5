from odoo import Command, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """Where the goods go: arrived, put away, scrapped, given back, taken over."""

    _inherit = "aftersales.return.line"

    def _follow_moves(self):
        """Go on with what the transfers did."""
        self.invalidate_recordset(["replacement_lot_ids"])
        awaited = self.filtered(lambda line: line.state == "expected")
        # Last: what is settled by its arrival is compared and weighed before.
        awaited._take_in()._go_on()
        self.filtered(lambda line: line.state == "settled")._finish()

    def _take_in(self):
        """Lines of which something arrived are here; the rest is a line of its own."""
        arrived = self.browse()
        for line in self:
            moves = line._get_moves("in")
            if "done" not in moves.mapped("state"):
                continue
            arrived |= line
            missing = line.quantity - line.quantity_received
            if line.product_uom_id.compare(missing, 0) <= 0:
                continue
            line.quantity = line.quantity_received
            rest = moves.filtered(lambda move: move.state not in ("done", "cancel"))
            if rest:
                following = line.copy(line._prepare_rest_values(missing))
                following._set_state("expected")
                rest.aftersales_return_line_id = following
        arrived._set_state("received", date_received=self.env.cr.now())
        return arrived

    def _prepare_rest_values(self, quantity):
        """Return what the line of goods that come later has of its own."""
        self.ensure_one()
        return {"quantity": quantity}

    def _go_on(self):
        """Take the steps that need nobody: what was granted is given at the arrival.

        What is not as announced waits until it is decided about, and what turned out
        to be nobody's purchase for another operation.
        """
        ready = self.filtered(
            lambda line: (
                line.when == "received"
                and line.state == "received"
                and not line.has_difference
                and (line.sale_line_id or line.remedy not in ("refund", "other"))
            )
        )
        insufficient = ready._get_insufficient() if ready else {}
        # What Invoicing has to clear first stops nobody from taking goods in.
        ready.filtered(
            lambda line: line not in insufficient and not line._get_billing_obstacle()
        ).action_settle()

    def _transfer_now(self, values_list):
        """Make moves and finish them at once: what changes hands on paper only.

        :param values_list: values of moves, each with ``owner`` (a partner or none)
        """
        to_create = []
        for values in values_list:
            owner = values.pop("owner", None)
            lots = values.pop("lot_ids", None)
            line = self.browse(values["aftersales_return_line_id"])
            to_create.append(
                {
                    **values,
                    "restrict_partner_id": owner.id if owner else False,
                    "picked": True,
                    "move_line_ids": [
                        Command.create(
                            {
                                "product_id": values["product_id"],
                                "product_uom_id": values["product_uom"],
                                "quantity": values["product_uom_qty"],
                                "location_id": values["location_id"],
                                "location_dest_id": values["location_dest_id"],
                                "owner_id": owner.id if owner else False,
                                "lot_id": (
                                    lots[:1]
                                    if lots is not None
                                    else line._get_received_lot()
                                ).id,
                                "company_id": values["company_id"],
                                "picked": True,
                            }
                        )
                    ],
                }
            )
        moves = self.env["stock.move"].sudo().create(to_create)
        for company, own in moves.grouped("company_id").items():
            for step in own._split_in_order():
                step.with_company(company)._action_done()
        return moves

    def _get_received_lot(self):
        """Return the lot that arrived, else the one that is expected."""
        self.ensure_one()
        arrived = self._get_moves("in").move_line_ids.lot_id
        return arrived[:1] or self.lot_id

    def _take_over(self, place, **returned):
        """Make goods that are the customer's ours, at the value they left with.

        On paper they go back to the customer and come from ``place`` as a return of
        the delivery. A place with a valuation account books their value.

        :param place: the customers' location, or that of the payer who bears it
        :param returned: values of the second move, such as ``to_refund``
        """
        values_list = []
        for line in self.filtered(lambda line: line._is_customers()):
            here = line._get_place()
            customers = (
                line.move_id.location_dest_id or line.return_id._get_customer_location()
            )
            owner = line.partner_id.commercial_partner_id
            values_list.append(
                {**line._prepare_move_values("own", here, customers), "owner": owner}
            )
            if place != customers:
                values_list.append(line._prepare_move_values("own", customers, place))
            values_list += [
                {
                    **line._prepare_move_values("own", place, here),
                    "origin_returned_move_id": line.move_id.id,
                    **returned,
                },
            ]
        return self._transfer_now(values_list)

    def _is_customers(self):
        """Whether the goods are here and still the customer's."""
        self.ensure_one()
        last = self._get_last_move()
        return bool(last and last.restrict_partner_id)

    def _get_last_move(self):
        self.ensure_one()
        done = self.move_ids.filtered(
            lambda move: (
                move.state == "done" and move.aftersales_return_direction != "new"
            )
        )
        return done.sorted("id")[-1:]

    def _get_place(self):
        """Return where the goods are now."""
        self.ensure_one()
        last = self._get_last_move()
        return (
            # A putaway rule may have taken them to a shelf.
            last.move_line_ids.location_dest_id[-1:]
            or last.location_dest_id
            or self.return_id.warehouse_id._get_return_location()
        )

    def _put_away(self):
        """Make the transfers into stock, for the storekeeper to carry out."""
        values_list = []
        for line in self:
            warehouse = line.return_id.warehouse_id
            grade = line.grade_id.with_company(line.company_id)
            place = grade.location_id or warehouse.lot_stock_id
            open_moves = line._get_moves("place") & line._get_open_moves()
            if open_moves or line._get_place() == place:
                # Settled a second time, after its credit note was cancelled.
                continue
            values_list.append(
                {
                    **line._prepare_move_values("place", line._get_place(), place),
                    "picking_type_id": warehouse.int_type_id.id,
                }
            )
        return self._make_transfers(values_list)

    def _make_transfers(self, values_list):
        """Make transfers of these moves, one per return, and reserve the goods."""
        moves = self.env["stock.move"].sudo().create(values_list)
        moves._action_confirm(merge=False)
        moves._action_assign()
        moves._keep_owners()
        return moves

    def _scrap(self):
        """Scrap the goods where they are, as Inventory does it."""
        Scrap = self.env["stock.scrap"].sudo()
        # Settled a second time, it may be scrapped already.
        self = self.filtered(lambda line: line._get_place().usage != "inventory")
        scraps = Scrap.create(
            [
                {
                    "product_id": line.product_id.id,
                    "product_uom_id": line.product_uom_id.id,
                    "scrap_qty": line.quantity,
                    "lot_id": line._get_received_lot().id,
                    "owner_id": (
                        line.partner_id.commercial_partner_id.id
                        if line._is_customers()
                        else False
                    ),
                    "location_id": line._get_place().id,
                    "origin": line.return_id.name,
                    "company_id": line.company_id.id,
                }
                for line in self
            ]
        )
        for line, scrap in zip(self, scraps, strict=True):
            scrap.with_company(line.company_id).do_scrap()
            scrap.move_ids.write(
                {
                    "aftersales_return_line_id": line.id,
                    "aftersales_return_direction": "place",
                }
            )
            # Without an account on the scrap location the loss is not booked yet.
            unbooked = scrap.move_ids.filtered(lambda move: not move.account_move_id)
            unbooked.with_company(line.company_id)._create_account_move()
        return scraps

    def _send_back(self):
        """Make the transfers back to the customer; see what may leave."""
        self._cancel_moves("place")
        values_list = []
        for line in self:
            rma = line.return_id
            warehouse = rma.warehouse_id
            customers = line._is_customers()
            owner = line.partner_id.commercial_partner_id
            values_list.append(
                {
                    **line._prepare_move_values(
                        "out", line._get_place(), rma._get_customer_location()
                    ),
                    "picking_type_id": warehouse.aftersales_return_out_type_id.id,
                    "partner_id": rma.shipping_id.id,
                    "restrict_partner_id": owner.id if customers else False,
                    # Ours was taken off the delivered quantity of its sale.
                    "sale_line_id": False if customers else line.sale_line_id.id,
                }
            )
        return self._make_transfers(values_list)

    # The end of a line

    def _finish(self):
        """Lines with nothing left to do are done, and so are their returns."""
        finished = self.filtered(lambda line: not line._get_pending())
        finished._set_state("done")
        self.return_id._close_finished()
        return finished

    def _get_pending(self):
        """Return in words what a settled line still waits for; empty: nothing."""
        self.ensure_one()
        pending = [
            self.env._("transfer %(transfer)s", transfer=move.reference or move.name)
            for move in self._get_open_moves()
        ]
        return pending

    def _check_here(self):
        """Refuse lines whose goods have not arrived."""
        absent = self.filtered(lambda line: line.state in ("draft", "expected"))
        if absent:
            raise UserError(
                self.env._(
                    "%(lines)s is not here yet. Its receipt is validated in Inventory "
                    "under Returns.",
                    lines=", ".join(absent.mapped("display_name")),
                )
            )


class StockMove(models.Model):
    _inherit = "stock.move"

    def _split_in_order(self):
        """Return the moves in steps, by the order in which those of a line were made.

        What leaves is valued with what came in before it, and a serial number is at
        one place at a time. What is of no value changes hands in one step.
        """
        if not any(move._is_out() for move in self):
            return [self]
        steps = {}
        for moves in self.grouped("aftersales_return_line_id").values():
            for number, move in enumerate(moves):
                steps[number] = steps.get(number, self.browse()) | move
        return list(steps.values())

    def _keep_owners(self):
        """Take the customer's own where it lies beside ours, and ours of ours.

        Odoo reserves what it finds first, whosever it is.
        """
        for move in self.filtered(
            lambda move: move.aftersales_return_direction in ("place", "out")
        ):
            owner = move.restrict_partner_id
            for item in move.move_line_ids:
                if item.owner_id != owner:
                    item.owner_id = owner
