import { Component, onWillStart, useState } from "@odoo/owl";
import { HOUR } from "@aftersales_planning/board/board_model";
import { Dialog } from "@web/core/dialog/dialog";
import { deserializeDateTime, serializeDateTime } from "@web/core/l10n/dates";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";

import { CONCERNS } from "./dispatch_model";

const { DateTime } = luxon;
const WEEK = 7 * 24 * HOUR;
const INPUT = "yyyy-MM-dd'T'HH:mm";

/** What a card says in full, who could come, and all that is done without a mouse. */
export class DispatchDialog extends Component {
    static template = "aftersales_field.DispatchDialog";
    static components = { Dialog };
    static props = { board: Object, model: Object, visitId: Number, close: Function };

    setup() {
        this.orm = useService("orm");
        this.model = useState(this.props.model);
        this.board = this.props.board;
        const { card, model } = this;
        this.zone = { zone: model.day.tz };
        const row = this.engineer || model.rows[0];
        const opens = row?.hours[0]?.[0] || model.start;
        const next = Math.ceil(Math.max(model.now, opens) / model.step) * model.step;
        this.state = useState({
            contact: null,
            candidates: null,
            others: [],
            isLooking: false,
            reach: "", // as far as the deadline
            reason: "",
            employeeId: card.employee_id || card.preferred_id || model.rows[0]?.id || 0,
            start: DateTime.fromMillis(card.startAt || next, this.zone).toFormat(INPUT),
            isBusy: false,
        });
        onWillStart(() => this.readContact());
        if (!card.startAt && model.day.can_dispatch) {
            this.find();
        }
    }

    /** The visit as it is now; as it was, once it has left the day. */
    get card() {
        const { model, visitId } = this.props;
        this.lastCard = model.cards.get(visitId) || this.lastCard;
        return this.lastCard;
    }

    get isGone() {
        return !this.model.cards.has(this.props.visitId);
    }

    get canPlan() {
        return (
            !this.isGone &&
            this.model.day.can_dispatch &&
            ["draft", "planned"].includes(this.card.state)
        );
    }

    get engineer() {
        return this.model.rows.find(({ id }) => id === this.card.employee_id);
    }

    get helpers() {
        return this.model.rows
            .filter(({ id }) => this.card.helper_ids.includes(id))
            .map(({ name }) => name);
    }

    isChosen({ id }) {
        return id === Number(this.state.employeeId);
    }

    get problems() {
        return this.model.getProblems(this.card);
    }

    get concerns() {
        return CONCERNS.filter(
            ({ key }) => key !== "problem" && this.card.concerns.includes(key)
        );
    }

    async readContact() {
        const [visit] = await this.orm.webRead("aftersales.visit", [this.props.visitId], {
            specification: {
                contact_id: { fields: { display_name: {}, phone: {} } },
                partner_id: { fields: { display_name: {}, phone: {} } },
                note: {},
            },
        });
        const contact = visit.contact_id?.phone ? visit.contact_id : visit.partner_id;
        this.state.contact = {
            name: contact?.display_name || "",
            phone: contact?.phone || "",
            note: visit.note || "",
        };
    }

    /**
     * Ask who could come, from the day that is shown on.
     *
     * @param {string} reach `day`: then only, `week`: within one, else up to the deadline
     */
    async find(reach = "") {
        const { start, stop, now } = this.model;
        const from = Math.max(start, now);
        const to = { day: Math.max(stop, now), week: from + WEEK }[reach];
        const tell = (millis) => serializeDateTime(DateTime.fromMillis(millis));
        this.state.reach = reach;
        this.state.isLooking = true;
        this.state.reason = "";
        try {
            const found = await this.orm.call(
                "aftersales.dispatch",
                "get_candidates",
                [this.props.visitId],
                { date_from: tell(from), date_to: to ? tell(to) : null }
            );
            this.state.candidates = found
                .filter(({ start: begin }) => begin)
                .map((candidate) => {
                    const startAt = deserializeDateTime(candidate.start).toMillis();
                    return {
                        ...candidate,
                        startAt,
                        timeLabel: this.model.formatMoment(startAt),
                    };
                });
            this.state.others = found.filter(({ start: begin }) => !begin);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            // What is missing is said in words; planning by hand goes on.
            this.state.candidates = [];
            this.state.reason = error.data?.message || error.message;
        } finally {
            this.state.isLooking = false;
        }
    }

    toggleDay(ev) {
        return this.find(ev.target.checked ? "day" : "");
    }

    /** Keep the dialog open if it was refused, so that another time can be tried. */
    async run(action) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            if (await action()) {
                this.props.close();
            }
        } finally {
            this.state.isBusy = false;
        }
    }

    plan({ employee_id: employeeId, startAt }) {
        const { visitId } = this.props;
        return this.run(() => this.board.move({ visitId, employeeId, start: startAt }));
    }

    planByHand() {
        const start = DateTime.fromFormat(this.state.start, INPUT, this.zone);
        if (start.isValid) {
            return this.plan({
                employee_id: Number(this.state.employeeId),
                startAt: start.toMillis(),
            });
        }
    }

    unplan() {
        return this.run(() => this.board.move({ visitId: this.props.visitId }));
    }

    async lock() {
        this.state.isBusy = true;
        try {
            await this.board.lock(this.card);
        } finally {
            this.state.isBusy = false;
        }
    }

    makeRoom() {
        return this.run(() => this.board.proposals.makeRoom(this.card));
    }

    openRecord(model, id) {
        this.props.close();
        return this.board.openRecord(model, id);
    }
}
