import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useDebounced } from "@web/core/utils/timing";
import { Sheet } from "./sheet";

const TYPING = 800;

/** One job: the clock, and in words what was wrong and what was done. */
export class JobPanel extends Component {
    static template = "aftersales_field.JobPanel";
    static components = { Sheet };
    static props = { visit: Object, jobId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.state = useState({ sheet: "", text: "", error: "" });
        this.typed = {};
        this.saveTyped = useDebounced(() => this.save(), TYPING, { execBeforeUnmount: true });
    }

    get job() {
        return this.props.visit.jobs.find((job) => job.id === this.props.jobId);
    }

    get isOpen() {
        // An order of the workshop stays open after its job is done.
        const { visit } = this.props;
        return visit.state !== "done" && !(visit.order_id && this.job.state === "done");
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
                    kind === "set" && values.job_id === this.props.jobId && field in values
            );
            if (last && this.model.canChange(last)) {
                await this.model.amend(last, { ...last.values, [field]: value });
            } else if (value !== this.job[field]) {
                await this.model.record(
                    "set",
                    this.props.visit.id,
                    { job_id: this.props.jobId, [field]: value },
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

    async tell() {
        const text = this.state.text.trim();
        if (!text) {
            this.state.error = _t("Write what the office has to know.");
            return;
        }
        await this.model.record("note", this.props.visit.id, { job_id: this.job.id, text });
        this.close();
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
