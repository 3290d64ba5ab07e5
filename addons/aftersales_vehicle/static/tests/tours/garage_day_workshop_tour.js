import {
    answer,
    back,
    choose,
    finish,
    isInState,
    loungeSays,
    next,
    openLounge,
    page,
    press,
    restIsGreen,
    sees,
    sign,
    walk,
    write,
} from "./garage_day_steps";

/** The storekeeper brings the parts to the bay. */
walk("stage", () => [
    press("Open the transfer", ".o_data_row:contains(Wang Fang):contains(Ready) .o_data_cell"),
    press("The parts are in the bay", "button[name=button_validate]"),
    isInState("Done"),
]);

const card = (job) => `.o_clock_job:contains(${job})`;
const clockOn = (job) => [
    press(`Clock on: ${job}`, `${card(job)} .o_clock_on`),
    sees("It runs", `.o_clock_running.o_clock_work:contains(${job})`),
];
const clockOff = () => [
    press("Clock off", ".o_clock_stop"),
    sees("Nothing runs", ".o_clock_running.o_clock_off"),
];

/** The technician works and finds something else. */
walk("clock", () => [
    ...openLounge(),
    loungeSays("Received"),
    ...clockOn("Oil service"),
    loungeSays("In work"),
    ...clockOn("Replace brake pads"),
    ...clockOff(),
    press("Open the job", `${card("Replace brake pads")} button:contains(Details)`),
    press("Something else", ".o_statusbar_buttons button:contains(Found Something Else)"),
    write("Say what", ".modal .o_field_widget[name=reason] input", "A brake hose is cracked"),
    press("Tell it", ".modal button[name=action_apply]"),
    isInState("In Progress"),
]);

/** The advisor gives it a price and asks. */
walk("quote", () => [
    ...openLounge(),
    press("Open it", "[name=job_ids] .o_data_row:contains(hose is cracked) .o_data_cell[name=name]"),
    ...choose(".modal", "template_id", "Replace brake hose"),
    sees("Its parts", ".modal [name=line_ids] .o_data_row:nth-child(2)"),
    press("Close it", ".modal .o_form_button_save"),
    press(
        "Quote the added work",
        "body:not(:has(.modal)) .o_statusbar_buttons button:contains(Quote Added Work)"
    ),
    sees("The customer is asked", ".o_statusbar_buttons button[name=action_send_estimate]"),
    loungeSays("We have a question for you"),
]);

const inspect = (checklist) => [
    press(
        `Inspect: ${checklist}`,
        `.o_data_row:contains(${checklist}) button[name=action_open_runner]`
    ),
    sees("Its screen", `.o_aftersales_head:contains(${checklist})`),
];
const completeAndCheck = () => [
    press("Go to the work order", ".o_field_widget[name=order_id] a"),
    press("Complete", "button[name=action_open_complete]"),
    isInState("Quality Check"),
    page("Inspections"),
    ...inspect("Self-check"),
    restIsGreen(),
    next(),
    restIsGreen(),
    next(),
    restIsGreen(),
    ...finish(),
    sees("Passed", ".o_aftersales_result.alert-success"),
];
const done = () => [
    press("Done", "button[name=action_open_done]"),
    press("Nothing more to say", ".modal button[name=action_done]"),
    isInState("Done"),
];

/** The rest is done; then the technician's own look. */
walk("finish", () => [
    ...openLounge(),
    ...clockOn("Replace brake hose"),
    ...clockOff(),
    press("Open the job", `${card("Replace brake hose")} button:contains(Details)`),
    write("What was found", ".o_field_widget[name=cause] textarea", "Rubbed by the wheel"),
    ...done(),
    ...completeAndCheck(),
    loungeSays("Final check"),
]);

/** Sent back: done again, and looked at again. */
walk("finish_again", () => [
    press(
        "Open what came back",
        ".o_kanban_record:contains(Replace brake pads) button[name=action_open_technician]"
    ),
    ...done(),
    ...completeAndCheck(),
]);

/** Another pair of eyes. */
walk("mutual", () => [
    press("The check that waits", ".o_data_row:contains(Mutual check) .o_data_cell"),
    press("Inspect", "button[name=action_open_runner]"),
    restIsGreen(),
    ...finish(),
    sees("Passed", ".o_aftersales_result.alert-success"),
]);

const final = (drive) => [
    page("Inspections"),
    ...inspect("Final inspection"),
    ...drive,
    restIsGreen(),
    next(),
    restIsGreen(),
    next(),
    sign("[data-item='Signature of the advisor']"),
    ...finish(),
];

/** The advisor drives it: a warning light is on. */
walk("final_failed", () => [
    ...openLounge(),
    ...final([answer("No warning light is on", "no")]),
    sees("Not passed", ".o_aftersales_result.alert-danger"),
    back(),
    sees("Work goes on", "button[name=action_open_complete]"),
    loungeSays("In work"),
    sees("Sent back", ".oe_title [name=rework_count]:contains(1)"),
]);

walk("final_passed", () => [
    ...openLounge(),
    ...final([]),
    sees("Passed", ".o_aftersales_result.alert-success"),
    back(),
    press("Pass", "button[name=action_pass_quality]"),
    sees("It is ready", "button[name=action_send_ready]"),
    loungeSays("Ready"),
]);
