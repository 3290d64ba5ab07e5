"""The names that other programs rely on, of the car workshop's add-ons."""

import inspect

from odoo.tests import TransactionCase, tagged

FIELDS = {
    "aftersales.asset": "plate fleet_model_id fleet_brand_id model_year engine_number"
    " gearbox_number vin_state vin_reason next_service_date next_service_meter"
    " serial",
    "aftersales.inspection.template": "name code use step is_automatic sequence"
    " company_id category_ids product_ids active version_ids version_id",
    "aftersales.inspection.version": "template_id number state date_published item_ids",
    "aftersales.inspection.item": "version_id sequence section name help kind"
    " is_required photo_rule unit green_min green_max yellow_min yellow_max expected"
    " choice_ids outline_id is_safety words_yellow words_red job_template_id",
    "aftersales.inspection.outline": "name code width height",
    "aftersales.inspection": "name template_id version_id use order_id asset_id"
    " partner_id company_id user_id employee_id state result round previous_id"
    " answer_ids finding_ids belonging_ids meter signature signed_by date_done",
    "aftersales.inspection.answer": "inspection_id item_id kind value_yes_no rating"
    " value_number value_text choice_id marks signature note photo_ids",
    "aftersales.belonging": "order_id inspection_id name quantity state returned_to"
    " note",
    "aftersales.finding": "asset_id order_id inspection_id answer_id name words rating"
    " is_safety state job_template_id warning_date warning_user_id warning_method"
    " warned_name company_id",
    "aftersales.rework": "order_id job_id technician_id inspection_id reason date",
    "aftersales.resource.type": "name role",
    "resource.resource": "aftersales_role aftersales_type_ids aftersales_location_id"
    " aftersales_warehouse_id aftersales_team_id",
    "aftersales.job.template": "skill_ids skill_progress resource_type_ids",
    "aftersales.job": "skill_ids skill_progress resource_type_ids hours_planned"
    " finding_id clocked_hours comeback_job_id root_cause",
    "aftersales.booking": "resource_id role order_id job_id start stop state kind"
    " date_expire company_id problem name",
    "aftersales.order": "booking_ids booking_state date_planned date_planned_stop"
    " date_arrived inspection_ids finding_ids open_finding_ids",
    "aftersales.clock.reason": "name code kind",
    "aftersales.clock.entry": "employee_id job_id order_id kind reason_id start stop"
    " hours cost company_id",
    "aftersales.clock.day": "employee_id date hours_shift hours_clocked hours_indirect"
    " hours_idle hours_billed efficiency productivity proficiency",
    "aftersales.board": "name kind company_id team_ids warehouse_id expiry",
    "aftersales.preparation": "order_id kind state reason",
    "aftersales.maintenance.plan": "name line_ids",
    "aftersales.maintenance.plan.line": "plan_id",
    "aftersales.due": "asset_id line_id date_due meter_due state",
    "aftersales.campaign": "name kind state",
    "aftersales.campaign.vehicle": "campaign_id asset_id state refusal_reason_id",
    "aftersales.labour.time": "job_template_id fleet_brand_id fleet_model_id"
    " engine_code hours",
    "aftersales.loan": "order_id resource_id booking_id date_due meter_out meter_back"
    " fuel_out fuel_back",
    "aftersales.gate.pass": "order_id name date reason user_id",
    "aftersales.core": "name state date_due credit_line_id old_part_id bill_line_id",
    "aftersales.refusal.reason": "name",
}
# The arguments are given by name.
METHODS = {
    "aftersales.inspection.version": {
        "action_publish": "",
        "action_new_version": "",
    },
    "aftersales.inspection": {
        "action_start": "",
        "save_answers": "answers",
        "add_photo": "",
        "action_finish": "signer signature operation",
        "action_cancel": "reason",
        "action_repeat": "",
        "action_open_runner": "",
    },
    "aftersales.finding": {
        "action_create_job": "order",
        "action_record_warning": "method name note",
        "action_dismiss": "reason",
    },
    "aftersales.availability": {
        "get_slots": "order needs date_from date_to limit",
        "get_first_slot": "",
        "explain": "order start",
        "get_needs": "order",
    },
    "aftersales.order": {
        "get_slots": "date_from date_to limit",
        "action_book": "start resources hold",
        "action_rebook": "start resources reason",
        "action_unbook": "reason",
        "action_arrive": "",
        "action_promise": "",
        "action_estimate": "",
        "action_approve": "jobs method signer note",
        "action_decline": "jobs reason",
        "action_start": "",
        "action_complete": "",
        "action_pass_quality": "",
        "action_rework": "reason",
        "action_invoice": "",
        "action_deliver": "meter_out signer",
        "action_cancel": "reason",
    },
    "aftersales.job": {
        "action_clock_on": "employee operation",
        "action_clock_pause": "reason",
        "action_clock_off": "",
    },
    "aftersales.board": {
        "get_payload": "date",
    },
}


@tagged("post_install", "-at_install")
class TestContractNames(TransactionCase):
    def test_fields(self):
        for model, names in FIELDS.items():
            known = self.env[model]._fields
            missing = [name for name in names.split() if name not in known]
            with self.subTest(model=model):
                self.assertFalse(missing)

    def test_methods(self):
        for model, methods in METHODS.items():
            for method, names in methods.items():
                with self.subTest(model=model, method=method):
                    signature = inspect.signature(getattr(self.env[model], method))
                    missing = set(names.split()) - set(signature.parameters)
                    self.assertFalse(missing)
