import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { ChecklistModel } from "../core/checklist_model";
import { isAgreed } from "../core/found_parts";
import { getPlace } from "../core/place";
import { Bar } from "../widgets/bar";

const WANTED = { opinion: true, signature: true, cause: true, correction: true };

/** The end of a visit: how it went, and what is missing before it can end like that. */
export class FinishScreen extends Component {
    static template = "aftersales_field.Finish";
    static components = { Bar };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.state = useState({
            outcome: "fixed",
            note: "",
            noSignature: "",
            unused: "",
            done: {},
            isBusy: false,
        });
    }

    get visit() {
        return this.props.visit;
    }

    get rules() {
        return { ...WANTED, ...this.visit.rules };
    }

    get outcomes() {
        const told = this.visit.outcomes || [];
        return told.length
            ? told
            : [
                  { value: "fixed", label: _t("Fixed") },
                  { value: "part_missing", label: _t("Part missing") },
                  { value: "no_access", label: _t("No access") },
                  { value: "declined", label: _t("Declined, restored as found") },
                  { value: "follow_up", label: _t("Has to be continued") },
              ];
    }

    get isFixed() {
        return this.state.outcome === "fixed";
    }

    get needsNote() {
        return ["no_access", "follow_up"].includes(this.state.outcome);
    }

    get openJobs() {
        return this.visit.jobs.filter((job) => !job.is_fee && isAgreed(job));
    }

    /** Parts that were added to a job are done with it. */
    get chosenJobs() {
        return this.openJobs.filter((job) => !job.found_for_id && !job.is_local);
    }

    getState(job) {
        return job.consent === "yes" ? "approved" : job.consent === "no" ? "declined" : job.state;
    }

    /** Jobs that are done with this visit: all when it is fixed, else the chosen ones. */
    get doneJobs() {
        return this.isFixed
            ? this.openJobs
            : this.openJobs.filter((job) => this.state.done[job.id] || this.state.done[job.found_for_id]);
    }

    get unusedParts() {
        return this.doneJobs
            .flatMap((job) => job.lines)
            .filter((line) => line.kind === "part" && line.used < line.planned);
    }

    /** What is missing, each with the screen where it is entered. */
    get gaps() {
        const { visit, rules } = this;
        const gaps = [];
        if (this.isFixed) {
            gaps.push(...this._getFixedGaps());
        }
        const { doneJobs } = this;
        for (const job of doneJobs) {
            if (doneJobs.some((each) => each.id === job.found_for_id)) {
                // Cause and remedy are those of the job that it belongs to.
                continue;
            }
            if (rules.cause && !(job.cause || "").trim()) {
                gaps.push({ to: `job/${job.id}`, label: _t("%(job)s: the cause", { job: job.name }) });
            }
            if (rules.correction && !(job.correction || "").trim()) {
                gaps.push({ to: `job/${job.id}`, label: _t("%(job)s: what was done", { job: job.name }) });
            }
        }
        if (this.unusedParts.length && !this.state.unused.trim()) {
            const parts = this.unusedParts.map((line) => line.name).join(", ");
            gaps.push({ to: "parts", label: _t("Used, or why not: %(parts)s", { parts }) });
        }
        if (this.needsNote && !this.state.note.trim()) {
            gaps.push({ to: "", label: _t("A note: what the next one should know") });
        }
        if (this.state.outcome === "part_missing" && !visit.missing?.length) {
            gaps.push({ to: "parts", label: _t("Which part is missing") });
        }
        if (this.state.outcome === "no_access" && !this._hasPhoto()) {
            gaps.push({ to: "photos", label: _t("A photo of the closed door") });
        }
        if (this.state.outcome === "declined" && !visit.jobs.some((job) => this.getState(job) === "declined")) {
            gaps.push({ to: "prices", label: _t("What the customer declined, and why") });
        }
        return gaps;
    }

    _hasPhoto() {
        return (
            this.visit.photos?.length ||
            this.model.getPhotos(this.visit.id).some((photo) => photo.kind === "visit")
        );
    }

    _getFixedGaps() {
        const { visit, rules } = this;
        const gaps = [];
        const waiting = visit.jobs.filter((job) => job.needs_consent);
        if (waiting.length) {
            const jobs = waiting.map((job) => job.name).join(", ");
            gaps.push({ to: "prices", label: _t("The customer's yes or no: %(jobs)s", { jobs }) });
        }
        const unpriced = visit.jobs.filter((job) => job.is_new);
        if (unpriced.length) {
            const jobs = unpriced.map((job) => job.name).join(", ");
            gaps.push({
                to: "",
                label: _t(
                    "%(jobs)s: the office has to price it and the customer to answer. Without a network, choose “Has to be continued”.",
                    { jobs }
                ),
            });
        }
        for (const inspection of visit.inspections) {
            const list = new ChecklistModel(this.env.model, visit.id, inspection.id);
            const isNeeded = rules.inspections?.includes(inspection.id);
            if (!list.isDone && isNeeded) {
                gaps.push({
                    to: `checklist/${inspection.id}`,
                    label: _t("Checklist: %(name)s", { name: inspection.template }),
                });
            }
        }
        if (rules.opinion && !visit.opinion) {
            gaps.push({ to: "customer", label: _t("The customer's opinion") });
        }
        if (rules.signature && !visit.signed_by && !this.state.noSignature.trim()) {
            gaps.push({ to: "customer", label: _t("The customer's signature, or why there is none") });
        }
        const open = (visit.old_parts || []).filter((part) => !part.settled && part.state === "expected");
        if (rules.old_parts && open.length) {
            gaps.push({ to: "old_parts", label: _t("What becomes of the old parts") });
        }
        return gaps;
    }

    /** Not needed, but easily forgotten. */
    get hints() {
        const { visit, rules } = this;
        const hints = [];
        for (const inspection of visit.inspections) {
            const list = new ChecklistModel(this.env.model, visit.id, inspection.id);
            if (!list.isDone && !rules.inspections?.includes(inspection.id)) {
                hints.push({
                    to: `checklist/${inspection.id}`,
                    label: _t("Checklist is not finished: %(name)s", { name: inspection.template }),
                });
            }
        }
        const asked = visit.jobs.filter((job) => job.needs_consent && job.lines.some((line) => line.asked));
        if (asked.length && !this.isFixed) {
            const jobs = asked.map((job) => job.name).join(", ");
            hints.push({ to: "prices", label: _t("Used, and the customer was not asked: %(jobs)s", { jobs }) });
        }
        const running = visit.jobs.find((job) => job.clock === "work");
        if (running) {
            hints.push({
                to: `job/${running.id}`,
                label: _t("The clock still runs and stops with the visit: %(job)s", { job: running.name }),
            });
        }
        return hints;
    }

    choose(outcome) {
        this.state.outcome = outcome;
    }

    toggle(job) {
        this.state.done[job.id] = !this.state.done[job.id];
    }

    open(gap) {
        if (gap.to) {
            this.env.router.go("visit", this.visit.id, gap.to);
        }
    }

    async finish() {
        this.state.isBusy = true;
        try {
            const { outcome, note, noSignature, unused } = this.state;
            await this.model.record(
                "finish",
                this.visit.id,
                {
                    outcome,
                    note: note.trim() || null,
                    no_signature_reason: noSignature.trim() || null,
                    unused_reason: unused.trim() || null,
                    done_job_ids: this.doneJobs.filter((job) => !job.is_local).map((job) => job.id),
                },
                { place: await getPlace() }
            );
        } finally {
            this.state.isBusy = false;
        }
        this.env.router.go("visits");
    }
}
