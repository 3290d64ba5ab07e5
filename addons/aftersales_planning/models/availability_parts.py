from collections import defaultdict

from odoo import api, fields, models

from ..engine.moments import to_seconds

# Jobs whose parts are asked for once the customer says yes.
PROMISED_STATES = ("draft", "proposed")


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
        dates = self._get_part_dates(order, jobs)
        missing = [product for product, date in dates.items() if date is None]
        expected = {product: date for product, date in dates.items() if date}
        return {
            "date": max(expected.values(), default=False),
            "missing": [product.display_name for product in missing],
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
    def _get_part_dates(self, order, jobs):
        """Return ``{product: date}``: False if it is there, None if it never will be.

        Parts that were asked for follow their moves, see ``_get_parts``.
        """
        asked, rest = self._split_part_lines(jobs)
        dates = self._get_forecast(order, self._get_wanted(rest))
        for line in asked:
            if line.availability_state not in ("missing", "expected"):
                continue
            date = line.availability_state == "expected" and line.date_expected or None
            present = dates.get(line.product_id, False)
            never = date is None or present is None
            dates[line.product_id] = None if never else max(date, present or date)
        return dates

    @api.model
    def _split_part_lines(self, jobs):
        """Return ``(lines whose parts were asked for, the other lines with parts)``."""
        lines = jobs.line_ids.filtered(lambda line: line._is_stocked_part())
        asked = lines.filtered(
            lambda line: any(move.state != "cancel" for move in line.move_ids)
        )
        return asked, lines - asked

    @api.model
    def _get_wanted(self, lines):
        """Return ``{product: quantity in its unit}`` of lines with stored products."""
        wanted = defaultdict(float)
        for line in lines.filtered("product_id.is_storable"):
            wanted[line.product_id] += line.product_uom_id._compute_quantity(
                line.product_uom_qty, line.product_id.uom_id, round=False
            )
        return wanted

    @api.model
    def _get_short(self, orders):
        """Return the booked orders of which a part may not be there in time.

        A few statements for all of them: whose parts are asked for and in time, or
        free for everybody they are promised to, is left out. The others have to be
        looked at one by one.
        """
        short = orders.browse()
        for warehouse, group in orders.grouped("warehouse_id").items():
            asked, rest = self._split_part_lines(self._get_open_jobs(group))
            for line in asked:
                date = line.date_expected
                if line.availability_state == "missing" or (
                    line.availability_state == "expected"
                    and (not date or date > line.order_id._get_parts_deadline())
                ):
                    short |= line.order_id
            short |= self._filter_not_free(rest, warehouse).order_id
        return short

    @api.model
    def _filter_not_free(self, lines, warehouse):
        """Return the lines whose product is not free for all who want it."""
        products = lines.product_id.filtered("is_storable")
        if not products:
            return lines.browse()
        products = products.with_context(warehouse_id=warehouse.id)
        needed = self._get_promised(warehouse, products)
        # What is not proposed any more is promised by nobody else.
        agreed = lines.filtered(lambda line: line.job_id.state not in PROMISED_STATES)
        for product, quantity in self._get_wanted(agreed).items():
            needed[product.id] += quantity
        short = products.filtered(
            lambda each: each.uom_id.compare(each.free_qty, needed[each.id]) < 0
        )
        return lines.filtered(lambda line: line.product_id.id in short._ids)

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
        promised = self._get_promised(order.warehouse_id, products, order)
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
    def _get_promised(self, warehouse, products, skip_order=None):
        """Return ``{product id: quantity}`` that appointments will ask for.

        :param skip_order: a work order whose own parts are left out
        """
        groups = self.env["aftersales.job.line"]._read_group(
            [
                ("product_id", "in", products.ids),
                ("kind", "=", "part"),
                ("order_id", "not in", skip_order.ids if skip_order else []),
                ("job_id.state", "in", PROMISED_STATES),
                ("order_id.warehouse_id", "=", warehouse.id),
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
