import { Component } from "@odoo/owl";
import { Bar } from "../widgets/bar";

/** What was done here before, and what helped elsewhere. */
export class HistoryScreen extends Component {
    static template = "aftersales_field.History";
    static components = { Bar };
    static props = { visit: Object, itemId: Number };

    get visit() {
        return this.props.visit;
    }
}
