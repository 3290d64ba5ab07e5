from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .app_common import AppCommon, pixel

# What each kind of entry may name besides the visit: {field: what it points at}.
POINTERS = {
    "travel": {},
    "turn_back": {},
    "arrive": {},
    "pause": {},
    "resume": {},
    "block": {},
    "hand_over": {"technician_id": "employee"},
    "set": {"job_id": "job"},
    "answers": {"inspection_id": "inspection"},
    "inspect_finish": {"inspection_id": "inspection"},
    "remove_photo": {"inspection_id": "inspection"},
    "clock_on": {"job_id": "job"},
    "clock_pause": {"job_id": "job", "reason_id": "reason"},
    "clock_off": {"job_id": "job"},
    "use_part": {"product_id": "product", "job_id": "job"},
    "unuse_part": {"line_id": "line"},
    "missing_part": {"product_id": "product", "job_id": "job"},
    "added_work": {"job_id": "job"},
    "consent": {"job_ids": "job"},
    "refuse_paid": {"job_ids": "job"},
    "old_part": {"line_id": "line"},
    "opinion": {},
    "sign": {},
    "payment": {"method": "method"},
    "meter": {},
    "count": {"counts": "count"},
    "finish": {"done_job_ids": "job"},
    "note": {"job_id": "job"},
    "job_done": {"job_id": "job"},
    "person": {},
}
VALUES = {
    "reason": "Because",
    "name": "Li Na",
    "note": "Note",
    "text": "Rust",
    "cause": "Worn",
    "quantity": 1,
    "signer": "Wang Fang",
    "signature": "iVBORw0KGgo=",
    "score": 5,
    "outcome": "follow_up",
    "value": 100,
    "choice": "keep",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 12:00:00")
class TestAppRights(AppCommon):
    """Every kind of entry with every id of somebody else, from every sort of user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreign_product = cls.env["product.product"].create(
            {"name": "Theirs", "company_id": cls.other_company.id}
        )
        cls.foreign_reason = cls.env["aftersales.clock.reason"].create(
            {"name": "Theirs", "company_id": cls.other_company.id}
        )
        cls.foreign_method = cls.env["aftersales.visit.payment.method"].create(
            {"name": "Theirs", "company_id": cls.other_company.id}
        )
        cls.foreign_employee = cls.env["hr.employee"].create(
            {"name": "Stranger", "company_id": cls.other_company.id}
        )
        cls.foreign_employee.resource_id.aftersales_role = "technician"

    def setUp(self):
        super().setUp()
        part = self.env["product.product"].create(
            {"name": "Filter", "is_storable": True}
        )
        self.mine = self._create_visit_with(part, self.employee_anna)
        self.theirs = self._create_visit_with(part, self.employee_ben)
        self.sub = self._create_visit_with(part, self.employee_carl)
        self.foreign = {
            "job": self.theirs.job_ids.id,
            "line": self.theirs.job_ids.line_ids[-1].id,
            "inspection": self.theirs.order_id.inspection_ids.id,
            "product": self.foreign_product.id,
            "reason": self.foreign_reason.id,
            "method": self.foreign_method.id,
            "employee": self.foreign_employee.id,
            "count": [{"product_id": self.foreign_product.id, "quantity": 1}],
        }

    def _create_visit_with(self, part, technician):
        order = self._create_work(1)
        order.job_ids.line_ids = [
            Command.create({"product_id": part.id, "kind": "part"})
        ]
        order.action_approve()
        visit = order.action_create_visit()
        visit.action_plan(start=self._local("2026-03-03 09:00"), technician=technician)
        self._create_checklist(visit)
        return visit

    def _get_values(self, kind, visit, **values):
        own = {
            "job": visit.job_ids.id,
            "line": visit.job_ids.line_ids[-1].id,
            "inspection": visit.order_id.inspection_ids.id,
            "product": visit.job_ids.line_ids[-1].product_id.id,
            "reason": self.env["aftersales.clock.reason"].search([], limit=1).id,
            "employee": self.employee_ben.id,
            "method": "cash",
            "count": [],
        }
        extra = {"answers": [{"item_id": self.words.id, "value_text": "Fine"}]}
        extra = {**VALUES, **extra}
        if kind == "set":
            extra = {"cause": "Worn"}
        return {
            **extra,
            **{field: own[what] for field, what in POINTERS[kind].items()},
            **values,
        }

    def _get_traces(self):
        """Return what must not move on anything that is not the user's."""
        self.env.flush_all()
        self.env.invalidate_all()
        visit = self.theirs
        order = visit.order_id
        return (
            visit.state,
            visit.stamp_ids.ids,
            visit.technician_id,
            visit.helper_ids,
            visit.note,
            visit.signed_by,
            visit.opinion,
            visit.person_ids.ids,
            visit.outcome,
            visit.payment_method_id,
            order.state,
            order.job_ids.ids,
            order.meter_in,
            order.job_ids.mapped("state"),
            order.job_ids.mapped("cause"),
            order.job_ids.clock_entry_ids.ids,
            order.job_ids.line_ids.ids,
            order.job_ids.line_ids.mapped("product_uom_qty"),
            order.old_part_ids.ids,
            order.inspection_ids.mapped("state"),
            order.inspection_ids.answer_ids.mapped("value_text"),
            self.env["aftersales.clock.entry"].search_count([]),
        )

    def test_every_kind_is_in_the_matrix(self):
        self.assertEqual(
            set(POINTERS), set(self.env["aftersales.field.app"]._get_kinds())
        )

    def test_visit_of_somebody_else(self):
        before = self._get_traces()
        for user in (self.anna_user, self.portal_engineer_user):
            phone = self._phone(user)
            for kind in POINTERS:
                if kind == "count":
                    continue
                for visit in (self.theirs.id, 10**9, -1, None):
                    phone.do(kind, visit, **self._get_values(kind, self.theirs))
            for operation, result in zip(list(phone.outbox), phone.sync(), strict=True):
                with self.subTest(user=user.name, kind=operation["kind"]):
                    self.assertEqual(result["state"], "refused")
                    self.assertIn("not yours", result["message"])
                    self.assertNotIn(self.theirs.name, result["message"])
            self.assertFalse(
                self.env["aftersales.field.operation"]
                .search([("user_id", "=", user.id)])
                .visit_id
            )
        self.assertEqual(self._get_traces(), before)

    def test_ids_of_somebody_else_in_own_visits(self):
        before = self._get_traces()
        for user, visit in (
            (self.anna_user, self.mine),
            (self.portal_engineer_user, self.sub),
        ):
            phone = self._phone(user)
            phone.send("arrive", visit)
            for kind, pointers in POINTERS.items():
                for field, what in pointers.items():
                    values = [self.foreign[what]]
                    if what != "count":
                        values += [10**9, -5, "1", {"id": 1}, 1.5]
                    for value in values:
                        result = phone.send(
                            kind,
                            visit,
                            **self._get_values(kind, visit, **{field: value}),
                        )
                        with self.subTest(
                            user=user.name, kind=kind, field=field, value=value
                        ):
                            self.assertEqual(result["state"], "refused", result)
        # Anna's and Carl's arrivals clocked nothing, and Ben's things are as before.
        self.assertEqual(self._get_traces(), before)

    def test_own_ids_are_taken(self):
        """The matrix is no proof where everything is refused."""
        for user, visit in (
            (self.anna_user, self.mine),
            (self.portal_engineer_user, self.sub),
        ):
            phone = self._phone(user)
            for kind in ("travel", "arrive", "pause", "resume", "set", "answers",
                         "clock_on", "clock_pause", "clock_off", "added_work", "sign",
                         "opinion", "payment", "missing_part"):  # fmt: skip
                values = self._get_values(kind, visit)
                if kind == "sign":
                    values["signature"] = pixel()
                result = phone.send(kind, visit, **values)
                with self.subTest(user=user.name, kind=kind):
                    self.assertEqual(result["state"], "done", result)

    def test_results_of_somebody_else_are_not_told(self):
        operation = self._phone().do("travel", self.mine)
        self.env["aftersales.field.app"].with_user(self.anna_user).sync(
            operations=[operation]
        )
        (result,) = self._phone(self.ben_user).sync([operation])
        self.assertEqual(result["state"], "refused")

    def test_other_company(self):
        self.anna_user.write(
            {
                "company_ids": [Command.set(self.other_company.ids)],
                "company_id": self.other_company.id,
            }
        )
        phone = self._phone()
        self.assertFalse(phone.pull()["visits"])
        self.assertEqual(phone.send("travel", self.mine)["state"], "refused")
        self.assertEqual(self.mine.state, "planned")

    def test_two_companies_on_one_phone(self):
        self.anna_user.write(
            {
                "company_ids": [Command.link(self.other_company.id)],
                "company_id": self.other_company.id,
            }
        )
        phone = self._phone()
        self.assertEqual([v["id"] for v in phone.pull()["visits"]], [self.mine.id])
        self.assertEqual(phone.send("travel", self.mine)["state"], "done")
        operation = self.env["aftersales.field.operation"].search(
            [("user_id", "=", self.anna_user.id)]
        )
        self.assertEqual(operation.company_id, self.company)

    def test_customer_and_stranger_get_nothing(self):
        stranger = self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "field_customer",
                "partner_id": self.customer.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        phone = self._phone(stranger)
        phone.do("travel", self.mine)
        for call in (phone.pull, phone.sync):
            with self.assertRaisesRegex(AccessError, "for engineers"):
                call()
        answer = phone.app.put_photo(photo="a", visit_id=self.mine.id)
        self.assertTrue(answer["refused"])
        self.assertIn("for engineers", answer["error"])
        self.assertFalse(
            self.env["aftersales.field.operation"].search(
                [("user_id", "=", stranger.id)]
            ),
            "nothing is kept of them",
        )

    def test_colleagues_who_make_no_visits_see_no_catalogue(self):
        """As somebody who left the field service, with entries still on the phone."""
        clerk = self.env["hr.employee"].create(
            {"name": "Clerk", "company_id": self.company.id}
        )
        phone = self._phone(
            self._create_engineer_user("clerk", clerk, "base.group_user")
        )
        reference = phone.pull()["reference"]
        self.assertEqual(reference["products"], [])
        self.assertEqual(reference["colleagues"], [])
        clerk.active = False
        self.assertEqual(phone.send("travel", self.mine)["state"], "refused")
        clerk.write({"active": True})
        clerk.resource_id.aftersales_role = "technician"
        reference = phone.pull()["reference"]
        self.assertTrue(reference["products"], "known as changed")
        self.assertIn("Anna", [each["name"] for each in reference["colleagues"]])

    def test_prices_are_for_who_may_see_them(self):
        for user, seen in (
            (self.anna_user, False),
            (self.portal_engineer_user, False),
            (self.dispatcher, True),
        ):
            products = self._phone(user).pull()["reference"]["products"]
            with self.subTest(user=user.name):
                self.assertTrue(products)
                self.assertEqual(any("price" in each for each in products), seen)

    def test_entries_of_absurd_size_are_refused_and_cut(self):
        phone = self._phone()
        signature = "x" * 2 * 1024**2
        operation = phone.do("sign", self.mine, signer="Me", signature=signature)
        (result,) = phone.sync()
        self.assertEqual(result["state"], "refused")
        self.assertEqual(phone.sync([operation])[0]["state"], "refused", "once more")
        kept = self.env["aftersales.field.operation"].search(
            [("name", "=", operation["id"])]
        )
        self.assertEqual(kept.visit_id, self.mine)
        self.assertEqual(kept.kind, "sign")
        self.assertLess(len(str(kept.payload)), 20000)
        signature = "x" * 500 * 1024
        phone.send("sign", self.mine, signer="Me", signature=signature)
        kept = self.env["aftersales.field.operation"].search([], limit=1)
        self.assertEqual(kept.payload["values"]["signature"], signature)

    def test_advisor_acts_for_everybody_in_reach(self):
        phone = self._phone(self.dispatcher)
        self.assertFalse(phone.pull()["visits"], "no visits of the own")
        self.assertEqual(phone.send("travel", self.theirs)["state"], "done")
        self.assertEqual(self.theirs.state, "travel")
