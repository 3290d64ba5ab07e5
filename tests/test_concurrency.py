"""Two callers at once, from two processes: a step has the effect of one."""

import contextlib
import threading
import time

import psycopg2
import pytest
import workshop

from devkit import sandbox
from devkit.common import read

WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = %s AND wait_event_type = 'Lock'"
)

STOCK = "SELECT sum(quantity) FROM stock_quant WHERE location_id = %s"
INVOICES = (
    "SELECT count(DISTINCT move_id) FROM account_move_line"
    " WHERE aftersales_order_id = %s"
)


class Call(threading.Thread):
    """One request on its way, from a connection of its own."""

    def __init__(self, client, *args, **kwargs):
        super().__init__(daemon=True)
        self.request = (client, args, kwargs)
        self.answer = self.error = None
        self.start()

    def run(self):
        client, args, kwargs = self.request
        try:
            self.answer = client.call(*args, **kwargs)
        except (workshop.Refused, OSError) as error:
            self.error = error

    def result(self):
        self.join(120)
        assert not self.is_alive(), "the call hangs"
        if self.error:
            raise self.error
        return self.answer


class Site:
    """The prepared workshop, its running server, and clients for its people."""

    def __init__(self, database, server, shop):
        self.database = database
        self.server = server
        self.shop = shop
        for login, key in shop["keys"].items():
            setattr(self, login, workshop.Json2(server.url, key))

    def order(self, *jobs):
        values = workshop.order_values(self.shop, *jobs)
        (order,) = self.advisor.call("aftersales.order", "create", vals_list=[values])
        return order

    def approved(self, *jobs):
        order = self.order(*jobs)
        self.advisor.call("aftersales.order", "action_approve", [order])
        return order

    def completed(self):
        order = self.approved()
        for step in ("action_start", "action_complete", "action_pass_quality"):
            self.advisor.call("aftersales.order", step, [order])
        return order

    def sql(self, statement, *params):
        return sandbox.sql(statement, *params, database=self.database)

    def number(self, statement, *params):
        ((value,),) = self.sql(statement, *params)
        return value

    @contextlib.contextmanager
    def held(self, table, ids, callers=2):
        """Hold rows until so many calls wait for them, so that they do collide."""
        connection = psycopg2.connect(dbname=self.database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT 1 FROM "{table}" WHERE id = ANY(%s) FOR UPDATE', [ids]
                )
                yield
                deadline = time.monotonic() + 60
                while self.number(WAITING, self.database) < callers:
                    assert time.monotonic() < deadline, "the calls did not meet"
                    time.sleep(0.05)
        finally:
            connection.close()

    def both(self, order, *calls):
        """Let the calls meet at the order and return their answers."""
        with self.held("aftersales_order", [order], callers=len(calls)):
            started = [Call(*call) for call in calls]
        return [call.result() for call in started]


@pytest.fixture(scope="module")
def site():
    with sandbox.database() as name:
        shop = workshop.prepare(name)
        with sandbox.Server(name, workers=3, log_level="info") as server:
            yield Site(name, server, shop)
            log = read(server.log)
    assert "Traceback" not in log
    assert "could not serialize" in log or "SERIALIZATION_FAILURE" in log.upper()


def moves(site, order):
    """``[(state, quantity), …]`` of the stock moves of an order."""
    return site.sql(
        "SELECT move.state, move.quantity FROM stock_move move"
        " JOIN aftersales_job_line line ON line.id = move.job_line_id"
        " WHERE line.order_id = %s",
        order,
    )


def test_approve_twice(site):
    order = site.order()
    call = (site.advisor, "aftersales.order", "action_approve", [order])
    assert site.both(order, call, call) == [True, True]
    assert moves(site, order) == [("assigned", 1)]
    sales = "SELECT count(*), min(state) FROM sale_order WHERE aftersales_order_id = %s"
    assert site.sql(sales, order) == [(1, "sale")]
    approvals = "SELECT count(*) FROM aftersales_approval WHERE order_id = %s"
    assert site.number(approvals, order) == 1


def test_complete_twice(site):
    order = site.approved()
    site.advisor.call("aftersales.order", "action_start", [order])
    before = site.number(STOCK, site.shop["stock"])
    advisor, technician = (
        (client, "aftersales.order", "action_complete", [order])
        for client in (site.advisor, site.technician)
    )
    assert site.both(order, advisor, technician) == [True, True]
    assert moves(site, order) == [("done", 1)]
    assert site.number(STOCK, site.shop["stock"]) == before - 1


def test_invoice_twice(site):
    order = site.completed()
    advisor, accountant = (
        (client, "aftersales.order", "action_invoice", [order])
        for client in (site.advisor, site.accountant)
    )
    site.both(order, advisor, accountant)
    assert site.number(INVOICES, order) == 1


def test_store_validates_while_the_technician_completes(site):
    order = site.approved()
    site.advisor.call("aftersales.order", "action_start", [order])
    ((picking, move),) = site.sql(
        "SELECT picking_id, id FROM stock_move WHERE job_line_id IN"
        " (SELECT id FROM aftersales_job_line WHERE order_id = %s)",
        order,
    )
    before = site.number(STOCK, site.shop["stock"])
    with site.held("stock_move", [move]):
        validate = Call(site.storekeeper, "stock.picking", "button_validate", [picking])
        complete = Call(site.technician, "aftersales.order", "action_complete", [order])
    validate.result()
    assert complete.result() is True
    assert moves(site, order) == [("done", 1)]
    assert site.number(STOCK, site.shop["stock"]) == before - 1
    (values,) = site.advisor.read("aftersales.order", [order], "state", "parts_state")
    assert (values["state"], values["parts_state"]) == ("quality", "issued")


def test_replay_after_a_time_out(site):
    order = site.completed()
    with site.held("aftersales_order", [order]):
        lost = Call(
            site.advisor, "aftersales.order", "action_invoice", [order], timeout=2
        )
        lost.join()
        assert isinstance(lost.error, OSError), "the first caller gave up"
        replay = Call(site.advisor, "aftersales.order", "action_invoice", [order])
    replay.result()
    assert site.number(INVOICES, order) == 1


def test_batches_in_opposite_order_do_not_block_each_other(site):
    one, two = site.order(), site.order()
    with site.held("aftersales_order", [one, two]):
        calls = [
            Call(site.advisor, "aftersales.order", "action_approve", orders)
            for orders in ([one, two], [two, one])
        ]
    assert [call.result() for call in calls] == [True, True]
    for order in (one, two):
        assert moves(site, order) == [("assigned", 1)]


def test_work_added_during_the_approval_is_not_covered_by_it(site):
    order = site.order()
    ((job,),) = site.sql("SELECT id FROM aftersales_job WHERE order_id = %s", order)
    line = {"job_id": job, "product_id": site.shop["part"], "product_uom_qty": 5}
    with site.held("aftersales_order", [order]):
        approve = Call(site.advisor, "aftersales.order", "action_approve", [order])
        add = Call(site.advisor, "aftersales.job.line", "create", vals_list=[line])
    assert approve.result() is True
    # Whoever came second knows about the first: the line is refused or approved.
    try:
        add.result()
    except workshop.Refused as refused:
        assert "Job 1" in refused.message
        assert moves(site, order) == [("assigned", 1)]
    else:
        assert sorted(moves(site, order)) == [("assigned", 1), ("assigned", 5)]
