from odoo.tests import tagged

from .common import FieldCommon

TYPE = "aftersales.dispatch/changed"


@tagged("post_install", "-at_install")
class TestDispatchBus(FieldCommon):
    """What the dispatch boards hear of."""

    def setUp(self):
        super().setUp()
        self.sent = []

        def send(_bus, channel, kind, message):
            if kind == TYPE:
                self.sent.append((channel, message))

        self.patch(self.registry["bus.bus"], "_sendone", send)

    def _commit(self):
        """Send what was collected, as the end of a transaction does."""
        self.sent.clear()
        self.env.flush_all()
        self.env.cr.precommit.run()
        return self.sent

    def test_one_message_for_many_changes(self):
        visits = self._create_visit() | self._create_visit(site=self.site_mitte)
        self._commit()
        visits[0].action_plan(
            start=self._local("2026-03-02 09:00"), technician=self.employee_anna
        )
        visits.is_locked = True
        [(channel, message)] = self._commit()
        self.assertEqual(channel, (self.company, "dispatch"))
        self.assertEqual(message["visits"], sorted(visits.ids))
        self.assertIn(self.territory.id, message["territories"])

    def test_the_region_that_is_left_hears_of_it(self):
        visit = self._create_visit(site=self.site_mitte)
        self._commit()
        visit.site_id = self.site_potsdam
        [(_channel, message)] = self._commit()
        self.assertEqual(message["territories"], self.territory.ids)

    def test_nothing_without_visits(self):
        order = self._create_work()
        order.action_approve()
        self.assertFalse(self._commit())
        visit = self._create_visit()
        self._commit()
        visit.note = "Ring twice"
        self.assertFalse(self._commit(), "no card says it")

    def test_dispatchers_listen_to_their_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        names = [f"aftersales.dispatch_{each.id}" for each in (self.company, other)]

        def listen(user):
            return (
                self.env["ir.websocket"].with_user(user)._get_dispatch_channels(names)
            )

        self.assertEqual(listen(self.dispatcher), [(self.company, "dispatch")])
        self.assertFalse(listen(self.anna_user))
        self.assertFalse(listen(self.portal_engineer_user))
