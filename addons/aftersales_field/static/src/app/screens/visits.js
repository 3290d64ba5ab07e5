import { Component, useState } from "@odoo/owl";
import { Banners } from "../widgets/banners";
import { Bar } from "../widgets/bar";
import { ShopJobs } from "./shop_jobs";
import { StepButton } from "../widgets/step_button";
import { ToldTime } from "../widgets/told_time";
import { WayButtons } from "../widgets/way_buttons";

const UNDER_WAY = ["travel", "onsite", "paused"];

/** The day: what comes next, and what comes after. */
export class VisitsScreen extends Component {
    static template = "aftersales_field.Visits";
    static components = { Banners, Bar, ShopJobs, StepButton, ToldTime, WayButtons };
    static props = {};

    setup() {
        this.model = useState(this.env.model);
        this.sync = useState(this.env.sync);
        this.words = this.env.words;
    }

    get visits() {
        return this.model.getVisits();
    }

    get hasJobs() {
        return Object.values(this.model.visits).some((work) => work.order_id);
    }

    /** What is under way comes first, then the earliest that is planned. */
    getNext(visits) {
        return (
            visits.find((visit) => UNDER_WAY.includes(visit.state)) ||
            visits.find((visit) => visit.state === "planned")
        );
    }

    getDays(visits, next) {
        const days = new Map();
        for (const visit of visits.filter((each) => each.id !== next?.id)) {
            const key = this.words.dayKey(visit.start);
            if (!days.has(key)) {
                days.set(key, { key, label: this.words.day(visit.start), visits: [] });
            }
            days.get(key).visits.push(visit);
        }
        return [...days.values()];
    }

    getAddress(visit) {
        return (visit.site?.address || "").split("\n").filter(Boolean).join(", ");
    }

    open(visit) {
        this.env.router.go("visit", visit.id);
    }

    dismiss(note) {
        this.model.dismissNote(note.id);
    }

    refresh() {
        this.sync.now();
    }
}
