import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { ChecklistModel } from "../core/checklist_model";
import { getPlace } from "../core/place";
import { Banners } from "../widgets/banners";
import { Bar } from "../widgets/bar";
import { Sheet } from "../widgets/sheet";
import { StepButton } from "../widgets/step_button";
import { WayButtons } from "../widgets/way_buttons";

/** A visit at a glance: where, what is wrong, what there is to do, what comes next. */
export class VisitOverview extends Component {
    static template = "aftersales_field.VisitOverview";
    static components = { Banners, Bar, Sheet, StepButton, WayButtons };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.state = useState({ sheet: "", reason: "", meter: "", error: "" });
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
        const tasks = visit.inspections.map((inspection) => {
            const list = new ChecklistModel(this.model, visit.id, inspection.id);
            return {
                key: `checklist/${inspection.id}`,
                icon: "fa-check-square-o",
                label: inspection.template,
                note: list.isDone
                    ? _t("Finished")
                    : _t("%(done)s of %(all)s answered", {
                          done: list.answeredCount,
                          all: list.items.length,
                      }),
                isDone: list.isDone,
            };
        });
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
        for (const job of visit.jobs.filter((each) => !each.is_new && !each.is_fee)) {
            tasks.push({
                key: `job/${job.id}`,
                icon: "fa-wrench",
                label: job.name,
                note: this.describeJob(job),
                isDone: Boolean(job.cause && job.correction),
                isRunning: job.clock === "work",
            });
        }
        const parts = visit.jobs.flatMap((job) => job.lines).filter((line) => line.kind === "part");
        const used = parts.filter((line) => line.used > 0).length;
        tasks.push({
            key: "parts",
            icon: "fa-cubes",
            label: _t("Parts"),
            note: parts.length
                ? _t("%(used)s of %(all)s used", { used, all: parts.length })
                : _t("None yet"),
            isDone: parts.length > 0 && used === parts.length,
        });
        if (visit.old_parts?.length) {
            const open = visit.old_parts.filter((part) => !this.isSettled(part)).length;
            tasks.push({
                key: "old_parts",
                icon: "fa-recycle",
                label: _t("Old Parts"),
                note: open ? _t("%(open)s to settle", { open }) : _t("Settled"),
                isDone: !open,
            });
        }
        const photos = this.model.getPhotos(visit.id).filter((photo) => photo.kind).length;
        tasks.push({
            key: "photos",
            icon: "fa-camera",
            label: _t("Photos"),
            note: photos ? _t("%(count)s to send", { count: photos }) : _t("Type plate, damage, the place"),
        });
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
        const more = [
            {
                key: "history",
                icon: "fa-history",
                label: _t("History and Known Solutions"),
                note: _t("%(visits)s earlier orders, %(solutions)s solutions", {
                    visits: visit.history?.length || 0,
                    solutions: visit.solutions?.length || 0,
                }),
            },
        ];
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

    isSettled(part) {
        return part.settled || (part.choice && part.state !== "expected");
    }

    describeJob(job) {
        if (job.clock === "work") {
            return _t("Clock is running since %(time)s", { time: this.words.time(job.clock_since) });
        }
        if (job.clock === "pause") {
            return _t("Clock is paused");
        }
        if (job.cause && job.correction) {
            return _t("Cause and remedy are written");
        }
        return job.cause || job.correction ? _t("Half written") : _t("Cause and remedy are missing");
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
        if (name === "meter") {
            this.state.meter = this.visit.asset.meter ? String(this.visit.asset.meter) : "";
        }
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

    async saveMeter() {
        const value = Number(this.state.meter.replace(",", "."));
        if (!this.state.meter.trim() || !(value >= 0)) {
            this.state.error = _t("Enter the number that the meter shows.");
            return;
        }
        const base = { meter: this.visit.asset.meter };
        await this.model.record("meter", this.visit.id, { value }, { base });
        this.close();
    }
}
