import { session } from "@web/session";
import { user } from "@web/core/user";

const STORE = "operations";

/**
 * What was entered on this device and has not reached the server yet, kept by the
 * browser: it outlives a lost connection, a closed tab and an empty battery. Where the
 * browser keeps nothing (private windows), it lives as long as the tab.
 */
export class OperationQueue {
    /** @param {number} inspectionId */
    constructor(inspectionId) {
        this.inspectionId = inspectionId;
        this.name = `aftersales_inspection_${session.db}_${user.userId}`;
        this.database = null;
        this.isPersistent = true;
    }

    async open() {
        try {
            this.database = await new Promise((resolve, reject) => {
                const request = indexedDB.open(this.name, 1);
                request.onupgradeneeded = () => {
                    const store = request.result.createObjectStore(STORE, {
                        keyPath: "operation",
                    });
                    store.createIndex("inspectionId", "inspectionId");
                };
                request.onsuccess = () => resolve(request.result);
                request.onerror = () => reject(request.error);
                request.onblocked = () => reject(new Error("blocked"));
            });
        } catch {
            this.isPersistent = false;
        }
    }

    close() {
        this.database?.close();
        this.database = null;
    }

    _run(mode, callback) {
        return new Promise((resolve, reject) => {
            const transaction = this.database.transaction(STORE, mode);
            const request = callback(transaction.objectStore(STORE));
            transaction.oncomplete = () => resolve(request.result);
            transaction.onerror = () => reject(transaction.error);
            transaction.onabort = () => reject(transaction.error);
        });
    }

    /** @returns {Promise<Object[]>} the entries of this inspection, oldest first */
    async read() {
        if (!this.database) {
            return [];
        }
        const entries = await this._run("readonly", (store) =>
            store.index("inspectionId").getAll(this.inspectionId)
        );
        return entries.sort((a, b) => a.at - b.at);
    }

    /** Keep an entry, or its new content. @returns {Promise<boolean>} whether it is safe */
    async put(entry) {
        if (!this.database) {
            return false;
        }
        try {
            // A plain copy: what the screen watches can't be stored.
            await this._run("readwrite", (store) => store.put(JSON.parse(JSON.stringify(entry))));
            return true;
        } catch {
            this.isPersistent = false;
            return false;
        }
    }

    async remove(operation) {
        if (this.database) {
            await this._run("readwrite", (store) => store.delete(operation)).catch(() => {});
        }
    }
}
