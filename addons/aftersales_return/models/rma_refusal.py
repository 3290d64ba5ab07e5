from odoo import models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """What can't be taken back as asked, and what can be done instead."""

    _inherit = "aftersales.return.line"

    def _check_ready(self):
        """Refuse lines that can't be accepted, saying what they lack."""
        # Whose goods they are may have been changed since they were written down.
        self._check_returnable()
        for line in self:
            if line._is_kit():
                raise UserError(
                    self.env._(
                        "%(line)s is a kit. Write down the parts of it that come back, "
                        "each on a line of its own.",
                        line=line.display_name,
                    )
                )
            if line.tracking != "none" and not (line.lot_id or line.serial):
                raise UserError(
                    self.env._(
                        "%(line)s: write down the serial number.",
                        line=line.display_name,
                    )
                )
        self._check_operation()

    def _check_operation(self):
        """Refuse goods without an operation, or with one that doesn't suit them."""
        for line in self:
            if not line.operation_id:
                raise UserError(
                    self.env._(
                        "%(line)s: choose what is done with it, the operation.",
                        line=line.display_name,
                    )
                )
            if line.remedy in ("refund", "other") and not line.date_given:
                line._check_refundable()

    def _is_kit(self):
        """Whether Inventory moves the parts of this product instead of it."""
        self.ensure_one()
        product = self.product_id.sudo().with_company(self.company_id)
        # Manufacturing knows kits; it may be installed or not.
        return bool("is_kits" in product._fields and product.is_kits)

    def _check_refundable(self):
        """Refuse to refund what nobody paid us for."""
        self.ensure_one()
        sold = self.sale_line_id
        if sold and sold.product_id == self.product_id:
            return
        names = {
            "line": self.display_name,
            "serial": self.serial,
            "customer": self.partner_id.display_name,
        }
        if sold:
            raise UserError(
                self.env._(
                    "%(line)s was sold as part of %(kit)s and has no price of its own. "
                    "Take it back with another operation, and credit what was agreed "
                    "on the invoice of %(order)s.",
                    **names,
                    kit=sold.product_id.display_name,
                    order=sold.order_id.name,
                )
            )
        if order := self._find_order():
            raise UserError(
                self.env._(
                    "%(line)s was fitted on work order %(order)s. Take it back there, "
                    "or open a work order under its guarantee.",
                    **names,
                    order=order.name,
                )
            )
        if self.serial:
            raise UserError(
                self.env._(
                    "%(line)s: %(serial)s was not sold to %(customer)s. Compare the "
                    "number with the label, or choose an operation without a refund.",
                    **names,
                )
            )
        raise UserError(
            self.env._(
                "%(line)s: no sale to %(customer)s is known that could be refunded. "
                "Choose the delivery, or another operation.",
                **names,
            )
        )

    def _find_order(self):
        """Return the work order these goods were fitted on last, if they were."""
        self.ensure_one()
        domain = [
            ("product_id", "=", self.product_id.id),
            ("state", "=", "done"),
            ("job_line_id", "!=", False),
            ("location_dest_id.usage", "=", "customer"),
            ("job_line_id.order_id.partner_id", "child_of", self._get_buyer().ids),
        ]
        if self.lot_id:
            domain.append(("move_line_ids.lot_id", "=", self.lot_id.id))
        moves = self.env["stock.move"].sudo()
        return moves.search(domain, order="date desc", limit=1).job_line_id.order_id

    def _get_buyer(self):
        self.ensure_one()
        return self.partner_id.commercial_partner_id

    def _check_here(self):
        """Refuse also what was here and is at its supplier now."""
        result = super()._check_here()
        for line in self:
            away = line.trip_ids.filtered(lambda trip: trip.state == "sent")
            if away:
                raise UserError(
                    self.env._(
                        "%(line)s is with %(supplier)s. Take it back on %(trip)s "
                        "first.",
                        line=line.display_name,
                        supplier=away[0].partner_id.display_name,
                        trip=away[0].name,
                    )
                )
        return result
