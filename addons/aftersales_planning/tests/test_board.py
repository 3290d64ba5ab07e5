from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import MONDAY, PlanningCommon


class BoardCommon(PlanningCommon):
    """A shop board and a lounge board of ``company``, and orders booked on a Monday.

    * ``board``, ``lounge``; ``_book(order, start)`` in ``bay`` with ``anna``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.advisor.tz = cls.manager.tz = "Europe/Berlin"
        cls.asset.serial = "WVWZZZ1KZAW123456"
        cls.board, cls.lounge = cls.env["aftersales.board"].create(
            [
                {"name": "Shop", "kind": "shop", "company_id": cls.company.id},
                {
                    "name": "Waiting Room",
                    "kind": "lounge",
                    "company_id": cls.company.id,
                    "lang": "en_US",
                    "tz": "Europe/Berlin",
                },
            ]
        )

    def _book(self, order, start):
        order.action_book(
            start=self._local(start),
            resources={"bay": self.bay.ids, "technician": self.anna.ids},
        )
        return order.booking_ids

    def _create_approved(self, hours=2, **job):
        # A lift, so that a bay is booked too.
        order = self._create_work(hours, resource_type_ids=self.lift.ids, **job)
        return self._approve(order)

    def _get_payload(self, board=None, user=None):
        board = (board or self.board).with_user(user or self.advisor)
        # As the web client calls it.
        return board.with_context(tz="Europe/Berlin").get_payload(MONDAY)


@tagged("post_install", "-at_install")
@freeze_time(f"{MONDAY} 07:30:00")
class TestBoard(BoardCommon):
    def test_day(self):
        order = self._create_approved()
        order.date_promised = self._local("2026-03-02 16:00")
        bookings = self._book(order, "2026-03-02 09:00")
        waiting = self._create_approved()
        payload = self._get_payload()
        self.assertEqual(payload["start"], "2026-03-01 23:00:00")
        self.assertEqual(payload["stop"], "2026-03-02 23:00:00")
        rows = {row["id"]: row for row in payload["resources"]}
        self.assertLessEqual({self.bay.id, self.anna.id, self.tool.id}, rows.keys())
        self.assertEqual(
            rows[self.bay.id]["hours"],
            [
                ["2026-03-02 07:00:00", "2026-03-02 11:00:00"],
                ["2026-03-02 12:00:00", "2026-03-02 16:00:00"],
            ],
        )
        self.assertEqual(
            {booking["resource_id"] for booking in payload["bookings"]},
            {self.bay.id, self.anna.id},
        )
        self.assertEqual(
            {booking["id"] for booking in payload["bookings"]}, set(bookings.ids)
        )
        card = payload["orders"][order.id]
        self.assertEqual(card["stage"], "booked")
        self.assertEqual(card["promise"], "2026-03-02 15:00:00")
        self.assertEqual(card["planned"], "2026-03-02 08:00:00")
        self.assertEqual(card["technicians"], ["Anna"])
        self.assertFalse(payload["orders"][waiting.id]["planned"], "is to be planned")

    def test_day_of_clock_change(self):
        payload = self.board.with_user(self.advisor).get_payload("2026-03-29")
        self.assertEqual(payload["start"], "2026-03-28 23:00:00")
        self.assertEqual(payload["stop"], "2026-03-29 22:00:00")

    def test_stages(self):
        order = self._create_approved()
        self._book(order, "2026-03-02 09:00")

        def stage():
            return self._get_payload()["orders"][order.id]["stage"]

        self.assertEqual(stage(), "booked")
        order.action_board_step("arrived")
        self.assertEqual(stage(), "arrived")
        order.action_board_step("work")
        self.assertEqual(stage(), "work")
        self._add_job(order, [(self.labour, 1)])
        order.action_estimate()
        self.assertEqual(stage(), "waiting")
        self.assertTrue(self._get_payload()["orders"][order.id]["answer"])
        order.action_approve()
        self.assertEqual(stage(), "work")
        order.action_complete()
        self.assertEqual(stage(), "check")
        order.action_board_step("ready")
        self.assertEqual(stage(), "ready")
        order.action_deliver()
        self.assertNotIn(order.id, self._get_payload()["orders"])
        with self.assertRaisesRegex(UserError, order.name):
            order.action_board_step("check")

    def test_waiting_for_parts(self):
        order = self._approve(self._create_work(2, parts=[self.part_avco]))
        order.action_arrive()
        card = self._get_payload()["orders"][order.id]
        self.assertEqual((card["parts"], card["stage"]), (True, "waiting"))
        self._stock(self.part_avco, 5)
        order.picking_ids.action_assign()
        card = self._get_payload()["orders"][order.id]
        self.assertEqual((card["parts"], card["stage"]), (False, "arrived"))

    def test_running_clock_is_shown(self):
        order = self._create_approved()
        self._book(order, "2026-03-02 09:00")
        order.action_arrive()
        order.action_start()
        order.job_ids.action_clock_on(employee=self.employee_anna)
        card = self._get_payload()["orders"][order.id]
        self.assertEqual(card["working"], ["Anna"])
        self._add_job(order, [(self.labour, 1)])
        order.action_estimate()
        card = self._get_payload()["orders"][order.id]
        self.assertEqual((card["answer"], card["stage"]), (True, "work"))
        order.job_ids.action_clock_off(employee=self.employee_anna)
        card = self._get_payload()["orders"][order.id]
        self.assertEqual(card["stage"], "waiting")

    def test_away_without_reason(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Operation",
                "resource_id": self.anna.id,
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": self._local("2026-03-02 10:00"),
                "date_to": self._local("2026-03-05 10:00"),
            }
        )
        payload = self._get_payload()
        row = next(row for row in payload["resources"] if row["id"] == self.anna.id)
        self.assertEqual(row["away"], [["2026-03-02 09:00:00", payload["stop"]]])
        self.assertNotIn("Operation", str(payload))

    def test_open_when_appointments_are_made(self):
        """Holidays close, and without a calendar of its own that of the company."""
        company_calendar = self._create_calendar("House", "Europe/Berlin", [(9, 15)])
        self.company.resource_calendar_id = company_calendar
        tool = self._create_resource("Loose", "tool")
        tool.calendar_id = False
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Works meeting",
                "company_id": self.company.id,
                "calendar_id": False,
                "date_from": self._local("2026-03-02 10:00"),
                "date_to": self._local("2026-03-02 12:00"),
            }
        )
        rows = {row["id"]: row for row in self._get_payload()["resources"]}
        self.assertEqual(
            rows[self.bay.id]["hours"],
            [
                ["2026-03-02 07:00:00", "2026-03-02 09:00:00"],
                ["2026-03-02 12:00:00", "2026-03-02 16:00:00"],
            ],
        )
        self.assertEqual(
            rows[tool.id]["hours"],
            [
                ["2026-03-02 08:00:00", "2026-03-02 09:00:00"],
                ["2026-03-02 11:00:00", "2026-03-02 14:00:00"],
            ],
        )

    def test_closed_for_months(self):
        """A block that began long ago is still there."""
        block = self.env["aftersales.booking"].create(
            {
                "resource_id": self.bay.id,
                "start": self._local("2026-01-02 09:00"),
                "stop": self._local("2026-03-02 10:00"),
            }
        )
        [booking] = self._get_payload()["bookings"]
        self.assertEqual((booking["id"], booking["kind"]), (block.id, "block"))
        board = self.board.with_user(self.advisor).with_context(tz="Europe/Berlin")
        self.assertTrue(board.get_payload("2026-02-20")["bookings"])
        self.assertFalse(board.get_payload("2026-03-03")["bookings"])

    def test_changes_are_those_asked_for(self):
        order, other = self._create_approved(), self._create_approved()
        self._book(order, "2026-03-02 09:00")
        board = self.board.with_user(self.advisor)
        changes = board.get_changes(order.ids, [], MONDAY)
        self.assertEqual(set(changes["orders"]), set(order.ids))
        whole = board.get_payload(MONDAY)
        self.assertEqual(changes["orders"][order.id], whole["orders"][order.id])
        self.assertEqual(changes["bookings"], whole["bookings"])
        other.action_cancel()
        self.assertFalse(board.get_changes(other.ids, [], MONDAY)["orders"])

    def test_two_companies(self):
        """Neither board, rows nor orders of another company are seen."""
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="base.group_user,aftersales.aftersales_group_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        board = self.env["aftersales.board"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        order = self._create_approved()
        self._book(order, "2026-03-02 09:00")
        payload = self._get_payload(board, stranger)
        self.assertFalse(payload["resources"])
        self.assertFalse(payload["orders"])
        self.assertFalse(payload["bookings"])
        with self.assertRaises(AccessError):
            self._get_payload(self.board, stranger)
        boards = self.env["aftersales.board"].with_user(stranger).get_boards()
        self.assertEqual([each["id"] for each in boards["boards"]], board.ids)
        self.assertFalse(boards["can_create"])

    def test_another_team(self):
        """An advisor sees that a bay is taken, and not by what."""
        team = self.env["aftersales.team"].create(
            {"name": "Body Shop", "company_id": self.company.id}
        )
        order = self._create_approved()
        self._book(order, "2026-03-02 09:00")
        order.write({"team_id": team.id, "user_id": self.manager.id})
        payload = self._get_payload()
        self.assertNotIn(order.id, payload["orders"])
        self.assertIn(order.id, [each["order_id"] for each in payload["bookings"]])
        self.board.team_ids = team
        self.assertIn(order.id, self._get_payload(user=self.manager)["orders"])
        self.board.team_ids = self.team
        self.assertNotIn(order.id, self._get_payload(user=self.manager)["orders"])

    def test_statements_do_not_grow(self):
        def fill(count):
            orders = self.env["aftersales.order"]
            for _number in range(count):
                orders |= self._create_approved(0.5)
            orders.action_arrive()
            for number, order in enumerate(orders):
                self.env["aftersales.booking"].create(
                    {
                        "order_id": order.id,
                        "resource_id": self._create_resource("Bay", "bay").id,
                        "start": self._local("2026-03-02 09:00"),
                        "stop": self._local("2026-03-02 11:00")
                        + timedelta(minutes=number),
                    }
                )

        def count_statements():
            self.env.flush_all()
            self._get_payload()  # what Odoo keeps of rights and fields
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            payload = self._get_payload()
            return self.env.cr.sql_log_count - before, len(payload["orders"])

        fill(2)
        few, _cards = count_statements()
        fill(10)
        many, cards = count_statements()
        self.assertEqual(cards, 12)
        self.assertEqual(many, few)
        self.assertLess(many, 15)

    # Moving

    def test_move(self):
        order = self._create_approved()
        bookings = self._book(order, "2026-03-02 09:00")
        in_bay = bookings.filtered(lambda each: each.resource_id == self.bay)
        # Without the manager's help: the advisor drags.
        in_bay.with_user(self.advisor).action_move(
            start=fields.Datetime.to_string(self._local("2026-03-02 13:00")),
            resource_id=self.bay_alignment.id,
        )
        active = order._get_active_bookings()
        self.assertEqual(active.resource_id, self.bay_alignment | self.anna)
        self.assertEqual(set(active.mapped("start")), {self._local("2026-03-02 13:00")})
        self.assertEqual(order.date_planned, self._local("2026-03-02 13:00"))

    def test_move_to_another_technician(self):
        order = self._create_approved()
        booking = self._book(order, "2026-03-02 09:00").filtered(
            lambda each: each.resource_id == self.anna
        )
        booking.with_user(self.advisor).action_move(resource_id=self.ben.id)
        self.assertEqual(booking.resource_id, self.ben)
        self.assertEqual(booking.start, self._local("2026-03-02 09:00"))
        self.assertEqual(order.job_ids.technician_id, self.employee_ben)
        with self.assertRaisesRegex(UserError, "Bay 1.*Ben"):
            booking.action_move(resource_id=self.bay.id)

    def test_move_keeps_the_arrival(self):
        order = self._create_approved()
        booking = self._book(order, "2026-03-02 09:00")[:1]
        order.action_arrive()
        booking.action_move(start=self._local("2026-03-02 13:00"))
        self.assertEqual(order.booking_state, "arrived")
        self.assertEqual(order.date_planned, self._local("2026-03-02 13:00"))

    def test_refused_move_says_why_and_changes_nothing(self):
        one, other = self._create_approved(), self._create_approved()
        first = self._book(one, "2026-03-02 09:00")
        self._book(other, "2026-03-02 13:00")
        in_bay = first.filtered(lambda each: each.resource_id == self.bay)
        with self.assertRaisesRegex(
            UserError, "Bay 1 is taken.*next free time is Mon, Mar 2 15:00"
        ):
            in_bay.with_user(self.advisor).action_move(
                start=self._local("2026-03-02 13:00")
            )
        self.env.invalidate_all()
        self.assertEqual(one.date_planned, self._local("2026-03-02 09:00"))
        one.action_arrive()
        one.action_start()
        with self.assertRaisesRegex(UserError, "is taken"):
            in_bay.with_user(self.advisor).action_move(
                start=self._local("2026-03-02 13:00")
            )

    def test_move_when_work_has_begun(self):
        order = self._create_approved()
        bookings = self._book(order, "2026-03-02 09:00")
        order.action_arrive()
        order.action_start()
        bookings[0].action_move(start=self._local("2026-03-02 09:30"))
        self.assertEqual(
            set(bookings.mapped("start")), {self._local("2026-03-02 09:30")}
        )
        bookings._set_state("done")
        with self.assertRaisesRegex(UserError, "is over"):
            bookings[0].action_move(start=self._local("2026-03-02 13:00"))

    def test_technician_does_not_plan(self):
        order = self._create_approved()
        booking = self._book(order, "2026-03-02 09:00")[:1]
        with self.assertRaises(AccessError):
            booking.with_user(self.technician).action_move(
                start=self._local("2026-03-02 13:00")
            )

    def test_first_board(self):
        board_id = (
            self.env["aftersales.board"]
            .with_user(self.manager)
            .action_create_shop_board()
        )
        board = self.env["aftersales.board"].browse(board_id)
        self.assertEqual(board.company_id, self.company)
        with self.assertRaises(AccessError):
            self.env["aftersales.board"].with_user(
                self.advisor
            ).action_create_shop_board()
