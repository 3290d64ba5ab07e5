"""Returns from two sides at once: nothing comes back, or is refunded, twice."""

import json

import pytest
import workshop
from test_concurrency import Call, Site

from devkit import sandbox
from devkit.common import read

SALES = """
import json
from odoo import Command
shop = json.loads(SHOP)
sales = env["sale.order"].create([
    {
        "partner_id": shop["customer"],
        "order_line": [
            Command.create({"product_id": shop["part"], "product_uom_qty": 1})
        ],
    }
    for _number in range(10)
])
sales.action_confirm()
for picking in sales.picking_ids:
    picking.move_ids.picked = True
    picking.button_validate()
for sale in sales:
    sale._create_invoices().action_post()
operation = env.ref("aftersales_return.operation_refund")
limited = operation.copy({"code": False, "limit_kind": "return"})
operation.limit_kind = False
env.cr.commit()
print("SALES" + json.dumps({
    "moves": sales.picking_ids.move_ids.sorted("id").ids,
    "operation": operation.id,
    "limited": limited.id,
    "grade": env.ref("aftersales_return.grade_a").id,
}))
"""

LINES = (
    "SELECT count(*) FROM aftersales_return_line"
    " WHERE move_id = %s AND state NOT IN ('cancel', 'lost')"
)
RECEIPTS = (
    "SELECT count(*), sum(move.quantity) FROM stock_move move"
    " JOIN aftersales_return_line line ON line.id = move.aftersales_return_line_id"
    " WHERE line.return_id = %s AND move.aftersales_return_direction = 'in'"
    " AND move.state != 'cancel'"
)
NOTES = (
    "SELECT count(DISTINCT item.move_id), sum(item.quantity)"
    " FROM account_move_line item"
    " JOIN aftersales_return_line line ON line.id = item.aftersales_return_line_id"
    " WHERE line.return_id = %s"
)
APPROVALS = (
    "SELECT state, count(*) FROM aftersales_return_approval"
    " WHERE return_id = %s GROUP BY state"
)


class Shop(Site):
    def __init__(self, database, server, shop, sales):
        super().__init__(database, server, shop)
        self.sales = sales
        self.deliveries = iter(sales["moves"])

    def values(self, move, operation="operation"):
        line = {
            "product_id": self.shop["part"],
            "move_id": move,
            "operation_id": self.sales[operation],
        }
        return {"partner_id": self.shop["customer"], "line_ids": [[0, 0, line]]}

    def write_down(self, operation="operation"):
        values = self.values(next(self.deliveries), operation)
        (rma,) = self.advisor.call("aftersales.return", "create", vals_list=[values])
        return rma

    def lines(self, rma):
        rows = self.sql(
            "SELECT id FROM aftersales_return_line WHERE return_id = %s", rma
        )
        return [line for (line,) in rows]

    def picking(self, rma):
        return self.number(
            "SELECT id FROM stock_picking WHERE aftersales_return_id = %s"
            " ORDER BY id LIMIT 1",
            rma,
        )

    def receive(self, rma):
        self.storekeeper.call("stock.picking", "button_validate", [self.picking(rma)])

    def meet(self, table, ids, *calls):
        """Let the calls meet at these rows; return what each came to.

        :param calls: client, model, method, ids if any, and a dict of arguments
        """
        with self.held(table, ids, callers=len(calls)):
            started = [Call(*call, **arguments) for *call, arguments in calls]
        results = []
        for call in started:
            try:
                results.append(call.result())
            except workshop.Refused as refused:
                results.append(refused)
        return results


@pytest.fixture(scope="module")
def site():
    with sandbox.database() as name:
        shop = workshop.prepare(name)
        head = f"SHOP = {json.dumps(shop)!r}\n"
        printed = sandbox.odoo_shell(name, head + SALES)
        (line,) = [line for line in printed.splitlines() if "SALES" in line]
        sales = json.loads(line.partition("SALES")[2])
        with sandbox.Server(name, workers=3, log_level="info") as server:
            yield Shop(name, server, shop, sales)
            log = read(server.log)
    assert "Traceback" not in log


def test_the_last_one_comes_back_once(site):
    """Two users write the same unit down: one is refused, by name."""
    move = next(site.deliveries)
    call = (site.advisor, "aftersales.return", "create")
    values = {"vals_list": [site.values(move)]}
    results = site.meet("stock_move", [move], (*call, values), (*call, values))
    (refused,) = [result for result in results if isinstance(result, Exception)]
    assert "0 can still come back" in refused.message
    assert site.number(LINES, move) == 1


def test_return_and_inventory_take_the_last_one(site):
    """Whoever comes second sees the first: the unit is taken back once."""
    move = next(site.deliveries)
    ((picking,),) = site.sql("SELECT picking_id FROM stock_move WHERE id = %s", move)
    wizard = site.integration.call(
        "stock.return.picking",
        "create",
        vals_list=[{"picking_id": picking}],
    )
    ((line,),) = site.sql(
        "SELECT id FROM stock_return_picking_line WHERE wizard_id = %s", wizard[0]
    )
    site.integration.call(
        "stock.return.picking.line", "write", [line], vals={"quantity": 1}
    )
    site.integration.call("stock.return.picking", "action_create_returns", wizard)
    with pytest.raises(workshop.Refused, match="0 can still come back"):
        site.advisor.call("aftersales.return", "create", vals_list=[site.values(move)])


