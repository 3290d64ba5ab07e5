import { Component, useState } from "@odoo/owl";
import { getPlace } from "../core/place";
import { getNextStep } from "../core/words";

/** One big button: what comes next on this visit. */
export class StepButton extends Component {
    static template = "aftersales_field.StepButton";
    static props = { visit: Object };

    setup() {
        this.state = useState({ isBusy: false });
    }

    get step() {
        return getNextStep(this.props.visit);
    }

    async take() {
        const { visit } = this.props;
        const { kind } = this.step;
        if (kind === "finish") {
            this.env.router.go("visit", visit.id, "finish");
            return;
        }
        this.state.isBusy = true;
        try {
            await this.env.model.record(kind, visit.id, {}, { place: await getPlace() });
        } finally {
            this.state.isBusy = false;
        }
        if (kind !== "travel") {
            this.env.router.go("visit", visit.id);
        }
    }
}
