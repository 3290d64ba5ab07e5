import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { getPlace } from "../core/place";
import {
    describeJob,
    getChecklistTasks,
    getHistoryTask,
    getOldPartTasks,
    getPeopleTask,
    getPhotoTask,
} from "../core/tasks";
import { Banners } from "../widgets/banners";
import { Bar } from "../widgets/bar";
import { MeterSheet } from "../widgets/meter_sheet";
import { Sheet } from "../widgets/sheet";
import { StepButton } from "../widgets/step_button";
import { ToldTime } from "../widgets/told_time";
import { WayButtons } from "../widgets/way_buttons";

/** A visit at a glance: where, what is wrong, what there is to do, what comes next. */
export class VisitOverview extends Component {
    static template = "aftersales_field.VisitOverview";
    static components = { Banners, Bar, MeterSheet, Sheet, StepButton, ToldTime, WayButtons };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.state = useState({ sheet: "", reason: "", error: "" });
    }

    get visit() {
        return this.props.visit;
    }

    get isOpen() {
        return !["done", "cancel"].includes(this.visit.state);
    }

    get isOnSite() {
        return ["onsite", "paused"].includes(this.visit.state);
    }

    get address() {
        return (this.visit.site?.address || "").split("\n").filter(Boolean);
    }

    get deadline() {
        return this.visit.deadline && this.words.moment(this.visit.deadline);
    }

    /** What there is to do, each with how far it is. */
    get tasks() {
        const { visit } = this;
        const tasks = getChecklistTasks(this.model, visit);
        const waiting = visit.jobs.filter((job) => job.needs_consent);
        tasks.unshift({
            key: "prices",
            icon: "fa-money",
            label: _t("Prices and Consent"),
            note: waiting.length
                ? _t("Needs the customer's yes or no")
                : visit.jobs.some((job) => job.consent || job.state === "declined")
                  ? _t("Answered")
                  : _t("Nothing to ask"),
            isDone: !waiting.length,
            isUrgent: waiting.length > 0,
        });
        const own = visit.jobs.filter(
            (job) => !job.is_new && !job.is_fee && !job.is_local && !job.found_for_id
        );
        for (const job of own) {
            tasks.push({
                key: `job/${job.id}`,
                icon: "fa-wrench",
                label: job.name,
                note: describeJob(this.words, job),
                isDone: Boolean(job.cause && job.correction),
                isRunning: job.clock === "work",
            });
        }
        const parts = visit.jobs.flatMap((job) => job.lines).filter((line) => line.kind === "part");
        const used = parts.filter((line) => line.used > 0 || line.asked > 0).length;
        tasks.push({
            key: "parts",
            icon: "fa-cubes",
            label: _t("Parts"),
            note: [
                parts.length
                    ? _t("%(used)s of %(all)s used", { used, all: parts.length })
                    : _t("None yet"),
                visit.missing?.length ? _t("%(count)s missing", { count: visit.missing.length }) : "",
            ]
                .filter(Boolean)
                .join(" · "),
            isDone: parts.length > 0 && used === parts.length,
        });
        tasks.push(...getOldPartTasks(visit), getPhotoTask(this.model, visit));
        tasks.push({
            key: "customer",
            icon: "fa-pencil-square-o",
            label: _t("Opinion, Payment, Signature"),
            note: visit.signed_by
                ? _t("Signed by %(name)s", { name: visit.signed_by })
                : _t("At the end, together with the customer"),
            isDone: Boolean(visit.signed_by && visit.opinion),
        });
        return tasks;
    }

    get moreTasks() {
        const { visit } = this;
        const more = [getPeopleTask(visit), getHistoryTask(visit)];
        if (this.isOpen) {
            more.push({
                key: "block",
                icon: "fa-hand-paper-o",
                label: _t("Blocked"),
                note: visit.block_reason || _t("Tell the supervisor at once"),
                isUrgent: Boolean(visit.block_reason),
            });
            more.push({
                key: "hand_over",
                icon: "fa-exchange",
                label: _t("Hand Over to a Colleague"),
                note: "",
            });
        }
        return more;
    }

    open(key) {
        if (key === "block") {
            this.show("block");
            return;
        }
        this.env.router.go("visit", this.visit.id, key);
    }

    // Sheets

    show(name) {
        Object.assign(this.state, { sheet: name, reason: "", error: "" });
    }

    close() {
        this.state.sheet = "";
    }

    get pauseReasons() {
        return (this.model.reference?.pause_reasons || []).map((each) => each.name || each);
    }

    setReason(reason) {
        this.state.reason = reason;
    }

    async pause() {
        const reason = this.state.reason.trim();
        if (!reason) {
            this.state.error = _t("Say why, and when you will be back.");
            return;
        }
        await this.model.record("pause", this.visit.id, { reason }, { place: await getPlace() });
        this.close();
    }

    async block() {
        const reason = this.state.reason.trim();
        if (!reason) {
            this.state.error = _t("Say what stops you.");
            return;
        }
        await this.model.record("block", this.visit.id, { reason }, { place: await getPlace() });
        this.close();
    }

    async turnBack() {
        await this.model.record(
            "turn_back",
            this.visit.id,
            { note: this.state.reason.trim() },
            { place: await getPlace() }
        );
        this.close();
    }
}
