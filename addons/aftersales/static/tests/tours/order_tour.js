import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const press = (content, trigger) => ({ content, trigger, run: "click" });
const isInState = (state) => ({
    content: `The order is ${state}`,
    trigger: `.o_statusbar_status .o_arrow_button_current:contains(${state})`,
});
const choose = (field, text) => [
    {
        content: `Look for ${text}`,
        trigger: `.o_field_widget[name=${field}] input`,
        run: `edit ${text}`,
    },
    press(`Choose ${text}`, `.o-autocomplete--dropdown-item > a:contains(${text})`),
];

const create = (scope, field, text) => [
    {
        content: `Write ${text}`,
        trigger: `${scope} .o_field_widget[name=${field}] input`,
        run: `edit ${text}`,
    },
    press(`Create ${text}`, `.o-autocomplete--dropdown-item.o_m2o_dropdown_option_create a:contains(${text})`),
];
const answerAndStart = () => [
    press("Make the estimate", "button[name=action_estimate]"),
    isInState("Quoted"),
    press("The customer calls", ".o_statusbar_buttons button:contains(Answer)"),
    press("By phone", ".modal .o_radio_item:contains(By phone) input"),
    {
        content: "Note the words",
        trigger: ".modal .o_field_widget[name=note] textarea",
        run: "edit Yes, go ahead",
    },
    press("Yes to all", ".modal [name=answer_all] .o_radio_item:contains(Yes) input"),
    press("Save the answer", ".modal button[name=action_save]"),
    isInState("Approved"),
    press("Start", "button[name=action_start]"),
    isInState("In Progress"),
];
const completeAndBill = () => [
    press("Complete", "button[name=action_open_complete]"),
    isInState("Quality Check"),
    press("Pass the check", "button[name=action_pass_quality]"),
    isInState("Ready"),

    press("Invoice", "button[name=action_invoice]"),
    press("Post the invoice", "button[name=action_post]"),
    {
        content: "The invoice is posted",
        trigger: ".o_statusbar_status .o_arrow_button_current:contains(Posted)",
    },
    press("Back to the order", ".breadcrumb-item a:contains(WO/)"),
    press("Hand over", "button[name=action_deliver]"),
    isInState("Handed Over"),
];

/**
 * The main job, by somebody who is advisor, storekeeper and accountant in one: from the
 * customer's complaint to the posted invoice and the closed order.
 */
registry.category("web_tour.tours").add("aftersales_order", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("aftersales.aftersales_menu", "Open Work Orders"),
        press("Take in an order", ".o-kanban-button-new"),
        {
            content: "Write down the complaint",
            trigger: ".o_field_widget[name=complaint] textarea",
            run: "edit Squeals when braking, worse when cold",
        },
        ...choose("asset_id", "Sedan 1.6"),
        {
            content: "The asset brought its owner",
            trigger: ".o_field_widget[name=partner_id] input:value(Wang Fang)",
        },
        press("Add a job", ".o_field_widget[name=job_ids] .o_field_x2many_list_row_add a:contains(Add a job)"),
        ...choose("template_id", "Replace brake pads").map((step) => ({
            ...step,
            trigger: step.trigger.replace(/^\.o_field/, ".modal .o_field"),
        })),
        {
            content: "The template brought two lines",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row:nth-child(2)",
        },
        {
            content: "The part is there",
            trigger: ".modal .o_data_cell[name=availability]:contains(Available)",
        },
        press("Close the job", ".modal .o_form_button_save"),
        {
            content: "The job shows what it needs",
            trigger:
                "body:not(:has(.modal)) .o_data_cell[name=line_summary]:contains(1.5 ×)",
        },

        ...answerAndStart(),

        press("Go to the parts", "button[name=action_view_pickings]"),
        press("Open the transfer", ".o_data_row .o_data_cell:contains(ISSUE)"),
        press("Issue the parts", "button[name=button_validate]"),
        {
            content: "The parts are issued",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
        },
        press("Back to the order", ".breadcrumb-item a:contains(WO/)"),
        ...completeAndBill(),
    ],
});

/** The main job on a database where nobody entered anything yet. */
registry.category("web_tour.tours").add("aftersales_from_nothing", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("aftersales.aftersales_menu", "Open Work Orders"),
        press("Take in an order", ".o-kanban-button-new, .o_list_button_add"),
        {
            content: "Write down the complaint",
            trigger: ".o_field_widget[name=complaint] textarea",
            run: "edit Does not start",
        },
        ...create("", "asset_id", "Lawn mower"),
        ...create("", "partner_id", "First Customer"),
        press("Add a job", ".o_field_widget[name=job_ids] .o_field_x2many_list_row_add a:contains(Add a job)"),
        {
            content: "Name the job",
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Replace the spark plug",
        },
        press("Add a line", ".modal .o_field_widget[name=line_ids] .o_field_x2many_list_row_add a"),
        ...create(".modal .o_data_row", "product_id", "Spark plug"),
        {
            content: "Say the price",
            trigger: ".modal .o_data_row .o_field_widget[name=price_unit] input",
            run: "edit 12.50",
        },
        press("Close the job", ".modal .o_form_button_save"),
        {
            content: "The job shows what it needs",
            trigger:
                "body:not(:has(.modal)) .o_data_cell[name=line_summary]:contains(Spark plug)",
        },
        ...answerAndStart(),
        ...completeAndBill(),
    ],
});

/** A technician starts a job, records it and finishes it, without seeing a price. */
registry.category("web_tour.tours").add("aftersales_technician", {
    url: "/odoo/my-jobs",
    steps: () => [
        press("Start", ".o_kanban_record button[name=action_begin]"),
        press("Record", ".o_kanban_record button[name=action_open_technician]"),
        {
            content: "Note the cause",
            trigger: ".o_field_widget[name=cause] textarea",
            run: "edit Pads worn to the metal",
        },
        {
            content: "Note the correction",
            trigger: ".o_field_widget[name=correction] textarea",
            run: "edit Pads replaced",
        },
        {
            content: "No prices here",
            trigger:
                ".o_field_widget[name=line_ids]:not(:has(.o_data_cell[name=price_unit]))",
        },
        press("Enter the hours", ".o_data_row:last .o_data_cell[name=hours_clocked]"),
        {
            content: "An hour and a quarter",
            trigger: ".o_data_row .o_field_widget[name=hours_clocked] input",
            run: "edit 1:15",
        },
        press("Done", "button[name=action_open_done]"),
        {
            content: "The parts that lie ready are asked about",
            trigger: ".modal .alert-warning [name=staged_parts]:contains(1 ×)",
        },
        press("All used", ".modal button[name=action_done]"),
        {
            content: "The job is done",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
        },
    ],
});
