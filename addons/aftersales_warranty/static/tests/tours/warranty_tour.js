import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const press = (content, trigger) => ({ content, trigger, run: "click" });
const write = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });
const see = (content, trigger) => ({ content, trigger });
const choose = (scope, field, text) => [
    write(`Look for ${text}`, `${scope} .o_field_widget[name=${field}] input`, text),
    press(`Choose ${text}`, `.o-autocomplete--dropdown-item > a:contains(${text})`),
];

/**
 * A car comes in whose fifth repair of the same fault is due: the right, its reason and
 * the figure are said at once. Then a verdict is read and overruled.
 */
registry.category("web_tour.tours").add("aftersales_warranty_order", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("aftersales.aftersales_menu", "Open Work Orders"),
        press("Take in an order", ".o-kanban-button-new"),
        write(
            "Write down the complaint",
            ".o_field_widget[name=complaint] textarea",
            "The engine knocks again"
        ),
        ...choose("", "asset_id", "Sedan 1.6"),
        see(
            "What is left of the guarantee",
            ".o_field_widget[name=cover_summary]:contains(48,000 km more)"
        ),
        see(
            "Before anybody looked at it: the next repair is the fifth",
            "[name=right_next]:contains(the next is number 5)"
        ),
        press(
            "Add a job",
            ".o_field_widget[name=job_ids] .o_field_x2many_list_row_add a:contains(Add a job)"
        ),
        ...choose(".modal", "template_id", "Replace the piston"),
        ...choose(".modal", "fault_id", "T-KNOCK"),
        press("Close the job", ".modal .o_form_button_save"),
        see(
            "The right",
            "body:not(:has(.modal)) [name=right_reached]:contains(this is number 5)" +
                ":contains(Exchange or return)"
        ),
        see("The reason", "[name=right_reached]:contains(More than four repairs)"),
        see(
            "The figure and its working",
            "[name=right_reached]:contains(150,000):contains(12,000 km)" +
                ":contains(0.5 %):contains(9,000.00):contains(141,000.00)"
        ),
        ...stepUtils.saveForm(),
        press("Check the warranty", ".o_statusbar_buttons button[name=action_check_warranty]"),
        press("Look at the warranty", ".o_notebook .nav-link:contains(Warranty)"),
        see(
            "The part is covered",
            ".o_field_widget[name=verdict_ids] .o_data_row:contains(Maker warranty)" +
                ":contains(Free repair, Article 1)"
        ),
        press(
            "Ask why",
            ".o_field_widget[name=verdict_ids] .o_data_row:first button:contains(Why)"
        ),
        see(
            "Conditions with their figures",
            ".o_field_widget[name=explanation]:contains(12,000 km of 60,000 km)" +
                ":contains(Article 1)"
        ),
        press("Back to the order", ".breadcrumb-item a:contains(WO/)"),
        press("Look at the warranty again", ".o_notebook .nav-link:contains(Warranty)"),
        press(
            "Overrule the verdict on the labour",
            ".o_field_widget[name=verdict_ids] .o_data_row:contains(Mechanic) button:contains(Overrule)"
        ),
        press("The customer pays", ".modal .o_radio_item:contains(Charged) input"),
        write("Say why", ".modal .o_field_widget[name=reason] input", "Agreed with the customer"),
        write(
            "Name the evidence",
            ".modal .o_field_widget[name=evidence_note] input",
            "Letter of 3 May"
        ),
        press("Overrule", ".modal button[name=action_apply]"),
        see(
            "The decision holds, with its reason",
            "body:not(:has(.modal)) .o_field_widget[name=verdict_ids] " +
                ".o_data_row:contains(Agreed with the customer)"
        ),
    ],
});
