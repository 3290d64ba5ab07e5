"""Phones of engineers that all come back into the network at once.

Each phone has a visit, and sends what was done on it in batches over HTTP to a server
with several workers: steps, texts, answers of the customer, clock. Answers get lost:
every few requests the phone does not listen and sends the same again, in another
order, once with more behind it. At the end every entry that was sent must be on the
server, once, and have had its effect once.

    scripts/benchmark field_sync [--phones 200] [--seconds 60]
"""

import itertools
import json
import random
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from odoo import fields, http
from odoo.fields import Command
from odoo.service import security
from odoo.tools import SQL

from devkit.server import Server

# Phones that get no connection or no answer try again, as the app does.
TIMEOUT = 60
PATIENCE = 900


@dataclass
class Tally:
    """What the phones saw: seconds of each request, what was sent and acknowledged."""

    latencies: list = field(default_factory=list)
    sent: set = field(default_factory=set)
    acknowledged: set = field(default_factory=set)
    replayed: int = 0
    dropped: int = 0
    refused: list = field(default_factory=list)
    stored: int = 0
    doubled: int = 0
    stamps: int = 0
    steps: int = 0
    seconds: float = 0.0


class Scene:
    """Engineers with a login and a session, and a visit each; committed."""

    def __init__(self, env, phones):
        self.env = env = env(context={**env.context, "tracking_disable": True})
        self.phones = []
        company = env.company
        labour = env["product.product"].create(
            {
                "name": "Hour on site (benchmark)",
                "type": "service",
                "uom_id": env.ref("uom.product_uom_hour").id,
                "list_price": 80,
            }
        )
        customer = env["res.partner"].create({"name": "Customer (benchmark)"})
        group = env.ref("aftersales.aftersales_group_technician")
        run = uuid.uuid4().hex[:8]
        users = env["res.users"].create(
            [
                {
                    "name": f"Engineer {number}",
                    "login": f"bench_{run}_{number}",
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                    "group_ids": [Command.set(group.ids)],
                }
                for number in range(phones)
            ]
        )
        employees = env["hr.employee"].create(
            [
                {"name": user.name, "user_id": user.id, "company_id": company.id}
                for user in users
            ]
        )
        employees.resource_id.aftersales_role = "technician"
        orders = env["aftersales.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "complaint": "Does not heat",
                    "job_ids": [
                        Command.create(
                            {
                                "name": "Repair",
                                "line_ids": [
                                    Command.create(
                                        {"product_id": labour.id, "product_uom_qty": 2}
                                    )
                                ],
                            }
                        )
                    ],
                }
                for _user in users
            ]
        )
        orders.action_approve()
        visits = orders.action_create_visit().sorted("id")
        start = fields.Datetime.now().replace(second=0, microsecond=0)
        for visit, employee in zip(visits, employees, strict=True):
            visit.action_plan(
                start=start + timedelta(minutes=10),
                technician=employee,
                reason="Benchmark",
            )
        self.visits = visits
        self.users = users
        env.cr.commit()
        self.phones = [
            Phone(self._log_in(user), visit.id, visit.job_ids[:1].id)
            for user, visit in zip(users, visits, strict=True)
        ]
        env.cr.commit()

    def _log_in(self, user):
        """Return the cookie of a session: 200 passwords would be weighed for long."""
        session = http.root.session_store.new()
        session.update(http.get_default_session(), db=self.env.cr.dbname)
        env = self.env(user=user.id)
        session.uid = user.id
        session.login = user.login
        session.session_token = security.compute_session_token(session, env)
        session.context = dict(env["res.users"].context_get())
        http.root.session_store.save(session)
        return session.sid

    def count(self, tally):
        """Fill in what is on the server."""
        self.env.cr.rollback()
        self.env.invalidate_all()
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT name, state, message FROM aftersales_field_operation"
                " WHERE user_id IN %s",
                tuple(self.users.ids),
            )
        )
        tally.stored = len(rows)
        tally.doubled = len(rows) - len({row["name"] for row in rows})
        tally.refused = [row["message"] for row in rows if row["state"] != "done"]
        tally.stamps = len(self.visits.stamp_ids)
        return tally


