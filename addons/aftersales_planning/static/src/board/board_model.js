import { deserializeDateTime, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

export const HOUR = 3600 * 1000;

export const STAGES = [
    { key: "booked", label: _t("Booked") },
    { key: "arrived", label: _t("Arrived") },
    { key: "work", label: _t("In work") },
    { key: "waiting", label: _t("Waiting") },
    { key: "check", label: _t("Check") },
    { key: "ready", label: _t("Ready") },
];
const STAGE_LABELS = {
    ...Object.fromEntries(STAGES.map(({ key, label }) => [key, label])),
    done: _t("Handed over"),
};
export const ROLES = [
    { key: "bay", label: _t("Bays"), one: _t("Bay") },
    { key: "technician", label: _t("Technicians"), one: _t("Technician") },
    { key: "tool", label: _t("Tools"), one: _t("Tool") },
    { key: "loaner", label: _t("Loaner cars"), one: _t("Loaner car") },
];

/** What somebody has to look at first, in this order. */
export const CONCERNS = [
    { key: "late", label: _t("Late"), icon: "fa-clock-o" },
    { key: "problem", label: _t("Can't be kept"), icon: "fa-exclamation-triangle" },
    { key: "answer", label: _t("Waiting for an answer"), icon: "fa-question-circle" },
    { key: "parts", label: _t("Waiting for parts"), icon: "fa-cubes" },
    { key: "missing", label: _t("Not here yet"), icon: "fa-car" },
];

const toMillis = (text) => (text ? deserializeDateTime(text).toMillis() : null);

/** Return how long that is: “25 min”, “3 h”, “2 d”. */
export function formatSpan(millis) {
    const minutes = Math.max(Math.round(millis / 60000), 1);
    if (minutes < 60) {
        return _t("%(count)s min", { count: minutes });
    }
    const hours = Math.round(minutes / 60);
    return hours < 24
        ? _t("%(count)s h", { count: hours })
        : _t("%(count)s d", { count: Math.round(hours / 24) });
}

export const formatTime = (millis) =>
    DateTime.fromMillis(millis).toLocaleString(DateTime.TIME_SIMPLE);

/** Return the element below a point; while something is dragged no pointer finds it. */
export function findAt(root, selector, x, y) {
    return [...root.querySelectorAll(selector)].find((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return left <= x && x < right && top <= y && y < bottom;
    });
}

/** Return the time alone today, and the day with it on others. */
export function formatMoment(millis, now) {
    const moment = DateTime.fromMillis(millis);
    return moment.hasSame(DateTime.fromMillis(now), "day")
        ? formatTime(millis)
        : moment.toFormat("ccc ") + formatTime(millis);
}

/**
 * The day of one board, as the server told it. Rows that changed are asked for alone;
 * what is late follows from the time and is worked out here.
 */
export class BoardModel {
    constructor(orm, boardId, step) {
        this.orm = orm;
        this.boardId = boardId;
        this.date = null;
        this.isToday = true; // stays so at midnight, when the date is another
        this.now = Date.now();
        this.board = {};
        this.resources = [];
        this.teams = [];
        this.orders = {};
        this.bookings = {};
        this.start = this.stop = 0;
        this.step = step * 60 * 1000;
    }

    async load(date = this.isToday ? false : this.date) {
        const payload = await this.orm.silent.call("aftersales.board", "get_payload", [
            [this.boardId],
            date,
        ]);
        this.date = payload.date;
        this.isToday = !date || date === serializeDate(DateTime.now());
        this.board = payload.board;
        this.teams = payload.teams;
        this.start = toMillis(payload.start);
        this.stop = toMillis(payload.stop);
        this.resources = payload.resources
            .map((resource) => ({
                ...resource,
                hours: resource.hours.map((span) => span.map(toMillis)),
                away: resource.away.map((span) => span.map(toMillis)),
            }))
            // Bay 2 before Bay 10.
            .sort((one, other) =>
                one.name.localeCompare(other.name, undefined, { numeric: true })
            );
        this.orders = {};
        this.bookings = {};
        this.merge(payload);
    }

    /** Ask again for orders and bookings that changed, and forget those that are gone. */
    async refresh(orderIds, bookingIds) {
        const date = this.date;
        const changes = await this.orm.silent.call("aftersales.board", "get_changes", [
            [this.boardId],
            orderIds,
            bookingIds,
            date,
        ]);
        if (date !== this.date) {
            return; // another day was opened meanwhile
        }
        for (const id of orderIds) {
            delete this.orders[id];
        }
        for (const booking of Object.values(this.bookings)) {
            if (orderIds.includes(booking.order_id) || bookingIds.includes(booking.id)) {
                delete this.bookings[booking.id];
            }
        }
        this.merge(changes);
    }

    merge({ orders, bookings }) {
        for (const order of Object.values(orders)) {
            this.orders[order.id] = {
                ...order,
                promise: toMillis(order.promise),
                planned: toMillis(order.planned),
            };
        }
        for (const booking of bookings) {
            this.bookings[booking.id] = {
                ...booking,
                start: toMillis(booking.start),
                stop: toMillis(booking.stop),
            };
        }
    }

    // What the views show

    getResources(role, teamId) {
        return this.resources.filter(
            (resource) =>
                resource.role === role &&
                (!teamId || !resource.team_id || resource.team_id === teamId)
        );
    }

    getRoles() {
        const roles = new Set(this.resources.map(({ role }) => role));
        return ROLES.filter(({ key }) => roles.has(key));
    }

    getOrders(teamId) {
        return Object.values(this.orders).filter(
            (order) => !teamId || !order.team_id || order.team_id === teamId
        );
    }

    getBookings(resourceId) {
        return Object.values(this.bookings).filter(
            (booking) => booking.resource_id === resourceId
        );
    }

    getOrderBookings(orderId) {
        return Object.values(this.bookings)
            .filter((booking) => booking.order_id === orderId)
            .sort((one, other) => one.start - other.start);
    }

    /** Orders that have no time yet: cars that are here first, urgent ones before. */
    getUnplanned(teamId) {
        const isHere = (order) => order.stage !== "booked";
        return this.getOrders(teamId)
            .filter(
                (order) =>
                    !order.planned &&
                    ["booked", "arrived", "work", "waiting"].includes(order.stage)
            )
            .sort(
                (one, other) =>
                    isHere(other) - isHere(one) ||
                    other.urgent - one.urgent ||
                    this.comparePromises(one, other)
            );
    }

    /** Return the cards of a column, those somebody has to look at first. */
    getStage(stage, teamId) {
        return this.getOrders(teamId)
            .filter(
                (order) =>
                    order.stage === stage &&
                    (stage !== "booked" || this.getOrderBookings(order.id).length)
            )
            .sort(
                (one, other) =>
                    this.isLate(other) - this.isLate(one) ||
                    other.urgent - one.urgent ||
                    this.comparePromises(one, other)
            );
    }

    comparePromises(one, other) {
        return (one.promise || Infinity) - (other.promise || Infinity) || one.id - other.id;
    }

    isLate(order) {
        return Boolean(
            order.promise &&
                order.promise < this.now &&
                !["ready", "done"].includes(order.stage)
        );
    }

    /** Return the keys of `CONCERNS` that this order has. */
    getConcerns(order) {
        const bookings = this.getOrderBookings(order.id);
        const open = bookings.filter(({ state }) => state !== "done");
        const has = {
            late: this.isLate(order),
            problem: open.some(({ problem }) => problem),
            answer: order.answer,
            parts: order.parts,
            missing: order.stage === "booked" && open.some(({ start }) => start < this.now),
        };
        return CONCERNS.map(({ key }) => key).filter((key) => has[key]);
    }

    countConcerns(teamId) {
        const counts = Object.fromEntries(CONCERNS.map(({ key }) => [key, 0]));
        for (const order of this.getOrders(teamId)) {
            for (const key of this.getConcerns(order)) {
                counts[key] += 1;
            }
        }
        return counts;
    }

    /** Return everything a card shows of an order. */
    getCard(order) {
        const concerns = this.getConcerns(order);
        return {
            ...order,
            concerns,
            stageLabel:
                order.stage === "booked" && !order.planned
                    ? _t("To plan")
                    : STAGE_LABELS[order.stage],
            lateLabel: concerns.includes("late")
                ? _t("Late %(span)s", { span: formatSpan(this.now - order.promise) })
                : "",
            promiseLabel: order.promise ? formatMoment(order.promise, this.now) : "",
        };
    }

    /** Return first and last hour to draw: working hours, and whatever lies outside. */
    getSpan(resources) {
        const spans = resources.flatMap(({ hours }) =>
            hours.filter(([start, stop]) => stop - start < 23 * HOUR)
        );
        for (const { id } of resources) {
            for (const { start, stop } of this.getBookings(id)) {
                spans.push([Math.max(start, this.start), Math.min(stop, this.stop)]);
            }
        }
        if (!spans.length) {
            return [this.start + 8 * HOUR, this.start + 18 * HOUR];
        }
        const start = Math.min(...spans.map(([begin]) => begin));
        const stop = Math.max(...spans.map(([, end]) => end));
        return [
            DateTime.fromMillis(start).startOf("hour").toMillis(),
            DateTime.fromMillis(stop - 1).endOf("hour").toMillis() + 1,
        ];
    }
}
