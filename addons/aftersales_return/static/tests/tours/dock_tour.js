import { registry } from "@web/core/registry";

/** A storekeeper receives a serial that was announced, from Inventory. */
registry.category("web_tour.tours").add("aftersales_return_dock", {
    url: "/odoo/return-dock",
    steps: () => [
        {
            content: "Empty, it says what to do",
            trigger: ".o_return_dock .o_view_nocontent_smiling_face",
        },
        {
            content: "Something nobody knows",
            trigger: ".o_return_dock_form input",
            run: "edit NOBODY-KNOWS",
        },
        { trigger: ".o_return_dock_form button[type=submit]", run: "click" },
        { trigger: ".o_return_dock .text-danger:contains(Nothing is known)" },
        {
            content: "The serial of a return, typed by the scanner with Enter",
            trigger: ".o_return_dock_form input",
            run: "edit DOCK-1 && press Enter",
        },
        { trigger: ".o_return_dock_repair .o_return_dock_label:contains(Free repair)" },
        { trigger: ".o_return_dock_step:contains(Receive with)" },
        { trigger: ".o_return_dock_act:contains(Receive)", run: "click" },
        { trigger: ".o_return_dock_step:contains(It is here)" },
        { trigger: ".o_return_dock_facts:contains(Here)" },
        {
            content: "One that came unannounced",
            trigger: ".o_return_dock_form input",
            run: "edit DOCK-2 && press Enter",
        },
        { trigger: ".o_return_dock_exchange .o_return_dock_label" },
        { trigger: ".o_return_dock_act:contains(Record as Unannounced)", run: "click" },
        { trigger: ".o_return_dock_step:contains(not answered yet)" },
        {
            content: "Back to the first",
            trigger: ".list-group-item:contains(DOCK-1)",
            run: "click",
        },
        { trigger: ".o_return_dock_step:contains(It is here)" },
        {
            content: "One of two is here",
            trigger: ".o_return_dock_form input",
            run: "edit DOCK-P && press Enter",
        },
        { trigger: ".o_return_dock_count:contains(Here)" },
        { trigger: ".o_return_dock_quantity", run: "edit 1" },
        { trigger: ".o_return_dock_act:contains(Receive)", run: "click" },
        { trigger: ".o_return_dock_goods span:contains(1 Units)" },
    ],
});

/** From the serial in Inventory to its state as a return. */
registry.category("web_tour.tours").add("aftersales_return_dock_lot", {
    steps: () => [
        { trigger: "button[name=action_view_return_state]", run: "click" },
        { trigger: ".o_return_dock_serial:contains(DOCK-1)" },
    ],
});
