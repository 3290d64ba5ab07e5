import { useRef, useState } from "@odoo/owl";
import { HOUR, findAt } from "@aftersales_planning/board/board_model";
import { BoardTimeline } from "@aftersales_planning/board/board_timeline";
import { _t } from "@web/core/l10n/translation";

import { CONCERNS, MINUTE, formatMinutes } from "./dispatch_model";

const NARROW = 0.06; // of the day: a card this short shows one line
const DENSE = 14; // engineers: more of them get lower rows
const WAY = 0.014; // of the day: a way this long has room for its minutes

/** The visits to plan, and the day with a row for each engineer. */
export class DispatchTimeline extends BoardTimeline {
    static template = "aftersales_field.DispatchTimeline";
    static components = {};
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
        this.concerns = CONCERNS;
        this.state = useState({ filter: "all" });
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
        return this.model.tray.filter((card) => fits(card) && this.isFound(card));
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

    isFound({ words }) {
        const { search } = this.props;
        return !search || search.split(/\s+/).every((word) => words.includes(word));
    }

    isDimmed(card) {
        const { concern } = this.props;
        return (concern && !card.concerns.includes(concern)) || !this.isFound(card);
    }

    /** What is wrong with a planned visit, but for what is said with its time. */
    getMarks({ concerns }) {
        return CONCERNS.filter(
            ({ key }) => concerns.includes(key) && !["late", "over"].includes(key)
        );
    }

    getTitle(card) {
        return [
            `${card.name} · ${card.customer}`,
            [card.stateLabel, card.lateLabel].filter(Boolean).join(" · "),
            [card.timeLabel, card.durationLabel].filter(Boolean).join(" · "),
            card.address,
            card.asset,
            card.complaint,
            card.skills.length && _t("Skills: %(skills)s", { skills: card.skills.join(", ") }),
            card.deadlineLabel && _t("Deadline: %(time)s", { time: card.deadlineLabel }),
            card.windowLabel && _t("Promised: %(time)s", { time: card.windowLabel }),
            card.is_locked && _t("Locked: it can't be dragged, and proposals leave it as it is."),
            ...this.model.getProblems(card),
        ]
            .filter(Boolean)
            .join("\n");
    }

    // The rows

    getItems(row) {
        const [start, stop] = this.span;
        const length = stop - start;
        return row.cards
            .filter((card) => card.startAt < stop && card.stopAt > start)
            .map((card) => {
                const isHelper = card.employee_id !== row.id;
                const way = isHelper ? 0 : (card.travel_minutes || 0) * MINUTE;
                return {
                    card,
                    isHelper,
                    style: this.getStyle([card.startAt, card.stopAt]),
                    narrow: (card.stopAt - card.startAt) / length < NARROW,
                    way: way && {
                        style: this.getStyle([card.startAt - way, card.startAt]),
                        label: way / length > WAY ? card.travel_minutes : "",
                        title: _t("%(minutes)s minutes there, %(distance)s km", {
                            minutes: card.travel_minutes,
                            distance: card.travel_km,
                        }),
                    },
                    window:
                        !isHelper &&
                        (card.windowFrom || card.windowTo) &&
                        this.getStyle([card.windowFrom || start, card.windowTo || stop]),
                };
            });
    }

    getHome(row) {
        const last = row.cards.at(-1);
        const minutes = row.home_minutes;
        if (!last || !minutes) {
            return false;
        }
        const [start, stop] = this.span;
        return {
            style: this.getStyle([last.stopAt, last.stopAt + minutes * MINUTE]),
            label: (minutes * MINUTE) / (stop - start) > WAY ? minutes : "",
            title: _t("%(minutes)s minutes home", { minutes }),
        };
    }

    getBlocks(row) {
        return row.blocks.map((block) => ({
            ...block,
            style: this.getStyle([block.startAt, block.stopAt]),
        }));
    }

    getRowTitle(row) {
        if (row.isOff) {
            return _t("%(engineer)s does not work this day.", { engineer: row.name });
        }
        return _t(
            "%(engineer)s: %(visits)s visits, %(work)s on site and %(travel)s of travel; %(free)s free.",
            {
                engineer: row.name,
                visits: row.visits,
                work: formatMinutes(row.work_minutes),
                travel: row.travelLabel,
                free: row.freeLabel,
            }
        );
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
