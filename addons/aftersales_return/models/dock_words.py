from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .dock import OPEN_STATES


class AftersalesReturnDock(models.AbstractModel):
    """What the dock says of goods, of a return, and of what nobody knows."""

    _inherit = "aftersales.return.dock"

    def _describe_choice(self, text, lots):
        return {
            "kind": "choice",
            "title": text,
            "text": self.env._("Several products have this number. Which one is it?"),
            "choices": [
                {"lot_id": lot.id, "label": lot.product_id.display_name, "text": ""}
                for lot in lots
            ],
        }

    def _describe_unknown(self, text):
        return {
            "kind": "unknown",
            "title": text,
            **self._describe_receipt(
                self.env._(
                    "Nothing is known under this number. Read the other numbers on "
                    "the parcel: serial, waybill, number of the return."
                )
            ),
        }

    def _describe_receipt(self, text):
        """Say what is done with goods that nobody announced and no serial names."""
        return {
            "text": text,
            "step": {
                "name": "new_receipt",
                "text": self.env._(
                    "If it is a return all the same, receive it from the sender: a "
                    "case is opened, and somebody asks the customer."
                ),
                "label": self.env._("Receive from Sender"),
            },
        }

    def _describe_product(self, product):
        return {
            "id": product.id,
            "name": product.name,
            "code": product.default_code or "",
        }

    def _get_quantity_text(self, line):
        return f"{line.quantity:g} {line.product_uom_id.name}"

    def _describe_thing(self, lot, asset):
        """Describe a serial: by the goods of a return, or as one that came so."""
        Line = self.env["aftersales.return.line"]
        domain = Domain.OR(
            [
                Domain("lot_id", "in", lot.ids),
                Domain("asset_id", "in", asset.ids),
            ]
        )
        lines = Line.search(
            domain
            & (
                Domain("state", "!=", "cancel")
                | Domain("return_id.state", "=", "refused")
            ),
            order="id desc",
        )
        for state in OPEN_STATES:
            current = lines.filtered(
                lambda line, state=state: (
                    line.state == state and line.return_id.state in ("draft", "open")
                )
            )
            if current:
                return self._describe_line(current[:1], earlier=lines - current[:1])
        if lines[:1].return_id.state == "refused":
            # Sent in all the same.
            return self._describe_line(lines[:1], earlier=lines[1:])
        asset = asset.sudo()
        product = lot.product_id or asset.product_id
        delivery = self._get_last_delivery(lot)
        place = self._get_place(lot)
        owner = self._get_owner(asset, delivery)
        sold = asset.date_sold or delivery.date
        thing = {
            "kind": "goods",
            "title": product.display_name or asset.display_name,
            "product": self._describe_product(product) if product else False,
            "serial": lot.name or asset.serial or "",
            "quantity": "",
            "customer": owner.display_name or "",
            "sold": format_date(self.env, sold) if sold else "",
            "delivery": delivery.reference or "",
            "place": place.display_name if self._is_ours(place) else "",
            "lot_id": lot.id,
            "asset_id": asset.id,
            "line_id": False,
            "return": False,
            "earlier": [line.return_id.name for line in lines],
            "verdict": self._describe_period(
                self._describe_verdict(asset, product, delivery),
                self.env["aftersales.return.operation"]
                .sudo()
                ._get_portal_operations(delivery.company_id or self.env.company),
                delivery.date,
            ),
            "supplier": self._get_supplier_text(lot, product),
        }
        return {**thing, "step": self._get_thing_step(thing, place, owner)}

    def _get_thing_step(self, thing, place, owner):
        """Return what is done with a thing that no return awaits."""
        if self._is_ours(place):
            text = self.env._(
                "It is ours and booked in %(place)s. Put it there, or count it anew.",
                place=place.display_name,
            )
            return {"name": "none", "text": text, "label": ""}
        if not thing["product"]:
            text = self.env._(
                "It is registered without a product. Open a work order for it."
            )
            return {"name": "none", "text": text, "label": ""}
        if not owner:
            text = self.env._("It was not sold by us. Ask the sender whose it is.")
            return {
                "name": "new_receipt",
                "text": text,
                "label": self.env._("Receive from Sender"),
            }
        return {
            "name": "announce",
            "text": self.env._(
                "Nobody announced it. Record that it is here: the office asks "
                "%(customer)s and decides.",
                customer=thing["customer"],
            ),
            "label": self.env._("Record as Unannounced"),
        }

    def _describe_line(self, line, earlier=None):
        """Describe goods of a return, with the step that comes next."""
        line.check_access("read")
        seen = line.sudo()
        rma = seen.return_id
        asset = seen._get_verdict_assets().get(seen, seen.asset_id)
        place = seen._get_place() if seen._get_last_move() else None
        sold = seen.date_delivered or asset.date_sold
        standing = seen.verdict_trace or seen._get_standings().get(seen)
        Engine = self.env["aftersales.warranty.engine"]
        verdict = Engine._describe_standing(standing) if standing else False
        return {
            "kind": "goods",
            "title": seen.product_id.display_name,
            "product": self._describe_product(seen.product_id),
            "serial": seen.lot_id.name or seen.serial or "",
            "quantity": self._get_quantity_text(seen),
            "customer": seen.partner_id.display_name,
            "sold": format_date(self.env, sold) if sold else "",
            "delivery": seen.move_id.reference or "",
            "place": place.display_name if place else "",
            "lot_id": seen.lot_id.id,
            "asset_id": asset.id,
            "line_id": line.id,
            "return": self._describe_document(rma, seen),
            "earlier": [other.return_id.name for other in earlier or line.browse()],
            "verdict": self._describe_period(
                verdict,
                seen.operation_id,
                seen.date_delivered,
                seen._get_verdict_day(),
            ),
            "supplier": seen.supplier_text or "",
            "difference": self._get_difference_text(seen),
            "step": self._get_step(line),
        }

    def _describe_document(self, rma, line):
        reason = line.reason_note or line.reason_id.name or rma.description
        return {
            "id": rma.id,
            "name": rma.name,
            "state": rma.state,
            "label": rma._get_state_label(rma.state),
            "line_state": line.state,
            "line_label": line._get_state_label(line.state) if line else "",
            "operation": line.operation_id.name or "",
            "reason": reason or "",
        }

    def _describe_return(self, rma):
        """Describe a return with all its goods; of a single one just that."""
        rma.check_access("read")
        lines = rma.line_ids.filtered(lambda line: line.state != "cancel")
        lines = lines or rma.line_ids
        if len(lines) == 1:
            return self._describe_line(lines)
        seen = rma.sudo()
        return {
            "kind": "return",
            "title": rma.name,
            "customer": seen.partner_id.display_name,
            "return": self._describe_document(seen, seen.line_ids.browse()),
            "text": seen._get_state_label(seen.state),
            "lines": [self._describe_line(line) for line in lines],
            "step": self._get_return_step(rma, lines),
        }

    def _describe_verdict(self, asset, product, delivery):
        """Weigh a thing as of today: by its guarantees, else by what it was sold."""
        Engine = self.env["aftersales.warranty.engine"].sudo()
        if asset:
            standing = Engine._get_standings(asset)[asset.id]
        elif product and delivery:
            today = fields.Date.context_today(self)
            sale = (
                product,
                delivery.company_id,
                delivery._get_receiver(),
                fields.Date.context_today(self, delivery.date),
                today,
            )
            standing = Engine._get_product_standings([sale])[sale]
        else:
            return False
        return Engine.with_env(self.env)._describe_standing(standing)

    def _describe_period(self, verdict, operations, delivered, day=None):
        """Let the days in which goods may come back stand before “no guarantee”.

        :param operations: of which the longest period counts
        :param delivered: when the goods were delivered; none if not by us
        :param day: the day of asking; without it today
        """
        if verdict and verdict["level"] != "none":
            return verdict
        days = max(operations.mapped("days"), default=0)
        if not days or not delivered:
            # Said once, not as headline and sentence.
            return verdict and {**verdict, "text": verdict["label"]}
        day = day or fields.Date.context_today(self)
        first = fields.Date.context_today(self, delivered)
        last = fields.Date.add(first, days=days)
        until = format_date(self.env, last)
        is_open = day <= last
        label = (
            self.env._("Return period until %(day)s", day=until)
            if is_open
            else self.env._("The return period ended on %(day)s", day=until)
        )
        nothing = {"level": "none", "until": "", "text": "", "reasons": []}
        return {**nothing, **(verdict or {}), "label": label, "is_open": is_open}

    def _get_supplier_text(self, lot, product):
        if not product:
            return ""
        company = lot.company_id or self.env.company
        return self._describe_supplier(
            product.sudo()._get_supplier_warranty(company, lot=lot)
        )

    @api.model
    def _describe_supplier(self, warranty):
        """Return the supplier's own warranty in words, or nothing."""
        if warranty.state == "none":
            return ""
        names = (warranty.partner.display_name, warranty.note)
        return ": ".join(name for name in names if name)

    def _get_difference_text(self, line):
        case = line.difference_ids.filtered(lambda case: case.state == "open")[:1]
        if not case:
            return ""
        return self.env._(
            "Announced: %(expected)s. Came: %(found)s.",
            expected=case.expected,
            found=case.found,
        )

    # Where it is, and whose

    def _get_last_delivery(self, lot):
        """Return the move by which a serial was last delivered to a customer."""
        if not lot:
            return self.env["stock.move"].sudo()
        item = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("lot_id", "=", lot.id),
                    ("state", "=", "done"),
                    ("location_dest_id.usage", "=", "customer"),
                    ("location_id.usage", "!=", "customer"),
                    ("company_id", "in", self.env.companies.ids),
                ],
                order="date desc, id desc",
                limit=1,
            )
        )
        return item.move_id

    def _get_place(self, lot):
        """Return where a serial is booked, or nothing."""
        if not lot:
            return self.env["stock.location"]
        quants = (
            self.env["stock.quant"]
            .sudo()
            .search([("lot_id", "=", lot.id), ("quantity", ">", 0)])
        )
        inside = quants.filtered(lambda quant: quant.location_id.usage == "internal")
        return (inside or quants)[:1].location_id

    def _is_ours(self, place):
        return place.usage in ("internal", "transit")

    def _get_owner(self, asset, delivery):
        """Return the customer of a thing: its owner, else who got it last."""
        return asset.partner_id or (
            delivery._get_receiver() if delivery else asset.partner_id
        )
