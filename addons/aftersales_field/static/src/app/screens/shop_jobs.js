import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { getPlace, isLate } from "../core/shop";
import { useNow } from "../core/ticking";

/** The jobs of the workshop: what runs on top, then what comes next. */
export class ShopJobs extends Component {
    static template = "aftersales_field.ShopJobs";
    static props = {};

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.clock = useNow();
    }

    /** @returns {Object[][]} what is to be done now, and beside it what is not */
    get columns() {
        const groups = this._getGroups();
        const isNow = ({ key }) => ["now", "todo"].includes(key);
        return [groups.filter(isNow), groups.filter((group) => !isNow(group))].filter(
            (column) => column.length
        );
    }

    /** @returns {{key: string, label: string, jobs: Object[]}[]} in the order of the work */
    _getGroups() {
        const today = this.words.dayKey(new Date(this.clock.now));
        const groups = new Map();
        for (const each of this.model.getShopJobs()) {
            const [key, label] = this._getGroup(each, today);
            if (!groups.has(key)) {
                groups.set(key, { key, label, jobs: [] });
            }
            groups.get(key).jobs.push(each);
        }
        return [...groups.values()];
    }

    _getGroup({ work, job }, today) {
        if (job.clock !== "off") {
            return ["now", job.clock === "work" ? _t("Now") : _t("Paused")];
        }
        if (job.state === "done") {
            return ["done", _t("Done")];
        }
        if (job.is_new || job.needs_consent) {
            return ["waits", _t("Waits for the Customer's Answer")];
        }
        const day = this.words.dayKey(work.start);
        if (day > today && !work.has_arrived) {
            return [day, this.words.day(work.start)];
        }
        return ["todo", _t("To Do")];
    }

    getTitle(work) {
        return work.label || work.asset?.name || work.customer.name;
    }

    getFacts({ work }) {
        const serial = work.asset?.serial;
        const facts = [serial && !this.getTitle(work).includes(serial) && serial, work.name];
        return facts.filter(Boolean).join(" · ");
    }

    getPlace(work) {
        return getPlace(work, new Date(this.clock.now));
    }

    isLate({ work, job }) {
        return isLate(work, job, this.clock.now);
    }

    open({ work, job }) {
        if (job.is_new) {
            this.env.router.go("visit", work.id);
        } else {
            this.env.router.go("visit", work.id, "job", job.id);
        }
    }

    turn(kind, { work, job }) {
        return this.model.record(kind, work.id, { job_id: job.id });
    }
}
