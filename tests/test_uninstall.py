"""Our add-ons can be updated and removed; what is left is a working Odoo."""

import json
import re
import time

import pytest
import workshop

from devkit import sandbox
from devkit.addons import manifests
from devkit.common import Failure

# One order at each station, with old parts, absorbed cost and both kinds of issue.
WORK = """
from odoo import Command
shop = json.loads(SHOP)
warehouse = env["stock.location"].browse(shop["stock"]).warehouse_id
warehouse.aftersales_steps = "two_steps"
env["product.product"].browse(shop["part"]).aftersales_exchange = True
goodwill = env["aftersales.payer"].search(
    [("company_id", "=", shop["company"]), ("code", "=", "goodwill")]
)
steps = ["action_estimate", "action_approve", "action_start", "action_complete",
         "action_pass_quality", "action_invoice", "action_deliver"]
for reached in range(len(steps) + 1):
    order = env["aftersales.order"].create({
        "partner_id": shop["customer"], "asset_id": shop["asset"],
        "job_ids": [
            Command.create({"name": "Brakes", "line_ids": [
                Command.create({"product_id": shop["part"], "product_uom_qty": 1}),
                Command.create({"product_id": shop["labour"], "product_uom_qty": 2}),
            ]}),
            Command.create({"name": "Sorry", "payer_id": goodwill.id, "line_ids": [
                Command.create({"product_id": shop["part"], "product_uom_qty": 1}),
            ]}),
        ],
    })
    for step in steps[:reached]:
        if step == "action_deliver":
            order.old_part_ids.action_store()
            order.old_part_ids.action_return()
        getattr(order, step)()
    if reached > steps.index("action_invoice"):
        order.invoice_ids.action_post()
cancelled = env["aftersales.order"].browse(order.id).copy()
cancelled.action_approve()
cancelled.action_cancel(reason="Sold")
env.cr.commit()
"""

# One return at each station, with goods of the customer and goods that are ours.
RETURNS = """
from odoo import Command
shop = json.loads(SHOP)
env = env(context={**env.context, "skip_sms": True})
grade = env.ref("aftersales_return.grade_a")
# Nothing is sent to an address that is not complete.
env["res.partner"].browse(shop["customer"]).write({
    "street": "1 Main Street", "city": "Berlin", "zip": "10115",
    "country_id": env.ref("base.de").id, "phone": "+49 30 123456",
})

def receive(rma):
    for picking in rma.picking_ids.filtered(lambda p: p.state == "assigned"):
        picking.move_ids.picked = True
        picking.button_validate()

steps = [
    lambda rma: rma.action_accept(),
    receive,
    lambda rma: rma.line_ids.action_test(grade=grade),
    lambda rma: rma.line_ids.action_settle(),
    lambda rma: rma.line_ids.refund_line_ids.move_id.action_post(),
    receive,
]
for operation in ("refund", "as_is", "repair"):
    for reached in range(len(steps) + 1):
        sale = env["sale.order"].create({
            "partner_id": shop["customer"],
            "order_line": [
                Command.create({"product_id": shop["part"], "product_uom_qty": 1}),
            ],
        })
        sale.action_confirm()
        sale.picking_ids.move_ids.picked = True
        sale.picking_ids.button_validate()
        sale._create_invoices().action_post()
        rma = env["aftersales.return"].create({
            "partner_id": shop["customer"],
            "line_ids": [Command.create({
                "product_id": shop["part"],
                "move_id": sale.picking_ids.move_ids.id,
                "operation_id": env.ref("aftersales_return.operation_" + operation).id,
            })],
        })
        # A repair ends here: nothing leaves before it is tested.
        for step in steps[:min(reached, 4 if operation == "repair" else 6)]:
            step(rma)
env.cr.commit()
"""

# What an ordinary company does; it must work, and find its history, afterwards.
TRADE = """
from odoo import Command
shop = json.loads(SHOP)
part = env["product.product"].browse(shop["part"])
sale = env["sale.order"].create({
    "partner_id": shop["customer"],
    "order_line": [Command.create({"product_id": part.id, "product_uom_qty": 2})],
})
sale.action_confirm()
sale.picking_ids.move_ids.picked = True
sale.picking_ids.button_validate()
invoice = sale._create_invoices()
invoice.action_post()
refund = env["account.move.reversal"].with_context(
    active_model="account.move", active_ids=invoice.ids
).create({"journal_id": invoice.journal_id.id})
refund.refund_moves()
wizard = env["stock.return.picking"].create({"picking_id": sale.picking_ids.id})
wizard.product_return_moves.quantity = 1
back = wizard._create_return()
back.button_validate()
warehouse = env["stock.warehouse"].create({"name": "New LABEL", "code": "LABEL"})
company = env["res.company"].create({"name": "New company LABEL"})
for model in ("sale.order", "stock.picking", "stock.move", "account.move",
              "product.template", "res.partner", "stock.warehouse", "purchase.order",
              "stock.picking.type", "res.config.settings"):
    env[model].get_views([(False, "form"), (False, "list"), (False, "search")])
env["sale.order"].search([]).read()
env["account.move"].search([]).read()
env["stock.picking"].search([]).read()
env.cr.commit()
print("TRADE " + sale.invoice_status + " " + invoice.state + " " + back.state)
"""

