"""What integrations rely on, called as they call it: over HTTP, arguments by name."""

import json

import pytest
import workshop

from devkit import sandbox
from devkit.common import read

ORDER = "aftersales.order"
FIELDS = {
    "aftersales.asset": "name partner_id product_id lot_id serial meter",
    "aftersales.order": "name partner_id asset_id complaint state job_ids team_id"
    " user_id date_promised meter_in meter_out sale_order_ids picking_ids invoice_ids"
    " amount_untaxed amount_total parts_state company_id",
    "aftersales.job": "order_id name template_id state line_ids payer_id cause"
    " correction",
    "aftersales.job.line": "job_id kind product_id product_uom_qty qty_used price_unit"
    " discount sale_line_id move_ids",
    "aftersales.payer": "name kind partner_id pricelist_id fiscal_position_id"
    " location_id price_basis",
    "sale.order": "aftersales_order_id",
    "stock.picking": "aftersales_order_id",
    "account.move.line": "aftersales_order_id",
    "stock.move": "job_line_id",
    "sale.order.line": "job_line_id",
}


@pytest.fixture(scope="module")
def shop():
    with sandbox.database() as name:
        ids = workshop.prepare(name)
        with sandbox.Server(name, log_level="warn") as server:
            yield {**ids, "url": server.url, "database": name}
            log = read(server.log)
    # XML-RPC and its sunset are announced by Odoo itself.
    assert "Traceback" not in log, log[-5000:]


@pytest.fixture(params=["json2", "xmlrpc"])
def api(request, shop):
    """Each interface in turn: a function ``api(login, model, method, ids, …)``."""
    clients = {}
    for login, key in shop["keys"].items():
        if request.param == "json2":
            clients[login] = workshop.Json2(shop["url"], key)
        else:
            uid = shop["people"][login]
            clients[login] = workshop.XmlRpc(shop["url"], shop["database"], uid, key)

    def call(login, model, method, ids=(), /, **arguments):
        if request.param == "xmlrpc" and method == "create":
            # The only one here that is no method of records.
            client = clients[login]
            return client.models.execute_kw(
                *client.login, model, method, [arguments.pop("vals_list")], arguments
            )
        if request.param == "xmlrpc" and method in ("search_read", "fields_get"):
            client = clients[login]
            return client.models.execute_kw(*client.login, model, method, [], arguments)
        return clients[login].call(model, method, ids, **arguments)

    return call


def order_of(api, shop, *jobs):
    values = workshop.order_values(shop, *jobs)
    (order,) = api("advisor", ORDER, "create", vals_list=[values])
    return order


def read_one(api, login, model, record, *fields):
    (values,) = api(login, model, "read", [record], fields=list(fields))
    return values


def test_the_life_of_an_order(api, shop):
    part, labour = (shop["part"], 2), (shop["labour"], 1)
    order = order_of(api, shop, [part, labour], [labour])
    assert api("advisor", ORDER, "action_estimate", [order]) is True
    values = read_one(api, "advisor", ORDER, order, "state", "job_ids", "amount_total")
    wanted, unwanted = values["job_ids"]
    assert (values["state"], values["amount_total"]) == ("quoted", 200)

    refusal = {"jobs": [unwanted], "reason": "Next year"}
    assert api("advisor", ORDER, "action_decline", [order], **refusal) is True
    approval = {
        "jobs": [wanted],
        "method": "phone",
        "signer": "Wang Fang",
        "note": "Yes, do it",
    }
    assert api("advisor", ORDER, "action_approve", [order], **approval) is True
    assert api("advisor", ORDER, "action_approve", [order], **approval) is True, "again"
    assert api("technician", ORDER, "action_start", [order], meter_in=0) is True

    (picking,) = api(
        *("storekeeper", "stock.picking", "search_read"),
        domain=[["aftersales_order_id", "=", order]],
        fields=["state", "aftersales_order_id"],
    )
    assert picking["state"] == "assigned"
    assert api("storekeeper", "stock.picking", "button_validate", [picking["id"]])
    values = read_one(api, "advisor", ORDER, order, "parts_state", "name")
    assert values["parts_state"] == "issued"
    name = values["name"]

    complete = ("advisor", ORDER, "action_complete", [order])
    assert api(*complete) is True
    assert api("advisor", ORDER, "action_rework", [order], reason="Squeals") is True
    assert api(*complete, accept_differences=False, reason="") is True
    assert api("advisor", ORDER, "action_pass_quality", [order]) is True
    action = api("accountant", ORDER, "action_invoice", [order])
    assert action["res_model"] == "account.move"
    again = api("advisor", ORDER, "action_invoice", [order], collective=False)
    assert isinstance(again, dict)
    (invoice,) = read_one(api, "accountant", ORDER, order, "invoice_ids")["invoice_ids"]
    api("accountant", "account.move", "action_post", [invoice])
    (lines, entries) = (
        api(
            *("accountant", "account.move.line", "search_read"),
            domain=[["aftersales_order_id", "=", order], *more],
            fields=["balance", "aftersales_order_id"],
        )
        for more in ([["move_id", "=", invoice]], [])
    )
    assert lines and not sum(line["balance"] for line in entries)
    assert lines[0]["aftersales_order_id"] == [order, name]
    assert api("advisor", ORDER, "action_deliver", [order], signer="Wang Fang") is True
    states = read_one(api, "advisor", ORDER, order, "state", "rework_count")
    assert (states["state"], states["rework_count"]) == ("done", 1)
    jobs = api(
        "advisor", "aftersales.job", "read", [wanted, unwanted], fields=["state"]
    )
    assert [job["state"] for job in jobs] == ["done", "declined"]


