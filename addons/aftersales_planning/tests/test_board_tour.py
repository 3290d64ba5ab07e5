from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .test_board import BoardCommon


@tagged("post_install", "-at_install")
class TestBoardTour(BoardCommon, HttpCase):
    browser_size = "2200x900"  # all hours of the day without scrolling

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Open round the clock: the tour runs at any hour of any day.
        cls.open = cls._create_calendar("Always", "UTC", [(0, 24)], range(7))
        resources = cls.bay | cls.bay_alignment | cls.tool | cls.anna | cls.ben
        resources.write({"calendar_id": cls.open.id, "tz": "UTC"})
        cls.advisor.tz = "UTC"

    def _create_scene(self, start):
        """Return two approved orders: one booked at ``start``, one without a time."""
        today = datetime.combine(fields.Date.today(), datetime.min.time())
        taken = self._create_resource("Taken", "bay", self.lift, calendar=self.open)
        self.env["aftersales.booking"].create(
            {
                "resource_id": taken.id,
                "start": today,
                "stop": today + timedelta(days=2),
            }
        )
        booked, to_plan = self._create_approved(1), self._create_approved(1)
        asset = self.asset.copy({"name": "Booked car"})
        booked.asset_id = asset
        to_plan.asset_id = self.asset.copy({"name": "To plan by hand"})
        self.env["aftersales.booking"].create(
            [
                {
                    "resource_id": resource.id,
                    "order_id": booked.id,
                    "start": start,
                    "stop": start + timedelta(minutes=30),
                }
                for resource in (self.bay, self.anna)
            ]
        )
        booked.write({"booking_state": "confirmed", "date_planned": start})
        return booked, to_plan

    def test_board(self):
        today = datetime.combine(fields.Date.today(), datetime.min.time())
        # Planned where it lies in the future, also shortly before midnight.
        start = max(today + timedelta(hours=12), fields.Datetime.now())
        booked, _to_plan = self._create_scene(start)
        self.start_tour(
            "/odoo/shop-board", "aftersales_shop_board", login=self.advisor.login
        )
        self.assertEqual(booked.state, "progress")
        self.assertTrue(booked.date_arrived)
        bookings = booked._get_active_bookings()
        self.assertIn(self.bay, bookings.resource_id)

    def test_drag(self):
        """The mouse moves cards between bays, out of the list and between stages."""
        # Tomorrow: whatever the hour, there is time left to drop a card on.
        tomorrow = datetime.combine(fields.Date.today(), datetime.min.time())
        tomorrow += timedelta(days=1)
        start = tomorrow.replace(hour=10)
        booked, to_plan = self._create_scene(start)
        self.start_tour(
            "/odoo/shop-board", "aftersales_shop_board_drag", login=self.advisor.login
        )
        self.assertEqual(
            booked._get_active_bookings().resource_id, self.bay_alignment | self.anna
        )
        self.assertEqual(booked.date_planned, start, "the card kept its time")
        self.assertEqual(booked.booking_state, "arrived")
        self.assertEqual(booked.state, "approved")
        self.assertIn(self.bay, to_plan._get_active_bookings().resource_id)
        self.assertEqual(to_plan.date_planned.date(), tomorrow.date())

    def test_board_goes_on_at_midnight(self):
        """Today stays today; another day that was opened stays that day."""
        self.browser_js(
            "/odoo/shop-board",
            """
            (async () => {
                const { BoardModel } = odoo.loader.modules.get(
                    "@aftersales_planning/board/board_model"
                );
                let today = luxon.DateTime.now().toISODate();
                const call = async (_model, _method, [, date]) => ({
                    date: date || today,
                    board: {}, teams: [], resources: [], orders: {}, bookings: [],
                });
                const model = new BoardModel({ silent: { call } }, 1, 30);
                const expect = (date) => {
                    if (model.date !== date) {
                        throw new Error(`${model.date} instead of ${date}`);
                    }
                };
                await model.load();
                expect(today);
                await model.load(today);
                today = "2100-01-02";
                await model.load();
                expect("2100-01-02");
                await model.load("2100-05-05");
                today = "2100-01-03";
                await model.load();
                expect("2100-05-05");
                console.log("test successful");
            })();
            """,
            ready="odoo.isReady === true",
            login=self.advisor.login,
        )
