from collections import defaultdict

from odoo import api, fields, models

from ..engine.moments import to_seconds


class AftersalesAvailability(models.AbstractModel):
    """When the parts of an order are there."""

    _inherit = "aftersales.availability"

    @api.model
    def _get_parts(self, order, jobs):
        """Return when all parts of the jobs are there, and which are not yet.

        Parts that were asked for follow their moves. What is not approved yet is
        looked up in the warehouse: free now, or expected; what other appointments
        will ask for goes first, as they were promised it.

        :return: ``{"date": latest date or False, "missing": [words], "late": [words]}``
        """
        lines = jobs.line_ids.filtered(lambda line: line._is_stocked_part())
        expected = {}  # product: date
        missing = self.env["product.product"]
        asked = lines.filtered(
            lambda line: any(move.state != "cancel" for move in line.move_ids)
        )
        for line in asked:
            if line.availability_state == "missing":
                missing |= line.product_id
            elif line.availability_state == "expected":
                if line.date_expected:
                    expected[line.product_id] = max(
                        line.date_expected,
                        expected.get(line.product_id, line.date_expected),
                    )
                else:
                    missing |= line.product_id
        wanted = defaultdict(float)
        for line in lines - asked:
            if line.product_id.is_storable:
                wanted[line.product_id] += line.product_uom_id._compute_quantity(
                    line.product_uom_qty, line.product_id.uom_id, round=False
                )
        for product, date in self._get_forecast(order, wanted).items():
            if date is None:
                missing |= product
            elif date:
                expected[product] = max(date, expected.get(product, date))
        return {
            "date": max(expected.values(), default=False),
            "missing": missing.mapped("display_name"),
            "late": [
                self.env._(
                    "%(part)s is expected on %(date)s.",
                    part=product.display_name,
                    date=self._format_moment(to_seconds(date), order.company_id),
                )
                for product, date in sorted(
                    expected.items(), key=lambda item: item[1], reverse=True
                )
                if date > fields.Datetime.now()
            ],
        }

    @api.model
    def _get_forecast(self, order, wanted):
        """Return ``{product: date}``: False if free now, None if never.

        :param dict wanted: ``{product: quantity in its unit}``
        """
        if not wanted:
            return {}
        Product = self.env["product.product"]
        products = Product.union(*wanted).with_context(
            warehouse_id=order.warehouse_id.id
        )
        promised = self._get_promised(order, products)
        dates = {}
        short = {}
        for product in products:
            needed = wanted[product] + promised.get(product.id, 0.0)
            if product.uom_id.compare(product.free_qty, needed) >= 0:
                dates[product] = False
                continue
            # Deliveries that wait for goods were asked for before.
            waiting = max(
                product.free_qty + product.incoming_qty - product.virtual_available, 0.0
            )
            short[product] = needed + waiting - product.free_qty
            dates[product] = None
        if short:
            moves = self.env["stock.move"].search_fetch(
                [
                    ("product_id", "in", [product.id for product in short]),
                    (
                        "state",
                        "in",
                        ("confirmed", "waiting", "partially_available", "assigned"),
                    ),
                    (
                        "location_dest_id",
                        "child_of",
                        # Goods received in several steps come in beside the stock.
                        order.warehouse_id.view_location_id.id,
                    ),
                    ("location_id.usage", "!=", "internal"),
                ],
                ["product_id", "product_qty", "date"],
                order="date, id",
            )
            for move in moves:
                product = move.product_id
                if short[product] <= 0:
                    continue
                short[product] -= move.product_qty
                if product.uom_id.compare(short[product], 0) <= 0:
                    short[product] = 0
                    dates[product] = move.date
        return dates

    @api.model
    def _get_promised(self, order, products):
        """Return ``{product id: quantity}`` that other appointments will ask for."""
        groups = self.env["aftersales.job.line"]._read_group(
            [
                ("product_id", "in", products.ids),
                ("kind", "=", "part"),
                ("order_id", "!=", order.id),
                ("job_id.state", "in", ("draft", "proposed")),
                ("order_id.warehouse_id", "=", order.warehouse_id.id),
                ("order_id.booking_state", "in", ("hold", "confirmed", "arrived")),
            ],
            ["product_id", "product_uom_id"],
            ["product_uom_qty:sum"],
        )
        promised = defaultdict(float)
        for product, uom, quantity in groups:
            promised[product.id] += uom._compute_quantity(
                quantity, product.uom_id, round=False
            )
        return promised

    @api.model
    def _get_parts_moment(self, parts):
        """Return the moment from which the parts are there; None if some never are."""
        if parts["missing"]:
            return None
        date = fields.Datetime.to_datetime(parts["date"])
        return to_seconds(date) if date else 0