def test_batches(api, shop):
    orders = [order_of(api, shop) for _number in range(2)]
    for step in (
        "action_estimate",
        "action_approve",
        "action_start",
        "action_complete",
        "action_pass_quality",
        "action_invoice",
        "action_deliver",
    ):
        api("advisor", ORDER, step, orders)
    states = api("advisor", ORDER, "read", orders, fields=["state", "invoice_ids"])
    assert [values["state"] for values in states] == ["done", "done"]
    assert len({tuple(values["invoice_ids"]) for values in states}) == 2


def test_cancel(api, shop):
    order = order_of(api, shop)
    api("advisor", ORDER, "action_approve", [order])
    assert api("advisor", ORDER, "action_cancel", [order], reason="Sold") is True
    assert api("advisor", ORDER, "action_cancel", [order], reason="Sold") is True
    values = read_one(api, "advisor", ORDER, order, "state", "cancel_reason")
    assert (values["state"], values["cancel_reason"]) == ("cancel", "Sold")


def test_errors_name_the_record_and_the_next_step(api, shop):
    order = order_of(api, shop)
    name = read_one(api, "advisor", ORDER, order, "name")["name"]
    other = order_of(api, shop)
    (foreign,) = read_one(api, "advisor", ORDER, other, "job_ids")["job_ids"]
    refused = [
        ("advisor", "action_start", {}, "Take the steps in between first"),
        ("advisor", "action_invoice", {}, "nothing to invoice"),
        ("advisor", "action_rework", {}, "say what has to be done again"),
        ("advisor", "action_approve", {"jobs": [foreign]}, "does not belong to"),
        ("technician", "action_approve", {}, "Ask an advisor"),
        ("advisor", "write", {"vals": {"state": "done"}}, "Call the step instead"),
    ]
    for login, method, arguments, hint in refused:
        with pytest.raises(workshop.Refused) as error:
            api(login, ORDER, method, [order], **arguments)
        assert name in error.value.message, method
        assert hint in error.value.message, method
    with pytest.raises(workshop.Refused, match="storekeeper|allowed|access"):
        api("storekeeper", ORDER, "action_approve", [order])
    assert read_one(api, "advisor", ORDER, order, "state")["state"] == "draft"


def test_private_methods_stay_private(api, shop):
    order = order_of(api, shop)
    for method in ("_set_state", "_lock", "_create_invoices"):
        with pytest.raises(workshop.Refused):
            api("advisor", ORDER, method, [order])


def test_every_method_answers_something_serialisable(api, shop):
    """XML-RPC has no word for None: buttons answer True or an action."""
    order = order_of(api, shop)
    (job,) = read_one(api, "advisor", ORDER, order, "job_ids")["job_ids"]
    calls = [
        ("aftersales.job", "action_propose", [job], {}),
        (ORDER, "action_decline", [order], {"jobs": [job], "reason": "No"}),
        ("aftersales.job", "action_requote", [job], {}),
        ("aftersales.job", "action_approve", [job], {}),
        (ORDER, "action_start", [order], {}),
        ("aftersales.job", "action_start", [job], {}),
        ("aftersales.job", "action_done", [job], {}),
        (ORDER, "action_open_complete", [order], {}),
        (ORDER, "action_view_pickings", [order], {}),
        (ORDER, "action_view_sale_orders", [order], {}),
        (ORDER, "action_view_invoices", [order], {}),
        ("aftersales.asset", "action_withdraw_code", [shop["asset"]], {}),
    ]
    for model, method, ids, arguments in calls:
        answer = api("advisor", model, method, ids, **arguments)
        assert answer is not None, method
        json.dumps(answer)


def test_the_fields_of_the_contract(shop):
    """Read by a manager who has the hosts' rights, as an integration has."""
    api = workshop.Json2(shop["url"], shop["keys"]["integration"])
    values = workshop.order_values(shop)
    (order,) = api.call(ORDER, "create", vals_list=[values])
    for step in ("action_approve", "action_start", "action_complete", "action_invoice"):
        api.call(ORDER, step, [order])
    for model, names in FIELDS.items():
        fields = names.split()
        known = api.call(model, "fields_get", allfields=fields)
        assert set(known) == set(fields), model
        rows = api.call(model, "search_read", fields=fields, limit=5)
        assert rows and set(fields) < set(rows[0]), model
    (line,) = api.call(
        *("aftersales.job.line", "search_read"),
        domain=[["order_id", "=", order], ["kind", "=", "part"]],
        fields=["qty_used", "sale_line_id", "move_ids", "price_unit"],
    )
    assert line["qty_used"] == 1 and line["price_unit"] == 20
    assert line["sale_line_id"] and len(line["move_ids"]) == 1
