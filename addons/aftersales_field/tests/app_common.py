import base64
import io
import uuid
from datetime import timedelta

from PIL import Image

from odoo import Command, fields

from .common import FieldCommon


class Phone:
    """An engineer's phone: keeps visits, collects entries and sends them.

    ``skew``: what its clock shows more than the server's. ``do`` enters something,
    ``sync`` sends what was entered, and what is sent again on request.
    """

    def __init__(self, test, user, skew=timedelta()):
        self.test = test
        self.user = user
        self.skew = skew
        self.device = str(uuid.uuid4())
        self.visits = {}
        self.gone = {}
        self.orders = {}
        self.gone_jobs = {}
        self.outbox = []
        self.reference_version = None
        self.reference = None

    @property
    def app(self):
        return self.test.env["aftersales.field.app"].with_user(self.user)

    @property
    def known(self):
        return {str(number): visit["version"] for number, visit in self.visits.items()}

    @property
    def known_jobs(self):
        return {
            str(job["id"]): order["version"]
            for order in self.orders.values()
            for job in order["jobs"]
        }

    def get_job(self, job):
        """Return the job of the workshop as the phone shows it, or None."""
        jobs = [each for order in self.orders.values() for each in order["jobs"]]
        return next((each for each in jobs if each["id"] == job.id), None)

    def now(self, **ago):
        moment = fields.Datetime.now() - timedelta(**ago) + self.skew
        return moment.isoformat() + "Z"

    def do(self, kind, visit=None, base=None, ago=None, **values):
        operation = {
            "id": str(uuid.uuid4()),
            "kind": kind,
            **self.name_work(visit),
            "moment": self.now(**(ago or {})),
            "base": base or {},
            "values": values,
            "place": {"latitude": 52.5, "longitude": 13.4, "accuracy": 12},
        }
        self.outbox.append(operation)
        return operation

    def name_work(self, work):
        """Return how an entry names a visit, or an order of the workshop."""
        if getattr(work, "_name", "") == "aftersales.order":
            return {"visit_id": None, "order_id": work.id}
        return {"visit_id": getattr(work, "id", work)}

    def pull(self):
        head = (self.device, self.now(), self.known, self.reference_version)
        return self.keep(self.app.pull(*head, self.known_jobs))

    def sync(self, operations=None):
        """Send the outbox, or these again; return the results by id."""
        if operations is None:
            operations, self.outbox = self.outbox, []
        answer = self.app.sync(
            self.device,
            self.now(),
            operations,
            self.known,
            self.reference_version,
            self.known_jobs,
        )
        self.keep(answer)
        return [
            self.test.assertEqual(result["id"], operation.get("id") or result["id"])
            or result
            for operation, result in zip(operations, answer["results"], strict=True)
        ]

    def send(self, kind, visit=None, **values):
        """Enter one thing and send it at once; return its result."""
        self.do(kind, visit, **values)
        (result,) = self.sync()
        return result

    def keep(self, answer):
        for visit in answer["visits"]:
            self.visits[visit["id"]] = visit
        for gone in answer["gone"]:
            self.visits.pop(gone["id"], None)
            self.gone[gone["id"]] = gone
        for order in answer["orders"]:
            self.orders[order["id"]] = order
        for gone in answer["gone_jobs"]:
            self.gone_jobs[gone["id"]] = gone
        for number, order in list(self.orders.items()):
            if {job["id"] for job in order["jobs"]} <= self.gone_jobs.keys():
                del self.orders[number]
        if answer["reference"]:
            self.reference = answer["reference"]
        self.reference_version = answer["reference_version"]
        return answer


class AppCommon(FieldCommon):
    """Phones of ``anna``, ``ben`` and the subcontractor ``carl``.

    ``_phone(user)``; ``_create_checklist(visit)``: an inspection of the visit's order
    with a yes/no, a measured, a text and a photo item
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checklist = cls.env["aftersales.inspection.template"].create(
            {
                "name": "Safety check",
                "use": "multipoint",
                "company_id": cls.company.id,
            }
        )
        version = cls.checklist.version_ids[:1] or cls.env[
            "aftersales.inspection.version"
        ].create({"template_id": cls.checklist.id})
        version.item_ids = [
            Command.create({"name": "Earthed", "kind": "yes_no", "expected": "yes"}),
            Command.create({"name": "Pressure", "kind": "measure", "unit": "bar"}),
            Command.create({"name": "Words", "kind": "text"}),
            Command.create({"name": "Nameplate", "kind": "photo"}),
        ]
        version.action_publish()
        cls.earthed, cls.pressure, cls.words, cls.nameplate = version.item_ids

    def _phone(self, user=None, **kwargs):
        return Phone(self, user or self.anna_user, **kwargs)

    def _create_checklist(self, visit):
        return self.env["aftersales.inspection"].create(
            {"template_id": self.checklist.id, "order_id": visit.order_id.id}
        )


def pixel():
    """A picture as base64, as a signature is."""
    stream = io.BytesIO()
    Image.new("RGB", (20, 10), "black").save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()
