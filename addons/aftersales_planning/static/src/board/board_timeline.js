import { Component, useRef, useState } from "@odoo/owl";
import { useDraggable } from "@web/core/utils/draggable";
import { setRecurringAnimationFrame } from "@web/core/utils/timing";

import { BoardCard } from "./board_card";
import { HOUR, findAt, formatTime } from "./board_model";

const EDGE = 40; // px from the border, where a card that is held there scrolls
const SCROLL = 0.6; // px a millisecond
const NARROW = 0.07; // of the day: a card this short shows its label alone

/** The day with a row for each bay or technician, and the cars that have no time yet. */
export class BoardTimeline extends Component {
    static template = "aftersales_planning.BoardTimeline";
    static components = { BoardCard };
    static props = {
        model: Object,
        role: String,
        teamId: { type: [Number, Boolean] },
        concern: { type: [String, Boolean] },
        onOpen: Function,
        onMove: Function,
    };

    setup() {
        this.model = useState(this.props.model);
        this.root = useRef("root");
        useDraggable({
            ref: this.root,
            elements: ".o_board_draggable",
            onDragStart: (params) => this.onDragStart(params),
            onDrag: (params) => this.onDrag(params),
            onDragEnd: () => this.onDragEnd(),
            onDrop: (params) => this.onDrop(params),
        });
    }

    get rows() {
        return this.model.getResources(this.props.role, this.props.teamId);
    }

    get span() {
        return this.model.getSpan(this.rows);
    }

    get hours() {
        const [start, stop] = this.span;
        const hours = [];
        for (let hour = start; hour < stop; hour += HOUR) {
            hours.push({ start: hour, left: this.getLeft(hour), label: formatTime(hour) });
        }
        return hours;
    }

    get unplanned() {
        return this.model
            .getUnplanned(this.props.teamId)
            .map((order) => this.model.getCard(order));
    }

    get nowStyle() {
        const [start, stop] = this.span;
        const { now } = this.model;
        return now >= start && now < stop ? `left: ${this.getLeft(now)}%` : false;
    }

    getLeft(millis) {
        const [start, stop] = this.span;
        const inside = Math.min(Math.max(millis, start), stop);
        return (100 * (inside - start)) / (stop - start);
    }

    getStyle([start, stop]) {
        const left = this.getLeft(start);
        return `left: ${left}%; width: ${this.getLeft(stop) - left}%`;
    }

    /** Return the spans in which the resource does not work. */
    getClosed({ hours, away }) {
        const [start, stop] = this.span;
        const closed = [];
        let from = start;
        for (const [begin, end] of [...hours].sort((one, other) => one[0] - other[0])) {
            if (begin > from) {
                closed.push([from, begin]);
            }
            from = Math.max(from, end);
        }
        if (from < stop) {
            closed.push([from, stop]);
        }
        return [
            ...closed.map((span) => ({ key: `closed-${span[0]}`, style: this.getStyle(span) })),
            ...away.map((span) => ({
                key: `away-${span[0]}`,
                style: this.getStyle(span),
                away: true,
            })),
        ];
    }

    getItems(resource) {
        const [start, stop] = this.span;
        return this.model
            .getBookings(resource.id)
            .filter((booking) => booking.start < stop && booking.stop > start)
            .map((booking) => {
                const order = this.model.orders[booking.order_id];
                const shown =
                    order &&
                    (!this.props.teamId ||
                        !order.team_id ||
                        order.team_id === this.props.teamId);
                return {
                    booking,
                    order,
                    card: shown && this.model.getCard(order),
                    style: this.getStyle([booking.start, booking.stop]),
                    narrow: (booking.stop - booking.start) / (stop - start) < NARROW,
                };
            });
    }

    /** Scroll while a card is held at the edge: Odoo's hook does so for outer elements. */
    startScrolling() {
        const area = this.root.el.querySelector(".o_board_scroll");
        const { left, right, top, bottom } = area.getBoundingClientRect();
        this.pointer = { x: -1, y: -1 };
        this.stopScrolling = setRecurringAnimationFrame((delta) => {
            const { x, y } = this.pointer;
            if (x >= left && x < right && y >= top && y < bottom) {
                area.scrollBy(
                    delta * SCROLL * ((x > right - EDGE) - (x < left + EDGE)),
                    delta * SCROLL * ((y > bottom - EDGE) - (y < top + EDGE))
                );
            }
        });
    }

    isDimmed(card) {
        return Boolean(this.props.concern) && !card.concerns.includes(this.props.concern);
    }

    onDragStart({ element, addClass }) {
        addClass(element, "o_board_dragged");
        this.startScrolling();
    }

    onDrag({ x, y }) {
        this.pointer = { x, y };
    }

    onDragEnd() {
        this.stopScrolling?.();
    }

    onDrop({ element, x, y }) {
        const track = findAt(this.root.el, ".o_board_track", x, y);
        if (!track) {
            return;
        }
        const bookingId = Number(element.dataset.booking) || false;
        const orderId = Number(element.dataset.order) || false;
        // A booking keeps the place under the hand that took it; a car from the list
        // starts where it is dropped.
        const left = bookingId ? element.getBoundingClientRect().left : x;
        const { left: trackLeft, width } = track.getBoundingClientRect();
        const [start, stop] = this.span;
        const moment = start + ((left - trackLeft) / width) * (stop - start);
        const { step } = this.model;
        this.props.onMove({
            bookingId,
            orderId,
            resourceId: Number(track.dataset.resource),
            start: Math.round((moment - this.model.start) / step) * step + this.model.start,
        });
    }
}
