from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import FieldCommon

MEASURES = (
    "visit_count",
    "hours_travel",
    "hours_onsite",
    "first_time_fix",
    "is_punctual",
    "opinion",
    "part_missing",
)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 20:00:00")
class TestVisitAnalysis(FieldCommon):
    """Peer 30: figures of visits come from their steps and from how they ended."""

    def _read(self, groupby="technician_id", domain=()):
        self.env.flush_all()
        specs = [
            f"{name}:{'avg' if index > 2 else 'sum'}"
            for index, name in enumerate(MEASURES)
        ]
        groups = self.env["aftersales.visit.analysis"]._read_group(
            [("company_id", "=", self.company.id), *domain], [groupby], specs
        )
        return {
            key: dict(zip(MEASURES, values, strict=True)) for key, *values in groups
        }

    def _visit(self, technician=None, hour=9, steps=(), **values):
        """Make a visit with steps ``(kind, local time)`` and what came of it."""
        visit = self._create_visit(
            1,
            f"2026-03-02 {hour:02}:00",
            technician or self.employee_anna,
            site=self.site_mitte,
        )
        self.env["aftersales.visit.stamp"].create(
            [
                {
                    "visit_id": visit.id,
                    "kind": kind,
                    "date": self._local(f"2026-03-02 {clock}"),
                    "employee_id": visit.technician_id.id,
                }
                for kind, clock in steps
            ]
        )
        for kind, clock in steps:
            if kind == "arrive":
                visit.sudo().date_arrived = self._local(f"2026-03-02 {clock}")
        if "outcome" in values:
            visit._set_state("onsite")
            visit._set_state("done", **values)
        return visit

    def test_hours_from_the_steps(self):
        self._visit(
            steps=(
                ("travel", "08:30"),
                ("arrive", "09:00"),
                ("pause", "10:00"),
                ("resume", "10:45"),
                ("finish", "11:15"),
            ),
            outcome="fixed",
            opinion="5",
        )
        row = self._read()[self.employee_anna]
        self.assertEqual(row["visit_count"], 1)
        self.assertAlmostEqual(row["hours_travel"], 0.5)
        self.assertAlmostEqual(row["hours_onsite"], 1.5, msg="the pause is not work")
        self.assertEqual((row["opinion"], row["is_punctual"]), (5, 1))

    def test_rates(self):
        self._visit(steps=(("arrive", "09:10"),), outcome="fixed", opinion="4")
        self._visit(
            hour=11,
            steps=(("arrive", "11:40"),),
            outcome="part_missing",
            opinion="refused",
        )
        windowed = self._visit(hour=14, steps=(("arrive", "15:30"),))
        windowed.sudo().write(
            {
                "window_start": self._local("2026-03-02 13:00"),
                "window_stop": self._local("2026-03-02 16:00"),
            }
        )
        self._visit(self.employee_ben)
        rows = self._read()
        anna = rows[self.employee_anna]
        self.assertEqual(anna["visit_count"], 3)
        self.assertAlmostEqual(anna["is_punctual"], 2 / 3)
        self.assertEqual(anna["opinion"], 4, "who gave none does not count")
        self.assertEqual(anna["part_missing"], 0.5, "of those that are done")
        ben = rows[self.employee_ben]
        self.assertFalse(ben["is_punctual"], "nobody arrived yet")
        late = self._read(domain=[("arrival", "=", "late")])
        self.assertEqual(late[self.employee_anna]["visit_count"], 1)
        self.assertNotIn(self.employee_ben, late)
        territory = self._read("territory_id")[self.territory]
        self.assertEqual(territory["visit_count"], 4)

    def test_fixed_at_the_first_visit_counts_once_per_order(self):
        first = self._visit(outcome="follow_up")
        again = first.copy({"order_id": first.order_id.id, "previous_id": first.id})
        again.action_plan(
            start=self._local("2026-03-02 14:00"), technician=self.employee_ben
        )
        again._set_state("onsite")
        again._set_state("done", outcome="fixed")
        first.order_id.sudo().write({"first_time_fix": "no", "visits_needed": 2})
        good = self._visit(hour=15, outcome="fixed")
        good.order_id.sudo().write({"first_time_fix": "yes", "visits_needed": 1})
        rows = self._read()
        self.assertEqual(rows[self.employee_ben]["first_time_fix"], 0)
        self.assertEqual(rows[self.employee_anna]["first_time_fix"], 1)

    def test_neither_waiting_nor_cancelled(self):
        self._create_visit(1)
        self._visit().action_cancel(reason="Not at home")
        self.assertFalse(self._read())

    def test_who_may_look(self):
        visit = self._visit(outcome="fixed")
        Analysis = self.env["aftersales.visit.analysis"]
        self.env.flush_all()
        for user in (self.advisor, self.manager):
            with self.subTest(user.login):
                rows = Analysis.with_user(user).search([("visit_id", "=", visit.id)])
                self.assertEqual(rows.technician_id.name, "Anna")
                Analysis.with_user(user).formatted_read_group(
                    [], ["technician_id"], ["hours_travel:sum"]
                )
                self.assertEqual(rows.action_view_visit()["res_id"], visit.id)
        for user in (self.anna_user, self.portal_engineer_user, self.storekeeper):
            with self.subTest(user.login), self.assertRaises(AccessError):
                Analysis.with_user(user).search([])
        other = self.env["res.company"].create({"name": "Other"})
        self.manager.company_ids |= other
        rows = Analysis.with_user(self.manager).with_context(
            allowed_company_ids=other.ids
        )
        self.assertFalse(rows.search([]))


@tagged("post_install", "-at_install")
class TestVisitAnalysisTour(FieldCommon, HttpCase):
    """The table as people read it, in a browser."""

    def test_visits_ahead_have_no_rates(self):
        now = fields.Datetime.now()
        for technician, arrived in (
            (self.employee_anna, now),
            (self.employee_ben, False),
        ):
            visit = self._create_visit(1, site=self.site_mitte)
            visit._set_state(
                "planned",
                technician_id=technician.id,
                start=now,
                stop=now + timedelta(hours=1),
                date_arrived=arrived,
            )
            if arrived:
                visit._set_state("onsite")
                visit._set_state("done", outcome="fixed")
        self.start_tour(
            "/odoo/visit-analysis",
            "aftersales_field_visit_analysis",
            login=self.manager.login,
        )
