from odoo import Command

from odoo.addons.aftersales_planning.tests.common import PlanningCommon


class FieldCommon(PlanningCommon):
    """Engineers in and around Berlin, see ``PlanningCommon`` for their calendars.

    * addresses ``site_mitte``, ``site_spandau``, ``site_potsdam`` with coordinates,
      contacts of ``customer``; ``territory`` (post codes 1) of ``employee_anna``
      and ``employee_ben``
    * ``anna_user`` and ``ben_user``: technicians; ``dispatcher``: an advisor;
      ``portal_engineer_user``/``employee_carl``: a subcontractor with a portal login
    * ``_create_visit(hours, start, technician, site, **job)``: a visit with an approved
      work order, planned if ``start`` (local time) is given
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site_mitte, cls.site_spandau, cls.site_potsdam = cls.env[
            "res.partner"
        ].create(
            [
                {
                    "name": name,
                    "parent_id": cls.customer.id,
                    "type": "other",
                    "zip": code,
                    "country_id": cls.env.ref("base.de").id,
                    "partner_latitude": latitude,
                    "partner_longitude": longitude,
                }
                for name, code, latitude, longitude in (
                    ("Mitte", "10117", 52.5163, 13.3777),
                    ("Spandau", "13597", 52.5345, 13.2056),
                    ("Potsdam", "14467", 52.4009, 13.0591),
                )
            ]
        )
        cls.territory = cls.env["aftersales.territory"].create(
            {
                "name": "Berlin",
                "zip_prefixes": "1",
                "employee_ids": [
                    Command.set((cls.employee_anna | cls.employee_ben).ids)
                ],
                "company_id": cls.company.id,
            }
        )
        cls.anna_user = cls._create_engineer_user("anna", cls.employee_anna)
        cls.ben_user = cls._create_engineer_user("ben", cls.employee_ben)
        cls.employee_carl = cls._create_technician("Carl", {cls.brakes: 80})
        cls.portal_engineer_user = cls._create_engineer_user(
            "carl", cls.employee_carl, "base.group_portal"
        )
        cls.dispatcher = cls.advisor

    @classmethod
    def _create_engineer_user(
        cls, name, employee, group="aftersales.aftersales_group_technician"
    ):
        user = cls.env["res.users"].create(
            {
                "name": name.title(),
                "login": f"field_{name}",
                "password": f"field_{name}",
                "email": f"{name}@engineers.example",
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
                "group_ids": [Command.set(cls.env.ref(group).ids)],
            }
        )
        employee.user_id = user
        return user

    def _create_visit(self, hours=2, start=None, technician=None, site=None, **job):
        work = self._create_work(hours, **job)
        work.action_approve()
        visit = work.action_create_visit()
        if site:
            visit.site_id = site
        if start:
            visit.action_plan(
                start=self._local(start), technician=technician or self.employee_anna
            )
        return visit
