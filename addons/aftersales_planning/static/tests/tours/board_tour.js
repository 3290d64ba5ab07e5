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
