import { Component } from "@odoo/owl";

/** A question over the screen, at the bottom, where the thumb is. */
export class Sheet extends Component {
    static template = "aftersales_field.Sheet";
    static props = { title: String, onClose: Function, slots: Object };
}
