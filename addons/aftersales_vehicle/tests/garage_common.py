from odoo import Command
from odoo.tests import HttpCase, new_test_user

from odoo.addons.aftersales_planning.tests.common import PlanningCommon

from .common import VehicleCommon


class GarageCommon(VehicleCommon, PlanningCommon, HttpCase):
    """A garage on the morning of a working day.

    * ``portal_user`` is ``customer`` and owns ``vehicle``; ``colleague`` is a second
      technician (``employee_ben``); only ``employee`` knows brakes well enough
    * parts come to the bay first; ``bay`` is ``bay_location``; it is always open
    * ``job_oil`` (booked online: 95 for an hour and a fee, with a filter for 20),
      ``job_pads`` (two pads for 20 and 1.5 hours), ``job_wipers``, ``job_hose``
    * ``check`` (checklist whose bad items become ``job_pads`` and ``job_wipers``);
      the shipped walk-around and quality checks, which every order waits for
    * ``lounge``: the board; ``_walk(tour, path, user, size)``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._open_workshop()
        cls._create_people()
        cls._create_jobs()
        cls._create_checklists()
        cls.lounge = cls.env["aftersales.board"].create(
            {
                "name": "Waiting Room",
                "kind": "lounge",
                "company_id": cls.company.id,
                "lang": "en_US",
                "tz": "UTC",
            }
        )
        cls.category_car.gate_pass_required = True
        # So that a payment has its journal entry at once.
        journals = cls.env["account.journal"].search(
            [("type", "in", ("bank", "cash")), ("company_id", "=", cls.company.id)]
        )
        outstanding = cls.env["account.account"].create(
            {
                "name": "Payments under way",
                "code": "101499",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        journals.inbound_payment_method_line_ids.payment_account_id = outstanding

    @classmethod
    def _open_workshop(cls):
        # Open round the clock: the day may begin at any hour.
        always = cls._create_calendar("Always", "UTC", [(0, 24)], range(7))
        cls.company.resource_calendar_id = always
        cls.warehouse.aftersales_steps = "two_steps"
        cls.bay_location = cls.env["stock.location"].create(
            {
                "name": "Bay 1",
                "location_id": cls.warehouse.aftersales_workshop_loc_id.id,
                "usage": "internal",
            }
        )
        (cls.bay_alignment | cls.anna).aftersales_role = False
        cls.bay.aftersales_location_id = cls.bay_location
        (cls.employee | cls.employee_ben).write(
            {"resource_calendar_id": always.id, "tz": "UTC"}
        )
        (cls.bay | cls.tool).write({"calendar_id": always.id, "tz": "UTC"})
        cls.employee.write(
            {
                "name": "Chen Jie",
                "hourly_cost": 40.0,
                "employee_skill_ids": [
                    Command.create(
                        {
                            "skill_type_id": cls.skill_type.id,
                            "skill_id": cls.brakes.id,
                            "skill_level_id": cls.levels[100].id,
                            "valid_from": "2020-01-01",
                        }
                    )
                ],
            }
        )
        cls.employee.resource_id.aftersales_role = "technician"

    @classmethod
    def _create_people(cls):
        cls.colleague = cls._create_user(
            "colleague", "aftersales.aftersales_group_technician"
        )
        cls.employee_ben.user_id = cls.colleague
        cls.customer.email = "wang@example.com"
        cls.portal_user = new_test_user(
            cls.env,
            "portal_wang",
            name="Wang Fang",
            groups="base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        staff = cls.advisor | cls.technician | cls.colleague | cls.manager
        (staff | cls.storekeeper | cls.accountant | cls.portal_user).tz = "UTC"

    @classmethod
    def _create_jobs(cls):
        def lines(part, quantity, hours, *others):
            return [
                Command.create({"product_id": part.id, "product_uom_qty": quantity}),
                Command.create({"product_id": cls.labour.id, "product_uom_qty": hours}),
                *(Command.create({"product_id": other.id}) for other in others),
            ]

        cls.job_oil, cls.job_pads, cls.job_wipers, cls.job_hose = cls.env[
            "aftersales.job.template"
        ].create(
            [
                {
                    "name": "Oil service",
                    "is_bookable_online": True,
                    "skill_ids": [Command.link(cls.brakes.id)],
                    "skill_progress": 80,
                    "resource_type_ids": [Command.link(cls.lift.id)],
                    "line_ids": lines(cls.part_avco, 1, 1, cls.fee),
                },
                {
                    "name": "Replace brake pads",
                    "line_ids": lines(cls.part_standard, 2, 1.5),
                },
                {"name": "Replace wipers", "line_ids": lines(cls.part_fifo, 1, 0.25)},
                {
                    "name": "Replace brake hose",
                    "line_ids": lines(cls.part_avco, 1, 0.5),
                },
            ]
        )

    @classmethod
    def _create_checklists(cls):
        cls.check = cls.env["aftersales.inspection.template"].create(
            {
                "name": "Ten-minute check",
                "use": "multipoint",
                "sequence": 1,
                "version_ids": [
                    Command.create(
                        {
                            "item_ids": [
                                Command.create({"section": "Chassis", **item})
                                for item in (
                                    {
                                        "name": "Brake pads, front",
                                        "kind": "measure",
                                        "unit": "mm",
                                        "green_min": 4,
                                        "yellow_min": 2,
                                        "is_safety": True,
                                        "photo_rule": "bad",
                                        "words_red": "The pads are worn to the metal.",
                                        "job_template_id": cls.job_pads.id,
                                    },
                                    {
                                        "name": "Wipers",
                                        "kind": "rating",
                                        "words_yellow": "The wipers leave streaks.",
                                        "job_template_id": cls.job_wipers.id,
                                    },
                                    {
                                        "name": "Lights",
                                        "kind": "yes_no",
                                        "expected": "yes",
                                    },
                                )
                            ]
                        }
                    )
                ],
            }
        )
        cls.check.version_ids.action_publish()
        cls.gates = cls.env["aftersales.inspection.template"].browse(
            cls.env.ref(f"aftersales_inspection.template_gate_{gate}").id
            for gate in ("self", "mutual", "final")
        )
        cls.gates.write({"step": "quality", "is_automatic": True})

    def _walk(self, tour, path, user, size="1400x900"):
        """Let somebody walk a tour on a screen of their own.

        The cookie tells it the address of the lounge board, which several tours open
        beside their own page.
        """
        self.browser_size = size
        self.touch_enabled = size != "1400x900"
        self.start_tour(
            path,
            f"garage_day_{tour}",
            login=user.login,
            cookies={"lounge": self.lounge._get_code()},
            timeout=180,
        )
        self.env.invalidate_all()
