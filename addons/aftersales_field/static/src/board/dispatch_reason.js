import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus } from "@web/core/utils/hooks";

/** Why a manager plans against working time or travel. */
export class DispatchReason extends Component {
    static template = "aftersales_field.DispatchReason";
    static components = { Dialog };
    static props = { title: String, onConfirm: Function, close: Function };

    setup() {
        this.state = useState({ reason: "" });
        useAutofocus({ refName: "reason" });
    }

    confirm() {
        const reason = this.state.reason.trim();
        if (reason) {
            this.props.close();
            this.props.onConfirm(reason);
        }
    }
}
