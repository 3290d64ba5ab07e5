import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { serializeDate, serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { DispatchDialog } from "./dispatch_dialog";
import { DispatchMap } from "./dispatch_map";
import { CONCERNS, DispatchModel, formatMinutes } from "./dispatch_model";
import { DispatchProposals } from "./dispatch_proposals";
import { DispatchReason } from "./dispatch_reason";
import { DispatchTimeline } from "./dispatch_timeline";

const { DateTime } = luxon;
const STORAGE = "aftersales_field.dispatch";
const TICK = 30 * 1000;
const RELOAD = 2 * 60 * 1000; // for what no message tells: time off, other bookings
const RELOAD_OFFLINE = 30 * 1000;
const PAUSE = 3 * 1000; // between two looks at what others do
const READ = 10 * 1000; // to read why something is refused
const UNDO = 20; // moves that can be taken back

/** The dispatcher's day: who is where, what is late, where the next call fits. */
export class DispatchBoard extends Component {
    static template = "aftersales_field.DispatchBoard";
    static components = { DispatchTimeline, DispatchMap };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.bus = useService("bus_service");
        this.root = useRef("root");
        this.concerns = CONCERNS;
        this.forget = () => {}; // closes what was said last
        const { params = {} } = this.props.action;
        this.saved = { ...this.load(), ...params, ...this.props.state?.dispatch };
        this.model = useState(new DispatchModel(this.orm));
        this.state = useState({
            isReady: false,
            isLive: true,
            isProposing: false,
            search: "",
            concern: false,
            chosenId: false,
            hasMap: Boolean(this.saved.hasMap),
            undo: [],
        });
        useSetupAction({
            getLocalState: () => ({
                dispatch: {
                    date: this.model.isToday ? false : this.model.date,
                    territoryId: this.model.territoryId,
                    teamId: this.model.teamId,
                    hasMap: this.state.hasMap,
                },
            }),
        });
        this.proposals = new DispatchProposals(this);
        this.listen();
        onWillStart(() => this.start());
    }

    async start() {
        const { date, territoryId, teamId } = this.saved;
        this.isManager = await user.hasGroup("aftersales.aftersales_group_manager");
        try {
            await this.model.load({
                date: date || false,
                territoryId: territoryId || false,
                teamId: teamId || false,
            });
        } catch (error) {
            if (!(error instanceof RPCError) || !(territoryId || teamId)) {
                throw error;
            }
            // What was looked at last is no more.
            await this.model.load({ territoryId: false, teamId: false });
        }
        this.channel = `aftersales.dispatch_${this.model.day.company.id}`;
        this.bus.addChannel(this.channel);
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
        const { territoryId, teamId } = this.model;
        const { hasMap } = this.state;
        browser.localStorage.setItem(STORAGE, JSON.stringify({ territoryId, teamId, hasMap }));
    }

    // Live

    listen() {
        this.isHeld = false; // while a hand is on the board nothing moves under it
        this.isStale = false;
        this.loadedAt = Date.now();
        const onChanged = (change) => this.onChanged(change);
        this.bus.subscribe("aftersales.dispatch/changed", onChanged);
        useBus(this.bus, "BUS:DISCONNECT", () => (this.state.isLive = false));
        const reconnect = () => {
            // What happened meanwhile nobody told us.
            this.state.isLive = true;
            this.refreshSoon();
        };
        useBus(this.bus, "BUS:CONNECT", () => (this.state.isLive = true));
        useBus(this.bus, "BUS:RECONNECT", reconnect);
        const timer = browser.setInterval(() => this.onTick(), TICK);
        const hold = () => (this.isHeld = true);
        const release = () => {
            this.isHeld = false;
            if (this.isStale) {
                this.refreshSoon();
            }
        };
        onMounted(() => {
            this.root.el.addEventListener("pointerdown", hold, true);
            window.addEventListener("pointerup", release, true);
            window.addEventListener("pointercancel", release, true);
        });
        onWillUnmount(() => {
            window.removeEventListener("pointerup", release, true);
            window.removeEventListener("pointercancel", release, true);
            browser.clearInterval(timer);
            browser.clearTimeout(this.timer);
            this.bus.unsubscribe("aftersales.dispatch/changed", onChanged);
            if (this.channel) {
                this.bus.deleteChannel(this.channel);
            }
        });
    }

    /** Look again if it is about what is shown here. */
    onChanged({ visits, territories, all }) {
        const { territoryId, cards } = this.model;
        if (
            all ||
            !territoryId ||
            territories.includes(territoryId) ||
            visits.some((id) => cards.has(id))
        ) {
            this.refreshSoon();
        }
    }

    onTick() {
        if (!this.state.isReady || this.isHeld) {
            return;
        }
        this.model.tick();
        const pause = this.state.isLive ? RELOAD : RELOAD_OFFLINE;
        if (Date.now() - this.loadedAt >= pause) {
            this.refreshSoon();
        }
    }

    /** Look again in a moment: once for many changes, and not while a card is held. */
    refreshSoon() {
        this.isStale = true;
        if (this.timer) {
            return;
        }
        const wait = Math.max(300, this.loadedAt + PAUSE - Date.now());
        this.timer = browser.setTimeout(() => {
            this.timer = null;
            if (this.isStale && !this.isHeld) {
                this.refresh();
            }
        }, wait);
    }

    async refresh(wish) {
        this.isStale = false;
        this.loadedAt = Date.now();
        try {
            await this.model.load(wish);
            this.state.isLive = true;
        } catch (error) {
            if (error instanceof RPCError) {
                throw error;
            }
            // The connection is lost: it is asked for again.
            this.isStale = true;
            this.state.isLive = false;
        }
    }

    // Days and filters

    get date() {
        return DateTime.fromISO(this.model.date);
    }

    get dateLabel() {
        return this.date.toLocaleString({
            weekday: "short",
            day: "numeric",
            month: "short",
        });
    }

    get search() {
        return this.state.search.trim().toLowerCase();
    }

    clearSearch() {
        this.state.search = "";
    }

    get counts() {
        return this.model.countConcerns();
    }

    get summary() {
        const { visits } = this.model.day;
        const travel = this.model.rows.reduce((sum, row) => sum + row.travel_minutes, 0);
        const done = visits.filter(({ state }) => state === "done").length;
        return _t("%(visits)s visits, %(done)s done · %(travel)s of travel", {
            visits: visits.length,
            done,
            travel: formatMinutes(travel),
        });
    }

    shiftDay(days) {
        return this.openDay(days ? this.date.plus({ days }) : false);
    }

    openDay(date) {
        if (date && !date.isValid) {
            return;
        }
        return this.refresh({ date: date && serializeDate(date) });
    }

    onDate(ev) {
        return this.openDay(DateTime.fromISO(ev.target.value));
    }

    async choose(key, ev) {
        await this.refresh({ [key]: Number(ev.target.value) || false });
        this.state.chosenId = false;
        this.save();
    }

    chooseEngineer(id) {
        this.state.chosenId = this.state.chosenId === id ? false : id;
    }

    toggleConcern(key) {
        this.state.concern = this.state.concern === key ? false : key;
    }

    toggleMap() {
        this.state.hasMap = !this.state.hasMap;
        this.save();
    }

    // What can be done with a visit

    open(visitId) {
        this.dialog.add(DispatchDialog, { board: this, model: this.model, visitId });
    }

    /**
     * Do it, show what came of it, and say why if it was refused. The card moves only
     * when the server did: refused, it stays where it was.
     *
     * @returns {Promise<boolean>} whether it was done
     */
    async attempt(model, method, args, kwargs = {}, onRefused = null) {
        this.forget();
        try {
            await this.orm.call(model, method, args, kwargs);
        } catch (error) {
            this.explain(error, onRefused ? [onRefused] : []);
            // It may have been refused for what somebody else did.
            await this.refresh();
            return false;
        }
        await this.refresh();
        return true;
    }

    /** Say in the words of the server why it refused; other faults go on. */
    explain(error, buttons = []) {
        if (!(error instanceof RPCError)) {
            throw error;
        }
        this.forget();
        this.forget = this.notification.add(error.data?.message || error.message, {
            type: "danger",
            autocloseDelay: READ,
            buttons,
        });
    }

    /**
     * Give a visit an engineer and a time (ms), or take both off it without `employeeId`.
     * What was seen is sent along: nobody undoes unseen what a colleague just did.
     */
    async move({ visitId, employeeId = false, start = null, helperIds = null, reason = null }) {
        const card = this.model.cards.get(visitId);
        const before = { employeeId: card.employee_id, start: card.startAt };
        if (employeeId === before.employeeId && start === before.start) {
            return true;
        }
        const onRefused = this.isManager &&
            employeeId &&
            !reason && {
                name: _t("Plan It Anyway"),
                primary: true,
                onClick: () => this.moveAnyway({ visitId, employeeId, start, helperIds }),
            };
        const isDone = await this.callMove(
            card,
            { employeeId, start, helperIds, reason },
            before,
            onRefused
        );
        if (isDone) {
            const undo = { card, to: before, helperIds: card.helper_ids, from: { employeeId, start } };
            this.state.undo = [...this.state.undo, undo].slice(-UNDO);
        }
        return isDone;
    }

    callMove(card, { employeeId, start, helperIds, reason }, known, onRefused) {
        const tell = (millis) => (millis ? serializeDateTime(DateTime.fromMillis(millis)) : false);
        return this.attempt(
            "aftersales.dispatch",
            "move_visit",
            [card.id, employeeId || false, tell(start)],
            {
                reason,
                helpers: helperIds,
                known: { employee_id: known.employeeId || false, start: tell(known.start) },
            },
            onRefused || null
        );
    }

    moveAnyway(target) {
        this.forget();
        const card = this.model.cards.get(target.visitId);
        if (card) {
            this.dialog.add(DispatchReason, {
                title: _t("Plan %(visit)s anyway", { visit: card.name }),
                onConfirm: (reason) => this.move({ ...target, reason }),
            });
        }
    }

    get lastMove() {
        return this.state.undo.at(-1);
    }

    get undoTitle() {
        const { card, to } = this.lastMove;
        const engineer = this.model.rows.find(({ id }) => id === to.employeeId);
        return to.employeeId
            ? _t("%(visit)s: back to %(engineer)s, %(time)s", {
                  visit: card.name,
                  engineer: engineer?.name || "",
                  time: this.model.formatMoment(to.start),
              })
            : _t("%(visit)s: back to what is to be planned", { visit: card.name });
    }

    /** Take the last move back, once; if a colleague moved the visit, it is refused. */
    async undo() {
        const { card, to, from, helperIds } = this.lastMove;
        this.state.undo = this.state.undo.slice(0, -1);
        await this.callMove(card, { ...to, helperIds, reason: null }, from);
    }

    lock(card) {
        return this.attempt("aftersales.visit", "write", [
            [card.id],
            { is_locked: !card.is_locked },
        ]);
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("aftersales_field.dispatch", DispatchBoard);
