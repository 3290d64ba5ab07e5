from odoo.tests import tagged

from .app_browser_common import AppBrowserCommon


@tagged("post_install", "-at_install")
class TestAppBrowserPeople(AppBrowserCommon):
    def test_person_is_written_down_without_a_network(self):
        with self._open("field_anna") as (phone,):
            phone.go_offline()
            phone.go("visit", self.visit.id, "people")
            phone.press(".o_app_add_person")
            phone.type(".o_app_person_name", "Li Na")
            phone.type(".o_app_person_wish", "Shoe covers")
            phone.press(".o_app_save_person")
            phone.see("Shoe covers")
            self.assertEqual(phone.waiting, ["person"])
            phone.send_all()
            self.assertFalse(phone.problems)
        self._clear()
        person = self.visit.person_ids
        self.assertEqual((person.name, person.wish), ("Li Na", "Shoe covers"))
