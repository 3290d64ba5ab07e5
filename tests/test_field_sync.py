"""The same batch of a phone at two workers at once, and many phones at once."""

import base64
import hashlib
import io
import json

import pytest
import workshop
from PIL import Image
from test_concurrency import Call, Site

from devkit import sandbox
from devkit.common import read

OPERATIONS = (
    "SELECT state, count(*) FROM aftersales_field_operation"
    " WHERE user_id = %s AND name LIKE %s GROUP BY state"
)
STAMPS = "SELECT kind FROM aftersales_visit_stamp WHERE visit_id = %s ORDER BY id"
PHOTOS = (
    "SELECT count(*) FROM ir_attachment"
    " WHERE res_model = 'aftersales.visit' AND res_id = %s"
    " AND aftersales_sha256 IS NOT NULL"
)

VISITS = """
import json
from datetime import timedelta
from odoo import fields
shop = json.loads(SHOP)
employee = env["hr.employee"].browse(shop["employee"])
employee.resource_id.aftersales_role = "technician"
company = employee.company_id
warehouse = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
employee.aftersales_van_id = env["stock.location"].create({
    "name": "Van",
    "location_id": warehouse.aftersales_vans_loc_id.id,
    "aftersales_is_van": True,
    "company_id": company.id,
})
part = env["product.product"].create({"name": "Last one", "is_storable": True})
visits = []
for number in range(8):
    order = env["aftersales.order"].create({
        "partner_id": shop["customer"],
        "job_ids": [(0, 0, {"name": "Repair", "line_ids": [
            (0, 0, {"product_id": product, "product_uom_qty": 1})
            for product in [shop["labour"], part.id][: 1 + number // 6]
        ]})],
    })
    order.action_approve()
    visit = order.action_create_visit()
    visit.action_plan(
        start=fields.Datetime.now().replace(microsecond=0)
        + timedelta(hours=1 + 2 * number),
        technician=employee,
        reason="Test",
    )
    visits.append(visit.id)
env.cr.commit()
found = {"visits": visits, "van": employee.aftersales_van_id.id, "part": part.id}
print("FOUND" + json.dumps(found))
"""


class Field(Site):
    def __init__(self, database, server, shop, found):
        super().__init__(database, server, shop)
        self.visits = iter(found["visits"][:6])
        # Both wait for the same part.
        self.pair = found["visits"][6:]
        self.van, self.part = found["van"], found["part"]

    def job(self, visit):
        return self.number(
            "SELECT job.id FROM aftersales_job job JOIN aftersales_visit visit"
            " ON visit.order_id = job.order_id WHERE visit.id = %s",
            visit,
        )

    def batch(self, visit, prefix):
        job = self.job(visit)
        return [
            {"id": f"{prefix}-{number}", "kind": kind, "visit_id": visit, "base": {},
             "values": values}
            for number, (kind, values) in enumerate(
                (
                    ("travel", {}),
                    ("arrive", {}),
                    ("clock_on", {"job_id": job}),
                    ("set", {"job_id": job, "cause": "Worn"}),
                    ("pause", {"reason": "Lunch"}),
                    ("resume", {}),
                    ("clock_off", {"job_id": job}),
                )
            )
        ]  # fmt: skip

    def sync(self, operations):
        return (
            self.technician,
            "aftersales.field.app",
            "sync",
        ), {"device": "phone", "operations": operations}

    def meet(self, table, ids, *calls):
        """Let the calls meet at these rows and return their answers."""
        with self.held(table, ids, callers=len(calls)):
            started = [Call(*args, **kwargs) for args, kwargs in calls]
        return [call.result() for call in started]


@pytest.fixture(scope="module")
def site():
    with sandbox.database() as name:
        shop = workshop.prepare(name)
        head = f"SHOP = {json.dumps(shop)!r}\n"
        printed = sandbox.odoo_shell(name, head + VISITS)
        (line,) = [line for line in printed.splitlines() if "FOUND" in line]
        found = json.loads(line.partition("FOUND")[2])
        with sandbox.Server(name, workers=3, log_level="info") as server:
            yield Field(name, server, shop, found)
            log = read(server.log)
    assert "Traceback" not in log


def states(answer):
    return [result["state"] for result in answer["results"]]


def test_same_batch_at_two_workers(site):
    visit = next(site.visits)
    batch = site.batch(visit, "same")
    one, two = site.meet(
        "aftersales_visit", [visit], site.sync(batch), site.sync(batch)
    )
    assert states(one) == states(two) == ["done"] * len(batch)
    user = site.shop["people"]["technician"]
    assert site.sql(OPERATIONS, user, "same-%") == [("done", len(batch))]
    kinds = [kind for (kind,) in site.sql(STAMPS, visit)]
    assert kinds == ["travel", "arrive", "pause", "resume"]
    entries = "SELECT count(*) FROM aftersales_clock_entry WHERE job_id = %s"
    assert site.number(entries, site.job(visit)) == 1


