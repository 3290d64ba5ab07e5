import { Component, onWillStart, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";

import { BoardCard } from "./board_card";
import { CONCERNS, ROLES, formatMoment } from "./board_model";

const { DateTime } = luxon;
const INPUT = "yyyy-MM-dd'T'HH:mm";

/** What a card says in full, and what a hand on a mouse would do by dragging it. */
export class BoardDialog extends Component {
    static template = "aftersales_planning.BoardDialog";
    static components = { Dialog, BoardCard };
    static props = {
        model: Object,
        orderId: Number,
        bookingId: { type: [Number, Boolean] },
        close: Function,
        onMove: Function,
        onPlan: Function,
        onStep: Function,
        onOpenOrder: Function,
    };

    setup() {
        this.orm = useService("orm");
        const { model, orderId, bookingId } = this.props;
        this.card = model.getCard(model.orders[orderId]);
        const bookings = model
            .getOrderBookings(orderId)
            .filter(({ state }) => state !== "done");
        this.booking = bookings.find(({ id }) => id === bookingId) || bookings[0];
        const resource = model.resources.find(
            ({ id }) => id === this.booking?.resource_id
        );
        this.role = resource?.role || "bay";
        this.resources = model.getResources(this.role, false);
        const next = Math.ceil(Date.now() / model.step) * model.step;
        this.state = useState({
            resourceId: resource?.id || this.resources[0]?.id || 0,
            start: DateTime.fromMillis(this.booking?.start || next).toFormat(INPUT),
            slots: null,
            slotsReason: "",
            isBusy: false,
        });
        onWillStart(async () => {
            if (!this.booking && !["check", "ready"].includes(this.card.stage)) {
                await this.findSlots();
            }
        });
    }

    get roleLabel() {
        return ROLES.find(({ key }) => key === this.role).one;
    }

    get concerns() {
        return CONCERNS.filter(
            ({ key }) => key !== "late" && this.card.concerns.includes(key)
        );
    }

    get bookings() {
        const { model, orderId } = this.props;
        return model.getOrderBookings(orderId).map((booking) => ({
            ...booking,
            resource: model.resources.find(({ id }) => id === booking.resource_id)?.name,
            time: `${formatMoment(booking.start, model.now)} – ${formatMoment(
                booking.stop,
                model.now
            )}`,
        }));
    }

    async findSlots() {
        try {
            const slots = await this.orm.call("aftersales.order", "get_slots", [
                [this.props.orderId],
            ]);
            this.state.slots = slots.map((slot) => ({
                ...slot,
                label: formatMoment(
                    deserializeDateTime(slot.start).toMillis(),
                    this.props.model.now
                ),
            }));
        } catch (error) {
            // What is missing to find a time is said in words; planning by hand goes on.
            this.state.slots = [];
            this.state.slotsReason = error.data?.message || "";
        }
    }

    /** Keep the dialog open if it was refused, so that another time can be tried. */
    async run(action) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        const isDone = await action();
        this.state.isBusy = false;
        if (isDone) {
            this.props.close();
        }
    }

    move() {
        const start = DateTime.fromFormat(this.state.start, INPUT);
        if (!start.isValid) {
            return;
        }
        return this.run(() =>
            this.props.onMove({
                bookingId: this.booking?.id || false,
                orderId: this.props.orderId,
                resourceId: Number(this.state.resourceId),
                start: start.toMillis(),
            })
        );
    }

    plan(slot) {
        return this.run(() => this.props.onPlan(this.props.orderId, slot));
    }

    step(stage) {
        return this.run(() => this.props.onStep(this.props.orderId, stage));
    }

    openOrder() {
        this.props.close();
        this.props.onOpenOrder(this.props.orderId);
    }
}
