from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from .common import PlanningCommon

NOW = "2026-03-02 07:00:00"  # Monday, 8:00 in Berlin


class VisitCommon(PlanningCommon):
    """Two customers with portal users, and jobs they may book.

    * ``portal_user`` of ``customer``, ``portal_stranger`` of ``stranger``
    * ``oil`` (an hour, a fee), ``brake_job`` (two hours, brakes at 80 %), both to be
      booked online; ``hidden`` is not
    * ``_request(**values)``: the order of a visit before a time is chosen;
      ``_book_visit(start)``: a confirmed one, at a local time
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"phone": "+49 30 1234", "aftersales_booking_lead": 24})
        cls.customer.email = "wang@example.com"
        cls.stranger = cls.env["res.partner"].create(
            {"name": "Li Wei", "email": "li@example.com"}
        )
        cls.stranger_asset = cls.asset.copy(
            {"name": "Van", "partner_id": cls.stranger.id}
        )
        cls.portal_user = cls._create_portal_user("wang", cls.customer)
        cls.portal_stranger = cls._create_portal_user("li", cls.stranger)
        cls.oil, cls.brake_job, cls.hidden = cls.env["aftersales.job.template"].create(
            [
                {
                    "name": "Oil service",
                    "is_bookable_online": True,
                    "line_ids": [
                        Command.create({"product_id": cls.labour.id}),
                        Command.create({"product_id": cls.fee.id}),
                    ],
                },
                {
                    "name": "Brakes",
                    "is_bookable_online": True,
                    "skill_ids": [Command.link(cls.brakes.id)],
                    "skill_progress": 80,
                    "line_ids": [
                        Command.create(
                            {"product_id": cls.labour.id, "product_uom_qty": 2}
                        )
                    ],
                },
                {"name": "Engine overhaul"},
            ]
        )
        cls.team.user_id = cls.advisor
        cls.team.bookable_user_ids = cls.advisor

    @classmethod
    def _create_portal_user(cls, login, partner):
        return new_test_user(
            cls.env,
            f"portal_{login}",
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _request(self, key="key-1", asset=None, partner=None, **values):
        asset = asset or self.asset
        values.setdefault("template_ids", self.oil.ids)
        return asset._request_visit(partner or asset.partner_id, key, values)

    def _book_visit(self, start="2026-03-04 10:00", key="key-1", **values):
        order = self._request(key, **values)
        moment = self._local(start)
        order._hold_visit(moment)
        order._confirm_visit(moment, order.partner_id)
        return order

    def _run_cron(self, method, now):
        """Run a cron of orders, without the commits that tests can't undo."""
        Cron = type(self.env["ir.cron"])
        with (
            freeze_time(now),
            patch.object(Cron, "_commit_progress", lambda *args, **kwargs: 1.0),
        ):
            getattr(self.env["aftersales.order"], method)()

    def _get_activities(self, order, kind):
        return order.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref(f"aftersales_planning.mail_activity_type_{kind}")
            )
        )
