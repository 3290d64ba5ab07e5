import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Bar } from "../widgets/bar";
import { Sheet } from "../widgets/sheet";

const FIELDS = ["name", "role", "phone", "wish"];

/** All people concerned at the customer's and what they wish; the next visit knows them. */
export class PeopleScreen extends Component {
    static template = "aftersales_field.People";
    static components = { Bar, Sheet };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.state = useState({ sheet: "", person: {}, error: "" });
    }

    get visit() {
        return this.props.visit;
    }

    get isOpen() {
        return !["done", "cancel"].includes(this.visit.state);
    }

    get groups() {
        const people = this.visit.people || [];
        return [
            { key: "here", label: _t("On This Visit"), people: people.filter((each) => !each.is_known) },
            { key: "known", label: _t("Known from Earlier Visits"), people: people.filter((each) => each.is_known) },
        ].filter((group) => group.people.length);
    }

    get title() {
        return this.state.sheet === "new" ? _t("Add a Person") : this.state.person.name;
    }

    getDialUrl(person) {
        return `tel:${person.phone.replace(/[^+\d]/g, "")}`;
    }

    edit(person) {
        const values = Object.fromEntries(FIELDS.map((field) => [field, person?.[field] || ""]));
        Object.assign(this.state, { sheet: person ? "change" : "new", person: values, error: "" });
    }

    close() {
        this.state.sheet = "";
    }

    async save() {
        const { person } = this.state;
        const values = Object.fromEntries(FIELDS.map((field) => [field, person[field].trim()]));
        if (!values.name) {
            this.state.error = _t("Say the name of the person.");
            return;
        }
        await this.model.record("person", this.visit.id, values);
        this.close();
    }
}