class Phone:
    """One phone: enters things, sends them, and sends again what was not answered."""

    def __init__(self, sid, visit, job):
        self.sid, self.visit, self.job = sid, visit, job
        self.device = str(uuid.uuid4())
        self.random = random.Random(visit)
        self.known, self.reference = {}, None
        self.words = ""
        self.steps = 0
        self.clock = False
        self.entries = self._enter()

    def _enter(self):
        """What an engineer does on a visit, over and over."""
        yield from (self._entry("travel"), self._entry("arrive"))
        for number in itertools.count():
            yield self._entry("clock_on", job_id=self.job)
            words = f"Looked at it for the {number}. time"
            yield self._entry(
                "set", {"cause": self.words}, job_id=self.job, cause=words
            )
            self.words = words
            yield self._entry("opinion", score=number % 5 + 1, comment="Friendly")
            yield self._entry("clock_off", job_id=self.job)
            yield self._entry("pause", reason="Lunch")
            yield self._entry("resume")

    def _entry(self, kind, base=None, **values):
        return {
            "id": str(uuid.uuid4()),
            "kind": kind,
            "visit_id": self.visit,
            "moment": datetime.now(UTC).isoformat(),
            "base": base or {},
            "values": values,
            "place": {"latitude": 52.5, "longitude": 13.4, "accuracy": 10},
        }

    def run(self, url, until, tally, lock):
        batch = list(itertools.islice(self.entries, 10))
        while True:
            with lock:
                tally.sent.update(entry["id"] for entry in batch)
                tally.steps += sum(entry["kind"] in STEPS for entry in batch)
            self._sync(url, batch, tally, lock, listen=self.random.random() > 0.2)
            if time.monotonic() > until:
                return
            batch = list(itertools.islice(self.entries, self.random.randint(2, 6)))

    def _sync(self, url, batch, tally, lock, listen):
        """Send until it is answered; without ``listen`` the first answer is lost."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            begin = time.monotonic()
            answer = self._post(url, batch)
            with lock:
                if answer is None:
                    tally.dropped += 1
                else:
                    tally.latencies.append(time.monotonic() - begin)
            if answer is None:
                time.sleep(self.random.uniform(0.2, 1.5))
            elif listen:
                self.known.update(
                    {str(each["id"]): each["version"] for each in answer["visits"]}
                )
                self.reference = answer["reference_version"]
                with lock:
                    tally.acknowledged.update(
                        result["id"] for result in answer["results"]
                    )
                return
            else:
                # The same again, in another order, while the phone goes on.
                listen = True
                batch = self.random.sample(batch, len(batch))
                with lock:
                    tally.replayed += len(batch)

    def _post(self, url, batch):
        request = urllib.request.Request(
            f"{url}/aftersales/field/sync",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "params": {
                        "device": self.device,
                        "now": datetime.now(UTC).isoformat(),
                        "operations": batch,
                        "known": self.known,
                        "known_reference": self.reference,
                    },
                }
            ).encode(),
            headers={
                "Content-Type": "application/json",
                "Cookie": f"session_id={self.sid}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                answer = json.load(response)
        except (urllib.error.URLError, OSError, ValueError):
            return None
        # An error of the server rolled everything back: it is sent again.
        return answer.get("result")


STEPS = ("travel", "arrive", "pause", "resume")


def drive(scene, url, seconds):
    """Let all phones of the scene sync at once for so long; return the tally."""
    tally, lock = Tally(), threading.Lock()
    begin = time.monotonic()
    threads = [
        threading.Thread(
            target=phone.run, args=(url, begin + seconds, tally, lock), daemon=True
        )
        for phone in scene.phones
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + PATIENCE)
    tally.seconds = time.monotonic() - begin
    return scene.count(tally)


def measure(env, phones, seconds, workers=4):
    """Start a server on the database of ``env``, and let the phones at it."""
    scene = Scene(env, phones)
    with Server(env.cr.dbname, workers=workers, log_level="warn") as server:
        return drive(scene, server.url, seconds)


def report(tally):
    times = sorted(tally.latencies)
    print(f"entries sent          {len(tally.sent):8}")
    print(f"acknowledged          {len(tally.acknowledged):8}")
    print(f"stored                {tally.stored:8}   doubled {tally.doubled}")
    print(f"refused or conflict   {len(tally.refused):8}   {tally.refused[:3]}")
    print(f"steps, stamps         {tally.steps:8}   {tally.stamps}")
    print(f"sent again on purpose {tally.replayed:8}")
    print(f"no answer, tried again{tally.dropped:8}")
    rate = len(tally.sent) / tally.seconds
    print(f"requests answered     {len(times):8}   {rate:.0f} entries a second")
    marks = {part: times[min(int(len(times) * part), len(times) - 1)]
             for part in (0.5, 0.9, 0.99)}  # fmt: skip
    words = "  ".join(f"p{part * 100:.0f} {value:.2f}" for part, value in marks.items())
    print(f"latency in seconds    {words}  max {times[-1]:.2f}")
