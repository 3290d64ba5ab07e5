import threading
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import HttpCase

from .phone import PATIENCE, Phone, open_phones
from .van_common import VanCommon

CAUSE = "Cold joint on the board"


class AppBrowserCommon(VanCommon, HttpCase):
    """The technician's app in a real Chromium, on Anna's visit of this hour.

    * everybody works day and night; ``visit`` is planned for Anna in an hour: ``job``
      (``part_serial`` and labour, agreed to) and ``added`` (``part_avco``, waits for
      the customer's yes), with the checklist ``inspection``
    * Anna's van holds the serials ``S-1`` and ``S-2`` and three ``part_avco``
    * ``_open(*logins)``: phones with the app open and kept; use it in a ``with``
    * ``_arrive_on(phone)``, ``_write_cause(phone)``, ``_take_type_plate(phone)``: what
      most tests enter
    * ``_hold_answer(phone, method)``: the server has it, the phone doesn't know
    * ``_clear()``: between what we did and what the phones' requests did
    """

    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar.attendance_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "name": day,
                        "dayofweek": str(day),
                        "hour_from": 0,
                        "hour_to": 24,
                        "day_period": "morning",
                    }
                )
                for day in range(7)
            ),
        ]

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 10)
        self.serials = self._stock_serial(["S-1", "S-2"])
        for lot in self.serials:
            self._fill(self.van_anna, self.part_serial, 1, lot)
        self._fill(self.van_anna, self.part_avco, 3)
        order = self._create_order(
            {"name": "Board", "lines": [(self.part_serial, 1), (self.labour, 1)]},
            {"name": "Seal", "lines": [(self.part_avco, 1), (self.labour, 0.5)]},
        )
        self.job, self.added = order.job_ids
        order.action_estimate()
        order.action_approve(jobs=self.job)
        self.order = order
        self.inspection = self._create_checklist()
        self.visit = order.action_create_visit()
        self.visit.site_id = self.site_mitte
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        self.visit.action_plan(
            start=now + timedelta(hours=1), technician=self.employee_anna
        )

    def _create_checklist(self):
        template = self.env["aftersales.inspection.template"].create(
            {"name": "Check of the oven", "company_id": self.company.id}
        )
        version = self.env["aftersales.inspection.version"].create(
            {
                "template_id": template.id,
                "item_ids": [
                    Command.create(values)
                    for values in (
                        {"name": "Shoe covers", "kind": "yes_no", "expected": "yes"},
                        {
                            "name": "Temperature",
                            "kind": "measure",
                            "unit": "°C",
                            "green_min": 0,
                            "green_max": 180,
                        },
                        {"name": "Type plate", "kind": "photo"},
                    )
                ],
            }
        )
        version.action_publish()
        return self.order.action_inspect(template=template)

    def _open(self, *logins):
        """Return a context with phones, each on its list of visits."""
        return _Phones(self, logins)

    def _arrive_on(self, phone):
        phone.go("visit", self.visit.id)
        phone.press("[data-step=travel]")
        phone.press("[data-step=arrive]")
        phone.wait("document.querySelector('[data-step=finish]')")

    def _write_cause(self, phone, text=CAUSE):
        phone.go("visit", self.visit.id, "job", self.job.id)
        phone.type(".o_app_cause", text)
        phone.wait(
            "aftersalesField.model.outbox.some((e) => e.kind === 'set'"
            f" && e.values.cause === {text!r})"
        )

    def _take_type_plate(self, phone, width):
        phone.go("visit", self.visit.id, "checklist", self.inspection.id)
        phone.take_photo("[data-item='Type plate'] input[type=file]", width)
        phone.wait("aftersalesField.model.photos.length === 1")
        phone.wait("aftersalesField.model.photos[0].isKept")

    @contextmanager
    def _hold_answer(self, phone, method, is_meant=lambda values: True):
        """Go online and send, and hold back what a method of the app answers.

        Inside, the server has carried it out, and whatever is done to the phone comes
        before the answer. A request that waits has the connection to the database: the
        test leaves it alone from the moment that the phone may send, which it does by
        itself when the network comes back.
        """
        App = type(self.env["aftersales.field.app"])
        carry_out = getattr(App, method)
        done, gone = threading.Event(), threading.Event()

        def answer_late(app, **values):
            answer = carry_out(app, **values)
            if is_meant(values):
                done.set()
                gone.wait(PATIENCE)
            return answer

        with patch.object(App, method, answer_late), phone.browsers.let_requests_in():
            try:
                phone.go_online()
                phone.run("void aftersalesField.sync.now()")
                self.assertTrue(done.wait(PATIENCE), "the server has it")
                yield
            finally:
                gone.set()
                self._wait_remaining_requests()

    def _clear(self):
        """Read anew what requests have written, and let them see what we did."""
        self.env.flush_all()
        self.env.invalidate_all()

    def _get_operations(self, **values):
        self._clear()
        domain = [("visit_id", "=", self.visit.id)]
        domain += [(field, "=", value) for field, value in values.items()]
        return self.env["aftersales.field.operation"].search(domain)


class _Phones:
    def __init__(self, test, logins):
        test._clear()
        self.context = open_phones(test, *logins)

    def __enter__(self) -> list[Phone]:
        phones = self.context.__enter__()
        for phone in phones:
            phone.open()
            phone.keep()
        return phones

    def __exit__(self, *error):
        return self.context.__exit__(*error)
