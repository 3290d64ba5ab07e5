import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { CONCERNS, MINUTE, formatMinutes } from "./dispatch_model";

const NARROW = 0.06; // of the day: a card this short shows one line
const WAY = 0.014; // of the day: a way this long has room for its minutes

/** Whether a card has all the words that are looked for. */
export function isFound({ words }, { search }) {
    return !search || search.split(/\s+/).every((word) => words.includes(word));
}

export function isDimmed(card, { concern, search }) {
    return Boolean(concern && !card.concerns.includes(concern)) || !isFound(card, { search });
}

/** Return all that a card says, for who points at it. */
export function getTitle(model, card) {
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
        ...model.getProblems(card),
    ]
        .filter(Boolean)
        .join("\n");
}

/** Return a function from moments to per cent of what is drawn. */
function getScale([start, stop]) {
    return (millis) =>
        (100 * (Math.min(Math.max(millis, start), stop) - start)) / (stop - start);
}

function getStyle(scale, start, stop) {
    const left = scale(start);
    return `left: ${left}%; width: ${scale(stop) - left}%`;
}

/** An engineer's day. It is drawn anew only if something in it changed. */
export class DispatchRow extends Component {
    static template = "aftersales_field.DispatchRow";
    static props = {
        row: Object,
        model: Object,
        span: Array,
        search: String,
        concern: { type: [String, Boolean] },
        isChosen: Boolean,
        onOpen: Function,
        onChoose: Function,
    };

    get drawing() {
        const { row, span } = this.props;
        const [start, stop] = span;
        const scale = getScale(span);
        const fits = (minutes) => (minutes * MINUTE) / (stop - start) > WAY;
        return {
            closed: this.getClosed(scale),
            blocks: row.blocks.map((block) => ({
                ...block,
                style: getStyle(scale, block.startAt, block.stopAt),
            })),
            items: row.cards
                .filter((card) => card.startAt < stop && card.stopAt > start)
                .map((card) => this.getItem(card, scale, fits)),
            home: this.getHome(scale, fits),
        };
    }

    getItem(card, scale, fits) {
        const { row, span, model } = this.props;
        const [start, stop] = span;
        const isHelper = card.employee_id !== row.id;
        const minutes = isHelper ? 0 : card.travel_minutes;
        return {
            card,
            isHelper,
            isDimmed: isDimmed(card, this.props),
            isRed: card.concerns.some((key) => key !== "over"),
            title: getTitle(model, card),
            style: getStyle(scale, card.startAt, card.stopAt),
            isNarrow: (card.stopAt - card.startAt) / (stop - start) < NARROW,
            // Late is said with its time.
            marks: CONCERNS.filter(
                ({ key }) => card.concerns.includes(key) && !["late", "over"].includes(key)
            ),
            way: minutes && {
                style: getStyle(scale, card.startAt - minutes * MINUTE, card.startAt),
                label: fits(minutes) ? minutes : "",
                title: _t("%(minutes)s minutes there, %(distance)s km", {
                    minutes,
                    distance: card.travel_km,
                }),
            },
            window:
                !isHelper &&
                (card.windowFrom || card.windowTo) &&
                getStyle(scale, card.windowFrom || start, card.windowTo || stop),
        };
    }

    getHome(scale, fits) {
        const { cards, home_minutes: minutes } = this.props.row;
        const last = cards.at(-1);
        return (
            last &&
            minutes > 0 && {
                style: getStyle(scale, last.stopAt, last.stopAt + minutes * MINUTE),
                label: fits(minutes) ? minutes : "",
                title: _t("%(minutes)s minutes home", { minutes }),
            }
        );
    }

    /** Return the spans in which the engineer does not work. */
    getClosed(scale) {
        const { row, span } = this.props;
        const [start, stop] = span;
        const closed = [];
        let from = start;
        const hours = [...row.hours].sort((one, other) => one[0] - other[0]);
        for (const [begin, end] of [...hours, [stop, stop]]) {
            if (begin > from) {
                closed.push({ key: `closed-${from}`, style: getStyle(scale, from, begin) });
            }
            from = Math.max(from, end);
        }
        return [
            ...closed,
            ...row.away.map(([begin, end]) => ({
                key: `away-${begin}`,
                isAway: true,
                style: getStyle(scale, begin, end),
            })),
        ];
    }

    get title() {
        const { row } = this.props;
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
}

/** The line that goes with the time, apart from the rows that do not. */
export class DispatchNow extends Component {
    static template = "aftersales_field.DispatchNow";
    static props = { model: Object };

    setup() {
        this.model = useState(this.props.model);
    }

    get style() {
        const { now, span } = this.model;
        return now >= span[0] && now < span[1] && `left: ${getScale(span)(now)}%`;
    }
}
