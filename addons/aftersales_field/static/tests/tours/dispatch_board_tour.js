import { registry } from "@web/core/registry";

/** Return the selector of a card in an engineer's row. */
const inRow = (engineer, customer) =>
    `.o_board_track[data-name='${engineer}'] .o_dispatch_card:contains(${customer})`;

/** Drag a card to a row, where an hour of the day is. */
async function dragTo(helpers, engineer, hour) {
    const selector = `.o_board_track[data-name='${engineer}']`;
    const target = document.querySelector(selector);
    const labels = [...document.querySelectorAll(".o_board_hour")];
    const label = labels.find((element) => element.textContent.trim() === hour);
    const booking = helpers.anchor.closest(".o_board_booking");
    const left = label.offsetLeft + (booking ? booking.offsetWidth / 2 : 0);
    await helpers.drag_and_drop(selector, {
        position: { top: target.clientHeight / 2, left },
        relative: true,
    });
}

const tomorrow = {
    content: "Look at tomorrow",
    trigger: ".o_aftersales_dispatch button[aria-label='Day after']",
    run: "click",
};

/** A dispatcher plans by mouse; what can't be is refused; a move is taken back. */
registry.category("web_tour.tours").add("aftersales_dispatch_drag", {
    url: "/odoo/dispatch",
    steps: () => [
        tomorrow,
        {
            content: "What waits is in the list; plan it by mouse",
            trigger: ".o_board_tray .o_dispatch_card:contains(To Plan)",
            run: (helpers) => dragTo(helpers, "Anna", "9 AM"),
        },
        {
            content: "It is in the row, has left the list, and no dialog was opened",
            trigger: `body:not(:has(.modal)):not(:has(.o_board_tray .o_dispatch_card)) ${inRow("Anna", "To Plan")}`,
        },
        {
            content: "Give it to Ben, who is taken then",
            trigger: inRow("Anna", "To Plan"),
            run: (helpers) => dragTo(helpers, "Ben", "11 AM"),
        },
        {
            content: "It says who has the time",
            trigger: ".o_notification:contains(Ben is taken)",
        },
        {
            content: "The card is where it was; take the planning back",
            trigger: `body:has(${inRow("Anna", "To Plan").split(":contains")[0]}) .o_dispatch_undo:enabled`,
            run: "click",
        },
        {
            content: "It is to be planned again",
            trigger: ".o_board_tray .o_dispatch_card:contains(To Plan)",
        },
        {
            content: "A locked visit can't be dragged",
            trigger: `.o_board_booking:not(.o_board_draggable) .o_dispatch_card:contains(Locked)`,
        },
        {
            content: "A colleague takes Ben's visit off the plan, unseen here",
            trigger: inRow("Ben", "Taken"),
            async run({ anchor }) {
                // Not by the board's own call: only the bus tells it.
                await fetch("/web/dataset/call_kw/aftersales.visit/action_unplan", {
                    method: "POST",
                    headers: { "Content-Type": "application/json" },
                    body: JSON.stringify({
                        jsonrpc: "2.0",
                        params: {
                            model: "aftersales.visit",
                            method: "action_unplan",
                            args: [[Number(anchor.closest("[data-visit]").dataset.visit)]],
                            kwargs: {},
                        },
                    }),
                });
            },
        },
        {
            content: "The board shows it by itself",
            trigger: ".o_board_tray .o_dispatch_card:contains(Taken)",
        },
    ],
});

/** By keyboard: who could come, with reasons; lock, unlock, off the plan. */
registry.category("web_tour.tours").add("aftersales_dispatch_dialog", {
    url: "/odoo/dispatch",
    steps: () => [
        tomorrow,
        {
            content: "Open what waits",
            trigger: ".o_board_tray .o_dispatch_card:contains(To Plan)",
            run: "click",
        },
        {
            content: "The customer can be called",
            trigger: ".modal .o_dispatch_call[href='tel:+49 30 1234']",
        },
        {
            content: "Ask about the others",
            trigger: ".modal .o_dispatch_candidates summary",
            run: "click",
        },
        {
            content: "Whoever can't come is there with the reason",
            trigger: ".modal details dd:contains(Carl does not have Brakes)",
        },
        {
            content: "Take the best",
            trigger: ".modal .o_dispatch_candidate .o_dispatch_take",
            run: "click",
        },
        {
            content: "It is planned; open it",
            trigger:
                "body:not(:has(.modal)) .o_board_track .o_board_draggable .o_dispatch_card:contains(To Plan)",
            run: "click",
        },
        {
            content: "Lock it",
            trigger: ".modal .o_dispatch_lock[aria-pressed='false']",
            run: "click",
        },
        {
            content: "And unlock it",
            trigger: ".modal .o_dispatch_lock[aria-pressed='true']:enabled",
            run: "click",
        },
        {
            content: "Take it off the plan",
            trigger: ".modal:has(.o_dispatch_lock[aria-pressed='false']) .o_dispatch_unplan:enabled",
            run: "click",
        },
        {
            content: "It waits again; let the day be worked out",
            trigger:
                "body:not(:has(.modal)):has(.o_board_tray .o_dispatch_card) .o_dispatch_optimise:enabled",
            run: "click",
        },
        {
            content: "The figures are there; accept",
            trigger: ".modal:has(.o_aftersales_figures) button[name='action_accept']",
            run: "click",
        },
        {
            content: "The day is as proposed",
            trigger:
                "body:not(:has(.modal)):not(:has(.o_board_tray .o_dispatch_card)) .o_board_track .o_dispatch_card:contains(To Plan)",
        },
        {
            content: "It says so",
            trigger: ".o_notification:contains(The proposal is accepted)",
        },
        {
            content: "Search for the other",
            trigger: ".o_dispatch_search input",
            run: "edit locked",
        },
        {
            content: "Only that one is not dimmed",
            trigger: ".o_board_track .o_dispatch_card.o_board_dimmed:contains(To Plan)",
        },
        {
            content: "Where they are",
            trigger: ".o_dispatch_map_toggle",
            run: "click",
        },
        {
            content: "The routes are drawn",
            trigger: ".o_dispatch_map circle",
        },
    ],
});
