import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { SignaturePad } from "@aftersales_inspection/runner/signature_pad";
import { Bar } from "../widgets/bar";

/** What is free, what costs how much, and the customer's answer, signed on the spot. */
export class PricesScreen extends Component {
    static template = "aftersales_field.Prices";
    static components = { Bar, SignaturePad };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.state = useState({
            answer: "",
            signer: this.visit.customer.contact || this.visit.customer.name,
            signature: "",
            reason: "",
            isRestored: true,
            error: "",
            skipped: {},
            told: {},
        });
    }

    get visit() {
        return this.props.visit;
    }

    get isOnSite() {
        return ["onsite", "paused"].includes(this.visit.state);
    }

    get jobs() {
        return this.visit.jobs.filter((job) => !job.is_new);
    }

    get newJobs() {
        return this.visit.jobs.filter((job) => job.is_new);
    }

    get waiting() {
        return this.jobs.filter((job) => job.needs_consent && this.hasPrice(job));
    }

    get meant() {
        return this.waiting.filter((job) => !this.state.skipped[job.id]);
    }

    get total() {
        const [job] = this.meant;
        const amount = this.meant.reduce((sum, each) => sum + (this.getPrice(each) || 0), 0);
        return job ? this.words.money(amount, job.cover?.currency) : "";
    }

    /** The price is not on this phone: the office tells it. */
    isUntold(job) {
        return job.needs_consent && job.cover?.price === null;
    }

    setTold(job, text) {
        this.state.told[job.id] = text;
    }

    /** @returns {number | null} what the customer pays for a job */
    getPrice(job) {
        if (!this.isUntold(job)) {
            return job.cover?.price ?? null;
        }
        const text = (this.state.told[job.id] || "").trim().replace(",", ".");
        const price = Number(text);
        return text && price >= 0 ? price : null;
    }

    hasPrice(job) {
        return Boolean(job.lines.length) && !job.cover?.is_unknown && this.getPrice(job) !== null;
    }

    /** Pieces are counted without a unit. */
    describeLine({ planned, unit, name, lot_names: lots }) {
        const numbers = lots?.length ? ` (${lots.join(", ")})` : "";
        const quantity = unit ? this.words.quantity(planned, unit) : `${this.words.number(planned)} ×`;
        return `${quantity} ${name}${numbers}`;
    }

    getAnswer(job) {
        if (job.consent === "yes" || ["approved", "progress", "done"].includes(job.state)) {
            return { label: _t("Agreed"), name: "good" };
        }
        if (job.consent === "no" || job.state === "declined") {
            return { label: _t("Declined"), name: "bad" };
        }
        return null;
    }

    toggle(job) {
        this.state.skipped[job.id] = !this.state.skipped[job.id];
    }

    answer(answer) {
        Object.assign(this.state, { answer, error: "", signature: "" });
    }

    onSignature(signature) {
        this.state.signature = signature;
    }

    /**
     * An entry for all that the server knows, and one for each that was added on this
     * phone: those are named by the entries that added them, and by the price.
     */
    async _record(kind, values) {
        const known = this.meant.filter((job) => !job.is_touched);
        const added = this.meant.filter((job) => job.is_touched);
        if (known.length) {
            const offers = known.filter((job) => job.cover?.offer);
            await this.model.record(kind, this.visit.id, {
                ...values,
                job_ids: known.map((job) => job.id),
                offers: Object.fromEntries(offers.map((job) => [job.id, job.cover.offer])),
            });
        }
        for (const job of added) {
            await this.model.record(kind, this.visit.id, {
                ...values,
                job_ids: job.is_local ? [] : [job.id],
                operations: job.operations,
                price: this.getPrice(job),
            });
        }
        this.state.answer = "";
    }

    async agree() {
        const signer = this.state.signer.trim();
        if (!signer || !this.state.signature) {
            this.state.error = _t("Name and signature of the customer are missing.");
            return;
        }
        await this._record("consent", { signer, signature: this.state.signature });
    }

    async refuse() {
        const reason = this.state.reason.trim();
        if (!reason) {
            this.state.error = _t("Write why, in the customer's words.");
            return;
        }
        await this._record("refuse_paid", {
            reason,
            signer: this.state.signer.trim(),
            signature: this.state.signature || null,
            restored: this.state.isRestored,
        });
    }
}
