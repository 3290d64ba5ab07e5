import json
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.bus.tests.common import WebsocketCase

from .test_board import BoardCommon


class BusCommon(BoardCommon):
    def _send(self):
        """Send what was collected, as the end of the transaction does."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def _take_messages(self):
        """Return ``[(channel, type, payload)]`` sent since the last call."""
        self._send()
        Bus = self.env["bus.bus"].sudo()
        rows = Bus.search([("message", "like", "aftersales.")], order="id")
        messages = []
        for row in rows:
            message = json.loads(row.message)
            channel = tuple(json.loads(row.channel)[1:])
            messages.append((channel, message["type"], message["payload"]))
        rows.unlink()
        return messages

    def _get_shop_messages(self):
        return [
            (channel, payload)
            for channel, kind, payload in self._take_messages()
            if kind == "aftersales.board/changed"
        ]


@tagged("post_install", "-at_install")
class TestBoardBus(BusCommon):
    def test_ids_only_and_once(self):
        order, other = self._create_approved(), self._create_approved()
        self._take_messages()
        (order + other).action_start()
        order.date_promised = fields.Datetime.now()
        messages = self._take_messages()
        self.assertEqual(len(messages), 2, "one for each board, however much changed")
        by_type = {kind: (channel, payload) for channel, kind, payload in messages}
        channel, payload = by_type["aftersales.board/changed"]
        self.assertEqual(channel, ("aftersales.board", self.board.id, "shop"))
        self.assertEqual(
            payload,
            {
                "board": self.board.id,
                "orders": (order + other).ids,
                "bookings": [],
                "all": False,
            },
        )
        channel, payload = by_type["aftersales.lounge/changed"]
        self.assertEqual(payload, {}, "the public learns that something changed")
        self.assertEqual(channel[2], f"lounge-{self.lounge.sudo().code_nonce}")

    def test_what_is_told(self):
        order = self._create_approved()
        self._take_messages()
        bookings = self._book(order, "2040-03-05 09:00")
        [(_channel, payload)] = self._get_shop_messages()
        self.assertEqual(payload["bookings"], sorted(bookings.ids))
        self.assertEqual(payload["orders"], order.ids)
        order.action_start()
        self._take_messages()
        order.job_ids.action_clock_on(employee=self.employee_anna)
        [(_channel, payload)] = self._get_shop_messages()
        self.assertEqual(payload["orders"], order.ids)

    def test_parts_that_come_in(self):
        order = self._approve(self._create_work(1, parts=[self.part_avco]))
        self._take_messages()
        self._stock(self.part_avco, 5)
        order.picking_ids.action_assign()
        self.assertIn(order.id, self._get_shop_messages()[0][1]["orders"])

    def test_team_and_company(self):
        team = self.env["aftersales.team"].create(
            {"name": "Body Shop", "company_id": self.company.id}
        )
        other = self.env["res.company"].create({"name": "Other"})
        self.env["aftersales.board"].create({"name": "Theirs", "company_id": other.id})
        self.board.team_ids = team
        order = self._create_approved()
        self._take_messages()
        order.date_promised = fields.Datetime.now()
        self.assertFalse(self._get_shop_messages())
        order.team_id = team
        [(channel, _payload)] = self._get_shop_messages()
        self.assertEqual(channel[1], self.board.id)
        order.team_id = self.team
        self.assertEqual(len(self._get_shop_messages()), 1, "the board it leaves")

    def test_without_board_nothing(self):
        """Not a statement more, and no message."""
        order = self._create_approved()
        self._take_messages()
        (self.board | self.lounge).active = False
        self._take_messages()
        bookings = order.booking_ids
        self.env["aftersales.board"]._has_listeners()
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.env["aftersales.board"]._notify_orders(order)
            self.env["aftersales.board"]._notify_bookings(bookings)
        order.date_promised = fields.Datetime.now()
        self.assertFalse(self._take_messages())

    def test_expired_link_hears_nothing(self):
        order = self._create_approved()
        self.lounge.expiry = fields.Datetime.now() - timedelta(minutes=1)
        self._take_messages()
        order.date_promised = fields.Datetime.now()
        kinds = [kind for _channel, kind, _payload in self._take_messages()]
        self.assertEqual(kinds, ["aftersales.board/changed"])

    def test_withdrawn_link_gets_a_last_message(self):
        nonce = self.lounge.sudo().code_nonce
        self._take_messages()
        self.lounge.with_user(self.manager).action_withdraw_code()
        messages = self._take_messages()
        self.assertEqual([message[0][2] for message in messages], [f"lounge-{nonce}"])
        order = self._create_approved()
        self.assertTrue(order)
        channels = [message[0][2] for message in self._take_messages()]
        self.assertNotIn(f"lounge-{nonce}", channels)


@tagged("post_install", "-at_install")
class TestBoardChannels(BusCommon, WebsocketCase):
    """Who is let in, asked the way a browser does."""

    def _connect(self, login, channel):
        session = self.authenticate(login, login)
        socket = self.websocket_connect(cookie=f"session_id={session.sid}")
        last = self.env["bus.bus"].sudo()._bus_last_id()
        self.subscribe(socket, [channel], last)
        return socket

    def _get_types(self, socket, channel):
        """Return the types of what the socket hears of a message on the channel."""
        self.env["bus.bus"]._sendone("broadcast", "after", {})
        self.trigger_notification_dispatching([channel, "broadcast"])
        notifications = json.loads(socket.recv())
        return [each["message"]["type"] for each in notifications]

    def _change(self):
        order = self._create_approved()
        order.date_promised = fields.Datetime.now()

    def test_advisor_and_stranger(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="base.group_user,aftersales.aftersales_group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        name = f"aftersales.board_{self.board.id}"
        channel = self.board._get_channel("shop", None)
        for login, heard in ((self.advisor.login, True), (stranger.login, False)):
            socket = self._connect(login, name)
            self._change()
            types = self._get_types(socket, channel)
            self.assertEqual("aftersales.board/changed" in types, heard, login)

    def test_public(self):
        """With the link, and with nothing else."""
        code = self.lounge._get_code()
        nonce = self.lounge.sudo().code_nonce
        channel = self.lounge._get_channel("lounge", nonce)
        forged = code[:-1] + ("0" if code[-1] != "0" else "1")
        shop = f"aftersales.board_{self.board.id}"
        for name, heard in (
            (f"aftersales.lounge_{code}", True),
            (f"aftersales.lounge_{forged}", False),
            (f"aftersales.board_{self.lounge.id}", False),
            (f"lounge-{nonce}", False),
            (shop, False),
        ):
            socket = self._connect(None, name)
            self._change()
            types = self._get_types(socket, channel)
            self.assertEqual("aftersales.lounge/changed" in types, heard, name)

    def test_withdrawn(self):
        code = self.lounge._get_code()
        nonce = self.lounge.sudo().code_nonce
        channel = self.lounge._get_channel("lounge", nonce)
        socket = self._connect(None, f"aftersales.lounge_{code}")
        self.lounge.action_withdraw_code()
        self.assertIn("aftersales.lounge/changed", self._get_types(socket, channel))
        self._change()
        self.assertNotIn("aftersales.lounge/changed", self._get_types(socket, channel))
        late = self._connect(None, f"aftersales.lounge_{code}")
        self._change()
        new = self.lounge._get_channel("lounge", self.lounge.sudo().code_nonce)
        self.assertNotIn("aftersales.lounge/changed", self._get_types(late, new))