HISTORY = {
    "moves": "SELECT count(*) FROM stock_move WHERE state = 'done'",
    "on hand": "SELECT sum(quantity) FROM stock_quant WHERE quantity > 0",
    "ledger": "SELECT count(*), sum(debit) FROM account_move_line"
    " WHERE parent_state = 'posted'",
    "sales": "SELECT state, count(*), sum(amount_total) FROM sale_order"
    " GROUP BY state ORDER BY state",
}

LEFT = {
    "tables": "SELECT tablename FROM pg_tables WHERE tablename LIKE 'aftersales%'",
    "columns": "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = 'public' AND (column_name LIKE 'aftersales%'"
    " OR column_name IN ('job_line_id', 'old_part_id', 'job_share_id'))",
    "models": "SELECT model FROM ir_model WHERE model LIKE 'aftersales%'",
    "fields": "SELECT model, name FROM ir_model_fields"
    " WHERE model LIKE 'aftersales%' OR relation LIKE 'aftersales%'"
    " OR name LIKE 'aftersales%'",
    "views": "SELECT id, name FROM ir_ui_view WHERE arch_db::text LIKE '%aftersales%'",
    "actions": "SELECT id FROM ir_act_window WHERE res_model LIKE 'aftersales%'",
    "reports": "SELECT id FROM ir_act_report_xml WHERE model LIKE 'aftersales%'",
    "rules": "SELECT id FROM ir_rule WHERE domain_force LIKE '%aftersales%'",
    "names": "SELECT module, name FROM ir_model_data WHERE module LIKE 'aftersales%'",
    "messages": "SELECT id FROM mail_message WHERE model LIKE 'aftersales%'",
    "activities": "SELECT id FROM mail_activity WHERE res_model LIKE 'aftersales%'",
    "files": "SELECT id FROM ir_attachment WHERE res_model LIKE 'aftersales%'",
    "operation types": "SELECT id FROM stock_picking_type"
    " WHERE active AND sequence_code IN ('STAGE', 'ISSUE', 'RET', 'RSHIP')"
    " AND NOT EXISTS ("
    "SELECT FROM stock_picking picking WHERE picking.picking_type_id ="
    " stock_picking_type.id AND picking.state NOT IN ('done', 'cancel'))",
    "routes": "SELECT id FROM stock_route"
    " WHERE active AND name::text LIKE '%work order%'",
    "rules of routes": "SELECT id FROM stock_rule"
    " WHERE active AND name::text LIKE '%Workshop%'",
}


@pytest.fixture(scope="module")
def used():
    """A database in which the add-ons were used, and what its shop is."""
    with sandbox.database() as name:
        shop = workshop.prepare(name)
        run(name, shop, WORK)
        run(name, shop, RETURNS)
        yield name, shop


def run(name, shop, code):
    """Run code in Odoo's shell; return what it printed. Warnings fail the test."""
    head = f"import json\nSHOP = {json.dumps(shop)!r}\n"
    printed = sandbox.odoo_shell(name, head + code)
    check_log(printed)
    return printed


def check_log(text):
    bad = [
        line
        for line in text.splitlines()
        if re.search(r" (WARNING|ERROR|CRITICAL) |Traceback", line)
    ]
    assert not bad, text[-5000:]


def ask(name, questions):
    return {
        what: sandbox.sql(question, database=name)
        for what, question in questions.items()
    }


def installed(name):
    rows = sandbox.sql(
        "SELECT name FROM ir_module_module"
        " WHERE state = 'installed' AND name LIKE 'aftersales%%' ORDER BY name",
        database=name,
    )
    return sort_dependents_first([module for (module,) in rows])


def sort_dependents_first(modules):
    """Put each add-on before those it depends on: uninstalled so, none goes along."""
    own = manifests()
    order = []
    while modules:
        needed = {name for module in modules for name in own[module]["depends"]}
        order += [module for module in modules if module not in needed]
        modules = [module for module in modules if module in needed]
    return order


def uninstall(name, module):
    """Uninstall; again when PostgreSQL happened to vacuum what Odoo wants to lock."""
    for _attempt in range(3):
        try:
            return sandbox.odoo(name, "module", "uninstall", module)
        except Failure as failure:
            if "NOWAIT" not in str(failure):
                raise
            time.sleep(5)
    raise AssertionError("the table of modules stays locked")


def test_update(used):
    """An update of a database in use changes nothing and says nothing."""
    name, shop = used
    before = ask(name, HISTORY)
    log = sandbox.odoo(
        name, "-u", ",".join(installed(name)), "--stop-after-init", "--log-level=warn"
    )
    check_log(log)
    assert ask(name, HISTORY) == before
    assert "TRADE" in run(name, shop, TRADE.replace("LABEL", "UPD"))


def test_uninstall(used):
    name, shop = used
    before = ask(name, HISTORY)
    for module in installed(name):
        check_log(uninstall(name, module))
        assert module not in installed(name)
    assert ask(name, HISTORY) == before
    left = {what: rows for what, rows in ask(name, LEFT).items() if rows}
    assert not left
    assert "TRADE" in run(name, shop, TRADE.replace("LABEL", "OFF"))

    # Who comes back finds the warehouses ready again.
    log = sandbox.odoo(
        name, "-i", "aftersales", "--stop-after-init", "--log-level=warn"
    )
    check_log(log)
    ready = (
        "SELECT count(*) FROM stock_warehouse WHERE active AND (aftersales_route_id"
        " IS NULL OR aftersales_issue_type_id IS NULL)"
    )
    assert sandbox.sql(ready, database=name) == [(0,)]
