import { markRaw, reactive } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { plain } from "./identity";
import { uploadPhoto } from "./photo_upload";
import { getKnown, nameWork } from "./shop";
import { OfflineError, ServerError, SessionError, call } from "./server";

const BATCH = 50;
const RETRY_FIRST = 2000;
const RETRY_LAST = 60000;
// While the app is open it asks this often what is new.
const PULL_EVERY = 60000;
const LOGOUT_KEY = "aftersales_field.logout";
// These close something: the server must have the photos by then.
const CLOSING = ["inspect_finish", "finish"];

/**
 * The way between phone and server: sends what waits, in order, and fetches what is new.
 * Whatever breaks off is sent again under the same names, and counts once.
 */
export class Sync {
    /** @param {import("./field_model").FieldModel} model */
    constructor(model) {
        this.model = model;
        this.isOnline = navigator.onLine;
        this.isRunning = false;
        this.isLoggedOut = false;
        this.otherUser = null;
        this.error = "";
        this._retryIn = RETRY_FIRST;
        this._isAsked = false;
        this._timer = markRaw({ id: 0 });
        this.onPulled = null;
        return reactive(this);
    }

    start() {
        window.addEventListener("online", () => this.now());
        window.addEventListener("offline", () => (this.isOnline = false));
        document.addEventListener("visibilitychange", () => {
            if (!document.hidden) {
                this.now();
            }
        });
        this.now();
    }

    /** Send as soon as fingers rest. */
    soon() {
        this._plan(300);
    }

    now() {
        this._retryIn = RETRY_FIRST;
        return this.run();
    }

    _plan(delay) {
        clearTimeout(this._timer.id);
        this._timer.id = setTimeout(() => this.run(), delay);
    }

    /** Send and fetch. One window of the phone does so at a time. */
    async run() {
        if (this.isRunning) {
            this._isAsked = true;
            return;
        }
        this.isRunning = true;
        this._isAsked = false;
        clearTimeout(this._timer.id);
        let delay = PULL_EVERY;
        try {
            const work = () => this._exchange();
            await (navigator.locks ? navigator.locks.request("aftersales_field", work) : work());
            this.isOnline = true;
            this.error = "";
            this._retryIn = RETRY_FIRST;
        } catch (error) {
            delay = this._understand(error);
        } finally {
            this.isRunning = false;
        }
        this._plan(this._isAsked && !this.error && this.isOnline ? 300 : delay);
    }

    /** @returns {number} when to try again, in milliseconds */
    _understand(error) {
        if (error instanceof SessionError) {
            this.isOnline = true;
            this.isLoggedOut = true;
            return PULL_EVERY;
        }
        this.isOnline = !(error instanceof OfflineError);
        this.error = this.isOnline ? error.message : "";
        const delay = this._retryIn;
        this._retryIn = Math.min(this._retryIn * 2, RETRY_LAST);
        return delay;
    }

    async _exchange() {
        if (localStorage.getItem(LOGOUT_KEY)) {
            // Logged out without a network: the server hears of it now, before all else.
            await this.endSession();
        }
        let isFresh = false;
        for (;;) {
            const batch = this._takeBatch();
            if (batch.length) {
                isFresh = await this._send(batch);
            } else {
                const photo = this._takePhoto();
                if (!photo) {
                    break;
                }
                isFresh = false;
                await uploadPhoto(this.model, photo);
            }
            if (this.otherUser) {
                return;
            }
        }
        if (!isFresh) {
            await this._pull();
        }
    }

    /** @returns {Object[]} entries that may go now, oldest first */
    _takeBatch() {
        const held = new Set();
        const batch = [];
        for (const entry of this.model.outbox) {
            const photos = this.model.getPhotos(entry.visit_id);
            if (CLOSING.includes(entry.kind) && photos.some((photo) => photo.seq < entry.seq)) {
                held.add(entry.visit_id);
            }
            if (!held.has(entry.visit_id)) {
                batch.push(entry);
            }
            if (batch.length === BATCH) {
                break;
            }
        }
        return batch;
    }

    _takePhoto() {
        return this.model.photos[0];
    }

    _getHead() {
        const { device, user, visits, reference_version } = this.model;
        return {
            device,
            now: new Date().toISOString(),
            user_id: user?.id || null,
            ...getKnown(Object.values(visits)),
            known_reference: reference_version,
            problems: this.model.openProblems.map((problem) => problem.id),
        };
    }

    async _send(batch) {
        for (const entry of batch) {
            entry.isSending = true;
        }
        try {
            await this.model.markSent(batch);
            const operations = batch.map(({ id, kind, visit_id, moment, base, values, place }) =>
                plain({ id, kind, ...nameWork(visit_id), moment, base, values, place })
            );
            const answer = await call("/aftersales/field/sync", {
                ...this._getHead(),
                operations,
            });
            if (this._isOther(answer)) {
                return false;
            }
            await this.model.settle(answer, batch);
            if (!batch.some((entry) => (answer.results || []).some((r) => r.id === entry.id))) {
                // An answer to nothing that was asked: do not ask again at once.
                throw new ServerError(_t("The server did not answer what was sent."));
            }
            return true;
        } finally {
            for (const entry of batch) {
                entry.isSending = false;
            }
        }
    }

    async _pull() {
        const answer = await call("/aftersales/field/pull", this._getHead());
        if (!this._isOther(answer)) {
            await this.model.settle(answer);
            this.onPulled?.();
        }
    }

    /** Whether somebody else is logged in than the one whose visits are on the phone. */
    _isOther(answer) {
        this.isLoggedOut = false;
        this.otherUser = answer.wrong_user || null;
        return Boolean(this.otherUser);
    }

    // The end of a session

    /** Wipe the phone; the server is told now, or when there is a network again. */
    async logOut() {
        clearTimeout(this._timer.id);
        localStorage.setItem(LOGOUT_KEY, "1");
        await this.model.wipe();
        this.isLoggedOut = true;
        this.otherUser = null;
        this.run();
    }

    async endSession() {
        try {
            await call("/web/session/destroy", {});
        } catch (error) {
            if (!(error instanceof SessionError)) {
                throw error;
            }
        }
        localStorage.removeItem(LOGOUT_KEY);
        throw new SessionError("logged out");
    }
}
