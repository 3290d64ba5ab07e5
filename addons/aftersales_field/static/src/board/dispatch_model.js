import { markRaw } from "@odoo/owl";
import { HOUR, formatSpan } from "@aftersales_planning/board/board_model";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

export const MINUTE = 60 * 1000;

/** What a dispatcher has to look at first, in this order. */
export const CONCERNS = [
    { key: "late", label: _t("Not there yet"), icon: "fa-clock-o" },
    { key: "deadline", label: _t("After the deadline"), icon: "fa-calendar-times-o" },
    { key: "problem", label: _t("Can't be kept"), icon: "fa-exclamation-triangle" },
    { key: "over", label: _t("Takes longer"), icon: "fa-hourglass-end" },
    { key: "due", label: _t("Due or urgent, not planned"), icon: "fa-bell" },
];

// How a visit is going, for those who don't read colours.
const ICONS = {
    travel: "fa-car",
    onsite: "fa-wrench",
    paused: "fa-pause",
    done: "fa-check",
};
const GRACE = 5 * MINUTE; // nobody is called for less

// Told apart also by who can't tell red from green.
const COLORS = [
    "#1f77b4", "#d95f02", "#2a9d4e", "#8e44ad", "#c2185b", "#00838f",
    "#7a5c00", "#5c6bc0", "#b71c1c", "#558b2f", "#6d4c41", "#455a64",
];

const toMillis = (text) => (text ? deserializeDateTime(text).toMillis() : null);

/** Return how long that is: “25 min”, “3 h”, “3 h 20”. */
export function formatMinutes(minutes) {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    if (!hours) {
        return _t("%(count)s min", { count: rest });
    }
    return rest
        ? _t("%(hours)s h %(minutes)s", { hours, minutes: `${rest}`.padStart(2, "0") })
        : _t("%(count)s h", { count: hours });
}

/**
 * A day of a region, as the server told it. What is late follows from the time and is
 * worked out here, and times are those where the company is.
 */
export class DispatchModel {
    constructor(orm) {
        this.orm = orm;
        this.date = null;
        this.isToday = true; // stays so at midnight, when the date is another
        this.territoryId = this.teamId = false;
        this.day = markRaw({});
        this.rows = markRaw([]);
        this.tray = markRaw([]);
        this.cards = markRaw(new Map());
        this.known = markRaw({ cards: new Map(), rows: new Map() });
        this.formats = markRaw({});
        this.span = markRaw([0, 1]);
        this.skew = 0; // of this machine's clock
        this.now = Date.now();
        this.start = this.stop = 0;
        this.step = 5 * MINUTE;
        this.request = 0;
    }

    /**
     * Ask for the day; only what was asked for last counts.
     *
     * @param {Object} [wish] `date` (false: today), `territoryId`, `teamId`: as before
     *  if left out
     */
    async load(wish = {}) {
        const request = ++this.request;
        const {
            date = this.isToday ? false : this.date,
            territoryId = this.territoryId,
            teamId = this.teamId,
        } = wish;
        const day = await this.orm.silent.call("aftersales.dispatch", "get_board", [
            date,
            territoryId,
            teamId,
        ]);
        if (request !== this.request) {
            return;
        }
        if (day.date !== this.date || day.tz !== this.day.tz) {
            this.known = markRaw({ cards: new Map(), rows: new Map() });
        }
        Object.assign(this, {
            day: markRaw(day),
            date: day.date,
            territoryId,
            teamId,
            start: toMillis(day.start),
            stop: toMillis(day.stop),
            step: day.step * MINUTE,
            skew: toMillis(day.now) - Date.now(),
        });
        this.formats = this.getFormats(day.tz);
        this.now = Date.now() + this.skew;
        this.isToday = !date || (this.start <= this.now && this.now < this.stop);
        this.prepare();
    }

    /** Go with the time: what was in time is late now. */
    tick() {
        this.now = Date.now() + this.skew;
        this.prepare();
    }

