import { _t } from "@web/core/l10n/translation";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { InspectionItem } from "./item";
import { RunnerModel } from "./runner_model";
import { SignaturePad } from "./signature_pad";

/** The screen on which somebody with a tablet walks around an asset. */
export class InspectionRunner extends Component {
    static template = "aftersales_inspection.Runner";
    static components = { InspectionItem, SignaturePad };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.body = useRef("body");
        const { params = {}, context = {} } = this.props.action;
        this.inspectionId = params.inspection_id || this.props.resId || context.active_id || 0;
        this.model = useState(new RunnerModel(this.env.services.orm, this.inspectionId));
        this.state = useState({
            tab: 0,
            signer: "",
            signature: "",
            thing: "",
            quantity: 1,
            thingNote: "",
            error: "",
            isFinishing: false,
        });
        onWillStart(async () => {
            if (this.inspectionId) {
                await this.model.load();
                this.env.config.setDisplayName(this.data.name);
                this.state.signer = this.model.state.signed_by || this.data.partner;
            }
        });
        onMounted(() => this.props.updateActionState?.({ resId: this.inspectionId }));
        onWillUnmount(() => this.model.destroy());
    }

    get data() {
        return this.model.data;
    }

    get items() {
        return this.data.sections.flatMap((section) => section.items);
    }

    get answeredCount() {
        return this.items.filter((item) => this.model.isAnswered(item)).length;
    }

    get gaps() {
        return this.items.filter((item) => this.model.getGap(item));
    }

    get otherRefusals() {
        return this.model.refused.filter((entry) => !entry.itemId);
    }

    get isLast() {
        return this.state.tab > this.data.sections.length;
    }

    /** The sections, then the belongings, then the end. */
    get tabs() {
        const sections = this.data.sections.map((section, index) => {
            const done = section.items.filter((item) => this.model.isAnswered(item)).length;
            const gaps = section.items.filter((item) => this.model.getGap(item)).length;
            return {
                index,
                name: section.name,
                count: `${done}/${section.items.length}`,
                isDone: !gaps,
            };
        });
        const count = this.data.sections.length;
        return [
            ...sections,
            {
                index: count,
                name: _t("Belongings"),
                count: String(this.model.belongings.length),
                icon: "fa-suitcase",
            },
            {
                index: count + 1,
                name: this.model.isReadonly ? _t("Result") : _t("Finish"),
                icon: "fa-flag-checkered",
            },
        ];
    }

    get section() {
        return this.data.sections[this.state.tab];
    }

    get counts() {
        const ratings = this.items.map((item) => this.model.getAnswer(item).rating);
        const count = (value) => ratings.filter((rating) => rating === value).length;
        return [
            { value: "green", label: _t("Green"), icon: "fa-check", count: count("green") },
            { value: "yellow", label: _t("Yellow"), icon: "fa-exclamation", count: count("yellow") },
            { value: "red", label: _t("Red"), icon: "fa-times", count: count("red") },
        ];
    }

    get waitingText() {
        const count = this.model.pending.length;
        return count === 1 ? _t("1 answer not sent yet") : _t("%s answers not sent yet", count);
    }

    describe(item) {
        return {
            answer: _t("an answer"),
            photo: _t("a photo"),
            note: _t("a note why it does not apply"),
        }[this.model.getGap(item)];
    }

    // Ways

    open(tab) {
        this.state.tab = tab;
        this.body.el?.scrollTo({ top: 0 });
    }

    goTo(item) {
        this.state.tab = this.data.sections.findIndex((section) => section.items.includes(item));
        // Drawn first, then looked for.
        browser.setTimeout(() => {
            const card = document.getElementById(`item_${item.id}`);
            card?.scrollIntoView({ block: "start" });
            card?.focus({ preventScroll: true });
        });
    }

    goToGap() {
        const [item] = this.gaps;
        if (item) {
            this.goTo(item);
        } else {
            this.open(this.data.sections.length + 1);
        }
    }

    leave() {
        if (this.env.config.breadcrumbs?.length > 1) {
            this.env.config.historyBack();
        } else {
            this.action.doAction({
                type: "ir.actions.act_window",
                res_model: "aftersales.inspection",
                res_id: this.inspectionId,
                views: [[false, "form"]],
            });
        }
    }

    // What is entered

    get openItems() {
        return this.section.items.filter(
            (item) =>
                !this.model.isAnswered(item) &&
                (item.kind === "rating" || (item.kind === "yes_no" && item.expected))
        );
    }

    setRestGreen() {
        for (const item of this.openItems) {
            this.model.answer(
                item,
                item.kind === "rating" ? { rating: "green" } : { value_yes_no: item.expected }
            );
        }
    }

    onMeter(ev) {
        const text = ev.target.value.trim().replace(",", ".");
        if (!/^\d*\.?\d*$/.test(text)) {
            this.state.error = _t("“%(text)s” is no meter reading.", { text });
            return;
        }
        this.state.error = "";
        this.model.saveMeter(Number(text || 0));
    }

    addBelonging() {
        const name = this.state.thing.trim();
        if (!name) {
            this.state.error = _t("Write what it is.");
            return;
        }
        this.state.error = "";
        const quantity = Math.min(Math.max(1, Math.round(Number(this.state.quantity)) || 1), 9999);
        this.model.saveBelonging({ name, quantity, note: this.state.thingNote.trim() });
        Object.assign(this.state, { thing: "", quantity: 1, thingNote: "" });
    }

    removeBelonging(belonging) {
        this.model.saveBelonging({ key: belonging.key, is_removed: true });
    }

    onSignature(signature) {
        this.state.signature = signature;
    }

    // The end

    get canFinish() {
        return (
            !this.gaps.length &&
            !this.model.pending.length &&
            !this.model.refused.length &&
            !this.state.isFinishing
        );
    }

    async finish() {
        this.state.error = "";
        const signer = this.state.signature ? this.state.signer.trim() : "";
        if (this.data.signature_required && !this.model.state.has_signature) {
            if (!this.state.signature || !signer) {
                this.state.error = _t("Name and signature of the customer are missing.");
                return;
            }
        }
        this.state.isFinishing = true;
        try {
            await this.model.finish(signer, this.state.signature.split(",").at(-1));
            this.body.el?.scrollTo({ top: 0 });
        } catch (error) {
            this.state.error =
                error instanceof RPCError && error.data?.message
                    ? error.data.message
                    : _t("There is no connection. Everything is kept; press again when it is back.");
        } finally {
            this.state.isFinishing = false;
        }
    }
}

registry.category("actions").add("aftersales_inspection.runner", InspectionRunner);
