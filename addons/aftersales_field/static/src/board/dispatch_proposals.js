import { _t } from "@web/core/l10n/translation";

import { DispatchUrgent } from "./dispatch_urgent";

/** What is worked out for a board, and shown before anything changes. */
export class DispatchProposals {
    constructor(board) {
        this.board = board;
    }

    /** Let the day be worked out: takes seconds, in which the board goes on. */
    async optimise() {
        const { date, territoryId, teamId } = this.board.model;
        this.board.state.isProposing = true;
        try {
            const action = await this.board.orm.silent.call(
                "aftersales.dispatch",
                "propose_day",
                [date, territoryId, teamId]
            );
            await this.open(action.res_id);
        } catch (error) {
            this.board.explain(error);
        } finally {
            this.board.state.isProposing = false;
        }
    }

    /** Show a proposal over the board; worked out again, it is shown again. */
    async open(id) {
        const look = async () => {
            const [plan] = await this.board.orm.read(
                "aftersales.dispatch.plan",
                [id],
                ["state", "date_proposed", "change_count"]
            );
            return plan;
        };
        const before = await look();
        await this.board.action.doAction("aftersales_field.dispatch_plan_action_dialog", {
            props: { resId: id },
            onClose: async () => {
                const plan = await look();
                if (plan.state === "proposed" && plan.date_proposed !== before.date_proposed) {
                    return this.open(id);
                }
                if (plan.state === "accepted") {
                    this.onAccepted(plan.change_count);
                }
            },
        });
    }

    async onAccepted(count) {
        this.board.state.undo = [];
        await this.board.refresh();
        this.board.notification.add(
            _t("The proposal is accepted: %(count)s visits changed.", { count }),
            { type: "success" }
        );
    }

    /** Ask who can be freed today, and show the ways. */
    async makeRoom(card) {
        try {
            const ids = await this.board.orm.call("aftersales.dispatch", "propose_urgent", [card.id]);
            this.board.dialog.add(DispatchUrgent, { board: this.board, card, ids });
            return true;
        } catch (error) {
            this.board.explain(error);
            return false;
        }
    }
}
