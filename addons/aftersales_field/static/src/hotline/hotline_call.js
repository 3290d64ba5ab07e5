import { _t } from "@web/core/l10n/translation";
import { serializeDateTime } from "@web/core/l10n/dates";
import { Component, useState } from "@odoo/owl";

const { DateTime } = luxon;

/** An empty call; its operation makes of two presses on the button one call. */
export function makeDraft() {
    return {
        operation: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`,
        direction: "in",
        caller: "",
        phone: "",
        words: "",
        answer: "",
        kind: "",
        isSolved: false,
        assetId: "none", // "": not said yet
        orderId: "new", // "none": only the call; "new"; or an open order
        hasVisit: true,
        isUrgent: false,
        deadline: "",
        note: "",
        isNewPartner: false,
        isNewAsset: false,
        partner: { name: "", phone: "", street: "", zip: "", city: "" },
        asset: { name: "", serial: "" },
    };
}

/** The call that is being written down, and what shall become of it. */
export class HotlineCall extends Component {
    static template = "aftersales_field.HotlineCall";
    static props = {
        draft: Object,
        card: { type: [Object, { value: null }], optional: true },
        isBusy: Boolean,
        onTake: Function,
        onWords: Function,
    };

    setup() {
        this.state = useState({ error: "" });
        // One and the same object for as long as the screen is open.
        this.draft = useState(this.props.draft);
    }

    set(name, value) {
        this.draft[name] = value;
    }

    get answerKinds() {
        return [
            ["", _t("Nothing yet")],
            ["remote", _t("Help from afar")],
            ["onsite", _t("Repair on site")],
            ["replace", _t("Replacement")],
            ["advice", _t("Advice")],
        ];
    }

    /** Of several assets somebody has to say which one, or that it is about none. */
    get mustChooseAsset() {
        return Boolean(this.props.card?.assets.length) && this.draft.orderId === "new";
    }

    get isSolved() {
        return Boolean(this.draft.isSolved && this.draft.kind);
    }

    get hasOrder() {
        return this.draft.orderId !== "none";
    }

    /** An order that has a visit ahead needs no other one. */
    get canHaveVisit() {
        const order = this.props.card?.orders.find((each) => `${each.id}` === this.draft.orderId);
        return !order?.visits.some((visit) => visit.state !== "done");
    }

    get needsVisit() {
        return this.hasOrder && this.canHaveVisit && this.draft.hasVisit && !this.isSolved;
    }

    get label() {
        if (!this.hasOrder) {
            return _t("Note the call");
        }
        if (this.isSolved) {
            return _t("Save: solved");
        }
        if (this.draft.orderId !== "new") {
            return this.needsVisit ? _t("Add to the order, with a visit") : _t("Add to the order");
        }
        return this.draft.hasVisit ? _t("Make order and visit") : _t("Make the order");
    }

    async take() {
        const { draft } = this;
        const { card } = this.props;
        this.state.error = "";
        if (!draft.words.trim() && !draft.answer.trim()) {
            this.state.error = _t("Write down what was said.");
            return;
        }
        if (this.mustChooseAsset && !draft.isNewAsset && !draft.assetId) {
            this.state.error = _t("Choose which asset it is about, or “About no asset”.");
            return;
        }
        const deadline = draft.deadline && DateTime.fromISO(draft.deadline);
        await this.props.onTake({
            operation: draft.operation,
            direction: draft.direction,
            partner_id: draft.isNewPartner ? false : card?.partner.id || false,
            new_partner: draft.isNewPartner ? { ...draft.partner } : false,
            asset_id: draft.isNewAsset ? false : Number(draft.assetId) || false,
            new_asset:
                draft.isNewAsset && (draft.asset.name.trim() || draft.asset.serial.trim())
                    ? { ...draft.asset }
                    : false,
            caller: draft.caller,
            phone: draft.phone || draft.partner.phone,
            words: draft.words,
            answer: draft.answer,
            answer_kind: this.hasOrder ? draft.kind : "",
            solved: this.isSolved,
            order_id: Number(draft.orderId) || false,
            make_order: draft.orderId === "new",
            make_visit: this.needsVisit,
            priority: draft.isUrgent ? "1" : "0",
            deadline: deadline?.isValid ? serializeDateTime(deadline) : false,
            note: draft.note,
        });
    }
}
