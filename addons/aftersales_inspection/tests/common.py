import base64

from odoo import Command

from odoo.addons.aftersales.tests.common import AftersalesCommon

PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    b"awAAAABJRU5ErkJggg=="
)
OTHER_PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmM"
    b"IQAAAABJRU5ErkJggg=="
)


class InspectionCommon(AftersalesCommon):
    """A checklist of a car, what its findings become, and a second technician.

    * ``template`` (multi-point check of the category, published as ``version``) with
      ``item_lights`` (yes/no), ``item_brakes`` (measure in mm: green from 4, yellow
      from 2; safety; photo if bad; becomes ``job_brakes``), ``item_tyres`` (rating),
      ``item_wipers`` (choice), ``item_note`` (text, not required)
    * ``job_brakes``: a job template with one ``part_avco`` and one hour
    * ``colleague`` (user) with ``employee_colleague``, another technician
    * ``_create_template(items, **values)`` (published), ``_inspect(order, template)``,
      ``_answer(inspection, {item: value})``, ``_answer_all(inspection, **bad)``,
      ``_add_photo(answer)``, ``_create_gates()``, ``_create_worked_order()``
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.job_brakes = cls.env["aftersales.job.template"].create(
            {
                "name": "Replace brake pads",
                "description": "New pads in front",
                "line_ids": [
                    Command.create(
                        {"product_id": cls.part_avco.id, "product_uom_qty": 1}
                    ),
                    Command.create({"product_id": cls.labour.id, "product_uom_qty": 1}),
                ],
            }
        )
        cls.template = cls._create_template(
            [
                {
                    "section": "Light",
                    "name": "All lights work",
                    "kind": "yes_no",
                    "expected": "yes",
                },
                {
                    "section": "Brakes",
                    "name": "Front pads",
                    "kind": "measure",
                    "unit": "mm",
                    "green_min": 4,
                    "yellow_min": 2,
                    "is_safety": True,
                    "photo_rule": "bad",
                    "words_yellow": "The front pads last a few thousand km more.",
                    "words_red": "The front pads are worn out. Stopping takes longer.",
                    "job_template_id": cls.job_brakes.id,
                },
                {
                    "section": "Wheels",
                    "name": "Tyres",
                    "kind": "rating",
                    "words_red": "The tyres are worn below the limit.",
                },
                {
                    "section": "Body",
                    "name": "Wipers",
                    "kind": "choice",
                    "choice_ids": [
                        Command.create({"name": "Clean", "rating": "green"}),
                        Command.create({"name": "Streaks", "rating": "yellow"}),
                        Command.create({"name": "Torn", "rating": "red"}),
                    ],
                },
                {
                    "section": "Body",
                    "name": "Remarks",
                    "kind": "text",
                    "is_required": False,
                },
            ],
            name="Check of a car",
            category_ids=[Command.link(cls.category.id)],
        )
        cls.version = cls.template.version_id
        (
            cls.item_lights,
            cls.item_brakes,
            cls.item_tyres,
            cls.item_wipers,
            cls.item_note,
        ) = cls.version.item_ids
        cls.colleague = cls._create_user(
            "colleague", "aftersales.aftersales_group_technician"
        )
        cls.employee_colleague = cls.env["hr.employee"].create(
            {
                "name": "Colleague",
                "user_id": cls.colleague.id,
                "company_id": cls.company.id,
            }
        )

    @classmethod
    def _create_template(cls, items, publish=True, signature=False, **values):
        """Create a template of the company with these items, and publish it."""
        template = cls.env["aftersales.inspection.template"].create(
            {"name": "Checklist", "company_id": cls.company.id, **values}
        )
        version = cls.env["aftersales.inspection.version"].create(
            {
                "template_id": template.id,
                "signature_required": signature,
                "item_ids": [
                    Command.create({"sequence": sequence, **item})
                    for sequence, item in enumerate(items, 1)
                ],
            }
        )
        if publish:
            version.action_publish()
        return template

    @classmethod
    def _create_gates(cls, **values):
        """Create the self-check, the mutual check and the final inspection."""
        gates = cls.env["aftersales.inspection.template"]
        for sequence, use in enumerate(("gate_self", "gate_mutual", "gate_final"), 1):
            gates |= cls._create_template(
                [
                    {
                        "name": "Nuts are tight",
                        "kind": "yes_no",
                        "expected": "yes",
                    },
                    {"name": "Clean inside", "kind": "rating"},
                ],
                name=use,
                use=use,
                sequence=sequence,
                **{"step": "quality", "is_automatic": True, **values},
            )
        return gates

    def _inspect(self, orders, template=None, user=None):
        """Make the inspection of ``template`` for these orders."""
        orders = orders.with_user(user) if user else orders
        return orders.action_inspect(template=template or self.template)

    def _answer(self, inspection, answers):
        """Write down ``{item: value}``; dicts of values are taken as they are."""
        fields = {
            "yes_no": "value_yes_no",
            "rating": "rating",
            "measure": "value_number",
            "text": "value_text",
            "choice": "choice_id",
            "mark": "marks",
        }
        for item, value in answers.items():
            if not isinstance(value, dict):
                value = {fields[item.kind]: value}
            inspection._write_answer(item, value)
        return inspection

    def _answer_all(self, inspection, brakes=6.0, tyres="green", lights="yes"):
        """Answer every item of ``template``; everything is fine unless said."""
        inspection = self._answer(
            inspection,
            {
                self.item_lights: lights,
                self.item_brakes: brakes,
                self.item_tyres: tyres,
                self.item_wipers: self.item_wipers.choice_ids[0].id,
            },
        )
        answer = self._get_answer(inspection, self.item_brakes)
        if brakes < 4:
            self._add_photo(answer)
        return inspection

    def _get_answer(self, inspection, item):
        return inspection.answer_ids.filtered(lambda answer: answer.item_id == item)

    def _add_photo(self, answer):
        photo = self.env["ir.attachment"].create(
            {
                "name": "photo.png",
                "raw": base64.b64decode(PIXEL),
                "res_model": answer._name,
                "res_id": answer.id,
            }
        )
        answer.invalidate_recordset(["photo_ids", "is_answered", "photo_count"])
        return photo

    def _pass(self, inspection, user=None, clean="green", tight="yes"):
        """Answer the two items of a gate and finish it."""
        inspection = inspection.with_user(user) if user else inspection
        tight_item, clean_item = inspection.version_id.item_ids
        self._answer(inspection, {tight_item: tight, clean_item: clean})
        inspection.action_finish()
        return inspection

    def _create_worked_order(self, **values):
        """Create an order whose work is completed, done by ``employee``."""
        order = self._create_order(
            {"lines": [(self.labour, 1)], "technician_id": self.employee.id}, **values
        )
        self._approve(order)
        order.action_start()
        order.action_complete()
        return order
