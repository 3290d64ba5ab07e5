const NAME = "aftersales_field";
const VERSION = 1;
/** What is kept, and by which key. */
const STORES = {
    meta: "key",
    visits: "id",
    outbox: "id",
    photos: "id",
    problems: "id",
    notes: "id",
};

/** The phone has no room, or its browser keeps nothing. */
export class StorageError extends Error {}

/**
 * What the app keeps on the phone. Odoo's own IndexedDB helper is a cache: it throws all
 * away with each version and writes later; entries of an engineer are neither.
 */
export class Database {
    constructor() {
        this._opening = null;
    }

    /** @returns {Promise<IDBDatabase>} the one connection of this window */
    _connect() {
        this._opening ||= new Promise((resolve, reject) => {
            const request = indexedDB.open(NAME, VERSION);
            request.onupgradeneeded = () => {
                const { result } = request;
                for (const [name, keyPath] of Object.entries(STORES)) {
                    if (!result.objectStoreNames.contains(name)) {
                        result.createObjectStore(name, { keyPath });
                    }
                }
            };
            request.onsuccess = () => {
                const { result } = request;
                // Another window logs out: do not stand in the way.
                result.onversionchange = () => this.close();
                result.onclose = () => (this._opening = null);
                resolve(result);
            };
            request.onerror = () => {
                this._opening = null;
                reject(new StorageError(request.error?.message));
            };
        });
        return this._opening;
    }

    async close() {
        const opening = this._opening;
        this._opening = null;
        (await opening?.catch(() => null))?.close();
    }

    /** @returns {Promise<Object[]>} all records of a store */
    async read(store) {
        const connection = await this._connect();
        return new Promise((resolve, reject) => {
            const request = connection.transaction(store).objectStore(store).getAll();
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
    }

    /** @returns {Promise<Object | undefined>} one record */
    async get(store, key) {
        const connection = await this._connect();
        return new Promise((resolve, reject) => {
            const request = connection.transaction(store).objectStore(store).get(key);
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
    }

    /**
     * Make changes, all or none; when this returns they are on the disk.
     *
     * @param {{store: string, put?: Object[], remove?: any[]}[]} changes
     * @throws {StorageError} nothing was changed then
     */
    async write(changes) {
        try {
            const connection = await this._connect();
            await new Promise((resolve, reject) => {
                const transaction = connection.transaction(
                    [...new Set(changes.map((change) => change.store))],
                    "readwrite",
                    { durability: "strict" }
                );
                transaction.oncomplete = () => resolve();
                transaction.onabort = () => reject(transaction.error);
                for (const { store, put = [], remove = [] } of changes) {
                    const target = transaction.objectStore(store);
                    remove.forEach((key) => target.delete(key));
                    put.forEach((record) => target.put(record));
                }
            });
        } catch (error) {
            throw new StorageError(error?.message);
        }
    }

    /** Leave nothing behind. */
    async wipe() {
        await this.close();
        await new Promise((resolve, reject) => {
            const request = indexedDB.deleteDatabase(NAME);
            request.onsuccess = () => resolve();
            request.onerror = () => reject(request.error);
        });
    }
}
