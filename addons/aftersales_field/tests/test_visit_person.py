from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .app_common import AppCommon
from .test_visit_close import CloseCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-02 08:30:00")
class TestVisitPerson(CloseCommon, AppCommon):
    """R211: everybody concerned at the customer's, and what they wish."""

    def test_next_visit_knows_them(self):
        visit = self._create_visit(2, "2026-03-02 09:00", site=self.site_mitte)
        own = visit.with_user(self.anna_user)
        own.record_person("Li Na", "Caretaker", "+49 30 1", "Ring at the gate")
        again = own.record_person(" li na ", "Caretaker", "+49 30 1", "Call before")
        own.record_person("Herr Alt", wish="Quiet before ten")
        self.assertEqual(len(visit.person_ids), 2, "the same name corrects")
        self.assertEqual(again.wish, "Call before")
        follow, other = (
            self._create_visit(2, site=site)
            for site in (self.site_mitte, self.site_spandau)
        )
        self.assertEqual(follow.known_person_ids, visit.person_ids)
        self.assertFalse(other.known_person_ids)
        follow.with_user(self.dispatcher).record_person("Li Na", wish="No calls")
        last = self._create_visit(2, site=self.site_mitte)
        self.assertEqual(
            set(last.known_person_ids.mapped("wish")), {"No calls", "Quiet before ten"}
        )
        follow.invalidate_recordset(["known_person_ids"])
        self.assertEqual(follow.known_person_ids.mapped("name"), ["Herr Alt"])

    def test_two_visits_at_once(self):
        visits = self._create_visit(2) | self._create_visit(2)
        visits.record_person("Li Na")
        visits.record_person("Li Na", role="Owner")
        self.assertEqual(visits.person_ids.mapped("role"), ["Owner", "Owner"])

    def test_without_a_name_and_of_somebody_else(self):
        visit = self._create_visit(2, "2026-03-02 09:00")
        with self.assertRaisesRegex(UserError, "name of the person"):
            visit.with_user(self.anna_user).record_person(" ", wish="x")
        with self.assertRaises(AccessError):
            visit.with_user(self.ben_user).record_person("Li Na")
        person = visit.record_person("Li Na")
        with self.assertRaises(AccessError):
            person.with_user(self.ben_user).wish = "Mine"
        self.assertEqual(person.with_user(self.ben_user).name, "Li Na")

    def test_written_at_the_desk(self):
        visit = self._create_visit(2, "2026-03-02 09:00")
        for user in (self.dispatcher, self.anna_user):
            form = Form(visit.with_user(user))
            with form.person_ids.new() as line:
                line.name = user.name
                line.wish = "Shoe covers"
            form.save()
        self.assertEqual(len(visit.person_ids), 2)

    def test_on_the_phone(self):
        before = self._create_visit(2, site=self.site_mitte)
        before.record_person("Herr Alt", "Owner", wish="Quiet before ten")
        visit = self._create_visit(2, "2026-03-02 09:00", site=self.site_mitte)
        phone = self._phone()
        phone.pull()
        self.assertEqual(
            phone.visits[visit.id]["people"],
            [
                {
                    "name": "Herr Alt",
                    "role": "Owner",
                    "phone": "",
                    "wish": "Quiet before ten",
                    "is_known": True,
                }
            ],
        )
        entry = phone.do("person", visit, name="Li Na", wish="Ring")
        for _time in range(2):
            (result,) = phone.sync([entry])
            self.assertEqual(result["state"], "done", result["message"])
        self.assertEqual(visit.person_ids.mapped("wish"), ["Ring"])
        phone.outbox.clear()
        refused = phone.send("person", visit, name="")
        self.assertEqual(refused["state"], "refused")