def test_accept_twice(site):
    rma = site.write_down()
    call = (site.advisor, "aftersales.return", "action_accept", [rma], {})
    assert site.meet("aftersales_return", [rma], call, call) == [True, True]
    assert site.sql(RECEIPTS, rma) == [(1, 1)]


def test_accept_while_it_is_cancelled(site):
    rma = site.write_down()
    accept = (site.advisor, "aftersales.return", "action_accept", [rma], {})
    cancel = (
        site.integration,
        "aftersales.return",
        "action_cancel",
        [rma],
        {"reason": "Keeps it"},
    )
    site.meet("aftersales_return", [rma], accept, cancel)
    ((state, line),) = site.sql(
        "SELECT rma.state, line.state FROM aftersales_return rma"
        " JOIN aftersales_return_line line ON line.return_id = rma.id"
        " WHERE rma.id = %s",
        rma,
    )
    assert (state, line) in (("cancel", "cancel"), ("open", "expected"))


def test_receive_twice(site):
    rma = site.write_down()
    site.advisor.call("aftersales.return", "action_accept", [rma])
    before = site.number("SELECT count(*) FROM stock_move WHERE state = 'done'")
    picking = site.picking(rma)
    moves = [
        move
        for (move,) in site.sql(
            "SELECT id FROM stock_move WHERE picking_id=%s", picking
        )
    ]
    call = (site.storekeeper, "stock.picking", "button_validate", [picking], {})
    site.meet("stock_move", moves, call, call)
    assert site.sql(RECEIPTS, rma) == [(1, 1)]
    after = site.number("SELECT count(*) FROM stock_move WHERE state = 'done'")
    assert after == before + 1


def test_settle_twice(site):
    rma = site.write_down()
    site.advisor.call("aftersales.return", "action_accept", [rma])
    site.receive(rma)
    lines = site.lines(rma)
    site.technician.call(
        "aftersales.return.line", "action_test", lines, grade=site.sales["grade"]
    )
    advisor, manager = (
        (client, "aftersales.return.line", "action_settle", lines, {})
        for client in (site.advisor, site.integration)
    )
    assert site.meet("aftersales_return_line", lines, advisor, manager) == [True, True]
    assert site.sql(NOTES, rma) == [(1, 1)]


def test_ask_for_the_approval_twice(site):
    """Two colleagues ask for the same goods: one request, and both are told which."""
    rma = site.write_down("limited")
    site.advisor.call("aftersales.return", "action_accept", [rma])
    site.receive(rma)
    lines = site.lines(rma)
    calls = [
        (
            site.technician,
            "aftersales.return.line",
            "action_request_approval",
            lines,
            {"reason": reason},
        )
        for reason in ("It smokes", "Good customer")
    ]
    one, two = site.meet("aftersales_return_line", lines, *calls)
    assert one == two
    assert site.sql(APPROVALS, rma) == [("proposed", 1)]


def test_receive_at_two_docks(site):
    """Two storekeepers scan the same parcel: it is here once."""
    rma = site.write_down()
    site.advisor.call("aftersales.return", "action_accept", [rma])
    ((name,),) = site.sql("SELECT name FROM aftersales_return WHERE id = %s", rma)
    arguments = {"step": "receive", "code": name}
    one, two = (
        (client, "aftersales.return.dock", "act", (), arguments)
        for client in (site.storekeeper, site.integration)
    )
    results = site.meet("aftersales_return_line", site.lines(rma), one, two)
    assert not [result for result in results if isinstance(result, Exception)]
    assert site.sql(RECEIPTS, rma) == [(1, 1)]


def test_replay(site):
    """Each step again, as after a time-out: the effect is that of one."""
    rma = site.write_down()
    steps = [
        (site.advisor, "aftersales.return", "action_accept", [rma], {}),
        (site.storekeeper, "stock.picking", "button_validate", None, {}),
        (
            site.technician,
            "aftersales.return.line",
            "action_test",
            site.lines(rma),
            {"grade": site.sales["grade"]},
        ),
        (
            site.advisor,
            "aftersales.return.line",
            "action_settle",
            site.lines(rma),
            {},
        ),
    ]
    for client, model, method, ids, arguments in steps:
        ids = ids or [site.picking(rma)]
        for _turn in range(2):
            try:
                client.call(model, method, ids, **arguments)
            except workshop.Refused as refused:
                # Inventory itself refuses to validate what is done.
                assert method == "button_validate", refused.message
    assert site.sql(RECEIPTS, rma) == [(1, 1)]
    assert site.sql(NOTES, rma) == [(1, 1)]
