from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesReturnDifference(models.Model):
    """The supplier sent another serial: ask him, then keep it or send it back."""

    _inherit = "aftersales.return.difference"

    kind = fields.Selection(
        selection_add=[("supplier", "Another serial from the supplier")],
        ondelete={"supplier": "cascade"},
    )
    trip_id = fields.Many2one(
        "aftersales.supplier.trip",
        "At Supplier",
        check_company=True,
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    supplier_id = fields.Many2one(related="trip_id.partner_id", string="Supplier")

    def _get_decisions(self):
        return {**super()._get_decisions(), "supplier": {"accept", "back"}}

    @api.depends("trip_id.partner_id")
    def _compute_phone(self):
        result = super()._compute_phone()
        for case in self.filtered("trip_id"):
            case.phone = case.trip_id.partner_id.phone
        return result

    def _get_contact_name(self):
        return self.trip_id.partner_id.name or super()._get_contact_name()

    def _decide_accept(self):
        """What the supplier sent takes the place of what he got."""
        if self.kind == "supplier":
            self.trip_id.action_replace(serial=self.found)
            return None
        return super()._decide_accept()

    def _decide_back(self):
        """What the supplier sent goes back to him; ours is still there."""
        if self.kind == "supplier":
            return None
        return super()._decide_back()


class AftersalesSupplierTrip(models.Model):
    _inherit = "aftersales.supplier.trip"

    difference_ids = fields.One2many(
        "aftersales.return.difference", "trip_id", "Differences"
    )
    has_difference = fields.Boolean(compute="_compute_has_difference")

    @api.depends("difference_ids.state")
    def _compute_has_difference(self):
        for trip in self:
            trip.has_difference = "open" in trip.difference_ids.mapped("state")

    def _open_serial_difference(self, found):
        """Open a case for a serial that is not the one that was sent; once."""
        self.ensure_one()
        running = self.difference_ids.filtered(
            lambda case: case.state == "open" and case.found == found
        )
        if running:
            return running
        case = self.env["aftersales.return.difference"].create(
            {
                "line_id": self.line_id.id,
                "trip_id": self.id,
                "kind": "supplier",
                "expected": self.lot_id.name,
                "found": found,
            }
        )
        self._ask_decision(
            self.env._(
                "Ask %(supplier)s: %(expected)s was sent, %(found)s came back",
                supplier=self.partner_id.name,
                expected=self.lot_id.name,
                found=found,
            )
        )
        return case

    def _check_no_difference(self):
        """Refuse to end a trip while it is not clear what came."""
        unclear = self.filtered("has_difference")
        if unclear:
            raise UserError(
                self.env._(
                    "%(trips)s: another serial came than was sent. Clear the "
                    "difference with the supplier first.",
                    trips=", ".join(unclear.mapped("display_name")),
                )
            )
