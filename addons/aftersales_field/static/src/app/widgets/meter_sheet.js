import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Sheet } from "./sheet";

/** Asks what the meter of the asset shows. */
export class MeterSheet extends Component {
    static template = "aftersales_field.MeterSheet";
    static components = { Sheet };
    static props = { visit: Object, onClose: Function };

    setup() {
        const { meter } = this.props.visit.asset;
        this.state = useState({ meter: meter ? String(meter) : "", error: "" });
    }

    async save() {
        const value = Number(this.state.meter.replace(",", "."));
        if (!this.state.meter.trim() || !(value >= 0)) {
            this.state.error = _t("Enter the number that the meter shows.");
            return;
        }
        const { id, asset } = this.props.visit;
        await this.env.model.record("meter", id, { value }, { base: { meter: asset.meter } });
        this.props.onClose();
    }
}
