import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Bar } from "../widgets/bar";

/** What becomes of the parts that were taken out. */
export class OldPartsScreen extends Component {
    static template = "aftersales_field.OldParts";
    static components = { Bar };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.state = useState({ serials: {} });
    }

    get choices() {
        return [
            { value: "keep", label: _t("Customer keeps it") },
            { value: "give_up", label: _t("Customer gives it up") },
            { value: "maker", label: _t("Back to the maker") },
            { value: "none", label: _t("There is none") },
        ];
    }

    getName(part) {
        return part.product || part.name;
    }

    setSerial(part, value) {
        this.state.serials[part.line_id] = value;
    }

    choose(part, choice) {
        const serial = (this.state.serials[part.line_id] ?? part.serial ?? "").trim();
        return this.model.record(
            "old_part",
            this.props.visit.id,
            { line_id: part.line_id, choice, serial: serial || null, note: null },
            { base: { choice: part.choice || "" } }
        );
    }
}
