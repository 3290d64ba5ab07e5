import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Bar } from "../widgets/bar";
import { Sheet } from "../widgets/sheet";

/** What becomes of the parts that were taken out. */
export class OldPartsScreen extends Component {
    static template = "aftersales_field.OldParts";
    static components = { Bar, Sheet };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.state = useState({ serials: {}, part: null, reason: "", error: "" });
    }

    /** In the workshop it goes on the shelf: the customer said at reception what then. */
    get choices() {
        const none = { value: "none", label: _t("There is none") };
        if (this.props.visit.order_id) {
            return [{ value: "store", label: _t("Put on the shelf") }, none];
        }
        return [
            { value: "keep", label: _t("Customer keeps it") },
            { value: "give_up", label: _t("Customer gives it up") },
            { value: "maker", label: _t("Back to the maker") },
            none,
        ];
    }

    getKey(part) {
        return part.id || `line${part.line_id}`;
    }

    isChosen(part, choice) {
        if (choice === "store") {
            return part.state === "stored" || part.choice === choice;
        }
        return part.choice === choice || (choice === "none" && part.state === choice);
    }

    getName(part) {
        return part.product || part.name;
    }

    setSerial(part, value) {
        this.state.serials[this.getKey(part)] = value;
    }

    choose(part, choice) {
        if (choice === "none") {
            Object.assign(this.state, { part, reason: "", error: "" });
            return;
        }
        return this._record(part, { choice });
    }

    close() {
        this.state.part = null;
    }

    async explain() {
        const reason = this.state.reason.trim();
        if (!reason) {
            this.state.error = _t("Say why there is no old part.");
            return;
        }
        await this._record(this.state.part, { choice: "none", reason });
        this.close();
    }

    _record(part, values) {
        const serial = (this.state.serials[this.getKey(part)] ?? part.serial ?? "").trim();
        return this.model.record(
            "old_part",
            this.props.visit.id,
            {
                line_id: part.line_id,
                old_part_id: part.id || null,
                serial: serial || null,
                ...values,
            },
            { base: { choice: part.choice || "" } }
        );
    }
}
