import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RPCError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onMounted, onWillStart, useRef, useState } from "@odoo/owl";
import { HotlineCall, makeDraft } from "./hotline_call";

const WAIT = 250; // ms without a key before it is looked for

/** The screen of the hotline: who calls, about what, and what was agreed. */
export class Hotline extends Component {
    static template = "aftersales_field.Hotline";
    static components = { HotlineCall };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.input = useRef("input");
        const before = this.props.state?.hotline;
        this.state = useState({
            text: "",
            results: null,
            isPhone: false,
            start: null,
            card: null,
            done: null,
            error: "",
            isBusy: false,
            draft: makeDraft(),
            ...before,
        });
        this.request = 0;
        this.searchSoon = useDebounced(() => this.search(), WAIT);
        this.findSoon = useDebounced(() => this.findSolutions(), 2 * WAIT);
        // Back from an order, the call that is being written down is still there.
        useSetupAction({
            getLocalState: () => ({ hotline: { ...this.state, draft: { ...this.state.draft } } }),
        });
        const { params = {} } = this.props.action;
        onWillStart(async () => {
            this.state.start = await this.orm.call("aftersales.hotline", "get_start", []);
            if (before?.card) {
                await this.refresh();
            } else if (params.partner_id || params.asset_id) {
                await this.open({ partner_id: params.partner_id, asset_id: params.asset_id });
            } else if (params.text) {
                this.state.text = params.text;
                await this.search();
            }
        });
        onMounted(() => this.input.el?.focus());
    }

    onInput() {
        this.state.error = "";
        this.searchSoon();
    }

    onSubmit() {
        this.searchSoon.cancel();
        this.search(true);
    }

    /** Look for what was typed; the only one found opens when Enter was pressed. */
    async search(isEntered = false) {
        const text = this.state.text.trim();
        if (text.length < 2) {
            this.state.results = null;
            return;
        }
        const answer = await this.ask("search", [text]);
        if (!answer || answer.text !== this.state.text.trim()) {
            return;
        }
        this.state.results = answer.results;
        this.state.isPhone = answer.phone;
        if (isEntered && answer.results.length === 1) {
            await this.open(answer.results[0]);
        }
    }

    async open(item) {
        const named = {
            partner_id: item.partner_id || null,
            asset_id: item.asset_id || null,
            order_id: item.order_id || null,
        };
        if (!named.partner_id && !named.asset_id && !named.order_id) {
            this.startNew();
            return;
        }
        const card = await this.ask("get_card", [], named);
        if (card) {
            this.show(card);
        }
    }

    show(card) {
        const { draft, card: before } = this.state;
        const isOther = before?.partner.id !== card.partner.id;
        this.state.card = card;
        this.state.done = null;
        draft.assetId = `${card.asset_id || (card.assets.length ? "" : "none")}`;
        draft.orderId = `${card.order_id || this.findOrder(card) || "new"}`;
        draft.isNewPartner = false;
        draft.isNewAsset = false;
        if (isOther) {
            draft.caller = card.partner.company ? card.partner.name : "";
            draft.phone = this.state.isPhone ? this.state.text : card.partner.phone || "";
        }
    }

    /** Somebody who calls again mostly calls about what is open for that machine. */
    findOrder(card) {
        const about = card.orders.filter((order) => order.asset_id === card.asset_id);
        return card.asset_id && about.length === 1 ? about[0].id : false;
    }

    /** What is shown is about one of the customer's machines. */
    chooseAsset(asset) {
        return this.open({ partner_id: this.state.card.partner.id, asset_id: asset.id });
    }

    /** Nobody we know: what was typed is a number or a name. */
    startNew() {
        const { draft, text, isPhone } = this.state;
        this.state.card = null;
        this.state.done = null;
        draft.isNewPartner = true;
        draft.isNewAsset = true;
        draft.assetId = "none";
        draft.orderId = "new";
        draft.partner.name = isPhone ? "" : text;
        draft.partner.phone = draft.phone = isPhone ? text : "";
    }

    async refresh() {
        const { card } = this.state;
        const fresh = await this.ask("get_card", [], {
            partner_id: card.partner.id || null,
            asset_id: card.asset_id || null,
        });
        if (fresh) {
            this.state.card = fresh;
        }
    }

    /** What helped before, by what the caller says while it is written down. */
    async findSolutions() {
        const { card, draft } = this.state;
        if (card && draft.words.trim().length > 3) {
            card.solutions = await this.orm.silent.call("aftersales.hotline", "find_solutions", [
                draft.words,
                card.asset_id || null,
            ]);
        }
    }

    async takeCall(values) {
        const done = await this.ask("take_call", [values]);
        if (!done) {
            return false;
        }
        const { caller, phone, partner } = this.state.draft;
        // Who speaks is still on the phone.
        Object.assign(this.state.draft, makeDraft(), { caller, phone: phone || partner.phone });
        if (done.partner_id || done.asset_id) {
            await this.open(done);
        } else {
            this.state.card = null;
        }
        this.state.done = done;
        this.state.draft.orderId = "none";
        await this.recount();
        return true;
    }

    /** What stands at the left counts what was just made. */
    async recount() {
        const { text } = this.state;
        if (this.state.results) {
            const { results } = await this.orm.call("aftersales.hotline", "search", [text]);
            this.state.results = results;
        }
        this.state.start = await this.orm.call("aftersales.hotline", "get_start", []);
    }

    /** Ready for the next caller. */
    async clear() {
        Object.assign(this.state, {
            text: "",
            results: null,
            isPhone: false,
            card: null,
            done: null,
            error: "",
        });
        Object.assign(this.state.draft, makeDraft());
        this.state.start = await this.orm.call("aftersales.hotline", "get_start", []);
        this.input.el?.focus();
    }

    async ask(method, args, named = {}) {
        const request = ++this.request;
        this.state.isBusy = true;
        this.state.error = "";
        try {
            const answer = await this.orm.call("aftersales.hotline", method, args, named);
            // Something else was asked meanwhile; what was written down counts anyway.
            return request === this.request || method === "take_call" ? answer : null;
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.error = error.data?.message || error.message;
            return null;
        } finally {
            if (request === this.request) {
                this.state.isBusy = false;
            }
        }
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    get icons() {
        return { partner: "fa-user", asset: "fa-cube", order: "fa-file-text-o", call: "fa-phone" };
    }

    get kinds() {
        return {
            partner: _t("Customer"),
            asset: _t("Asset"),
            order: _t("Work order"),
            call: _t("Earlier call"),
        };
    }
}

registry.category("actions").add("aftersales_field.hotline", Hotline);
