from collections import defaultdict
from math import inf, isfinite

from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesVanCount(models.Model):
    """Somebody counted a van, on the phone or at the desk.

    Differences are Odoo's inventory adjustments. Small ones are booked at once; those
    that are worth more than the company allows wait in Inventory for the storekeeper.
    """

    _name = "aftersales.van.count"
    _description = "Van Count"
    _order = "date desc, id desc"
    _check_company_auto = True

    location_id = fields.Many2one(
        "stock.location", "Van", required=True, index=True, check_company=True,
        readonly=True,
    )  # fmt: skip
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    employee_id = fields.Many2one(
        "hr.employee", "Counted By", index="btree_not_null", readonly=True
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    operation = fields.Char(readonly=True)
    product_count = fields.Integer("Parts Counted", readonly=True)
    difference_count = fields.Integer("Differences", readonly=True)
    waiting_count = fields.Integer("To Confirm", readonly=True)
    words = fields.Text("Result", readonly=True)

    _operation_unique = models.UniqueIndex(
        "(location_id, operation) WHERE operation IS NOT NULL",
        "This count was recorded before.",
    )

    def _get_result(self):
        self.ensure_one()
        return {
            "counted": self.product_count,
            "booked": self.difference_count - self.waiting_count,
            "waiting": self.waiting_count,
        }


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    @api.model
    def count_van(self, counts, operation=None, employee=None, moment=None):
        """Record what was counted in a van.

        Parts that are not named are not counted; a number of 0 says that there is
        none. Differences worth more than the company's tolerance wait for the
        storekeeper, the others are booked at once. What came or went since it was
        counted is taken into account; what was counted anew since stays as it is.

        :param list counts: dicts ``product_id``, ``quantity`` (in the product's
            unit), ``lot_name`` for tracked parts
        :param str operation: unique name: the same again changes nothing
        :param employee: whose van, for the store; an engineer counts the own
        :param moment: when it was counted (UTC), if before now
        :return: dict ``{"counted", "booked", "waiting"}``: numbers of lines
        :raises UserError: for numbers that can't be, and serials that are elsewhere
        """
        van = self._check_van_of(employee)
        return self._count_van_of(
            van, counts, operation, self._get_own_employee(), moment
        )

    @api.model
    def _count_van_of(self, van, counts, operation, employee, moment=None):
        """Record a count of a van that was checked to be the one, see ``count_van``.

        :param employee: who counted it
        """
        if not van:
            raise UserError(
                self.env._(
                    "There is no van to count: it is set on the employee, under “Van "
                    "or Bag”."
                )
            )
        # Two counts of one van at once would book the same difference twice.
        van.sudo().lock_for_update()
        Count = self.env["aftersales.van.count"].sudo()
        known = operation and Count.search(
            [("location_id", "=", van.id), ("operation", "=", operation)]
        )
        if not known:
            known = self.sudo()._count_van(
                van.sudo(), counts, operation, employee, self._check_moment(moment)
            )
        return known._get_result()

    def _count_van(self, van, counts, operation, employee, moment):
        quants = self.env["stock.quant"]
        waiting = self.env["stock.quant"]
        words = []
        moved, recounted = self._get_moved_since(van, moment)
        asked = self._get_used_unanswered(van, moment)
        for product, lot, quantity in self._check_counts(van, counts):
            if (product, lot) in recounted:
                words.append(
                    self.env._(
                        "%(product)s: counted anew since then, and left as it is",
                        product=f"{product.display_name} {lot.name or ''}".strip(),
                    )
                )
                continue
            quantity += moved[product, lot] + asked[product, lot]
            quantity = max(quantity, 0.0)
            if lot and product.tracking == "serial" and quantity:
                self._check_serial_not_elsewhere(van, lot)
            quant = self._set_count(van, product, lot, quantity)
            quants |= quant
            if quant.product_uom_id.is_zero(quant.inventory_diff_quantity):
                continue
            words.append(quant._get_count_words())
            if quant._is_beyond_tolerance():
                waiting |= quant
        differences = quants.filtered(
            lambda quant: (
                not quant.product_uom_id.is_zero(quant.inventory_diff_quantity)
            )
        )
        count = self.env["aftersales.van.count"].create(
            {
                "location_id": van.id,
                "company_id": van.company_id.id,
                "employee_id": employee.id,
                "date": moment,
                "operation": operation,
                "product_count": len(quants),
                "difference_count": len(differences),
                "waiting_count": len(waiting),
                "words": "\n".join(words),
            }
        )
        (quants - waiting).with_context(
            aftersales_moment=moment
        ).action_apply_inventory()
        day = fields.Date.context_today(self, moment)
        van.last_inventory_date = max(van.last_inventory_date or day, day)
        return count

    def _check_counts(self, van, counts):
        """Return ``[(product, lot, quantity)]`` of what the phone sent."""
        rows = {}
        for count in counts or []:
            product = self.env["product.product"].browse(count.get("product_id"))
            product = product.exists()
            try:
                quantity = float(count.get("quantity"))
            except (TypeError, ValueError):
                quantity = -1.0
            most = 1 if product.tracking == "serial" else inf
            if not product.is_storable or not (
                isfinite(quantity) and 0 <= quantity <= most
            ):
                raise UserError(
                    self.env._(
                        "%(van)s: %(quantity)s of %(product)s can't be counted. Count "
                        "stored parts, none or more of each; serials one by one.",
                        van=van.display_name,
                        quantity=count.get("quantity"),
                        product=product.display_name or count.get("product_id"),
                    )
                )
            lot = self.env["stock.lot"]._find_for_use(
                product, count.get("lot_name") or count.get("lot_id"), van.company_id
            )
            rows[product, lot] = quantity
        return [(product, lot, quantity) for (product, lot), quantity in rows.items()]

    def _get_moved_since(self, van, moment):
        """Return what came into a van and went out of it after a count.

        Parts are moved when they were used, see ``action_use_part``, whenever the
        phone told.

        :return: ``{(product, lot): quantity}``, in the product's unit, and the set of
            those that were counted anew, as ``(product, lot)``
        """
        moved, recounted = defaultdict(float), set()
        if moment < fields.Datetime.now():
            for line in self.env["stock.move.line"].search(
                [
                    ("state", "=", "done"),
                    ("date", ">", moment),
                    ("owner_id", "=", False),
                    "|",
                    ("location_id", "=", van.id),
                    ("location_dest_id", "=", van.id),
                ]
            ):
                key = (line.product_id, line.lot_id)
                if line.is_inventory:
                    recounted.add(key)
                moved[key] += line.quantity_product_uom * (
                    (line.location_dest_id == van) - (line.location_id == van)
                )
        return moved, recounted

    def _get_used_unanswered(self, van, moment):
        """Return what is built in and in the books of a van until the customer agrees.

        Whoever counts does not see it; the yes takes it off, and not the count.

        :return: ``{(product, lot): quantity}``, in the product's unit
        """
        used = defaultdict(float)
        for record in self.env["aftersales.visit.part"]._find_unbooked(
            van,
            [
                ("date", "<=", moment),
                ("company_id", "=", van.company_id.id),
                ("job_id.state", "in", ("draft", "proposed", "approved", "progress")),
            ],
        ):
            used[record.product_id, record.lot_id] += record.quantity
        return used

    def _check_serial_not_elsewhere(self, van, lot):
        elsewhere = lot.quant_ids.filtered(
            lambda quant: (
                quant.location_id.usage in ("internal", "transit", "customer")
                and quant.location_id != van
                and quant.quantity > 0
            )
        )
        if elsewhere:
            raise UserError(
                self.env._(
                    "%(product)s %(number)s was counted in %(van)s. %(where)s Have the "
                    "store put that right first.",
                    product=lot.product_id.display_name,
                    number=lot.name,
                    van=van.display_name,
                    where=lot._get_whereabouts(),
                )
            )

    def _set_count(self, van, product, lot, quantity):
        """Write a count on the quant of this part, made if there is none."""
        Quant = self.env["stock.quant"].with_company(van.company_id)
        quant = Quant._gather(product, van, lot_id=lot or None, strict=True).filtered(
            lambda each: (
                each.location_id == van
                and each.lot_id == lot
                and not each.owner_id
                and not each.package_id
            )
        )[:1] or Quant.create(
            {"product_id": product.id, "location_id": van.id, "lot_id": lot.id}
        )
        quant.write(
            {
                "inventory_quantity": quantity,
                "inventory_quantity_set": True,
                "user_id": self.env.uid,
            }
        )
        return quant


class StockQuant(models.Model):
    _inherit = "stock.quant"

    def _is_beyond_tolerance(self):
        """Whether the difference counted is for the storekeeper to confirm.

        What costs nothing by the books has no value to compare, so it always is.
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        cost = self.product_id.with_company(company).standard_price
        value = abs(self.inventory_diff_quantity) * cost
        return company.currency_id.is_zero(cost) or (
            company.currency_id.compare_amounts(value, company.aftersales_van_tolerance)
            > 0
        )

    def _get_count_words(self):
        self.ensure_one()
        number = f" {self.lot_id.name}" if self.lot_id else ""
        return self.env._(
            "%(product)s%(number)s: %(counted)s counted, %(there)s in the books",
            product=self.product_id.display_name,
            number=number,
            counted=f"{self.inventory_quantity:g}",
            there=f"{self.quantity:g}",
        )
