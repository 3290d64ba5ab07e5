import { Component, onWillStart, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const CHANGES = ["moved", "off"];
const NAMED = { fields: { display_name: {} } };

/** The ways to make an urgent visit today: who comes, what moves, who must be told. */
export class DispatchUrgent extends Component {
    static template = "aftersales_field.DispatchUrgent";
    static components = { Dialog };
    static props = { board: Object, card: Object, ids: Array, close: Function };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ ways: [], isBusy: false });
        onWillStart(() => this.read());
    }

    async read() {
        const plans = await this.orm.webRead("aftersales.dispatch.plan", this.props.ids, {
            specification: {
                change_count: {},
                travel_before: {},
                travel_after: {},
                late_before: {},
                late_after: {},
                line_ids: {
                    fields: {
                        visit_id: NAMED,
                        kind: {},
                        employee_from_id: NAMED,
                        start_from: {},
                        employee_id: NAMED,
                        start: {},
                        tell_words: {},
                    },
                },
            },
        });
        const { formatMoment } = this;
        this.state.ways = plans.map((plan) => {
            const own = plan.line_ids.find(({ visit_id: visit }) => visit.id === this.props.card.id);
            return {
                id: plan.id,
                engineer: own?.employee_id?.display_name || "",
                time: own?.start ? formatMoment(own.start) : "",
                moves: plan.line_ids
                    .filter((line) => line !== own && CHANGES.includes(line.kind))
                    .map((line) => ({ id: line.id, words: this.say(line) })),
                tell: plan.line_ids
                    .filter((line) => line.tell_words)
                    .map((line) => ({ id: line.id, words: line.tell_words })),
                travel: plan.travel_after - plan.travel_before,
                late: plan.late_after - plan.late_before,
            };
        });
    }

    formatMoment = (text) =>
        this.props.board.model.formatMoment(deserializeDateTime(text).toMillis());

    say({ kind, visit_id: visit, employee_from_id: from, start_from, employee_id: to, start }) {
        const values = {
            visit: visit.display_name,
            engineer: from?.display_name || "",
            before: start_from ? this.formatMoment(start_from) : "",
        };
        if (kind === "off") {
            return _t("%(visit)s comes off the plan (%(engineer)s, %(before)s)", values);
        }
        return _t("%(visit)s: %(engineer)s, %(before)s → %(other)s, %(after)s", {
            ...values,
            other: to?.display_name || "",
            after: start ? this.formatMoment(start) : "",
        });
    }

    async accept(way) {
        const { board } = this.props;
        this.state.isBusy = true;
        try {
            const isDone = await board.attempt("aftersales.dispatch.plan", "action_accept", [
                [way.id],
            ]);
            if (isDone) {
                this.props.close();
                await board.proposals.onAccepted(way.moves.length + 1);
            }
        } finally {
            this.state.isBusy = false;
        }
    }

    openDetails(way) {
        this.props.close();
        return this.props.board.proposals.open(way.id);
    }
}