    /** Work out what is shown. What did not change stays the same object: not drawn anew. */
    prepare() {
        const { engineers, visits, unplanned } = this.day;
        const cards = [...visits, ...unplanned].map((visit) => this.keepCard(visit));
        this.cards = markRaw(new Map(cards.map((card) => [card.id, card])));
        this.tray = markRaw(cards.filter((card) => !card.startAt));
        const byEngineer = new Map(engineers.map(({ id }) => [id, []]));
        for (const card of cards.filter(({ startAt }) => startAt)) {
            for (const id of new Set([card.employee_id, ...card.helper_ids])) {
                byEngineer.get(id)?.push(card);
            }
        }
        const sorted = [...engineers].sort((one, other) =>
            one.name.localeCompare(other.name, undefined, { numeric: true })
        );
        this.rows = markRaw(
            sorted.map((engineer, index) =>
                this.keepRow(
                    engineer,
                    byEngineer.get(engineer.id).sort((one, other) => one.startAt - other.startAt),
                    COLORS[index % COLORS.length]
                )
            )
        );
        const span = this.getSpan();
        if (span.some((moment, index) => moment !== this.span[index])) {
            this.span = markRaw(span);
        }
    }

    /** Return the card of a visit, the one there is if it says the same. */
    keepCard(visit) {
        const key = JSON.stringify(visit);
        const known = this.known.cards.get(visit.id);
        if (known?.key === key) {
            const { card } = known;
            const concerns = this.getConcerns(card);
            const lateLabel = this.getLateLabel({ ...card, concerns });
            if (lateLabel === card.lateLabel && `${concerns}` === `${card.concerns}`) {
                return card;
            }
        }
        const card = this.getCard(visit);
        // Moved by whomever: shown for a moment.
        card.isMoved = Boolean(
            known &&
                (known.card.employee_id !== card.employee_id || known.card.start !== card.start)
        );
        this.known.cards.set(visit.id, { key, card });
        return card;
    }

    keepRow(engineer, cards, color) {
        const key = JSON.stringify(engineer) + color;
        const known = this.known.rows.get(engineer.id);
        if (
            known?.key === key &&
            known.row.cards.length === cards.length &&
            cards.every((card, index) => card === known.row.cards[index])
        ) {
            return known.row;
        }
        const row = markRaw({ ...this.getRow(engineer, cards), color });
        this.known.rows.set(engineer.id, { key, row });
        return row;
    }

    getRow(engineer, cards) {
        const toSpans = (spans) => spans.map((span) => span.map(toMillis));
        const hours = toSpans(engineer.hours);
        const work = hours.reduce((sum, [start, stop]) => sum + stop - start, 0) / MINUTE;
        const taken = engineer.work_minutes + engineer.travel_minutes;
        return {
            ...engineer,
            hours,
            away: toSpans(engineer.away),
            blocks: engineer.blocks.map((block) => ({
                ...block,
                startAt: toMillis(block.start),
                stopAt: toMillis(block.stop),
            })),
            cards,
            load: work ? Math.round((100 * taken) / work) : taken ? 999 : 0,
            takenLabel: formatMinutes(taken),
            workLabel: formatMinutes(work),
            travelLabel: formatMinutes(engineer.travel_minutes),
            freeLabel: formatMinutes(engineer.free_minutes),
            isOff: !work,
        };
    }

    getCard(visit) {
        const card = {
            ...visit,
            startAt: toMillis(visit.start),
            stopAt: toMillis(visit.stop),
            deadlineAt: toMillis(visit.deadline),
            windowFrom: toMillis(visit.window_start),
            windowTo: toMillis(visit.window_stop),
            earliestAt: toMillis(visit.earliest),
            isUrgent: visit.priority !== "0",
            durationLabel: formatMinutes(visit.duration),
            stateLabel: this.day.states[visit.state],
            stateIcon: ICONS[visit.state],
            town: visit.address.split(", ").at(-1),
        };
        card.isOutside = Boolean(
            card.startAt &&
                ((card.windowFrom && card.startAt < card.windowFrom) ||
                    (card.windowTo && card.startAt > card.windowTo))
        );
        card.concerns = this.getConcerns(card);
        card.canMove =
            this.day.can_dispatch && !card.is_locked && ["draft", "planned"].includes(card.state);
        card.timeLabel = card.startAt
            ? `${this.formatTime(card.startAt)} – ${this.formatTime(card.stopAt)}`
            : "";
        card.windowLabel = this.getWindowLabel(card);
        card.deadlineLabel = card.deadlineAt ? this.formatMoment(card.deadlineAt) : "";
        card.lateLabel = this.getLateLabel(card);
        card.words = [
            card.name, card.order_name, card.customer, card.address, card.asset,
            card.complaint, ...card.skills,
        ]
            .join(" ")
            .toLowerCase();
        return card;
    }

