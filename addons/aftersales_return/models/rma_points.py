from markupsafe import Markup

from odoo import api, fields, models


class AftersalesReturn(models.Model):
    """The seven points of a return with parcels, ticked from what is on record.

    Nobody ticks by hand: a point is met when the register, the transfers and the
    goods say so, and else it names what is missing.
    """

    _inherit = "aftersales.return"

    points = fields.Html(
        "Seven Points", compute="_compute_points", compute_sudo=True, sanitize=False
    )

    @api.depends(
        "shipment_ids.state",
        "shipment_ids.waybill",
        "shipment_ids.date_told",
        "line_ids.state",
        "line_ids.has_difference",
    )
    @api.depends_context("lang")
    def _compute_points(self):
        for rma in self:
            rma.points = rma.state not in ("draft", "refused", "cancel") and Markup(
                '<ol class="ps-4">%s</ol>'
            ) % Markup().join(
                Markup('<li><i class="fa fa-fw %s"></i> %s%s</li>')
                % (
                    "fa-check text-success" if not missing else "fa-square-o",
                    label,
                    Markup(' <span class="text-muted">– %s</span>') % ", ".join(missing)
                    if missing
                    else "",
                )
                for label, missing in rma._get_points()
            )

    def _get_points(self):
        """Return ``[(point, [what is missing])]``: the seven points of this return."""
        self.ensure_one()
        parcels = self.shipment_ids.filtered(lambda parcel: parcel.state != "cancel")
        inbound = parcels.filtered(lambda parcel: parcel.direction == "in")
        outbound = parcels - inbound
        return [
            (
                self.env._("Announced, so that it can be traced"),
                self._miss_call(inbound),
            ),
            (
                self.env._("Picked up, or handed to a colleague"),
                self._miss_pickup(inbound),
            ),
            (
                self.env._("Posted, labelled, stored; differences cleared"),
                self._miss_in(),
            ),
            (
                self.env._("Period checked; supplier and customer asked"),
                self._miss_check(),
            ),
            (self.env._("Tested, and nothing left behind"), self._miss_test()),
            (
                self.env._("Packed and sent, the customer told"),
                self._miss_sent(outbound),
            ),
            (self.env._("Waybill and packing list kept"), self._miss_proof(outbound)),
        ]

    def _get_living_lines(self):
        self.ensure_one()
        return self.line_ids.filtered(lambda line: line.state not in ("cancel", "lost"))

    def _miss_call(self, parcels):
        """Point 1: contact, phone, day, goods and waybill of what is sent in."""
        wanted = {
            "contact_name": self.env._("contact"),
            "contact_phone": self.env._("phone"),
            "goods": self.env._("goods"),
        }
        by_carrier = {
            "date_shipped": self.env._("ship date"),
            "waybill": self.env._("waybill number"),
        }
        missing = []
        for parcel in parcels:
            fields_wanted = wanted | (
                by_carrier if parcel.transport == "carrier" else {}
            )
            missing += [
                word for name, word in fields_wanted.items() if not parcel[name]
            ]
        return list(dict.fromkeys(missing))

    def _miss_pickup(self, parcels):
        """Point 2: where and when the carrier has it, unless it came to our door."""
        wanted = {
            "carrier_place": self.env._("pick-up place"),
            "carrier_phone": self.env._("carrier's phone"),
            "date_pickup": self.env._("pick-up time"),
        }
        waiting = parcels.filtered(
            lambda parcel: (
                parcel.transport == "carrier"
                and (parcel.state in ("announced", "transit") or parcel.carrier_place)
            )
        )
        missing = [
            word
            for name, word in wanted.items()
            if not all(parcel[name] for parcel in waiting)
        ]
        if any(not parcel.user_id for parcel in waiting):
            missing.append(self.env._("who looks after it"))
        return missing

    def _miss_in(self):
        """Point 3: in the register, in the returns location, as announced."""
        lines = self._get_living_lines().filtered(lambda line: line.goods != "stay")
        missing = []
        if lines.filtered(lambda line: line.state in ("draft", "expected")):
            missing.append(self.env._("goods awaited"))
        if lines.filtered("has_difference"):
            missing.append(self.env._("a difference to clear with the customer"))
        return missing

    def _miss_check(self):
        """Point 4: what is done with it, what supplier and customer said."""
        lines = self._get_living_lines()
        missing = []
        if lines.filtered(lambda line: not line.operation_id):
            missing.append(self.env._("an operation"))
        trips = lines.trip_ids.filtered(lambda trip: trip.state == "draft")
        if trips:
            missing.append(self.env._("the supplier's date"))
        asked = lines.order_id.filtered(
            lambda order: order.state in ("draft", "quoted")
        )
        if asked:
            missing.append(self.env._("the customer's yes to the repair"))
        return missing

    def _miss_test(self):
        """Point 5: tested, and all that came is dealt with."""
        lines = self._get_living_lines().filtered(lambda line: line.goods != "stay")
        missing = []
        untested = lines.filtered(
            lambda line: (
                line.when == "tested"
                and not line.test_result
                and line.state not in ("settled", "done")
            )
        )
        if untested:
            missing.append(self.env._("test"))
        repaired = lines.filtered(
            lambda line: line.order_id and line.order_id.state != "cancel"
        )
        if repaired.filtered(lambda line: line.gate_result != "pass"):
            missing.append(self.env._("test after the repair"))
        if lines._get_left_over():
            missing.append(self.env._("goods that are neither sent back nor settled"))
        return missing

    def _miss_sent(self, parcels):
        """Point 6: it left with its waybill, and the customer knows."""
        lines = self._get_living_lines()
        missing = []
        if any(line.goods == "back" and line.state != "done" for line in lines):
            missing.append(self.env._("goods to send back"))
        if parcels.filtered(lambda parcel: parcel.state == "announced"):
            missing.append(self.env._("carrier and waybill"))
        if parcels.filtered(
            lambda parcel: parcel.state != "announced" and not parcel.date_told
        ):
            missing.append(self.env._("word to the customer"))
        return missing

    def _miss_proof(self, parcels):
        """Point 7: what a claim would be built on."""
        lines = self._get_living_lines()
        if not parcels and any(line.goods == "back" for line in lines):
            return [self.env._("waybill"), self.env._("packing list")]
        missing = []
        if parcels.filtered(
            lambda parcel: parcel.transport == "carrier" and not parcel.waybill
        ):
            missing.append(self.env._("waybill"))
        if parcels.filtered(lambda parcel: not parcel.proof_ids):
            missing.append(self.env._("packing list"))
        return missing
