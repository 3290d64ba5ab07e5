# What two sessions see of each other is what was committed.
# pylint: disable=invalid-commit
import threading
from contextlib import closing

from odoo import api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install", "database_breaking")
class TestBookingConcurrency(BaseCase):
    """Two sessions at once, on connections of their own; what they keep is removed."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with closing(self.registry.cursor()) as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})
            company = env.company
            bay = env["resource.resource"].create(
                {
                    "name": "Bay of two sessions",
                    "resource_type": "material",
                    "aftersales_role": "bay",
                    "company_id": company.id,
                }
            )
            cr.commit()
            self.bay_id = bay.id
        self.addCleanup(self._remove)

    def _remove(self):
        with closing(self.registry.cursor()) as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["aftersales.booking"].search(
                [("resource_id", "=", self.bay_id)]
            ).unlink()
            env["resource.resource"].browse(self.bay_id).unlink()
            cr.commit()

    def _book(self, cr, name):
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        return env["aftersales.booking"].create(
            {
                "resource_id": self.bay_id,
                "start": "2036-03-03 09:00:00",
                "stop": "2036-03-03 10:00:00",
                "name": name,
            }
        )

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_the_second_is_told_who_was_first(self):
        answers = []
        first = self.registry.cursor()
        self._book(first, "The first")

        def book_second():
            # As a request is served: run again when it met another one.
            with closing(self.registry.cursor()) as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                try:
                    retrying(lambda: self._book(env.cr, "The second"), env)
                    answers.append("booked")
                except UserError as error:
                    answers.append(str(error))
                    cr.rollback()

        second = threading.Thread(target=book_second)
        second.start()
        second.join(1)
        self.assertTrue(second.is_alive(), "it waits for the first")
        first.commit()
        first.close()
        second.join(30)
        (answer,) = answers
        self.assertIn("Bay of two sessions is taken", answer)
        self.assertIn("The first", answer)

    def test_the_second_gets_it_if_the_first_gives_up(self):
        answers = []
        first = self.registry.cursor()
        self._book(first, "The first")

        def book_second():
            with closing(self.registry.cursor()) as cr:
                answers.append(self._book(cr, "The second").name)
                cr.commit()

        second = threading.Thread(target=book_second)
        second.start()
        second.join(1)
        first.rollback()
        first.close()
        second.join(30)
        self.assertEqual(answers, ["The second"])
