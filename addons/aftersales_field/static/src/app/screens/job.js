import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useDebounced } from "@web/core/utils/timing";
import { Bar } from "../widgets/bar";
import { Sheet } from "../widgets/sheet";

const TYPING = 800;

/** One job: the clock, and in words what was wrong and what was done. */
export class JobScreen extends Component {
    static template = "aftersales_field.Job";
    static components = { Bar, Sheet };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.state = useState({ sheet: "", text: "", error: "" });
        this.typed = {};
        this.saveTyped = useDebounced(() => this.save(), TYPING, { execBeforeUnmount: true });
    }

    get job() {
        return this.props.visit.jobs.find((job) => job.id === this.props.itemId);
    }

    get isOpen() {
        return this.props.visit.state !== "done";
    }

    get canClock() {
        return this.isOpen && !this.job.needs_consent && this.job.state !== "done";
    }

    get clockReasons() {
        return this.model.reference?.clock_reasons || [];
    }

    // Texts

    type(field, value) {
        this.typed[field] = value;
        this.saveTyped();
    }

    async save() {
        const typed = this.typed;
        this.typed = {};
        for (const [field, value] of Object.entries(typed)) {
            const entries = this.model.getEntries(this.props.visit.id);
            const last = entries.findLast(
                ({ kind, values }) =>
                    kind === "set" && values.job_id === this.props.itemId && field in values
            );
            if (last && this.model.canChange(last)) {
                await this.model.amend(last, { ...last.values, [field]: value });
            } else if (value !== this.job[field]) {
                await this.model.record(
                    "set",
                    this.props.visit.id,
                    { job_id: this.props.itemId, [field]: value },
                    { base: { [field]: this.job[field] || "" } }
                );
            }
        }
    }

    useSolution({ cause, remedy }) {
        this.type("cause", [this.job.cause, cause].filter(Boolean).join("\n"));
        this.type("correction", [this.job.correction, remedy].filter(Boolean).join("\n"));
        this.save();
    }

    // Clock

    clock(kind, values = {}) {
        this.state.sheet = "";
        return this.model.record(kind, this.props.visit.id, { job_id: this.job.id, ...values });
    }

    pauseClock() {
        if (this.clockReasons.length) {
            this.state.sheet = "pause";
        } else {
            this.clock("clock_pause");
        }
    }

    // Added work

    show(name) {
        Object.assign(this.state, { sheet: name, text: "", error: "" });
    }

    close() {
        this.state.sheet = "";
    }

    async addWork() {
        const text = this.state.text.trim();
        if (!text) {
            this.state.error = _t("Write what has to be done.");
            return;
        }
        await this.model.record("added_work", this.props.visit.id, { job_id: this.job.id, text });
        this.close();
    }
}
