"""What has nothing to do with work orders costs not one statement more.

The same sale, delivery, invoice, purchase and receipt run on two copies of one
database, with our add-ons and after uninstalling them, and their SQL statements are
counted step by step. The clock stands still: records that get different times are
written in more statements.
"""

import json
from collections import Counter

from test_uninstall import installed, uninstall

from devkit import sandbox

TRADE = """
import json
from freezegun import freeze_time
from odoo import Command

company = env.company
env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
category = env["product.category"].create({
    "name": "Parts",
    "property_cost_method": "average",
    "property_valuation": "real_time",
})
parts = env["product.product"].create([
    {"name": f"Part {number}", "is_storable": True, "categ_id": category.id,
     "list_price": 20, "standard_price": 10}
    for number in range(3)
])
service = env["product.product"].create({"name": "Advice", "type": "service"})
customer, vendor = env["res.partner"].create([{"name": "Customer"}, {"name": "Vendor"}])
env.cr.commit()

steps, statements = [], []
Cursor = type(env.cr)
execute = Cursor.execute

def count(cursor, query, params=None, **options):
    statements.append(" ".join(str(getattr(query, "code", query)).split())[:200])
    return execute(cursor, query, params, **options)

def step(name, action):
    statements.clear()
    answer = action()
    env.flush_all()
    steps.append([name, list(statements)])
    return answer

def validate(picking):
    picking.move_ids.picked = True
    return picking.button_validate()

def day():
    steps.clear()
    purchase = step("purchase", lambda: env["purchase.order"].create({
        "partner_id": vendor.id,
        "order_line": [
            Command.create({"product_id": part.id, "product_qty": 5, "price_unit": 10})
            for part in parts
        ],
    }))
    step("order", purchase.button_confirm)
    step("receive", lambda: validate(purchase.picking_ids))
    sale = step("sale", lambda: env["sale.order"].create({
        "partner_id": customer.id,
        "order_line": [
            Command.create({"product_id": product.id, "product_uom_qty": 1})
            for product in [*parts, service]
        ],
    }))
    step("confirm", sale.action_confirm)
    step("deliver", lambda: validate(sale.picking_ids))
    invoice = step("bill", sale._create_invoices)
    step("post", invoice.action_post)
    wizard = step("return", lambda: env["stock.return.picking"].create({
        "picking_id": sale.picking_ids.id,
    }))
    wizard.product_return_moves.quantity = 1
    back = step("make return", wizard._create_return)
    step("take back", lambda: validate(back))
    other = step("copy", sale.copy)
    step("cancel", other._action_cancel)

Cursor.execute = count
with freeze_time():
    for _day in range(2):  # the first fills the caches
        day()
        env.cr.commit()
        env.invalidate_all()
Cursor.execute = execute
print("STEPS" + json.dumps(steps))
"""


def measure(name):
    printed = sandbox.odoo_shell(name, TRADE)
    (line,) = [line for line in printed.splitlines() if "STEPS" in line]
    return json.loads(line.partition("STEPS")[2])


def test_native_documents_cost_nothing_more():
    with sandbox.database() as name:
        ours = measure(name)
    with sandbox.database() as name:
        for module in installed(name):
            uninstall(name, module)
        native = measure(name)
    more = []
    for (step, with_us), (same, without) in zip(ours, native, strict=True):
        assert step == same
        assert len(without) > 0, step
        if len(with_us) > len(without):
            extra = Counter(with_us) - Counter(without)
            more.append(f"{step}: {len(with_us)} > {len(without)}: {extra}")
    assert not more, "\n".join(more)
