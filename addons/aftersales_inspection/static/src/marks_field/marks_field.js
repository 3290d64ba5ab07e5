import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component, markup, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

/** The marks of an answer on their drawing, to be looked at. */
export class InspectionMarksField extends Component {
    static template = "aftersales_inspection.MarksField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ svg: "" });
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((props) => this.load(props));
    }

    async load({ record }) {
        const drawings = record.resId
            ? await this.orm.call(record.resModel, "get_marks_svg", [[record.resId]])
            : {};
        // Drawn by the server, which escapes the notes in it.
        this.state.svg = markup(drawings[record.resId] || "");
    }
}

registry.category("fields").add("inspection_marks", {
    component: InspectionMarksField,
    supportedTypes: ["json"],
});
