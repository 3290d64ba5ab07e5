import { Component } from "@odoo/owl";

import { CONCERNS } from "./board_model";

/** One order on the board: what it is, how far it is, what holds it up. */
export class BoardCard extends Component {
    static template = "aftersales_planning.BoardCard";
    static props = {
        card: Object,
        compact: { type: Boolean, optional: true },
        dimmed: { type: Boolean, optional: true },
        problem: { type: String, optional: true },
        onOpen: Function,
    };

    get marks() {
        const { card } = this.props;
        // Late is said with its time.
        return CONCERNS.filter(({ key }) => key !== "late" && card.concerns.includes(key));
    }

    get title() {
        const { card, problem } = this.props;
        return [
            `${card.label} · ${card.name}`,
            card.partner,
            card.complaint,
            card.technicians.join(", "),
            [card.stageLabel, card.lateLabel, ...this.marks.map(({ label }) => label)]
                .filter(Boolean)
                .join(" · "),
            problem,
        ]
            .filter(Boolean)
            .join("\n");
    }
}
