import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Bar } from "../widgets/bar";

/** Somebody else goes on: who, and what that one should know. */
export class HandOverScreen extends Component {
    static template = "aftersales_field.HandOver";
    static components = { Bar };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.state = useState({ id: 0, note: "", error: "" });
    }

    get colleagues() {
        return this.model.reference?.colleagues || [];
    }

    choose(id) {
        this.state.id = id;
    }

    async handOver() {
        const note = this.state.note.trim();
        if (!note) {
            this.state.error = _t("Write what was found and what is left to do.");
            return;
        }
        await this.model.record("hand_over", this.props.visit.id, {
            technician_id: this.state.id || null,
            note,
        });
        this.env.router.go("visits");
    }
}
