import { Component } from "@odoo/owl";
import { useNow } from "../core/ticking";

/** Between which times the customer waits for us, and whether that is over. */
export class ToldTime extends Component {
    static template = "aftersales_field.ToldTime";
    static props = { visit: Object };

    setup() {
        this.words = this.env.words;
        this.clock = useNow();
    }

    get isLate() {
        return this.words.isLate(this.props.visit, this.clock.now);
    }
}
