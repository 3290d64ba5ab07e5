import { Component, onWillUpdateProps, useState } from "@odoo/owl";

const LOOKS = {
    exchange: { color: "info", icon: "fa-exchange" },
    repair: { color: "success", icon: "fa-wrench" },
    refer: { color: "warning", icon: "fa-question-circle" },
    past: { color: "danger", icon: "fa-hourglass-end" },
    none: { color: "secondary", icon: "fa-minus-circle" },
};

/** One thing: what it is, whose, what its guarantee gives, and what is done next. */
export class DockGoods extends Component {
    static template = "aftersales_return.DockGoods";
    static props = {
        goods: Object,
        onAct: Function,
        isBusy: { type: Boolean, optional: true },
        isCompact: { type: Boolean, optional: true },
    };

    setup() {
        this.state = useState({ quantity: this.props.goods.step?.quantity || 0 });
        onWillUpdateProps(({ goods }) => {
            if (goods !== this.props.goods) {
                this.state.quantity = goods.step?.quantity || 0;
            }
        });
    }

    get goods() {
        return this.props.goods;
    }

    get look() {
        const { level, is_open: isOpen } = this.goods.verdict;
        return LOOKS[isOpen ? "exchange" : level];
    }

    /** What is told at once: for a period that runs with its last day. */
    get headline() {
        const { level, label, text, until } = this.goods.verdict;
        return until && ["exchange", "repair"].includes(level) ? text : label;
    }

    get hasQuantity() {
        return Boolean(this.goods.step?.quantity);
    }

    act() {
        this.props.onAct(this.goods, this.hasQuantity ? Number(this.state.quantity) : undefined);
    }
}
