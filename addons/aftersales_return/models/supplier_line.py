from odoo import api, fields, models
from odoo.exceptions import UserError

# The thing is here again, and has to be looked at.
RETURNED_STATES = ("back", "replaced", "refused")


class AftersalesReturnLine(models.Model):
    """Goods that go to their supplier, and what they wait for until they are back."""

    _inherit = "aftersales.return.line"

    trip_ids = fields.One2many("aftersales.supplier.trip", "line_id", "At Supplier")
    is_at_supplier = fields.Boolean(
        "Is at Supplier",
        compute="_compute_is_at_supplier",
        compute_sudo=True,
        help="Nothing is done with it before it is back.",
    )

    @api.depends("trip_ids.state")
    def _compute_is_at_supplier(self):
        for line in self:
            line.is_at_supplier = line._has_trip("sent")

    def action_send_to_supplier(self):
        """Note that the goods shall go to their supplier; they leave with a date.

        :return: the trips, new ones or those that wait already
        :raises UserError: for goods that are not here
        """
        lines = self._lock()
        waiting = lines.trip_ids.filtered(lambda trip: trip.state in ("draft", "sent"))
        (lines - waiting.line_id)._check_here()
        return lines._send_to_supplier().with_env(self.env)

    def _send_to_supplier(self):
        """Open a trip for the goods; it is sent when the supplier gave a date."""
        Trip = self.env["aftersales.supplier.trip"]
        open_trips = self.trip_ids.filtered(
            lambda trip: trip.state in ("draft", "sent")
        )
        todo = self - open_trips.line_id
        return open_trips | Trip.create([{"line_id": line.id} for line in todo])

    def _settle_goods_supplier(self):
        self._send_to_supplier()

    def _get_goods(self):
        """Once back from its supplier a thing goes on, instead of there again."""
        goods = super()._get_goods()
        if goods == "supplier" and self._has_trip(*RETURNED_STATES):
            return "back" if self._is_customers() else "restock"
        return goods

    def _has_trip(self, *states):
        self.ensure_one()
        return bool(self.trip_ids.filtered(lambda trip: trip.state in states))

    def _be_here_again(self):
        """What came from the supplier is tested before anything else is done.

        A thing under repair goes on with its work order, and leaves after its test.
        """
        repaired = self.filtered(
            lambda line: line.remedy == "repair" and line.state == "settled"
        )
        repaired.write({"gate_result": False, "date_gate": False})
        repaired._send_back()
        others = self - repaired
        others.write({"test_result": False, "date_tested": False})
        others._set_state("received")

    def _check_settleable(self):
        untested = self.filtered(
            lambda line: (
                line.goods != "stay"
                and not line.test_result
                and line._has_trip(*RETURNED_STATES)
            )
        )
        if untested:
            raise UserError(
                self.env._(
                    "%(lines)s came back from the supplier and has to be tested first.",
                    lines=", ".join(untested.mapped("display_name")),
                )
            )
        return super()._check_settleable()

    def _is_customers(self):
        # What the supplier lost is nobody's to give back.
        return super()._is_customers() and not self._has_trip("lost")

    def _get_pending(self):
        pending = super()._get_pending()
        away = self.trip_ids.filtered(lambda trip: trip.state in ("draft", "sent"))
        pending += [trip._get_waiting_words() for trip in away]
        return pending

    def _get_supplier_warranty(self):
        """Return the supplier's own warranty of these goods.

        A serial goes by its own receipt; one that came in exchange, by that of the
        one it took the place of.
        """
        self.ensure_one()
        delivered = self.move_id.date
        return self.product_id._get_supplier_warranty(
            self.company_id,
            lot=self._get_received_lot(),
            # What was delivered as it came in was received in the same second.
            before=delivered and fields.Datetime.add(delivered, seconds=1),
            failed=self.return_id.date_requested,
        )


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_supplier_receipt_domain(self, company, lot=None, before=None):
        domain = super()._get_supplier_receipt_domain(company, lot, before)
        if not lot:
            domain.append(("aftersales_trip_id", "=", False))
        return domain

    def _get_supplier_receipt(self, company, lot=None, before=None):
        """What came in exchange is under the warranty of what it was bought as."""
        receipt = super()._get_supplier_receipt(company, lot, before)
        return receipt.aftersales_trip_id.receipt_id or receipt
