"""Guarantees and claims as integrations use them, and from two sides at once."""

import json

import pytest
import workshop
from test_concurrency import Call, Site

from devkit import sandbox
from devkit.common import read

GUARANTEE = """
import json
from odoo import Command, fields
shop = json.loads(SHOP)
company = env["res.company"].browse(shop["company"])
maker = env["res.partner"].create({"name": "Maker Inc."})
payer = env["aftersales.payer"].search(
    [("company_id", "=", company.id), ("code", "=", "maker")]
)
payer.partner_id = maker
pack = env["aftersales.warranty.pack"].create({
    "name": "Two years", "code": "TWO-YEARS", "kind": "promise",
    "version_ids": [Command.create({"date_from": "2000-01-01", "rule_ids": [
        Command.create({
            "code": "TWO", "name": "Free repair", "period": 2,
            "parts_charge": "free", "labour_charge": "free", "bearer": "maker",
        }),
    ]})],
})
pack.version_ids.action_publish()
registration = env["aftersales.warranty.registration"].create({
    "asset_id": shop["asset"], "pack_id": pack.id, "date_start": fields.Date.today(),
    "document_state": "checked",
})
customer = env["res.partner"].browse(shop["customer"])
sold = env["product.product"].create({
    "name": "Sedan", "type": "consu", "list_price": 100,
    "invoice_policy": "order", "taxes_id": [Command.clear()],
})
sale = env["sale.order"].create({
    "partner_id": customer.id, "order_line": [Command.create({"product_id": sold.id})],
})
sale.action_confirm()
sale._create_invoices().action_post()
registration.sale_line_id = sale.order_line
head = env.ref("aftersales_warranty.warranty_group_head")
env["res.users"].browse(shop["people"]["integration"]).group_ids += head
env.cr.commit()
print("GUARANTEE" + json.dumps({"registration": registration.id, "maker": maker.id}))
"""

PAYMENTS = "SELECT count(*) FROM account_payment WHERE partner_id = %s"
POSTED = (
    "SELECT count(*) FROM account_move WHERE partner_id = %s"
    " AND move_type = 'out_invoice' AND state = 'posted'"
)


@pytest.fixture(scope="module")
def site():
    with sandbox.database() as name:
        shop = workshop.prepare(name)
        code = GUARANTEE.replace("SHOP", repr(json.dumps(shop)))
        printed = sandbox.odoo_shell(name, code)
        (line,) = [line for line in printed.splitlines() if "GUARANTEE{" in line]
        shop |= json.loads(line.partition("GUARANTEE")[2])
        with sandbox.Server(name, workers=3, log_level="info") as server:
            yield Site(name, server, shop)
            log = read(server.log)
    assert "Traceback" not in log, log[-5000:]


def claim_of(site):
    """Finish and bill an order under guarantee. Return its claim."""
    order = site.completed()
    site.accountant.call("aftersales.order", "action_invoice", [order])
    (claim,) = site.number(
        "SELECT array_agg(DISTINCT claim_id) FROM aftersales_claim_line"
        " WHERE order_id = %s",
        order,
    )
    return claim


def test_verdicts(site):
    order = site.order()
    assert site.advisor.call("aftersales.order", "action_check_warranty", [order])
    verdicts = site.advisor.call(
        *("aftersales.verdict", "search_read"),
        domain=[["order_id", "=", order], ["is_current", "=", True]],
        fields=["result", "rule_code", "summary", "trace", "job_line_id"],
    )
    assert {verdict["result"] for verdict in verdicts} == {"covered"}
    assert {verdict["rule_code"] for verdict in verdicts} == {"TWO"}
    lines = [verdict["job_line_id"][0] for verdict in verdicts]
    traces = site.advisor.call(
        "aftersales.warranty.engine", "get_verdicts", lines=lines
    )
    by_line = {trace.pop("job_line_id"): trace for trace in traces}
    assert by_line == {v["job_line_id"][0]: v["trace"] for v in verdicts}
    later = site.advisor.call(
        *("aftersales.warranty.engine", "get_verdicts"), lines=lines, date="2099-01-01"
    )
    assert {trace["result"]["result"] for trace in later} == {"charged"}


def test_overruling_takes_a_right(site):
    order = site.order()
    site.advisor.call("aftersales.order", "action_check_warranty", [order])
    (verdict, *_others) = site.advisor.call(
        "aftersales.verdict", "search", domain=[["order_id", "=", order]]
    )
    decision = {"result": "charged", "reason": "Dented", "evidence_note": "Photo 7"}
    with pytest.raises(workshop.Refused, match="may not overrule"):
        site.advisor.call(
            "aftersales.verdict", "action_override", [verdict], **decision
        )
    site.integration.call(
        "aftersales.verdict", "action_override", [verdict], **decision
    )
    overruled = site.number(
        "SELECT count(*) FROM aftersales_verdict WHERE overruled_id = %s", verdict
    )
    assert overruled == 1


def test_check_twice(site):
    order = site.order()
    call = (site.advisor, "aftersales.order", "action_check_warranty", [order])
    assert site.both(order, call, call) == [True, True]
    current = (
        "SELECT count(*), count(*) FILTER (WHERE is_current)"
        " FROM aftersales_verdict WHERE order_id = %s"
    )
    assert site.sql(current, order) == [(2, 2)]


def test_claim_sent_twice(site):
    before = site.number(POSTED, site.shop["maker"])
    claim = claim_of(site)
    call = (site.advisor, "aftersales.claim", "action_send", [claim])
    with site.held("aftersales_claim", [claim]):
        started = [Call(*call), Call(*call)]
    assert [bool(sent.result()) for sent in started] == [True, True]
    assert site.number(POSTED, site.shop["maker"]) == before + 1


def test_payment_booked_twice(site):
    claim = claim_of(site)
    site.advisor.call("aftersales.claim", "action_send", [claim])
    before = site.number(PAYMENTS, site.shop["maker"])
    call = (site.accountant, "aftersales.claim", "action_settle", [claim])
    with site.held("aftersales_claim", [claim]):
        started = [Call(*call, reference="REMIT-1") for _caller in range(2)]
    answers = []
    for sent in started:
        try:
            answers.append(sent.result())
        except workshop.Refused as refused:
            assert "REMIT-1" in refused.message
    assert answers, "one of them was booked"
    assert site.number(PAYMENTS, site.shop["maker"]) == before + 1
    assert site.number("SELECT state FROM aftersales_claim WHERE id = %s", claim) == (
        "paid"
    )


def test_two_price_cuts_of_one_sale(site):
    """Each alone is no more than was paid; both together would be."""
    order = site.order()
    cuts = [
        site.advisor.call(
            *("aftersales.warranty.decision", "create"),
            vals_list=[
                {
                    "order_id": order,
                    "kind": "price_cut",
                    "amount": 60,
                    "reason": "Scratched",
                }
            ],
        )
        for _cut in range(2)
    ]
    calls = [
        (site.integration, "aftersales.warranty.decision", "action_approve", cut)
        for cut in cuts
    ]
    ids = [cut[0] for cut in cuts]
    with site.held("aftersales_warranty_decision", ids):
        started = [Call(*call) for call in calls]
    answers = []
    for sent in started:
        try:
            answers.append(sent.result())
        except workshop.Refused as refused:
            assert "withdraw this" in refused.message
    assert answers == [True]
    approved = (
        "SELECT count(*) FROM aftersales_warranty_decision"
        " WHERE id = ANY(%s) AND state = 'approved'"
    )
    assert site.number(approved, ids) == 1
