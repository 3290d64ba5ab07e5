import { Component, useRef, useState } from "@odoo/owl";
import { useDraggable } from "@web/core/utils/draggable";

import { BoardCard } from "./board_card";
import { STAGES, findAt } from "./board_model";

/** The service cards of the day, a column for each stage: booked to ready. */
export class BoardStages extends Component {
    static template = "aftersales_planning.BoardStages";
    static components = { BoardCard };
    static props = {
        model: Object,
        teamId: { type: [Number, Boolean] },
        concern: { type: [String, Boolean] },
        onOpen: Function,
        onStep: Function,
    };

    setup() {
        this.model = useState(this.props.model);
        this.root = useRef("root");
        useDraggable({
            ref: this.root,
            elements: ".o_board_draggable",
            onDragStart: ({ element, addClass }) => addClass(element, "o_board_dragged"),
            onDrop: ({ element, x, y }) => {
                const column = findAt(this.root.el, ".o_board_column", x, y);
                const orderId = Number(element.dataset.order);
                const stage = column?.dataset.stage;
                if (stage && this.model.orders[orderId]?.stage !== stage) {
                    this.props.onStep(orderId, stage);
                }
            },
        });
    }

    get columns() {
        return STAGES.map((stage) => ({
            ...stage,
            cards: this.model
                .getStage(stage.key, this.props.teamId)
                .map((order) => this.model.getCard(order)),
        }));
    }

    isDimmed(card) {
        return Boolean(this.props.concern) && !card.concerns.includes(this.props.concern);
    }
}
