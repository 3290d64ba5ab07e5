"""A workshop in a database of its own, and programs that talk to it over HTTP.

``prepare(database)`` sets up a chart of accounts, a stocked part, labour, an asset,
four people who have the rights of one job each and an integration that has all; it
returns their API keys and the ids. ``Json2`` and ``XmlRpc`` call a server as one of
them.
"""

import json
import urllib.error
import urllib.request
import xmlrpc.client

from devkit import sandbox

SETUP = """
import json
from datetime import timedelta
from odoo import Command, fields

company = env.company
env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
category = env["product.category"].create({
    "name": "Parts",
    "property_cost_method": "average",
    "property_valuation": "real_time",
})
part, labour = env["product.product"].create([
    {"name": "Brake pads", "is_storable": True, "categ_id": category.id,
     "list_price": 20, "standard_price": 10, "taxes_id": [Command.clear()]},
    {"name": "Mechanic's hour", "type": "service", "list_price": 80,
     "uom_id": env.ref("uom.product_uom_hour").id, "taxes_id": [Command.clear()]},
])
warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
env["stock.quant"].with_context(inventory_mode=True).create({
    "product_id": part.id, "location_id": warehouse.lot_stock_id.id,
    "inventory_quantity": 100,
}).action_apply_inventory()
customer = env["res.partner"].create({"name": "Wang Fang"})
asset = env["aftersales.asset"].create({"name": "Sedan", "partner_id": customer.id})
payer = env["aftersales.payer"].search([
    ("company_id", "=", company.id), ("code", "=", "customer"),
])
people, keys = {}, {}
for login, groups in {
    "advisor": ["aftersales.aftersales_group_user"],
    "technician": ["aftersales.aftersales_group_technician"],
    "storekeeper": ["stock.group_stock_user"],
    "accountant": ["account.group_account_invoice"],
    "integration": [
        "aftersales.aftersales_group_manager", "stock.group_stock_user",
        "account.group_account_invoice", "sales_team.group_sale_salesman_all_leads",
    ],
}.items():
    user = env["res.users"].create({
        "name": login, "login": login, "password": login + "-secret",
        "group_ids": [
            Command.link(env.ref(group).id) for group in ["base.group_user", *groups]
        ],
    })
    keys[login] = env["res.users.apikeys"].with_user(user).sudo()._generate(
        "rpc", "tests", fields.Datetime.now() + timedelta(days=1)
    )
    people[login] = user.id
employee = env["hr.employee"].create({
    "name": "Technician", "user_id": people["technician"],
})
env.cr.commit()
print("WORKSHOP" + json.dumps({
    "part": part.id, "labour": labour.id, "customer": customer.id, "asset": asset.id,
    "payer": payer.id, "employee": employee.id, "keys": keys, "people": people,
    "company": company.id, "stock": warehouse.lot_stock_id.id,
}))
"""


def prepare(database):
    """Set up the workshop. Return what ``SETUP`` prints."""
    printed = sandbox.odoo_shell(database, SETUP)
    (line,) = [line for line in printed.splitlines() if "WORKSHOP" in line]
    return json.loads(line.partition("WORKSHOP")[2])


class Refused(Exception):
    """The server said no; ``status`` and ``message`` say why."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Json2:
    """Odoo's JSON-2 interface as one user: arguments by name, as integrations do."""

    def __init__(self, url, key):
        self.url = url
        self.key = key

    def call(self, model, method, ids=(), /, timeout=120, **arguments):
        request = urllib.request.Request(
            f"{self.url}/json/2/{model}/{method}",
            data=json.dumps({"ids": list(ids), **arguments}).encode(),
            headers={
                "Authorization": f"bearer {self.key}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            body = json.loads(error.read() or b"{}")
            raise Refused(error.code, body.get("message", "")) from None

    def read(self, model, ids, *fields):
        return self.call(model, "read", ids, fields=list(fields))


class XmlRpc:
    """The older XML-RPC interface, which can't answer with None."""

    def __init__(self, url, database, uid, secret):
        self.models = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object")
        self.login = (database, uid, secret)

    def call(self, model, method, ids=(), /, **arguments):
        try:
            return self.models.execute_kw(
                *self.login, model, method, [list(ids)], arguments
            )
        except xmlrpc.client.Fault as fault:
            raise Refused(fault.faultCode, fault.faultString) from None


def order_values(shop, *jobs):
    """Values of a work order; each job is a list of ``(product id, quantity)``."""
    jobs = jobs or ([(shop["part"], 1), (shop["labour"], 2)],)
    return {
        "partner_id": shop["customer"],
        "asset_id": shop["asset"],
        "complaint": "Squeals when braking",
        "job_ids": [
            [
                0,
                0,
                {
                    "name": f"Job {number}",
                    "technician_id": shop["employee"],
                    "line_ids": [
                        [0, 0, {"product_id": product, "product_uom_qty": quantity}]
                        for product, quantity in lines
                    ],
                },
            ]
            for number, lines in enumerate(jobs, 1)
        ],
    }
