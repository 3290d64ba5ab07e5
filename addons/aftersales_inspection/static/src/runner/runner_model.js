import { markRaw, reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConnectionAbortedError, ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { OperationQueue } from "./operation_queue";
import { RunnerAnswers } from "./runner_answers";

const MODEL = "aftersales.inspection";
const BATCH = 50;
// A request that got no answer in this time is sent again, under the same name.
const TIMEOUT = { save_answers: 20000, add_photo: 90000 };
const RETRY_FIRST = 2000;
const RETRY_LAST = 30000;

const uuid = () =>
    crypto.randomUUID?.() ||
    // Without https there is no randomUUID, and a workshop's server may have none.
    [...crypto.getRandomValues(new Uint8Array(16))]
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("");

/**
 * One inspection on the screen: what the server knows, what was entered since, and the
 * way from here to there. Everything entered is shown at once, kept by the browser and
 * sent in order; sent twice it counts once, since each entry has a name.
 */
export class RunnerModel extends RunnerAnswers {
    constructor(orm, inspectionId) {
        super();
        this.orm = markRaw(orm.silent);
        this.inspectionId = inspectionId;
        this.queue = markRaw(new OperationQueue(inspectionId));
        this.data = null;
        this.pending = [];
        this.refused = [];
        this.isOffline = false;
        this.isLoggedOut = false;
        this.isSending = false;
        this.isSafe = true;
        this._retryIn = RETRY_FIRST;
        this._clock = 0;
        // Through the screen's own eyes, so that it follows what happens in here.
        const self = reactive(this);
        self._onOnline = () => self.flush();
        self._onOffline = () => (self.isOffline = true);
        return self;
    }

    async load() {
        await this.queue.open();
        this.isSafe = this.queue.isPersistent;
        const entries = await this.queue.read();
        this.pending = entries.filter((entry) => !entry.error);
        this.refused = entries.filter((entry) => entry.error);
        this.data = await this.orm.call(MODEL, "get_runner_data", [[this.inspectionId]]);
        this.items = Object.fromEntries(
            this.data.sections.flatMap((section) => section.items).map((item) => [item.id, item])
        );
        browser.addEventListener("online", this._onOnline);
        browser.addEventListener("offline", this._onOffline);
        this.flush();
    }

    destroy() {
        browser.removeEventListener("online", this._onOnline);
        browser.removeEventListener("offline", this._onOffline);
        browser.clearTimeout(this._timer);
        this.isDestroyed = true;
        this.queue.close();
    }

    // What is entered

    answer(item, values) {
        const last = this.pending.findLast((entry) => entry.itemId === item.id);
        this._dropRefused(item);
        if (last?.method === "save_answers" && !last.isSent) {
            // Not on its way yet: the same request says the newer thing.
            Object.assign(last.values, values);
            return this._keep(last);
        }
        return this._add("save_answers", values, item.id);
    }

    addPhoto(item, photo) {
        this._dropRefused(item);
        return this._add("add_photo", photo, item.id);
    }

    async removePhoto(item, photo) {
        const entry = this.pending.find((entry) => entry.operation === photo.operation);
        if (entry && !entry.isSent) {
            this.pending.splice(this.pending.indexOf(entry), 1);
            await this.queue.remove(entry.operation);
        } else if (photo.id) {
            await this._add("remove_photo", { photo_id: photo.id }, item.id);
        }
    }

    saveBelonging(values) {
        return this._add("save_belongings", values);
    }

    saveMeter(value) {
        return this._add("save_meter", { value });
    }

    async _add(method, values, itemId = 0) {
        const entry = {
            operation: uuid(),
            inspectionId: this.inspectionId,
            at: Date.now() + this._clock++ / 1000,
            method,
            itemId,
            values,
        };
        this.pending.push(entry);
        await this._keep(this.pending.at(-1));
    }

    async _keep(entry) {
        this.isSafe = await this.queue.put(entry);
        this.flush();
    }

    _dropRefused(item) {
        for (const entry of this.refused.filter((entry) => entry.itemId === item.id)) {
            this.dismiss(entry);
        }
    }

    dismiss(entry) {
        this.refused = this.refused.filter((each) => each.operation !== entry.operation);
        return this.queue.remove(entry.operation);
    }

    // How it gets to the server

    async flush() {
        browser.clearTimeout(this._timer);
        if (this.isSending || this.isDestroyed) {
            return;
        }
        this.isSending = true;
        let isSingle = false;
        try {
            while (this.pending.length && !this.isDestroyed) {
                const batch = this._takeBatch(isSingle);
                try {
                    const state = await this._send(batch);
                    this.isOffline = this.isLoggedOut = false;
                    this._retryIn = RETRY_FIRST;
                    await this._settle(batch, state);
                } catch (error) {
                    if (this._isRefusal(error)) {
                        this.isOffline = false;
                        if (batch.length > 1) {
                            // One of them is wrong: the others shall not wait for it.
                            isSingle = true;
                        } else {
                            await this._refuse(batch[0], error);
                        }
                        continue;
                    }
                    this._wait(error);
                    break;
                }
            }
        } finally {
            this.isSending = false;
        }
    }

    _takeBatch(isSingle) {
        const [first] = this.pending;
        if (first.method !== "save_answers" || isSingle) {
            return [first];
        }
        const end = this.pending.findIndex((entry) => entry.method !== "save_answers");
        return this.pending.slice(0, Math.min(end < 0 ? this.pending.length : end, BATCH));
    }

    async _send(batch) {
        const [{ method, values, itemId, operation }] = batch;
        for (const entry of batch) {
            entry.isSent = true;
        }
        const plain = JSON.parse(JSON.stringify(batch));
        const ids = [this.inspectionId];
        const requests = {
            save_answers: () => [
                ids,
                plain.map((entry) => ({
                    ...entry.values,
                    item_id: entry.itemId,
                    operation: entry.operation,
                })),
            ],
            save_belongings: () => [ids, [{ ...plain[0].values, operation }]],
            save_meter: () => [ids, values.value, operation],
            add_photo: () => [ids, itemId, values.name, values.data, operation],
            remove_photo: () => [ids, values.photo_id, operation],
        };
        const request = this.orm.call(MODEL, method, requests[method]());
        const timer = browser.setTimeout(
            () => request.abort?.(),
            TIMEOUT[method] || TIMEOUT.save_answers
        );
        try {
            return await request;
        } finally {
            browser.clearTimeout(timer);
        }
    }

    async _settle(batch, state) {
        const done = new Set(batch.map((entry) => entry.operation));
        this.data.state = state;
        this.pending = this.pending.filter((entry) => !done.has(entry.operation));
        for (const operation of done) {
            await this.queue.remove(operation);
        }
    }

    _isRefusal(error) {
        return error instanceof RPCError && (error.exceptionName || "").startsWith("odoo.exceptions.");
    }

    async _refuse(entry, error) {
        this.pending = this.pending.filter((each) => each.operation !== entry.operation);
        const refused = { ...entry, error: error.data.message };
        this.refused.push(refused);
        await this.queue.put(refused);
        // Somebody else may have finished it, which is worth seeing at once.
        await this.refresh().catch(() => {});
    }

    _wait(error) {
        if (error instanceof RPCError && error.exceptionName?.includes("SessionExpired")) {
            this.isLoggedOut = true;
        } else if (
            !(error instanceof ConnectionLostError || error instanceof ConnectionAbortedError) &&
            !(error instanceof RPCError)
        ) {
            throw error;
        }
        this.isOffline = true;
        this._timer = browser.setTimeout(() => this.flush(), this._retryIn);
        this._retryIn = Math.min(this._retryIn * 2, RETRY_LAST);
    }

    async refresh() {
        const data = await this.orm.call(MODEL, "get_runner_data", [[this.inspectionId]]);
        this.data.state = data.state;
    }

    /** Close the inspection. Whoever calls waits until everything has been sent. */
    async finish(signer, signature) {
        this._finishOperation ||= uuid();
        await this.orm.call(MODEL, "action_finish", [[this.inspectionId]], {
            signer: signer || null,
            signature: signature || null,
            operation: this._finishOperation,
        });
        await this.refresh();
    }
}
