import { onMounted, useRef, useState } from "@odoo/owl";
import { HOUR, findAt } from "@aftersales_planning/board/board_model";
import { BoardTimeline } from "@aftersales_planning/board/board_timeline";
import { _t } from "@web/core/l10n/translation";

import { DispatchNow, DispatchRow, getTitle, isDimmed, isFound } from "./dispatch_row";

const DENSE = 14; // engineers: more of them get lower rows

/** The visits to plan, and the day with a row for each engineer. */
export class DispatchTimeline extends BoardTimeline {
    static template = "aftersales_field.DispatchTimeline";
    static components = { DispatchRow, DispatchNow };
    static props = {
        model: Object,
        search: String,
        concern: { type: [String, Boolean] },
        chosenId: { type: [Number, Boolean] },
        onOpen: Function,
        onMove: Function,
        onChoose: Function,
        onClear: Function,
    };

    setup() {
        super.setup();
        this.hint = useRef("hint");
        this.state = useState({ filter: "all" });
        onMounted(() => this.showNow());
    }

    /** Where the day is wider than the screen, begin with what is going on. */
    showNow() {
        const area = this.root.el.querySelector(".o_board_scroll");
        const { now, start, stop } = this.model;
        if (now >= start && now < stop && area.scrollWidth > area.clientWidth) {
            const hours = area.querySelector(".o_board_hours_track").offsetWidth;
            area.scrollLeft = (hours * this.getLeft(now)) / 100 - area.clientWidth / 4;
        }
    }

    get rows() {
        return this.model.rows;
    }

    get span() {
        return this.model.span;
    }

    get isDense() {
        return this.rows.length > DENSE;
    }

    get hours() {
        const [start, stop] = this.span;
        const hours = [];
        for (let hour = start; hour < stop; hour += HOUR) {
            hours.push({
                start: hour,
                left: this.getLeft(hour),
                label: this.model.formatHour(hour),
            });
        }
        return hours;
    }

    // The list of what is to be planned

    get filters() {
        return [
            { key: "all", label: _t("All") },
            { key: "due", label: _t("Due this day") },
            { key: "urgent", label: _t("Urgent") },
            { key: "late", label: _t("After the deadline") },
        ];
    }

    get tray() {
        const { stop, now } = this.model;
        const fits = {
            all: () => true,
            due: ({ deadlineAt }) => deadlineAt && deadlineAt < stop,
            urgent: ({ isUrgent }) => isUrgent,
            late: ({ deadlineAt }) => deadlineAt && deadlineAt < now,
        }[this.state.filter];
        return this.model.tray.filter((card) => fits(card) && isFound(card, this.props));
    }

    get hiddenCount() {
        return this.model.day.unplanned_count - this.model.day.unplanned.length;
    }

    get isFiltered() {
        return Boolean(this.props.search || this.state.filter !== "all");
    }

    clear() {
        this.state.filter = "all";
        this.props.onClear();
    }

    isDimmed(card) {
        return isDimmed(card, this.props);
    }

    getTitle(card) {
        return getTitle(this.model, card);
    }

    // Dragging

    onDrag(params) {
        super.onDrag(params);
        const target = this.findTarget(params);
        const { el } = this.hint;
        el.classList.toggle("d-none", !target);
        if (target) {
            el.textContent = `${target.name} · ${this.model.formatTime(target.start)}`;
            el.style.transform = `translate(${params.x + 14}px, ${params.y + 18}px)`;
        }
    }

    onDragEnd() {
        super.onDragEnd();
        this.hint.el?.classList.add("d-none");
    }

    /** Return whose time the card is held over, and when it would begin. */
    findTarget({ element, x, y }) {
        const area = this.root.el.querySelector(".o_board_scroll").getBoundingClientRect();
        const track =
            x >= area.left && findAt(this.root.el, ".o_board_track", x, y);
        if (!track) {
            return null;
        }
        // A visit keeps the place under the hand that took it; one from the list
        // starts where it is dropped.
        const isPlanned = element.classList.contains("o_board_booking");
        const left = isPlanned ? element.getBoundingClientRect().left : x;
        const { left: trackLeft, width } = track.getBoundingClientRect();
        const [start, stop] = this.span;
        const moment = start + ((left - trackLeft) / width) * (stop - start);
        const { step, start: midnight } = this.model;
        return {
            employeeId: Number(track.dataset.employee),
            name: track.dataset.name,
            start: Math.round((moment - midnight) / step) * step + midnight,
        };
    }

    onDrop(params) {
        const target = this.findTarget(params);
        if (target) {
            const visitId = Number(params.element.dataset.visit);
            this.props.onMove({ ...target, visitId });
        }
    }
}
