import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const press = (content, trigger) => ({ content, trigger, run: "click" });
const write = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });

/** The phone rings twice: a customer we know, and one we don't. */
registry.category("web_tour.tours").add("aftersales_field_hotline", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("aftersales.aftersales_menu", "Open Work Orders"),
        press("Open Field Service", ".o_menu_sections button:contains(Field Service)"),
        press("Open the hotline", ".o-dropdown--menu .dropdown-item:contains(Hotline)"),
        write("The number on the display", ".o_hotline_find input", "+49 (171) 555 12 34"),
        press("It is Wang Fang", ".o_hotline_result:contains(Wang Fang)"),
        {
            content: "An order is open, with the visit",
            trigger: ".o_hotline_order:contains(Anna comes)",
        },
        press("It is about the boiler", ".o_hotline_assets button:contains(Boiler)"),
        {
            content: "The boiler is chosen",
            trigger: ".o_hotline_assets .o_hotline_chosen:contains(Boiler)",
        },
        write("Write down the words", "textarea[name=words]", "It stopped, and it is cold"),
        press("It is urgent", "input[name=urgent]"),
        write("Directions", "input[name=note]", "Ring twice"),
        press("Make order and visit", ".o_hotline_take:contains(Make order and visit)"),
        { content: "It is noted", trigger: ".o_hotline_done:contains(VIS/)" },
        {
            content: "The new order is among the open ones",
            trigger: ".o_hotline_order:contains(It stopped)",
        },
        press("Open it", ".o_hotline_done a:contains(WO/)"),
        {
            content: "The work order is there",
            trigger: ".o_field_widget[name=complaint] textarea:value(It stopped, and it is cold)",
        },
        press("Back to the hotline", ".breadcrumb-item a:contains(Hotline), .o_back_button"),
        press("The next caller", ".o_hotline_clear"),
        write("A number nobody has", ".o_hotline_find input", "0160 9998877"),
        press("Nobody is found", ".o_hotline_nothing a"),
        write("Who it is", "input[name=partner_name]", "Zhao Min"),
        write("Which machine", "input[name=asset_name]", "Pump"),
        write("What is said", "textarea[name=words]", "The display is dark"),
        write("What we answer", "textarea[name=answer]", "Switch it off and on"),
        { content: "From afar", trigger: "select[name=kind]", run: "select remote" },
        press("That solved it", "input[name=solved]"),
        press("Save", ".o_hotline_take:contains(Save: solved)"),
        { content: "It is done", trigger: ".o_hotline_done:contains(WO/)" },
        { content: "Zhao Min is a customer now", trigger: ".o_hotline_partner:contains(Zhao Min)" },
    ],
});
