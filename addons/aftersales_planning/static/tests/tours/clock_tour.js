import { registry } from "@web/core/registry";

const press = (content, trigger) => ({ content, trigger, run: "click" });
const sees = (content, trigger) => ({ content, trigger });

/** A technician's morning: on, wait for parts, go on, another job, home. */
registry.category("web_tour.tours").add("aftersales_clock", {
    url: "/odoo/my-clock",
    steps: () => [
        sees("Nothing runs", ".o_clock_running.o_clock_off:contains(Not working)"),
        press("Start with the brakes", ".o_clock_job:contains(Brakes) .o_clock_on:contains(Start Work)"),
        sees("It runs, and says since when", ".o_clock_running.o_clock_work:contains(Brakes):contains(Working since)"),
        sees("It is no choice any more", "body:not(:has(.o_clock_job:contains(Brakes)))"),
        press("Pause", ".o_clock_pause"),
        press("Say why", ".o_clock_reasons button:contains(Waiting for parts)"),
        sees("The wait runs", ".o_clock_running.o_clock_idle:contains(Waiting for parts)"),
        press("The parts came", ".o_clock_resume"),
        sees("Working again", ".o_clock_running.o_clock_work:contains(Brakes)"),
        press("Other job", ".o_clock_job:contains(Wipers) .o_clock_on"),
        sees("The other runs", ".o_clock_running.o_clock_work:contains(Wipers)"),
        sees("The first is recorded", ".o_clock_today:contains(Brakes)"),
        press("Home", ".o_clock_stop"),
        sees("Nothing runs", ".o_clock_running.o_clock_off"),
    ],
});

/** From the job itself: on and off without leaving it. */
registry.category("web_tour.tours").add("aftersales_clock_job", {
    url: "/odoo/my-jobs",
    steps: () => [
        press("Start work", ".o_kanban_record:contains(Brakes) button[name=action_clock_on]:contains(Start Work)"),
        sees("It runs", ".o_kanban_record:contains(Brakes) button[name=action_clock_off]"),
        press("Open it", ".o_kanban_record:contains(Brakes) button[name=action_open_technician]"),
        sees("The clock is on the job", "button[name=action_clock_off]"),
        press("Done", "button[name=action_open_done]"),
        press("Nothing more to say", ".modal button[name=action_done]"),
        sees("The clock stopped with it", "body:not(:has(button[name=action_clock_off]))"),
        sees("It is done", ".o_statusbar_status .o_arrow_button_current:contains(Done)"),
    ],
});
