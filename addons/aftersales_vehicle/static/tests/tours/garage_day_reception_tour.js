import {
    answer,
    back,
    choose,
    finish,
    go,
    isInState,
    mark,
    measure,
    next,
    page,
    pick,
    press,
    sees,
    shoot,
    sign,
    walk,
    write,
} from "./garage_day_steps";

/** The evening before: the owner books from the page of the car. */
walk("book", () => [
    go("Book a visit", "[name=book] a"),
    press("An oil service", ".o_aftersales_service:contains(Oil service) input"),
    write("What else", "#complaint", "Brakes squeal, worse when cold"),
    press("Wait here", "input[name=waits][value=stay]"),
    go("See free times", "form.o_aftersales_booking button[type=submit]"),
    go("Take the first", ".o_aftersales_times button:first"),
    go("Confirm", "form[action*='/visit/confirm'] button"),
    sees("It is booked", ".alert-success:contains(Your visit is booked)"),
]);

/** The car is here: one press, then round it with a tablet, then ten minutes below it. */
walk("receive", () => [
    sees("The appointment", ".o_stat_info:contains(Booked)"),
    press("It is here", "button[name=action_receive]"),
    sees("The plate", ".o_aftersales_plate:contains(12345)"),
    sees("The customer's words", ".o_aftersales_facts:contains(Brakes squeal)"),
    write("Read the meter", ".o_aftersales_meter", "15234"),
    ...mark("Scratches, dents, cracks", "dent", [[0.25, 0.2]]),
    ...mark("Scratches, dents, cracks", "scratch", [
        [0.45, 0.7],
        [0.5, 0.72],
        [0.55, 0.7],
    ]),
    answer("Clean enough to see scratches", "yes"),
    ...shoot("Photos all round"),
    next(),
    pick("Fuel or charge", "Half"),
    ...shoot("Warning lights with the engine on"),
    next(),
    answer("Customer was asked to take valuables", "yes"),
    answer("Boot was opened together with the customer", "yes"),
    pick("Spare wheel, jack, tools, triangle", "Complete"),
    next(),
    write("Something stays", ".o_aftersales_thing", "Umbrella"),
    press("Write it down", ".o_aftersales_new button[type=submit]"),
    sees("It is there", ".o_aftersales_belonging:contains(Umbrella)"),
    next(),
    sign(".o_aftersales_finish"),
    ...finish(),
    sees("The customer signed", ".o_aftersales_result:contains(Wang Fang)"),
    back(),

    press("Look closer", ".o_statusbar_buttons button[name=action_new_inspection]"),
    press("With the short list", ".modal .o_radio_item:contains(Ten-minute check) input"),
    press("Inspect", ".modal button[name=action_apply]"),
    measure("Brake pads, front", "1.2"),
    sees("Too thin", "[data-item='Brake pads, front'] .o_aftersales_badge.o_aftersales_red:first"),
    ...shoot("Brake pads, front"),
    answer("Wipers", "yellow"),
    answer("Lights", "yes"),
    ...finish(),
    back(),
    sees("Back on the order", ".o_form_view [name=next_step]"),
]);

/** What was found becomes work with a price, and goes to the customer. */
walk("estimate", () => [
    page("Inspections"),
    press(
        "Make the job of the pads",
        "[name=finding_ids] .o_data_row:contains(Brake pads) button[name=action_open_jobs]"
    ),
    sees(
        "It is made",
        "[name=finding_ids] .o_data_row:contains(Brake pads):not(:has(button[name=action_open_jobs]))"
    ),
    press(
        "Make the job of the wipers",
        "[name=finding_ids] .o_data_row:contains(Wipers) button[name=action_open_jobs]"
    ),
    sees(
        "It is made",
        "[name=finding_ids]:not(:has(button[name=action_open_jobs]))"
    ),
    page("What we will do"),
    sees(
        "Parts and labour came with it",
        "[name=job_ids] .o_data_row:contains(Replace brake pads):contains(2 ×)"
    ),
    press("Open it", "[name=job_ids] .o_data_row:contains(Replace brake pads) .o_data_cell[name=name]"),
    ...choose(".modal", "technician_id", "Chen Jie"),
    press("Close it", ".modal .o_form_button_save"),
    press(
        "Make the estimate",
        "body:not(:has(.modal)) .o_statusbar_buttons button[name=action_estimate]"
    ),
    isInState("Quoted"),
    press("Send it", "button[name=action_send_estimate]"),
    press("Send", ".modal button[name=action_send_mail]"),
    isInState("Quoted"),
]);

const job = (name) => `.o_aftersales_jobs .card:contains(${name})`;
const signAndSend = () => [
    press("Write the name as signature", ".o_web_sign_auto_button"),
    { content: "It is signed", trigger: ".o_web_sign_signature", run: "canvasNotEmpty" },
    go("Send it", ".o_aftersales_send:enabled"),
    sees("The answer has arrived", ".alert-success:contains(we have your answer)"),
];

/** The customer looks at the photo, says yes to two jobs and no to one. */
walk("answer", () => [
    sees("Red", `${job("Replace brake pads")} .o_aftersales_finding .text-bg-danger`),
    press("Look at the photo", `${job("Replace brake pads")} a.o_aftersales_photo`),
    {
        content: "It opens large",
        trigger: "dialog.o_aftersales_viewer[open] img",
        async run() {
            await this.anchor.decode();
        },
    },
    press("Close it", "dialog.o_aftersales_viewer .o_close"),
    press("Yes to the service", `${job("Oil service")} label:contains(Yes)`),
    press("Yes to the pads", `${job("Replace brake pads")} label:contains(Yes)`),
    press("No to the wipers", `${job("Replace wipers")} label:contains(No)`),
    press("Say why", `${job("Replace wipers")} .o_aftersales_chip:contains(Not now)`),
    ...signAndSend(),
]);

/** And later says yes to what was found on the way. */
walk("answer_added", () => [
    press("Yes to the hose", `${job("Replace brake hose")} label:contains(Yes)`),
    ...signAndSend(),
]);