def test_parts_of_a_batch_that_overlap(site):
    """The app was killed in mid-sync and sends the rest with what came before."""
    visit = next(site.visits)
    batch = site.batch(visit, "part")
    site.meet("aftersales_visit", [visit], site.sync(batch[:4]), site.sync(batch))
    user = site.shop["people"]["technician"]
    assert site.sql(OPERATIONS, user, "part-%") == [("done", len(batch))]
    assert len(site.sql(STAMPS, visit)) == 4


def test_last_part_of_a_van_is_used_once(site):
    """Two visits take it at the same time: one gets it, the other is told."""
    calls = []
    for number, visit in enumerate(site.pair):
        operations = [
            {"id": f"last-{number}-0", "kind": "arrive", "visit_id": visit,
             "values": {}},
            {"id": f"last-{number}-1", "kind": "use_part", "visit_id": visit,
             "values": {"product_id": site.part, "quantity": 1}},
        ]  # fmt: skip
        calls.append(site.sync(operations))
    # It comes after both were approved, so that neither has reserved it.
    site.sql(
        "INSERT INTO stock_quant (product_id, location_id, company_id, quantity,"
        " reserved_quantity, in_date)"
        " SELECT %s, id, company_id, 1, 0, now() FROM stock_location WHERE id = %s"
        " RETURNING id",
        site.part,
        site.van,
    )
    answers = site.meet("aftersales_visit", site.pair, *calls)
    results = [answer["results"] for answer in answers]
    outcomes = sorted(map(states, answers))
    assert outcomes == [["done", "done"], ["done", "refused"]], results
    there = "SELECT sum(quantity) FROM stock_quant WHERE location_id = %s"
    assert site.number(there, site.van) == 0


def test_first_papers_of_a_form_at_once(site):
    """What counts them is made once; the numbers follow each other."""
    visits = [next(site.visits), next(site.visits)]
    form = site.number("SELECT id FROM aftersales_form WHERE kind = 'service'")
    site.meet(
        "aftersales_form",
        [form],
        *(((site.advisor, "aftersales.visit", "action_print_service", [visit]), {})
          for visit in visits),
    )  # fmt: skip
    names = site.sql("SELECT name FROM aftersales_form_issue ORDER BY name")
    assert [name.rpartition("-")[2] for (name,) in names] == ["0001", "0002"]
    ranges = (
        "SELECT count(*) FROM ir_sequence_date_range part JOIN ir_sequence sequence"
        " ON sequence.id = part.sequence_id"
        " WHERE starts_with(sequence.code, 'aftersales.form.')"
    )
    assert site.number(ranges) == 1


def test_phone_and_desk_at_once(site):
    """Whoever comes second sees the first: cancelled, or travelled and cancelled."""
    visit = next(site.visits)
    travel = [{"id": "desk-0", "kind": "travel", "visit_id": visit, "values": {}}]
    cancel = (
        (site.advisor, "aftersales.visit", "action_cancel", [visit]),
        {"reason": "Sold"},
    )
    answer, _cancelled = site.meet(
        "aftersales_visit", [visit], site.sync(travel), cancel
    )
    state = site.number("SELECT state FROM aftersales_visit WHERE id = %s", visit)
    assert state == "cancel"
    assert states(answer) in (["done"], ["refused"])
    stamps = len(site.sql(STAMPS, visit))
    assert stamps == (1 if states(answer) == ["done"] else 0)


def test_same_piece_of_a_photo_at_once(site):
    visit = next(site.visits)
    stream = io.BytesIO()
    Image.new("RGB", (80, 60), "red").save(stream, "PNG")
    raw = stream.getvalue()
    common = {
        "photo": "photo", "visit_id": visit, "name": "a.png", "size": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
    }  # fmt: skip
    call = (site.technician, "aftersales.field.app", "put_photo")
    half = len(raw) // 2
    first = {**common, "offset": 0, "data": base64.b64encode(raw[:half]).decode()}
    last = {**common, "offset": half, "data": base64.b64encode(raw[half:]).decode()}
    site.technician.call("aftersales.field.app", "put_photo", **first)
    photo = site.number("SELECT id FROM aftersales_field_photo WHERE name = 'photo'")
    one, two = site.meet("aftersales_field_photo", [photo], (call, last), (call, last))
    assert one["done"]
    assert two["done"]
    assert site.number(PHOTOS, visit) == 1
