import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { getPartPrice, isAgreed, takeAgreed } from "../core/found_parts";
import { Bar } from "../widgets/bar";
import { ProductPicker } from "../widgets/product_picker";
import { Sheet } from "../widgets/sheet";

/** What was fitted: planned parts by one press, others by scan or search. */
export class PartsScreen extends Component {
    static template = "aftersales_field.Parts";
    static components = { Bar, ProductPicker, Sheet };
    static props = { visit: Object, itemId: Number };

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.state = useState({ sheet: "", error: "", note: "", cause: "", correction: "" });
        this._choose(null);
    }

    get visit() {
        return this.props.visit;
    }

    get isOnSite() {
        return ["onsite", "paused"].includes(this.visit.state);
    }

    /** Jobs that a part can be for; what was added to one of them belongs to it. */
    get jobs() {
        return this.visit.jobs.filter((job) => isAgreed(job) && !job.is_fee && !job.found_for_id && !job.is_local);
    }

    /** Jobs with parts that were, or may be used. */
    get partJobs() {
        return this.visit.jobs.filter(
            (job) => !job.is_new && !job.is_fee && (job.found_on_id ? job.lines.length : !job.needs_consent)
        );
    }

    /** @returns {string} what the customer has to be asked before this is used */
    get warning() {
        const { product, jobId, quantity } = this.state;
        const values = { product_id: product.id, job_id: jobId || null };
        const count = Number(String(quantity).replace(",", ".")) || 0;
        const rest = takeAgreed(this.visit, { ...values, quantity: count });
        if (!(rest > 0)) {
            return "";
        }
        const job = this.visit.jobs.find((each) => each.id === jobId);
        const price = getPartPrice(this.visit, job, product.id);
        return price === null
            ? _t("Not on the order. Call the office for the price, and ask the customer.")
            : _t("Not on the order: %(price)s. The customer has to agree before you finish.", {
                  price: this.words.money(price * rest, this.visit.currency),
              });
    }

    openPrices() {
        this.env.router.go("visit", this.visit.id, "prices");
    }

    get products() {
        return new Map(this.model.getProducts().map((product) => [product.id, product]));
    }

    getLines(job) {
        return job.lines.filter((line) => line.kind === "part");
    }

    getVanText(line) {
        const quantity = this.products.get(line.product_id)?.van_quantity || 0;
        return _t("%(quantity)s in the van", { quantity: this.words.quantity(quantity, line.uom) });
    }

    // Use

    _choose(product, jobId, name) {
        Object.assign(this.state, {
            product,
            jobId: jobId ?? this.jobs[0]?.id ?? 0,
            isPlanned: Boolean(name),
            name: name || product?.name || "",
            quantity: "1",
            lot: "",
            error: "",
        });
        const lots = product ? this.getLots(product) : [];
        if (lots.length === 1) {
            this.state.lot = lots[0].name;
        }
    }

    getLots(product) {
        return (product.lots || []).filter((lot) => lot.quantity > 0);
    }

    open(name) {
        Object.assign(this.state, { sheet: name, error: "", note: "", cause: "", correction: "", product: null });
        this.state.jobId = undefined;
    }

    close() {
        this.state.sheet = "";
    }

    onProduct(product, lotName) {
        this._choose(product, this.state.jobId);
        if (lotName) {
            this.state.lot = lotName;
        }
    }

    /** A planned part: at once where nothing has to be asked. */
    async useLine(job, line) {
        const product = this.products.get(line.product_id) || {
            id: line.product_id,
            name: line.name,
            uom: line.uom,
            tracking: "none",
            lots: [],
        };
        if (product.tracking === "none") {
            await this._record(product, this._getJobId(job), 1, "", line.name);
            return;
        }
        this.state.sheet = "use";
        this._choose(product, this._getJobId(job), line.name);
    }

    _getJobId(job) {
        return job.found_on_id ? job.found_for_id || 0 : job.id;
    }

    /**
     * Take one back: what was never sent is as if it had not been entered, what may be
     * with the server is taken back there.
     */
    async unuse(line) {
        const last = this._getEntries("use_part").findLast(
            ({ id, values }) =>
                values.product_id === line.product_id && values.quantity > this._getTakenBack(id)
        );
        if (last && this.model.canChange(last)) {
            const quantity = last.values.quantity - 1;
            await (quantity > 0
                ? this.model.amend(last, { ...last.values, quantity })
                : this.model.drop(last));
        } else if (last || line.id) {
            await this.model.record("unuse_part", this.visit.id, {
                line_id: line.id,
                operation: last?.id,
                quantity: 1,
                name: line.name,
            });
        }
    }

    _getEntries(kind) {
        return this.model.getEntries(this.visit.id).filter((entry) => entry.kind === kind);
    }

    /** @returns {number} how many of those that an entry used were taken back since */
    _getTakenBack(id) {
        return this._getEntries("unuse_part")
            .filter(({ values }) => values.operation === id)
            .reduce((sum, { values }) => sum + values.quantity, 0);
    }

    setLot(name) {
        this.state.lot = name;
    }

    _readQuantity() {
        const quantity = Number(String(this.state.quantity).replace(",", "."));
        if (!(quantity > 0)) {
            this.state.error = _t("Enter how many.");
            return 0;
        }
        return quantity;
    }

    async use() {
        const { product, jobId, lot, name } = this.state;
        const quantity = this._readQuantity();
        if (!quantity) {
            return;
        }
        if (product.tracking !== "none" && !lot.trim()) {
            this.state.error = _t("Scan, choose or type its serial number.");
            return;
        }
        if (product.tracking === "serial" && quantity !== 1) {
            this.state.error = _t("Enter parts with a serial number one by one.");
            return;
        }
        const texts = { cause: this.state.cause.trim(), correction: this.state.correction.trim() };
        if (this.isOther && !(texts.cause && texts.correction)) {
            this.state.error = _t("Write what was wrong, and what was done.");
            return;
        }
        await this._record(product, jobId, quantity, lot.trim(), name, this.isOther ? texts : {});
        this.close();
    }

    /** For nothing that is on the order: then it is a job with texts of its own. */
    get isOther() {
        return !this.state.isPlanned && !this.state.jobId && Boolean(this.warning);
    }

    _record(product, jobId, quantity, lot, name, texts = {}) {
        return this.model.record("use_part", this.visit.id, {
            product_id: product.id,
            quantity,
            lot_name: lot || null,
            job_id: jobId || null,
            name: name || product.name,
            uom: product.uom,
            ...texts,
        });
    }

    // Missing

    async report() {
        const quantity = this._readQuantity();
        if (!this.state.product || !quantity) {
            this.state.error ||= _t("Choose the part.");
            return;
        }
        await this.model.record("missing_part", this.visit.id, {
            product_id: this.state.product.id,
            quantity,
            job_id: this.state.jobId || null,
            note: this.state.note.trim(),
            name: this.state.product.name,
            uom: this.state.product.uom,
        });
        this.close();
    }
}
