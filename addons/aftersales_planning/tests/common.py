from datetime import datetime

import pytz

from odoo import Command

from odoo.addons.aftersales.tests.common import AftersalesCommon

MONDAY = "2026-03-02"  # a Monday; the tests live in the week after it


class PlanningCommon(AftersalesCommon):
    """A workshop with bays, tools and technicians, in Berlin unless said otherwise.

    * ``calendar``: Monday to Friday, 8 to 12 and 13 to 17 in Berlin;
      ``calendar_shanghai``: the same hours in Shanghai
    * types ``lift``, ``alignment`` (bays), ``tester`` (tool)
    * resources ``bay`` (lift), ``bay_alignment`` (lift and alignment), ``tool``
      (tester), technicians ``anna`` (brakes 80 %, electrics 50 %) and ``ben`` (brakes
      40 %), with ``employee_anna`` and ``employee_ben``
    * skills ``brakes``, ``electrics``; the lead time is none, the step half an hour
    * ``_local(text, tz)``: a local time as UTC; ``_create_resource``,
      ``_create_technician``, ``_create_booking``, ``_create_work(hours, **job)``: an
      order with one job of so many hours
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar("Workshop", "Europe/Berlin")
        cls.calendar_shanghai = cls._create_calendar("Shanghai", "Asia/Shanghai")
        cls.company.write(
            {
                "resource_calendar_id": cls.calendar.id,
                "aftersales_booking_lead": 0,
                "aftersales_booking_step": 30,
            }
        )
        Type = cls.env["aftersales.resource.type"]
        cls.lift, cls.alignment, cls.tester = Type.create(
            [
                {"name": "Two-post lift (test)", "role": "bay"},
                {"name": "Alignment bench (test)", "role": "bay"},
                {"name": "Diagnosis tester (test)", "role": "tool"},
            ]
        )
        skill_type = cls.env["hr.skill.type"].create(
            {
                "name": "Workshop",
                "skill_ids": [
                    Command.create({"name": "Brakes"}),
                    Command.create({"name": "Electrics"}),
                ],
                "skill_level_ids": [
                    Command.create(
                        {
                            "name": f"{level} %",
                            "level_progress": level,
                            "default_level": level == 40,
                        }
                    )
                    for level in (40, 50, 80, 100)
                ],
            }
        )
        cls.skill_type = skill_type
        cls.brakes, cls.electrics = skill_type.skill_ids.sorted("id")
        cls.levels = skill_type.skill_level_ids.grouped("level_progress")
        cls.bay = cls._create_resource("Bay 1", "bay", cls.lift)
        cls.bay_alignment = cls._create_resource(
            "Bay 2", "bay", cls.lift | cls.alignment
        )
        cls.tool = cls._create_resource("Tester 1", "tool", cls.tester)
        cls.employee_anna = cls._create_technician(
            "Anna", {cls.brakes: 80, cls.electrics: 50}
        )
        cls.employee_ben = cls._create_technician("Ben", {cls.brakes: 40})
        cls.anna = cls.employee_anna.resource_id
        cls.ben = cls.employee_ben.resource_id

    @classmethod
    def _create_calendar(cls, name, tz, hours=((8, 12), (13, 17)), days=range(5)):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": tz,
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{day} {start}",
                                "dayofweek": str(day),
                                "hour_from": start,
                                "hour_to": stop,
                                "day_period": "morning" if start < 12 else "afternoon",
                            }
                        )
                        for day in days
                        for start, stop in hours
                    ),
                ],
            }
        )

    @classmethod
    def _create_resource(cls, name, role, types=None, **values):
        calendar = values.pop("calendar", cls.calendar)
        return cls.env["resource.resource"].create(
            {
                "name": name,
                "resource_type": "material",
                "aftersales_role": role,
                "aftersales_type_ids": [Command.set(types.ids if types else [])],
                "company_id": cls.company.id,
                "calendar_id": calendar.id,
                "tz": calendar.tz,
                **values,
            }
        )

    @classmethod
    def _create_technician(cls, name, skills=None, **values):
        """Return an employee with ``{skill: level in %}``."""
        calendar = values.pop("calendar", cls.calendar)
        employee = cls.env["hr.employee"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "resource_calendar_id": calendar.id,
                "tz": calendar.tz,
                "employee_skill_ids": [
                    Command.create(
                        {
                            "skill_type_id": skill.skill_type_id.id,
                            "skill_id": skill.id,
                            "skill_level_id": cls.levels[level].id,
                            "valid_from": "2020-01-01",
                        }
                    )
                    for skill, level in (skills or {}).items()
                ],
                **values,
            }
        )
        employee.resource_id.write({"aftersales_role": "technician"})
        return employee

    def _local(self, text, tz="Europe/Berlin"):
        """Return a local time, as ``2026-03-02 09:00``, in UTC as Odoo has it."""
        moment = pytz.timezone(tz).localize(datetime.strptime(text, "%Y-%m-%d %H:%M"))
        return moment.astimezone(pytz.utc).replace(tzinfo=None)

    def _create_booking(self, resource, start, stop, **values):
        """Make a resource unavailable between two local times."""
        return self.env["aftersales.booking"].create(
            {
                "resource_id": resource.id,
                "start": self._local(start),
                "stop": self._local(stop),
                **values,
            }
        )

    def _create_work(self, hours=2, parts=(), **job):
        """Return a work order with one job of so many hours."""
        lines = [(self.labour, hours)] if hours else []
        lines += [(part, 1) for part in parts]
        return self._create_order({"lines": lines, **job})
