from odoo import fields

from .common import FieldCommon


class VanCommon(FieldCommon):
    """Anna and Ben each have a van; Carl, the subcontractor, a bag.

    * ``van_anna``, ``van_ben``, ``bag_carl``: locations
    * ``_fill(van, product, quantity, lot)``: put parts into a van
    * ``_get_quantity(product, place, lot)``; ``_arrive(visit)``; ``_load(visit)``: the
      storekeeper validates what is to be loaded
    * ``_create_part_visit(product, quantity, start, technician, **job)``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        vans = cls.warehouse.aftersales_vans_loc_id
        cls.van_anna, cls.van_ben, cls.bag_carl = cls.env["stock.location"].create(
            [
                {
                    "name": name,
                    "location_id": vans.id,
                    "aftersales_is_van": True,
                    "company_id": cls.company.id,
                }
                for name in ("Van Anna", "Van Ben", "Bag Carl")
            ]
        )
        cls.employee_anna.aftersales_van_id = cls.van_anna
        cls.employee_ben.aftersales_van_id = cls.van_ben
        cls.employee_carl.aftersales_van_id = cls.bag_carl
        cls.store = cls.warehouse.lot_stock_id

    def _fill(self, van, product, quantity, lot=None):
        """Move parts from the stock into a van."""
        move = self.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "location_id": self.store.id,
                "location_dest_id": van.id,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        move._update_reserved_quantity(
            quantity, self.store, lot_id=lot or None, strict=bool(lot)
        )
        move.picked = True
        move._action_done()

    def _get_quantity(self, product, place, lot=None):
        domain = [
            ("product_id", "=", product.id),
            ("location_id", "child_of", place.id),
        ]
        if lot:
            domain.append(("lot_id", "=", lot.id))
        return sum(self.env["stock.quant"].search(domain).mapped("quantity"))

    def _get_reserved(self, product, place):
        return sum(
            self.env["stock.quant"]
            .search(
                [
                    ("product_id", "=", product.id),
                    ("location_id", "child_of", place.id),
                ]
            )
            .mapped("reserved_quantity")
        )

    def _create_part_visit(
        self, product, quantity=1, start="2026-03-02 09:00", technician=None, **job
    ):
        """Return a planned visit of an approved order with a part and an hour."""
        order = self._create_order(
            {"lines": [(product, quantity), (self.labour, 1)], **job}
        )
        order.action_approve()
        visit = order.action_create_visit()
        visit.action_plan(
            start=self._local(start), technician=technician or self.employee_anna
        )
        return visit

    def _get_line(self, visit, product):
        return visit.order_id.line_ids.filtered(
            lambda line: line.product_id == product
        )[:1]

    def _get_loads(self, visit):
        """Return the transfers that still load the van for this visit."""
        return visit.order_id.picking_ids.filtered(
            lambda picking: (
                picking.picking_type_id.aftersales_is_van
                and not picking.return_id
                and picking.state not in ("done", "cancel")
            )
        )

    def _validate(self, pickings):
        for picking in pickings:
            picking.move_ids.picked = True
            picking.button_validate()

    def _load(self, visit):
        loads = self._get_loads(visit)
        loads.action_assign()
        self._validate(loads)
        return loads

    def _arrive(self, visit):
        visit.with_user(self._get_user(visit)).action_arrive()
        return visit

    def _get_user(self, visit):
        return visit.technician_id.user_id

    def _as_engineer(self, visit):
        return visit.with_user(self._get_user(visit))

    def _assert_all_back(self, product, quantity):
        """Stock is as before; nothing is left in vans, at customers, reserved."""
        self.assertEqual(self._get_quantity(product, self.store), quantity)
        self.assertEqual(
            self._get_quantity(product, self.warehouse.aftersales_vans_loc_id), 0
        )
        customers = self.env.ref("stock.stock_location_customers")
        self.assertEqual(self._get_quantity(product, customers), 0)
        self.assertEqual(
            self._get_reserved(product, self.warehouse.view_location_id), 0
        )

    def _now(self):
        return fields.Datetime.now()
