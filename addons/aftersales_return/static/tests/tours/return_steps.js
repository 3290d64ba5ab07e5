/** What the tours of returns are made of. */
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

import { photograph } from "@aftersales_inspection/../tests/tours/runner_tour";

/** A tour by somebody; what waits for the server may take its time on a busy machine. */
export const walk = (name, getSteps) =>
    registry.category("web_tour.tours").add(`aftersales_return_${name}`, {
        steps: () => getSteps().map((step) => ({ timeout: 60000, ...step })),
    });

export const press = (content, trigger) => ({ content, trigger, run: "click" });
export const sees = (content, trigger) => ({ content, trigger });
export const write = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });
export const field = (name, inside = "input") => `.o_field_widget[name=${name}] ${inside}`;
export const choose = (name, text, scope = "") => [
    write(`Look for ${text}`, `${scope} ${field(name)}`, text),
    press(`Choose ${text}`, `.o-autocomplete--dropdown-item > a:contains(${text})`),
];
export const page = (name) => press(`Look at ${name}`, `.o_notebook .nav-link:contains(${name})`);
export const isInState = (state) =>
    sees(
        `It is ${state}`,
        `body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains(${state})`
    );

/** From the home screen to what a menu of an app opens, by the ids of the menus. */
export const open = (app, section, menu) => [
    ...stepUtils.goToAppSteps(app, "Open the app"),
    press("Open the menu", `.o_menu_sections [data-menu-xmlid="${section}"]`),
    press("Choose from it", `.o-dropdown--menu [data-menu-xmlid="${menu}"]`),
];

// On the screen of an inspection

const item = (name, trigger = "") => `.o_aftersales_item[data-item="${name}"] ${trigger}`;
export const answer = (name, value) =>
    press(`${name}: ${value}`, item(name, `[data-value=${value}]`));
export const pick = (name, text) => press(`${name}: ${text}`, item(name, `button:contains(${text})`));
export const photo = (name) => [
    {
        content: `A photo: ${name}`,
        trigger: item(name, "input[type=file]"),
        run: ({ anchor }) => photograph(anchor, { width: 800, height: 600 }),
    },
    sees("It was sent", item(name, ".o_aftersales_photo:not(:has(.o_aftersales_unsent))")),
];
export const section = (name) => press(`Go to ${name}`, `.o_aftersales_tab[data-tab="${name}"]`);
export const finish = () => [
    section("Finish"),
    press("Finish", ".o_aftersales_end:enabled"),
    sees("It is finished", ".o_aftersales_result"),
];
export const back = () => press("Back", ".o_aftersales_head button[aria-label=Back]");
