"""What a batch of returned lines costs over Odoo's own return and credit note.

One sale of as many products as lines (AVCO, perpetual valuation), delivered and
invoiced; one piece of each comes back. Odoo alone: return transfer, its validation,
credit note, posting. Ours: the return is written down and accepted, received, tested,
settled (credit note, transfer into stock) and posted. Both do it in turn, in one
process; statements are exact, CPU is as steady as the machine.

    scripts/benchmark return [--returned 200]
"""

from odoo.fields import Command

from .trade import Cost, TradingCompany, measured


class Scene(TradingCompany):
    def sell(self):
        """Return a sales order that was delivered and invoiced."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [
                    Command.create({"product_id": part.id, "product_uom_qty": 2})
                    for part in self.parts
                ],
            }
        )
        order.action_confirm()
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        order._create_invoices().action_post()
        return order

    def with_odoo(self, order):
        """Return transfer and credit note."""
        env, cost, delivery = self.env, Cost(), order.picking_ids
        with measured(env, cost, "return"):
            wizard = env["stock.return.picking"].create({"picking_id": delivery.id})
            wizard.product_return_moves.quantity = 1
            back = wizard._create_return()
        with measured(env, cost, "receive"):
            back.move_ids.picked = True
            back.button_validate()
        with measured(env, cost, "credit"):
            note = order._create_invoices(final=True)
        with measured(env, cost, "post"):
            note.action_post()
        self._check(order, note, back)
        return cost

    def with_return(self, order):
        """The same as one return, from the first word to the posted credit note."""
        env, cost = self.env, Cost()
        operation = env.ref("aftersales_return.operation_refund")
        grade = env.ref("aftersales_return.grade_a")
        with measured(env, cost, "write down"):
            rma = env["aftersales.return"].create(
                {
                    "partner_id": self.customer.id,
                    "warehouse_id": self.warehouse.id,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": line.product_id.id,
                                "move_id": line.move_ids.id,
                                "operation_id": operation.id,
                            }
                        )
                        for line in order.order_line
                    ],
                }
            )
        with measured(env, cost, "accept"):
            rma.action_accept()
        receipt = rma.picking_ids
        with measured(env, cost, "receive"):
            receipt.move_ids.picked = True
            receipt.button_validate()
        with measured(env, cost, "test"):
            rma.line_ids.action_test(grade=grade)
        with measured(env, cost, "settle"):
            rma.line_ids.action_settle()
        note = rma.line_ids.refund_line_ids.move_id
        with measured(env, cost, "post"):
            note.action_post()
        self._check(order, note, receipt)
        return cost

    def _check(self, order, note, receipt):
        assert len(note) == 1, "one credit note"
        assert note.move_type == "out_refund"
        assert note.state == "posted"
        assert receipt.state == "done"
        count = len(order.order_line)
        assert len(note.line_ids.filtered("cogs_origin_id")) == 2 * count
        assert set(order.order_line.mapped("qty_delivered")) == {1.0}
        assert set(order.order_line.mapped("qty_invoiced")) == {1.0}


def measure(env, lines, rounds=1):
    """Return ``{way: [Cost]}`` of both ways, ``rounds`` times in turn.

    Nothing is kept: everything happens in a transaction that the caller rolls back.
    """
    scene = Scene(env, lines, tracking_disable=True)
    ways = {"Odoo alone": scene.with_odoo, "return": scene.with_return}
    for way in ways.values():
        way(scene.sell())  # fill the registry's caches
    costs = {name: [] for name in ways}
    for number in range(rounds):
        # Neither always comes first: machine and tables change meanwhile.
        for name in list(ways)[:: -1 if number % 2 else 1]:
            order = scene.sell()
            env.cr.execute("DISCARD PLANS")
            costs[name].append(ways[name](order))
    return costs


def report(costs):
    print(f"{'':12}{'statements':>12}{'CPU s':>10}{'wall s':>10}   per batch")
    means = {}
    for name, rounds in costs.items():
        means[name] = [
            sum(getattr(cost, figure) for cost in rounds) / len(rounds)
            for figure in ("statements", "cpu", "wall")
        ]
        print(
            f"{name:12}{means[name][0]:12.0f}{means[name][1]:10.2f}{means[name][2]:10.2f}"
        )
    ratios = [
        ours / floor
        for ours, floor in zip(means["return"], means["Odoo alone"], strict=True)
    ]
    print(f"{'ratio':12}" + "{:12.2f}{:10.2f}{:10.2f}".format(*ratios))
    for name, rounds in costs.items():
        steps = ", ".join(f"{step} {count}" for step, count in rounds[-1].steps.items())
        print(f"{name}: {steps}")
