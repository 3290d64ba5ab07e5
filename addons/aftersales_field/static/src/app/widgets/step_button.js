import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { getPlace } from "../core/place";
import { getNextStep } from "../core/words";

/** One big button: what comes next on this visit. */
export class StepButton extends Component {
    static template = "aftersales_field.StepButton";
    static props = { visit: Object, isListed: { type: Boolean, optional: true } };

    setup() {
        this.state = useState({ isBusy: false });
    }

    get step() {
        const step = getNextStep(this.props.visit);
        // In the list the visit is opened first: it is not finished by mistake.
        return step?.kind === "finish" && this.props.isListed
            ? { kind: "open", label: _t("Go to Work"), icon: "fa-wrench" }
            : step;
    }

    async take() {
        const { visit } = this.props;
        const { kind } = this.step;
        if (kind === "open") {
            this.env.router.go("visit", visit.id);
            return;
        }
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
