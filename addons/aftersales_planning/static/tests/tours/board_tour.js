import { registry } from "@web/core/registry";

/** By keyboard and thumb: open the card, choose the bay. */
const moveTo = (from, to) => [
    {
        content: `Open the card in ${from}`,
        trigger: `body:not(:has(.modal)) .o_board_track[data-name='${from}'] .o_board_booking .o_board_card`,
        run: "click",
    },
    {
        content: `Choose ${to}`,
        trigger: ".modal #o_board_resource",
        run: `selectByLabel ${to}`,
    },
    {
        content: "Move",
        trigger: ".modal .o_board_do_move",
        run: "click",
    },
];

/**
 * With the mouse: take the card in its middle and let it go where it keeps its time, or
 * a quarter into the day if it has none.
 */
async function dragTo(helpers, selector) {
    const booking = helpers.anchor.closest(".o_board_booking");
    const target = document.querySelector(selector);
    const left = booking
        ? booking.offsetLeft + booking.offsetWidth / 2
        : target.clientWidth * 0.75;
    await helpers.drag_and_drop(selector, {
        position: { top: target.clientHeight / 2, left },
        relative: true,
    });
}

/** An advisor drags cards to bays and stages; what can't be is refused. */
registry.category("web_tour.tours").add("aftersales_shop_board_drag", {
    url: "/odoo/shop-board",
    steps: () => [
        {
            content: "Look at tomorrow",
            trigger: ".o_board_bar button[aria-label='Day after']",
            run: "click",
        },
        {
            content: "Drag a card to another bay",
            trigger: ".o_board_track[data-name='Bay 1'] .o_board_booking .o_board_card",
            run: (helpers) => dragTo(helpers, ".o_board_track[data-name='Bay 2']"),
        },
        {
            content: "It is there, and no dialog was opened by letting it go",
            trigger:
                "body:not(:has(.modal)) .o_board_track[data-name='Bay 2'] .o_board_card",
        },
        {
            content: "Drag it to one that is taken",
            trigger: ".o_board_track[data-name='Bay 2'] .o_board_booking .o_board_card",
            run: (helpers) => dragTo(helpers, ".o_board_track[data-name='Taken']"),
        },
        {
            content: "It says who has the time",
            trigger: ".o_notification:contains(Taken is taken)",
        },
        {
            content: "And the card is back where it was",
            trigger: ".o_board_track[data-name='Bay 2'] .o_board_booking .o_board_card",
        },
        {
            content: "Drag a car that has no time onto a bay",
            trigger: ".o_board_tray .o_board_card:contains(To plan by hand)",
            run: (helpers) => dragTo(helpers, ".o_board_track[data-name='Bay 1']"),
        },
        {
            content: "It has its time and left the list",
            trigger:
                "body:not(:has(.o_board_tray .o_board_card)) .o_board_track[data-name='Bay 1'] .o_board_card",
        },
        {
            content: "Look at the stages",
            trigger: ".o_board_bar button[data-view='stages']",
            run: "click",
        },
        {
            content: "Drag a card to the next stage",
            trigger: ".o_board_column[data-stage='booked'] .o_board_card:contains(Booked car)",
            run: (helpers) => dragTo(helpers, ".o_board_column[data-stage='arrived']"),
        },
        {
            content: "It arrived; drag it where a work order is needed",
            trigger: ".o_board_column[data-stage='arrived'] .o_board_card:contains(Booked car)",
            run: (helpers) => dragTo(helpers, ".o_board_column[data-stage='check']"),
        },
        {
            content: "It says what to do",
            trigger: ".o_notification:contains(Open the work order)",
        },
        {
            content: "And the card stays",
            trigger: ".o_board_column[data-stage='arrived'] .o_board_card:contains(Booked car)",
        },
    ],
});

/** An advisor moves a car, is refused a taken bay, and sees others' steps by itself. */
registry.category("web_tour.tours").add("aftersales_shop_board", {
    url: "/odoo/shop-board",
    steps: () => [
        {
            content: "The day begins with what waits to be planned",
            trigger: ".o_board_tray .o_board_card:contains(To plan by hand)",
        },
        ...moveTo("Bay 1", "Bay 2"),
        {
            content: "It is there",
            trigger:
                "body:not(:has(.modal)) .o_board_track[data-name='Bay 2'] .o_board_card",
        },
        ...moveTo("Bay 2", "Taken"),
        {
            content: "It says who has the time",
            trigger: ".o_notification:contains(Taken is taken)",
        },
        {
            content: "And the card stays; close",
            trigger: ".modal .btn-close",
            run: "click",
        },
        ...moveTo("Bay 2", "Bay 1"),
        {
            content: "Back in the first bay",
            trigger:
                "body:not(:has(.modal)) .o_board_track[data-name='Bay 1'] .o_board_card",
        },
        {
            content: "Look at the stages",
            trigger: ".o_board_bar button[data-view='stages']",
            run: "click",
        },
        {
            content: "Open the card in the booking column",
            trigger: ".o_board_column[data-stage='booked'] .o_board_card:contains(Booked car)",
            run: "click",
        },
        {
            content: "It is here",
            trigger: ".modal .o_board_arrive",
            run: "click",
        },
        {
            content: "It arrived",
            trigger: ".o_board_column[data-stage='arrived'] .o_board_card:contains(Booked car)",
        },
        {
            content: "Somebody else starts the work",
            trigger: ".o_board_column[data-stage='arrived'] .o_board_card:contains(Booked car)",
            async run({ anchor }) {
                // Not by the board's own call: only the bus tells it.
                await fetch("/web/dataset/call_kw/aftersales.order/action_start", {
                    method: "POST",
                    headers: { "Content-Type": "application/json" },
                    body: JSON.stringify({
                        jsonrpc: "2.0",
                        params: {
                            model: "aftersales.order",
                            method: "action_start",
                            args: [[Number(anchor.dataset.order)]],
                            kwargs: {},
                        },
                    }),
                });
            },
        },
        {
            content: "The board shows it by itself",
            trigger: ".o_board_column[data-stage='work'] .o_board_card:contains(Booked car)",
        },
    ],
});