    getWindowLabel({ windowFrom, windowTo }) {
        if (windowFrom && windowTo) {
            return this.formats[
                windowFrom >= this.start && windowTo < this.stop ? "time" : "moment"
            ].formatRange(windowFrom, windowTo);
        }
        if (windowFrom) {
            return _t("from %(time)s", { time: this.formatMoment(windowFrom) });
        }
        return windowTo ? _t("until %(time)s", { time: this.formatMoment(windowTo) }) : "";
    }

    getLateLabel({ concerns, startAt, stopAt, deadlineAt }) {
        if (concerns.includes("late")) {
            return _t("%(span)s late", { span: formatSpan(this.now - startAt) });
        }
        if (concerns.includes("over")) {
            return _t("%(span)s over", { span: formatSpan(this.now - stopAt) });
        }
        if (concerns.includes("deadline") && !startAt) {
            return _t("%(span)s late", { span: formatSpan(this.now - deadlineAt) });
        }
        return "";
    }

    /** Return the keys of `CONCERNS` that this visit has. */
    getConcerns(card) {
        const { state, startAt, stopAt, deadlineAt } = card;
        const isOpen = state !== "done";
        const has = {
            late: ["planned", "travel"].includes(state) && startAt + GRACE < this.now,
            deadline:
                isOpen && (card.is_late || (!startAt && deadlineAt && deadlineAt < this.now)),
            problem: state === "planned" && (card.problem || card.is_tight || card.isOutside),
            over: ["onsite", "paused"].includes(state) && stopAt + GRACE < this.now,
            due:
                !startAt &&
                (card.isUrgent ||
                    (deadlineAt && deadlineAt >= this.now && deadlineAt < this.stop)),
        };
        return CONCERNS.map(({ key }) => key).filter((key) => has[key]);
    }

    countConcerns() {
        const counts = Object.fromEntries(CONCERNS.map(({ key }) => [key, 0]));
        for (const { concerns } of this.cards.values()) {
            concerns.forEach((key) => (counts[key] += 1));
        }
        return counts;
    }

    /** Return what somebody should know of a visit that can't be kept. */
    getProblems(card) {
        return [
            card.problem,
            card.is_tight &&
                _t("The way to it takes %(minutes)s minutes, and there is less time before it.", {
                    minutes: card.travel_minutes,
                }),
            card.isOutside && _t("It begins outside of what the customer was told."),
            card.is_late && _t("It begins after its deadline."),
        ].filter(Boolean);
    }

    // Times where the company is

    getFormats(timeZone) {
        const { locale } = DateTime.now();
        const make = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
        const time = { hour: "numeric", minute: "2-digit" };
        return markRaw({
            hour: make({ hour: "numeric" }),
            time: make(time),
            moment: make({ weekday: "short", day: "numeric", month: "short", ...time }),
        });
    }

    formatTime(millis) {
        return this.formats.time.format(millis);
    }

    formatHour(millis) {
        return this.formats.hour.format(millis);
    }

    /** Return the time alone on the day that is shown, and the day with it on others. */
    formatMoment(millis) {
        const isShown = millis >= this.start && millis < this.stop;
        return isShown ? this.formatTime(millis) : this.formats.moment.format(millis);
    }

    /** Return first and last hour to draw: working hours, and whatever lies outside. */
    getSpan() {
        let [first, last] = [Infinity, -Infinity];
        const include = (start, stop) => {
            first = Math.min(first, Math.max(start, this.start));
            last = Math.max(last, Math.min(stop, this.stop));
        };
        for (const { hours, cards, home_minutes: home } of this.rows) {
            hours.forEach(([start, stop]) => {
                // Who works round the clock does not make the day unreadable.
                if (stop - start < 23 * HOUR) {
                    include(start, stop);
                }
            });
            cards.forEach(({ startAt, stopAt, travel_minutes: travel }) =>
                include(startAt - (travel || 0) * MINUTE, stopAt)
            );
            if (cards.length) {
                include(cards.at(-1).startAt, cards.at(-1).stopAt + home * MINUTE);
            }
        }
        if (first > last) {
            return [this.start + 8 * HOUR, this.start + 18 * HOUR];
        }
        const zone = { zone: this.day.tz };
        return [
            DateTime.fromMillis(first, zone).startOf("hour").toMillis(),
            DateTime.fromMillis(last - 1, zone).endOf("hour").toMillis() + 1,
        ];
    }
}
