import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { serializeDate, serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { BoardDialog } from "./board_dialog";
import { BoardModel, CONCERNS } from "./board_model";
import { BoardStages } from "./board_stages";
import { BoardTimeline } from "./board_timeline";

const { DateTime } = luxon;
const STORAGE = "aftersales_planning.board";
const TICK = 30 * 1000;
const RELOAD = 5 * 60 * 1000; // while live, for what no message tells
const RELOAD_OFFLINE = 60 * 1000;
const STEPS = new Set(["arrived", "work", "ready"]);

/** The shop board: open all day, at the desk and on the wall. */
export class BoardAction extends Component {
    static template = "aftersales_planning.BoardAction";
    static components = { BoardTimeline, BoardStages };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.bus = useService("bus_service");
        this.concerns = CONCERNS;
        this.state = useState({
            boards: [],
            canCreate: false,
            boardId: false,
            model: null,
            view: "bay",
            teamId: false,
            concern: false,
            isLive: true,
            isReady: false,
        });
        this.changes = { orders: new Set(), bookings: new Set(), all: false };
        this.refreshSoon = useDebounced(() => this.refresh(), 400);
        this.onChanged = this.onChanged.bind(this);
        this.bus.subscribe("aftersales.board/changed", this.onChanged);
        useBus(this.bus, "BUS:DISCONNECT", () => (this.state.isLive = false));
        useBus(this.bus, "BUS:CONNECT", () => (this.state.isLive = true));
        useBus(this.bus, "BUS:RECONNECT", () => {
            // What happened meanwhile nobody told us.
            this.state.isLive = true;
            this.changes.all = true;
            this.refreshSoon();
        });
        onWillStart(() => this.start());
        let reloaded = Date.now();
        const timer = browser.setInterval(() => {
            if (!this.model) {
                return;
            }
            this.model.now = Date.now();
            const pause = this.state.isLive ? RELOAD : RELOAD_OFFLINE;
            if (Date.now() - reloaded >= pause) {
                reloaded = Date.now();
                this.changes.all = true;
                this.refreshSoon();
            }
        }, TICK);
        onWillUnmount(() => {
            browser.clearInterval(timer);
            this.bus.unsubscribe("aftersales.board/changed", this.onChanged);
            this.unlisten();
        });
    }

    async start() {
        const { boards, can_create: canCreate } = await this.orm.call(
            "aftersales.board",
            "get_boards",
            []
        );
        Object.assign(this.state, { boards, canCreate });
        const saved = this.load();
        const wanted = [this.props.action.params?.board_id, saved.boardId];
        const board =
            wanted.map((id) => boards.find((other) => other.id === id)).find(Boolean) ||
            boards[0];
        Object.assign(this.state, { view: saved.view || "bay" });
        if (board) {
            await this.openBoard(board.id);
        }
        this.state.isReady = true;
    }

    // What this screen showed last; the rest comes from the server.
    load() {
        try {
            return JSON.parse(browser.localStorage.getItem(STORAGE)) || {};
        } catch {
            return {};
        }
    }

    save() {
        const { boardId, view } = this.state;
        browser.localStorage.setItem(STORAGE, JSON.stringify({ boardId, view }));
    }

    get model() {
        return this.state.model;
    }

    get channel() {
        return `aftersales.board_${this.state.boardId}`;
    }

    unlisten() {
        if (this.state.boardId) {
            this.bus.deleteChannel(this.channel);
        }
    }

    async openBoard(boardId) {
        const { step } = this.state.boards.find(({ id }) => id === boardId);
        const model = new BoardModel(this.orm, boardId, step);
        await model.load(this.model?.isToday ? false : this.model?.date || false);
        this.unlisten();
        Object.assign(this.state, { boardId, model, teamId: false, concern: false });
        this.bus.addChannel(this.channel);
        this.save();
    }

    async createBoard() {
        await this.orm.call("aftersales.board", "action_create_shop_board", []);
        await this.start();
    }

    // Live

    onChanged({ board, orders, bookings, all }) {
        if (board !== this.state.boardId) {
            return;
        }
        orders.forEach((id) => this.changes.orders.add(id));
        bookings.forEach((id) => this.changes.bookings.add(id));
        this.changes.all ||= all;
        this.refreshSoon();
    }

    async refresh() {
        if (!this.model) {
            return;
        }
        const { orders, bookings, all } = this.changes;
        this.changes = { orders: new Set(), bookings: new Set(), all: false };
        try {
            if (all) {
                await this.model.load();
            } else if (orders.size || bookings.size) {
                await this.model.refresh([...orders], [...bookings]);
            }
        } catch (error) {
            if (error instanceof RPCError) {
                throw error;
            }
            // The connection is lost: everything is asked for when it is back.
            this.changes.all = true;
            this.state.isLive = false;
        }
    }

    // Days and filters

    get date() {
        return DateTime.fromISO(this.model.date);
    }

    get dateLabel() {
        return this.date.toLocaleString(DateTime.DATE_MED_WITH_WEEKDAY);
    }

    get isToday() {
        return this.model.date === serializeDate(DateTime.now());
    }

    get views() {
        return [...this.model.getRoles(), { key: "stages", label: _t("Stages") }];
    }

    get view() {
        return this.views.some(({ key }) => key === this.state.view)
            ? this.state.view
            : this.views[0].key;
    }

    get counts() {
        return this.model.countConcerns(this.state.teamId);
    }

    shiftDay(days) {
        return this.openDay(days ? this.date.plus({ days }) : DateTime.now());
    }

    async openDay(date) {
        if (date.isValid) {
            await this.model.load(serializeDate(date));
        }
    }

    onDate(ev) {
        return this.openDay(DateTime.fromISO(ev.target.value));
    }

    onBoard(ev) {
        return this.openBoard(Number(ev.target.value));
    }

    onTeam(ev) {
        this.state.teamId = Number(ev.target.value) || false;
    }

    setView(view) {
        this.state.view = view;
        this.save();
    }

    toggleConcern(key) {
        this.state.concern = this.state.concern === key ? false : key;
    }

    // What can be done with a card

    open(orderId, bookingId = false) {
        this.dialog.add(BoardDialog, {
            model: this.model,
            orderId,
            bookingId,
            onMove: (target) => this.move(target),
            onPlan: (id, slot) => this.plan(id, slot),
            onStep: (id, stage) => this.step(id, stage),
            onOpenOrder: (id) => this.openOrder(id),
        });
    }

    /**
     * Do it, show what came of it, and say why if it was refused. The card moves only
     * when the server did: refused, it stays where it was.
     *
     * @returns {Promise<boolean>} whether it was done
     */
    async attempt(orderId, model, method, args, kwargs = {}) {
        try {
            await this.orm.call(model, method, args, kwargs);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.notification.add(error.data?.message || error.message, {
                type: "danger",
                sticky: false,
            });
            return false;
        }
        this.changes.orders.add(orderId);
        await this.refresh();
        return true;
    }

    move({ bookingId, orderId, resourceId, start }) {
        const time = serializeDateTime(DateTime.fromMillis(start));
        if (bookingId) {
            return this.attempt(orderId, "aftersales.booking", "action_move", [[bookingId]], {
                start: time,
                resource_id: resourceId,
            });
        }
        const { role } = this.model.resources.find(({ id }) => id === resourceId);
        return this.plan(orderId, { start: time, resources: { [role]: [resourceId] } });
    }

    plan(orderId, { start, resources }) {
        return this.attempt(orderId, "aftersales.order", "action_book", [[orderId]], {
            start,
            resources,
        });
    }

    step(orderId, stage) {
        if (!STEPS.has(stage)) {
            this.notification.add(
                _t("Open the work order for this: it asks what the board can't show."),
                { type: "warning" }
            );
            return Promise.resolve(false);
        }
        return this.attempt(orderId, "aftersales.order", "action_board_step", [[orderId]], {
            stage,
        });
    }

    openOrder(orderId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "aftersales.order",
            res_id: orderId,
            views: [[false, "form"]],
        });
    }

    toggleFullscreen() {
        if (document.fullscreenElement) {
            return document.exitFullscreen();
        }
        return document.documentElement.requestFullscreen();
    }
}

registry.category("actions").add("aftersales_planning.board", BoardAction);
