import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { InspectionItem } from "@aftersales_inspection/runner/item";
import { SignaturePad } from "@aftersales_inspection/runner/signature_pad";
import { ChecklistModel } from "../core/checklist_model";
import { Bar } from "../widgets/bar";

/** A checklist, with the questions of the workshop's own screen. */
export class ChecklistScreen extends Component {
    static template = "aftersales_field.Checklist";
    static components = { Bar, InspectionItem, SignaturePad };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.list = useState(
            new ChecklistModel(this.env.model, this.props.visit.id, this.props.itemId)
        );
        this.state = useState({ signer: this.signer, signature: "", error: "" });
    }

    /** @returns {string} who most likely signs: on site the customer, in the shop who looks */
    get signer() {
        const { visit } = this.props;
        return visit.order_id ? this.model.user.name : visit.customer.name;
    }

    get subtitle() {
        return _t("%(done)s of %(all)s answered", {
            done: this.list.answeredCount,
            all: this.list.items.length,
        });
    }

    get gapText() {
        return this.list.gaps.map((item) => item.name).join(", ");
    }

    onSignature(signature) {
        this.state.signature = signature;
    }

    async finish() {
        const signer = this.state.signer.trim();
        if (this.list.data.signature_required && !(signer && this.state.signature)) {
            this.state.error = _t("Name and signature are missing.");
            return;
        }
        const { signature } = this.state;
        await this.list.finish(signature ? signer : null, signature || null);
        this.env.router.up();
    }
}
