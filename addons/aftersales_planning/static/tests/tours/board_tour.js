import { registry } from "@web/core/registry";

/** An advisor plans by hand: a car from the list, to another bay, by keyboard, live. */
registry.category("web_tour.tours").add("aftersales_shop_board", {
    url: "/odoo/shop-board",
    steps: () => [
        {
            content: "The day begins with what waits to be planned",
            trigger: ".o_board_tray .o_board_card:contains(To plan by hand)",
        },
        {
            content: "Drag the booked car to the other bay",
            trigger: ".o_board_track[data-name='Bay 1'] .o_board_booking .o_board_card",
            run: "drag_and_drop .o_board_track[data-name='Bay 2']",
        },
        {
            content: "It is there",
            trigger: ".o_board_track[data-name='Bay 2'] .o_board_booking .o_board_card",
        },
        {
            content: "Drop it where another car stands",
            trigger: ".o_board_track[data-name='Bay 2'] .o_board_booking .o_board_card",
            run: "drag_and_drop .o_board_track[data-name='Taken']",
        },
        {
            content: "It says who has the time",
            trigger: ".o_notification:contains(Taken is taken)",
        },
        {
            content: "And the card is back",
            trigger: ".o_board_track[data-name='Bay 2'] .o_board_booking .o_board_card",
            run: "click",
        },
        {
            content: "By keyboard and thumb: choose the bay",
            trigger: ".modal #o_board_resource",
            run: "selectByLabel Bay 1",
        },
        {
            content: "Move",
            trigger: ".modal .o_board_do_move",
            run: "click",
        },
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
            content: "The card goes from the booking column to the next one",
            trigger: ".o_board_column[data-stage='booked'] .o_board_card",
            run: "drag_and_drop .o_board_column[data-stage='arrived']",
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
