from odoo.tests import tagged

from .test_registration import RegistrationCommon


@tagged("post_install", "-at_install")
class TestPerformance(RegistrationCommon):
    """Budgets: what guarantees add to the work, in statements."""

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _create_orders(self, count, *jobs):
        """Create orders, each for an asset of its own."""
        orders = self.env["aftersales.order"]
        for _number in range(count):
            orders |= self._create_order(*jobs, asset_id=self._create_asset().id)
        return orders

    def _create_asset(self):
        asset = self.asset.copy()
        asset.meter = 12000
        return asset

    def _create_orders_with_history(self, count):
        """Create orders for assets under guarantee that were repaired before."""
        job = {"lines": [(self.part_avco, 1)], "fault_id": self.fault_noise.id}
        orders = self._create_orders(count, job)
        for order in orders:
            self._register(asset=order.asset_id, price=150000)
            self._repair(self.fault_noise, times=4, asset=order.asset_id)
        return orders

    def test_rights_of_many_orders(self):
        orders = self._create_orders_with_history(80)
        get_rights = self.env["aftersales.warranty.engine"]._get_rights
        few = self._count(get_rights, orders[:20])
        many = self._count(get_rights, orders)
        self.assertEqual(many, few, "none per order")
        self.assertLess(many, 45)
        self.assertEqual(len(get_rights(orders)), 80)
        self.assertEqual(set(orders.mapped("right_level")), {"reached"})

    def test_list_with_rights(self):
        """The list of 80 orders shows who may ask for more, at no more statements."""
        orders = self._create_orders_with_history(80)
        columns = ["name", "partner_id", "asset_id", "right_level", "state"]

        def read(records):
            records.with_user(self.manager).web_read({name: {} for name in columns})

        read(orders)
        few, many = self._count(read, orders[:20]), self._count(read, orders)
        self.assertLessEqual(many - few, 2)
        self.assertLess(many, 60)

    def test_form_with_rights(self):
        """What the form of one order reads for its guarantees."""
        order = self._create_orders_with_history(1)
        order.action_check_warranty()
        names = ["rights_notice", "right_level", "cover_summary", "verdict_count"]

        def read(fields_read):
            order.with_user(self.manager).web_read({name: {} for name in fields_read})

        read(["name", *names])
        plain = self._count(read, ["name"])
        self.assertLessEqual(self._count(read, ["name", *names]) - plain, 45)

    def test_form_without_guarantee(self):
        """Where nothing is registered, rights cost next to nothing."""
        order = self._create_order()
        names = ["rights_notice", "right_level"]

        def read(fields_read):
            order.with_user(self.manager).web_read({name: {} for name in fields_read})

        read(["name", *names])
        plain = self._count(read, ["name"])
        self.assertLessEqual(self._count(read, ["name", *names]) - plain, 3)

    def test_counters_come_from_the_index(self):
        """The history of an asset is not searched, however long it is."""
        Event = self.env["aftersales.repair.event"]
        asset = self._create_asset()
        self._repair(self.fault_noise, times=4, asset=asset)
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO aftersales_repair_event"
            " (asset_id, date, kind, is_counted, days, fault_id)"
            " SELECT %s, date '2020-01-01' + day %% 1000, 'repair', true, 1, %s"
            " FROM generate_series(1, 20000) AS day",
            [self.asset.id, self.fault_noise.id],
        )
        self.env.cr.execute("ANALYZE aftersales_repair_event")
        query = Event.sudo()._search(
            [("asset_id", "in", asset.ids), ("is_counted", "=", True)]
        )
        sql = query.select("id", "date", "kind", "fault_id")
        self.env.cr.execute("EXPLAIN " + sql.code, sql.params)
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        self.assertIn("Index", plan)
        self.assertNotIn("Seq Scan", plan)
        found = self.env["aftersales.warranty.engine"]._get_repair_events(asset)
        self.assertEqual(len(found[asset]), 4)

    def _get_cost(self, orders):
        """Return the statements of the way from the estimate to the hand-over."""
        counts = {
            step: self._count(getattr(orders, step))
            for step in (
                "action_estimate",
                "action_approve",
                "action_start",
                "action_complete",
                "action_pass_quality",
                "action_deliver",
            )
        }
        return counts

    def test_work_without_guarantee(self):
        """The steps look once whether there is one, and weigh nothing."""
        counts = self._measure_added(self._create_order)
        self.assertLessEqual(sum(counts.values()), 12, counts)

    def _measure_added(self, create):
        """Return what this add-on's part of each step costs a work order alone."""
        job = [{"lines": [(self.labour, 1)]}]
        counts = {}
        order = create(*job)
        counts["weigh"] = self._count(order.job_ids._check_warranty)
        self._approve(order)
        order.action_start()
        order.action_complete()
        counts["count"] = self._count(order.sudo()._count_repairs)
        counts["register"] = self._count(order.sudo().job_ids._register_repairs)
        return counts

    def test_weighing_of_one_order(self):
        """An order under guarantee, as it is estimated: one weighing, one verdict."""
        self._register()
        order = self._create_order([(self.part_avco, 1), (self.labour, 1)])
        lines = order.job_ids.line_ids
        evaluate = self.env["aftersales.warranty.engine"]._evaluate
        evaluate(lines)
        self.assertLessEqual(self._count(evaluate, lines), 35)
        keep = self.env["aftersales.verdict"]._keep
        traces = evaluate(lines)
        keep(traces)
        self.assertLessEqual(self._count(keep, traces), 8, "nothing new is found")

    def test_a_batch_is_weighed_at_once(self):
        small, large = self._create_orders(2), self._create_orders(22)
        for order in small | large:
            self._register(asset=order.asset_id)
        weigh = self.env["aftersales.warranty.engine"]._evaluate
        few = self._count(weigh, small.job_ids.line_ids)
        many = self._count(weigh, large.job_ids.line_ids)
        self.assertEqual(many, few)

    def test_delivery_of_many_serials(self):
        """One more serial in a delivery costs the row of its guarantee."""
        few = self._sell(*(f"A{number}" for number in range(2)))
        many = self._sell(*(f"B{number}" for number in range(12)))
        for sale in few | many:
            self._deliver(sale)
        self._create_promise()
        register = (
            self.env["aftersales.warranty.registration"].sudo()._register_deliveries
        )
        counts = [
            self._count(register, sale.picking_ids.move_line_ids)
            for sale in (few, many)
        ]
        self.assertLessEqual((counts[1] - counts[0]) / 10, 2, counts)
