from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesSupplierTrip(models.Model):
    """The steps of a trip: sent, promised, back, replaced, refused, lost."""

    _inherit = "aftersales.supplier.trip"

    def action_send(self, date_promised=None, reference=None):
        """Send goods to their supplier: one transfer per supplier and warehouse.

        :param date_promised: the day the supplier promises them back; required, it is
            what the reminder goes by
        :param str reference: the supplier's own number of the case
        :raises UserError: for goods that are not here, without supplier or date
        """
        todo = self._lock().filtered(lambda trip: trip.state != "sent")
        todo._check_transition("sent")
        todo.line_id._check_here()
        for trip in todo:
            trip._check_supplier()
            trip._check_promised(date_promised)
        todo._promise(date_promised, reference)
        todo.line_id._cancel_moves()
        todo._transfer_together(
            "aftersales_return_out_type_id",
            lambda trip: trip.line_id._get_place(),
            lambda trip: trip._get_supplier_location(),
        )
        todo._set_state("sent", date_sent=fields.Date.context_today(self))
        todo.line_id._claim_from_supplier()
        return True

    def action_promise(self, date_promised=None, reference=None):
        """Keep the day the supplier promises now.

        :param date_promised: required
        :param str reference: the supplier's own number of the case
        """
        trips = self._lock()
        over = trips.filtered(lambda trip: trip.state not in ("draft", "sent"))
        if over:
            raise UserError(
                self.env._(
                    "%(trips)s has ended; nothing is promised any more.",
                    trips=", ".join(over.mapped("display_name")),
                )
            )
        for trip in trips:
            trip._check_promised(date_promised)
        trips._promise(date_promised, reference)
        trips.activity_unlink(["aftersales_return.activity_supplier"])
        return True

    def _promise(self, date_promised, reference):
        values = {}
        if date_promised:
            values["date_promised"] = fields.Date.to_date(date_promised)
        if reference:
            values["supplier_reference"] = reference
        if values:
            self.write(values)

    def _check_supplier(self):
        self.ensure_one()
        if not self.partner_id:
            raise UserError(
                self.env._(
                    "%(trip)s: no receipt says who delivered %(goods)s. Choose the "
                    "supplier.",
                    trip=self.name,
                    goods=self.line_id.display_name,
                )
            )

    def _check_promised(self, date_promised):
        self.ensure_one()
        if not (date_promised or self.date_promised):
            raise UserError(
                self.env._(
                    "%(trip)s: ask %(supplier)s when it comes back, and write the date "
                    "down.",
                    trip=self.display_name,
                    supplier=self.partner_id.display_name,
                )
            )

    def action_receive(self, serials=None, note=None):
        """Take the same things back, repaired or not; they are tested again.

        What came with another serial number stays out of the books: a difference is
        opened, to be cleared with the supplier.

        :param dict serials: ``{trip or id: serial that was read}``; without it the
            serials are those that were sent
        :param str note: what the supplier did
        """
        trips = self._lock()
        todo = trips.filtered(lambda trip: trip.state != "back")
        todo._check_transition("back")
        serials = trips._get_by_trip(serials)
        foreign = todo.filtered(lambda trip: trip._is_another(serials.get(trip) or ""))
        for trip in foreign:
            trip._open_serial_difference(serials[trip].strip())
        todo -= foreign
        todo._check_no_difference()
        todo._come_back("back", reason=note)
        return True

    def _get_by_trip(self, values):
        """Return ``{trip: value}``; keys may be records, ids, or ids as text."""
        found = {
            self.browse(int(getattr(key, "id", key))): value
            for key, value in (values or {}).items()
        }
        strange = self.browse().concat(*found) - self
        if strange:
            raise UserError(
                self.env._(
                    "%(trips)s is not among what came back.",
                    trips=", ".join(strange.exists().mapped("display_name")) or "–",
                )
            )
        return found

    def _is_another(self, serial):
        self.ensure_one()
        return bool(
            self.lot_id
            and serial.strip()
            and serial.strip().casefold() != self.lot_id.name.casefold()
        )

    def action_refuse(self, reason=None):
        """Take it back as it is: the supplier does nothing, somebody has to decide.

        :param str reason: why; required
        """
        self._check_reason(reason)
        trips = self._lock()
        todo = trips.filtered(lambda trip: trip.state != "refused")
        todo._check_transition("refused")
        todo._check_no_difference()
        todo._come_back("refused", reason=reason)
        for trip in todo:
            trip._ask_decision(
                self.env._(
                    "%(supplier)s refuses: %(reason)s",
                    supplier=trip.partner_id.name,
                    reason=reason,
                )
            )
        todo._doubt_claims(reason)
        return True

    def _come_back(self, state, reason=None):
        self._transfer_together(
            "int_type_id",
            # Whoever the supplier belongs to by now: from where it was sent.
            lambda trip: trip.line_id._get_place(),
            lambda trip: trip.return_id.warehouse_id._get_return_location(),
        )
        self._end(state, reason=reason)
        self.line_id._be_here_again()

    def _end(self, state, **values):
        """Let a trip end, and its reminder with it."""
        self._set_state(state, date_back=fields.Date.context_today(self), **values)
        self.activity_unlink(["aftersales_return.activity_supplier"])

    def action_replace(self, serial=None, serials=None):
        """The supplier sent another one: the old goes to him, the new takes its place.

        It belongs to whom the old one belonged, and is worth what that was. The
        customer's asset goes on with the new serial number, and so do its guarantees.

        :param str serial: of the new one; required where serials are tracked
        :param dict serials: ``{trip or id: serial}`` for several trips
        """
        trips = self._lock()
        todo = trips.filtered(lambda trip: trip.state != "replaced")
        todo._check_transition("replaced")
        serials = trips._get_by_trip(serials)
        todo._check_no_difference()
        for trip in todo:
            trip._replace(serials.get(trip) or serial)
        return True

    def _replace(self, serial):
        self.ensure_one()
        _customers, suppliers = self.env["stock.warehouse"]._get_partner_locations()
        line = self.line_id
        lot = self._get_new_lot(serial)
        there = line._get_place()
        here = self.return_id.warehouse_id._get_return_location()
        values = self._prepare_move_values(suppliers, here)
        gone = line._transfer_now([self._prepare_move_values(there, suppliers)])
        line._transfer_now(
            [
                {
                    **values,
                    "lot_ids": lot,
                    # What comes for it is worth what it was.
                    "origin_returned_move_id": gone.id,
                }
            ]
        )
        self._end("replaced", new_lot_id=lot.id)
        if lot:
            self._pass_on_asset(lot)
            line.write({"lot_id": lot.id, "serial": lot.name})
        line._be_here_again()
        line._claim_from_supplier()

    def _get_new_lot(self, serial):
        """Return the lot of the new one, made if it is new to us."""
        self.ensure_one()
        Lot = self.env["stock.lot"]
        product = self.product_id
        if product.tracking == "none":
            return Lot
        name = (serial or "").strip()
        if not name:
            raise UserError(
                self.env._(
                    "%(trip)s: read the serial number of the new %(product)s.",
                    trip=self.display_name,
                    product=product.display_name,
                )
            )
        if product.tracking == "serial" and name == self.lot_id.name:
            raise UserError(
                self.env._(
                    "%(trip)s: %(serial)s is the one that was sent. Record that it "
                    "came back.",
                    trip=self.display_name,
                    serial=name,
                )
            )
        known = Lot.search(
            [
                ("name", "=", name),
                ("product_id", "=", product.id),
                ("company_id", "in", (self.company_id.id, False)),
            ],
            limit=1,
        )
        place = known.quant_ids.filtered(
            lambda quant: (
                quant.quantity > 0
                and quant.location_id.usage in ("internal", "transit", "customer")
            )
        ).location_id[:1]
        if product.tracking == "serial" and place:
            raise UserError(
                self.env._(
                    "%(trip)s: %(serial)s is in %(place)s already. Read the number "
                    "again.",
                    trip=self.display_name,
                    serial=name,
                    place=place.display_name,
                )
            )
        return known or Lot.create(
            {"name": name, "product_id": product.id, "company_id": self.company_id.id}
        )

    def _pass_on_asset(self, lot):
        """Let the customer's asset go on with the serial that takes its place."""
        self.ensure_one()
        line = self.line_id
        if not line._is_customers():
            return
        asset = line.asset_id or self.env["aftersales.asset"].search(
            [("lot_id", "=", self.lot_id.id), ("company_id", "=", self.company_id.id)],
            limit=1,
        )
        if not asset or asset.lot_id == lot:
            return
        old = asset.serial
        asset.write({"lot_id": lot.id, "serial": lot.name})
        asset.message_post(
            body=self.env._(
                "%(supplier)s replaced %(old)s by %(new)s (%(trip)s). The guarantees "
                "go on.",
                supplier=self.partner_id.name,
                old=old,
                new=lot.name,
                trip=self.name,
            )
        )

    def action_cancel(self):
        """Call off what was not sent."""
        trips = self._lock()
        trips._set_state("cancel")
        trips.line_id.filtered(lambda line: line.state == "settled")._set_state(
            "received"
        )
        return True

    def _ask_decision(self, summary):
        """Ask the responsible what becomes of the goods now."""
        self.ensure_one()
        self.activity_schedule(
            "aftersales_return.activity_supplier",
            user_id=(self.user_id or self.env.user).id,
            summary=summary,
        )

    # The moves

    def _transfer_together(self, type_field, get_source, get_destination):
        """Move the goods of these trips: one transfer for those that go together."""
        by_transfer = {}
        for trip in self:
            key = (
                trip.return_id.warehouse_id,
                trip.partner_id,
                get_source(trip),
                get_destination(trip),
            )
            by_transfer[key] = by_transfer.get(key, self.browse()) | trip
        Picking = self.env["stock.picking"]
        for (warehouse, partner, source, destination), trips in by_transfer.items():
            picking = Picking.create(
                {
                    "picking_type_id": warehouse[type_field].id,
                    "partner_id": partner.id,
                    "company_id": warehouse.company_id.id,
                    "location_id": source.id,
                    "location_dest_id": destination.id,
                    "origin": ", ".join(trips.mapped("name")),
                }
            )
            trips.line_id._transfer_now(
                [
                    {
                        **trip._prepare_move_values(source, destination),
                        "picking_id": picking.id,
                        "picking_type_id": picking.picking_type_id.id,
                    }
                    for trip in trips
                ]
            )
            picking._announce_supplier_parcel(
                trips, "out" if destination.aftersales_supplier_id else "in"
            )

    def _get_supplier_location(self):
        self.ensure_one()
        return self.env["stock.location"]._get_aftersales_supplier_location(
            self.partner_id, self.company_id
        )

    def _prepare_move_values(self, source, destination):
        self.ensure_one()
        line = self.line_id
        return {
            **line._prepare_move_values("supplier", source, destination),
            "partner_id": self.partner_id.id,
            "aftersales_trip_id": self.id,
            "owner": (
                line.partner_id.commercial_partner_id if line._is_customers() else None
            ),
        }
