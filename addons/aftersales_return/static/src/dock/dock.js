import { _t } from "@web/core/l10n/translation";
import { hasTouch } from "@web/core/browser/feature_detection";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { registry } from "@web/core/registry";
import { RPCError } from "@web/core/network/rpc";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onMounted, onWillStart, useRef, useState } from "@odoo/owl";
import { DockGoods } from "./dock_goods";
import { beep } from "./beep";

const MAX_RECENT = 8;

/** At the dock: scan something, read what it is, press the one button. */
export class ReturnDock extends Component {
    static template = "aftersales_return.Dock";
    static components = { DockGoods };
    static props = { ...standardActionServiceProps };

    setup() {
        this.root = useRef("root");
        this.orm = useService("orm");
        this.action = useService("action");
        this.input = useRef("input");
        this.hasCamera = isBarcodeScannerSupported();
        this.state = useState({
            code: "",
            answer: null,
            error: "",
            done: "",
            isBusy: false,
            recent: [],
        });
        this.request = 0;
        // A scanner types like a keyboard: outside of the field the service hears it.
        useBus(useService("barcode").bus, "barcode_scanned", (ev) =>
            this.scan(ev.detail.barcode)
        );
        const { params = {}, context = {} } = this.props.action;
        const code = params.code || context.dock_code;
        onWillStart(() => code && this.scan(code));
        onMounted(() => this.focus());
    }

    /** On a tablet the field would open the keyboard over half of the screen. */
    focus() {
        if (!hasTouch()) {
            this.input.el?.focus();
        }
    }

    onSubmit() {
        this.scan(this.state.code);
    }

    async onCamera() {
        const code = await scanBarcode(this.env);
        if (code) {
            await this.scan(code);
        } else {
            this.state.error = _t("The camera read nothing. Hold it nearer, or type it.");
        }
    }

    scan(code, { lotId, lineId } = {}) {
        const text = (code || "").trim();
        if (!text) {
            return this.focus();
        }
        const named = { lot_id: lotId || null, line_id: lineId || null };
        return this.ask("scan", [text], named);
    }

    choose(choice) {
        this.scan(this.state.answer.code, { lotId: choice.lot_id, lineId: choice.line_id });
    }

    /** Take the step that the screen offers, of these goods or of the whole return. */
    async act(goods, quantity) {
        const { answer } = this.state;
        const answered = await this.ask("act", [goods.step.name, answer.code], {
            lot_id: goods.lot_id || null,
            line_id: goods.line_id || null,
            quantity: quantity ?? null,
        });
        if (answered?.action) {
            await this.action.doAction(answered.action);
        } else if (answered && answer.kind === "return") {
            // One of several was done: back to all of them.
            await this.ask("scan", [answer.code], {});
        }
    }

    async ask(method, args, named) {
        const request = ++this.request;
        this.state.isBusy = true;
        this.state.error = "";
        try {
            const answer = await this.orm.call("aftersales.return.dock", method, args, named);
            if (request !== this.request) {
                return null; // something else was scanned meanwhile
            }
            this.state.answer = answer;
            this.state.code = "";
            this.remember(answer);
            beep(this.isGood(answer));
            return answer;
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.error = error.data?.message || error.message;
            beep(false);
            return null;
        } finally {
            if (request === this.request) {
                this.state.isBusy = false;
                this.input.el?.select();
            }
        }
    }

    isGood(answer) {
        const isKnown = ["goods", "return"].includes(answer.kind);
        return isKnown && !answer.difference && answer.step?.name !== "none";
    }

    remember(answer) {
        const entry = {
            code: answer.code,
            title: answer.title,
            serial: answer.serial || "",
            label: answer.return?.line_label || answer.return?.label || "",
            lineId: answer.line_id,
            lotId: answer.lot_id,
            time: new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
        };
        const others = this.state.recent.filter(
            (each) => each.code !== entry.code || each.serial !== entry.serial
        );
        this.state.recent = [entry, ...others].slice(0, MAX_RECENT);
    }

    again(entry) {
        this.root.el.scrollTop = 0;
        this.scan(entry.code, entry);
    }
}

registry.category("actions").add("aftersales_return.dock", ReturnDock);
