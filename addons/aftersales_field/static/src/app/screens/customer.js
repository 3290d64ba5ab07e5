import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { SignaturePad } from "@aftersales_inspection/runner/signature_pad";
import { Bar } from "../widgets/bar";

/** What the customer says at the end: opinion, how it is paid, signature. */
export class CustomerScreen extends Component {
    static template = "aftersales_field.Customer";
    static components = { Bar, SignaturePad };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        const { visit } = this.props;
        this.state = useState({
            comment: visit.opinion?.comment || "",
            method: visit.payment?.method ?? "",
            amount: visit.payment?.amount ? String(visit.payment.amount) : "",
            paymentNote: visit.payment?.note || "",
            signer: visit.signed_by || visit.customer.contact || visit.customer.name,
            role: "",
            signature: "",
            error: "",
            paymentError: "",
            isSigning: !visit.signed_by,
        });
        this.stars = [1, 2, 3, 4, 5];
    }

    get visit() {
        return this.props.visit;
    }

    get isOpen() {
        return this.visit.state !== "done";
    }

    get score() {
        return Number(this.visit.opinion?.score) || 0;
    }

    get isRefused() {
        return this.visit.opinion?.score === "refused";
    }

    get scoreText() {
        return [
            "",
            _t("Not content at all"),
            _t("Not very content"),
            _t("Content"),
            _t("Very content"),
            _t("Could not be better"),
        ][this.score];
    }

    get methods() {
        return (this.model.reference?.payment_methods || []).map((each) => ({
            value: each.value ?? each.code ?? each.id ?? each,
            label: each.label ?? each.name ?? each,
        }));
    }

    async rate(score) {
        const values = { score, comment: this.state.comment.trim() || null };
        const entries = this.model.getEntries(this.visit.id);
        const last = entries.findLast((entry) => entry.kind === "opinion");
        if (last && this.model.canChange(last)) {
            await this.model.amend(last, values);
        } else {
            await this.model.record("opinion", this.visit.id, values);
        }
    }

    saveComment() {
        if (this.visit.opinion) {
            this.rate(this.visit.opinion.score);
        }
    }

    setMethod(value) {
        this.state.method = value;
    }

    async pay() {
        const amount = Number(this.state.amount.replace(",", ".") || 0);
        if (!this.state.method || !(amount >= 0)) {
            this.state.paymentError = _t("Choose how it is paid, and enter the amount as a number.");
            return;
        }
        this.state.paymentError = "";
        await this.model.record("payment", this.visit.id, {
            method: this.state.method,
            amount,
            note: this.state.paymentNote.trim() || null,
        });
    }

    onSignature(signature) {
        this.state.signature = signature;
    }

    signAgain() {
        this.state.isSigning = true;
    }

    async sign() {
        const signer = this.state.signer.trim();
        if (!signer || !this.state.signature) {
            this.state.error = _t("Name and signature of the customer are missing.");
            return;
        }
        await this.model.record("sign", this.visit.id, {
            signer,
            role: this.state.role.trim() || null,
            signature: this.state.signature,
        });
        Object.assign(this.state, { isSigning: false, error: "", signature: "" });
    }
}
