import { Component } from "@odoo/owl";
import { Bar } from "../widgets/bar";
import { JobPanel } from "../widgets/job_panel";

/** One job of a visit. */
export class JobScreen extends Component {
    static template = "aftersales_field.Job";
    static components = { Bar, JobPanel };
    static props = { visit: Object, itemId: Number };

    get job() {
        return this.props.visit.jobs.find((job) => job.id === this.props.itemId);
    }
}
