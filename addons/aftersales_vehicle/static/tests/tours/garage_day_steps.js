/** What the tours of the garage's day are made of. */
import { waitUntil } from "@odoo/hoot-dom";
import { registry } from "@web/core/registry";

import { draw, photograph } from "@aftersales_inspection/../tests/tours/runner_tour";

/** A tour of the day; what waits for the server may take its time on a busy machine. */
export const walk = (name, getSteps) =>
    registry.category("web_tour.tours").add(`garage_day_${name}`, {
        steps: () => getSteps().map((step) => ({ timeout: 60000, ...step })),
    });

export const press = (content, trigger) => ({ content, trigger, run: "click" });
export const sees = (content, trigger) => ({ content, trigger });
export const write = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });
/** Press what leads to another page. */
export const go = (content, trigger) => ({ ...press(content, trigger), expectUnloadPage: true });
export const page = (name) => press(`Look at ${name}`, `.o_notebook .nav-link:contains(${name})`);
export const choose = (scope, field, text) => [
    write(`Look for ${text}`, `${scope} .o_field_widget[name=${field}] input`, text),
    press(`Choose ${text}`, `.o-autocomplete--dropdown-item > a:contains(${text})`),
];
export const isInState = (state) =>
    sees(
        `It is ${state}`,
        `body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains(${state})`
    );

// On the screen of an inspection

const item = (name, trigger = "") => `.o_aftersales_item[data-item="${name}"] ${trigger}`;
export const answer = (name, value) =>
    press(`${name}: ${value}`, item(name, `[data-value=${value}]`));
export const pick = (name, text) => press(`${name}: ${text}`, item(name, `button:contains(${text})`));
export const measure = (name, number) => ({
    content: `${name}: ${number}`,
    trigger: item(name, "input.o_aftersales_entry"),
    run: `edit ${number}`,
});
export const mark = (name, kind, places) => [
    press(`A ${kind}`, item(name, `[data-kind=${kind}]`)),
    {
        content: `Mark the ${kind}`,
        trigger: item(name, ".o_aftersales_svg"),
        run: ({ anchor }) => draw(anchor, places),
    },
    sees("It is on the list", `.o_aftersales_mark_row:contains(${kind[0].toUpperCase()}${kind.slice(1)})`),
];
export const shoot = (name) => [
    {
        content: `A photo: ${name}`,
        trigger: item(name, "input[type=file]"),
        run: ({ anchor }) => photograph(anchor, { width: 1600, height: 1200 }),
    },
    sees("It was sent", item(name, ".o_aftersales_photo:not(:has(.o_aftersales_unsent))")),
];
export const next = () => press("On", ".o_aftersales_next");
export const restIsGreen = () => press("All the rest is green", ".o_aftersales_rest");
export const sign = (trigger) => ({
    content: "Sign",
    trigger: `${trigger} .o_aftersales_pad canvas`,
    run: ({ anchor }) => draw(anchor, [[0.1, 0.5], [0.3, 0.3], [0.5, 0.7], [0.8, 0.4]]),
});
export const finish = () => [
    press("Go to the end", ".o_aftersales_tab[data-tab=Finish]"),
    press("Finish", ".o_aftersales_end:enabled"),
    sees("It is finished", ".o_aftersales_result"),
];
export const back = () => press("Back", ".o_aftersales_head button[aria-label=Back]");

// The lounge board, a page of its own beside the one that is walked

export const openLounge = () => [
    {
        content: "The waiting room has its board",
        trigger: "body",
        run() {
            const frame = document.createElement("iframe");
            frame.id = "lounge_board";
            frame.src = `/aftersales/lounge/${document.cookie.match(/lounge=([^;]+)/)[1]}`;
            frame.style =
                "position: fixed; width: 1200px; height: 700px; opacity: 0; pointer-events: none";
            document.body.append(frame);
        },
    },
    {
        content: "It is connected and has looked once: from now on it is told",
        trigger: "#lounge_board:iframe #lounge[data-live]",
        async run() {
            const { contentWindow: lounge } = document.getElementById("lounge_board");
            const looked = (entry) => entry.name.endsWith("/data");
            await waitUntil(
                () => lounge.performance.getEntriesByType("resource").some(looked),
                { timeout: 30000 }
            );
            lounge.isSamePage = true;
        },
    },
];
export const loungeSays = (text) => ({
    content: `The lounge says by itself: ${text}`,
    trigger: text
        ? `#lounge_board:iframe .car:contains(${text})`
        : "#lounge_board:iframe #lounge:not(:has(.car))",
    run() {
        if (!document.getElementById("lounge_board").contentWindow.isSamePage) {
            throw new Error("The lounge board was loaded again.");
        }
    },
});
