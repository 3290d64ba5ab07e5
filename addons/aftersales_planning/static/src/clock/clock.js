import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const { DateTime } = luxon;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * The technician's clock. Twenty times a day: what is running, since when, and the next
 * thing to press. Each press has a name of its own, so that it can be sent again after
 * the connection was lost, and counts once.
 */
export class AftersalesClock extends Component {
    static template = "aftersales_planning.Clock";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({
            clock: null,
            now: DateTime.now(),
            busy: false,
            choosing: false,
            pending: null,
        });
        this.offset = 0; // until the server has told its time
        this.myJobs = _t("My Jobs");
        this.otherJobs = _t("Other Jobs");
        onWillStart(() => this.load());
        const ticking = setInterval(() => (this.state.now = this.serverNow()), SECOND);
        const looking = setInterval(() => this.refresh(), MINUTE);
        onWillUnmount(() => {
            clearInterval(ticking);
            clearInterval(looking);
        });
    }

    get clock() {
        return this.state.clock;
    }

    get running() {
        return this.clock.running[0];
    }

    get choices() {
        const current = this.running && this.running.kind === "work" && this.running.job_id;
        return this.clock.jobs.filter((job) => job.can_clock && job.id !== current);
    }

    get resumable() {
        return this.clock.jobs.some(
            (job) => job.can_clock && job.id === this.running.paused_job_id
        );
    }

    get elapsed() {
        return this.state.now
            .diff(deserializeDateTime(this.running.start))
            .toFormat("h:mm:ss");
    }

    /** What is going on and since when: “Working since 09:10”. */
    get sinceLabel() {
        const time = this.time(this.running.start);
        return {
            work: _t("Working since %(time)s", { time }),
            pause: _t("Paused since %(time)s", { time }),
            idle: _t("Idle since %(time)s", { time }),
            indirect: _t("Indirect work since %(time)s", { time }),
        }[this.running.kind];
    }

    get totals() {
        return ["work", "indirect", "idle", "pause"].map((kind) => ({
            kind,
            label: this.kindLabel(kind),
            hours: this.clock.entries
                .filter((entry) => entry.kind === kind)
                .reduce((sum, entry) => sum + this.spent(entry), 0),
        }));
    }

    /** The server's time: the clock of a tablet may be wrong. */
    serverNow() {
        return DateTime.now().plus(this.offset);
    }

    kindLabel(kind) {
        return {
            work: _t("Work"),
            pause: _t("Pause"),
            idle: _t("Idle"),
            indirect: _t("Indirect work"),
        }[kind];
    }

    time(value) {
        return deserializeDateTime(value).toFormat("HH:mm");
    }

    promised(value) {
        const moment = deserializeDateTime(value);
        const format = moment.hasSame(this.state.now, "day")
            ? DateTime.TIME_SIMPLE
            : { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };
        return moment.toLocaleString(format);
    }

    hours(value) {
        const minutes = Math.max(0, Math.round(value * 60));
        return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
    }

    spent(entry) {
        return entry.stop
            ? entry.hours
            : this.state.now.diff(deserializeDateTime(entry.start)).as("hours");
    }

    async load() {
        const clock = await this.orm.call("aftersales.clock.entry", "get_my_clock", []);
        this.offset = deserializeDateTime(clock.now).diff(DateTime.now());
        this.state.now = this.serverNow();
        this.state.clock = clock;
    }

    /** Look again now and then: an advisor may have turned the clock. */
    async refresh() {
        if (this.state.pending) {
            return this.retry();
        }
        try {
            await this.load();
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
    }

    on(jobId) {
        return this.send("aftersales.job", "action_clock_on", [[jobId]]);
    }

    other(reasonId) {
        if (this.running && this.running.kind === "work") {
            return this.send("aftersales.job", "action_clock_pause", [
                [this.running.job_id],
                reasonId,
            ]);
        }
        return this.send("aftersales.clock.entry", "clock_start", [reasonId]);
    }

    off() {
        return this.send("aftersales.clock.entry", "clock_stop", []);
    }

    choose() {
        this.state.choosing = !this.state.choosing;
    }

    open(jobId) {
        return this.orm
            .call("aftersales.job", "action_open_technician", [[jobId]])
            .then((action) => this.action.doAction(action));
    }

    async send(model, method, args) {
        const operation = `clock-${Date.now()}-${Math.random().toString(36).slice(2)}`;
        await this.dispatch({ model, method, args, operation });
    }

    retry() {
        return this.dispatch(this.state.pending);
    }

    async dispatch(call) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await this.orm.call(call.model, call.method, call.args, {
                operation: call.operation,
            });
            this.state.pending = null;
            this.state.choosing = false;
            await this.load();
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                this.state.pending = null;
                throw error;
            }
            this.state.pending = call;
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("actions").add("aftersales_clock", AftersalesClock);
