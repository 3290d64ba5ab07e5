import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { getPlace, isLate } from "../core/shop";
import { getChecklistTasks, getHistoryTask, getOldPartTasks, getPhotoTask } from "../core/tasks";
import { useNow } from "../core/ticking";
import { Banners } from "../widgets/banners";
import { Bar } from "../widgets/bar";
import { JobPanel } from "../widgets/job_panel";
import { MeterSheet } from "../widgets/meter_sheet";
import { ProductPicker } from "../widgets/product_picker";
import { Sheet } from "../widgets/sheet";

// Which job of an order was looked at last, to come back to it from a checklist.
const shown = new Map();

/** The own jobs of a work order in the workshop: one of them, and what belongs to all. */
export class ShopOrderScreen extends Component {
    static template = "aftersales_field.ShopOrder";
    static components = { Banners, Bar, JobPanel, MeterSheet, ProductPicker, Sheet };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.clock = useNow();
        this.state = useState({ sheet: "", part: null, quantity: "1", note: "", error: "" });
        if (this.props.itemId) {
            shown.set(this.props.visit.id, this.props.itemId);
        }
    }

    get order() {
        return this.props.visit;
    }

    get isLate() {
        return this.jobs.some((job) => isLate(this.order, job, this.clock.now));
    }

    get jobs() {
        return this.order.jobs.filter((job) => !job.is_new);
    }

    /** @returns {Object[]} work that was found here and is not sent yet */
    get newJobs() {
        return this.order.jobs.filter((job) => job.is_new);
    }

    get job() {
        const id = this.props.itemId || shown.get(this.order.id);
        return (
            this.jobs.find((job) => job.id === id) ||
            this.jobs.find((job) => job.clock === "work") ||
            this.jobs[0]
        );
    }

    get title() {
        return this.order.label || this.order.asset?.name || this.order.customer.name;
    }

    get place() {
        return getPlace(this.order);
    }

    get isOpen() {
        return ["approved", "progress"].includes(this.job.state);
    }

    get parts() {
        return this.job.lines.filter((line) => line.kind === "part");
    }

    /** @returns {Object[]} what was asked for and is on no line yet */
    get asked() {
        const planned = new Set(this.parts.map((line) => line.product_id));
        return (this.order.missing || []).filter((part) => !planned.has(part.product_id));
    }

    canAsk(line) {
        const isThere = ["staged", "issued", "none"].includes(line.availability);
        return this.isOpen && !line.is_asked && !isThere;
    }

    get tasks() {
        const needed = this.order.rules?.inspections || [];
        const checklists = getChecklistTasks(this.model, this.order).map((task) => ({
            ...task,
            isUrgent: !task.isDone && needed.includes(Number(task.key.split("/")[1])),
        }));
        return [
            ...checklists,
            ...getOldPartTasks(this.order),
            getPhotoTask(this.model, this.order),
            getHistoryTask(this.order),
        ];
    }

    open(key) {
        this.env.router.go("visit", this.order.id, key);
    }

    // Sheets

    show(name) {
        Object.assign(this.state, { sheet: name, part: null, quantity: "1", note: "", error: "" });
    }

    close() {
        this.state.sheet = "";
    }

    askFor(line) {
        this.show("ask");
        this.state.part = { id: line.product_id, name: line.name, uom: line.uom };
        this.state.quantity = String(Math.max(line.planned - line.used, 1));
    }

    choosePart(product) {
        this.state.part = product;
    }

    async ask() {
        const quantity = Number(this.state.quantity.replace(",", "."));
        if (!(quantity > 0)) {
            this.state.error = _t("Enter how many, a number above zero.");
            return;
        }
        const { part, note } = this.state;
        await this.model.record("missing_part", this.order.id, {
            job_id: this.job.id,
            product_id: part.id,
            name: part.name,
            uom: part.uom || "",
            quantity,
            note: note.trim(),
        });
        this.close();
    }

    async finish(useParts) {
        await this.model.record("job_done", this.order.id, {
            job_id: this.job.id,
            use_parts: useParts,
        });
        this.env.router.go("visits");
    }
}
