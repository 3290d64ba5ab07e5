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
        const amount = this.meant.reduce((sum, each) => sum + (each.cover?.price || 0), 0);
        return job ? this.words.money(amount, job.cover?.currency) : "";
    }

    hasPrice(job) {
        return Boolean(job.lines.length || job.cover?.lines?.length);
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

    get ids() {
        return this.meant.map((job) => job.id);
    }

    async agree() {
        const signer = this.state.signer.trim();
        if (!signer || !this.state.signature) {
            this.state.error = _t("Name and signature of the customer are missing.");
            return;
        }
        const offers = Object.fromEntries(
            this.meant.filter((job) => job.cover?.offer).map((job) => [job.id, job.cover.offer])
        );
        await this.model.record("consent", this.visit.id, {
            job_ids: this.ids,
            signer,
            signature: this.state.signature,
            offers,
        });
        this.state.answer = "";
    }

    async refuse() {
        const reason = this.state.reason.trim();
        if (!reason) {
            this.state.error = _t("Write why, in the customer's words.");
            return;
        }
        await this.model.record("refuse_paid", this.visit.id, {
            job_ids: this.ids,
            reason,
            signer: this.state.signer.trim(),
            signature: this.state.signature || null,
            restored: this.state.isRestored,
        });
        this.state.answer = "";
    }
}
