import { markRaw, reactive } from "@odoo/owl";
import { Database } from "./database";
import { applyEntries, applyToVan } from "./effects";
import { getDigest, makeId, plain } from "./identity";
import { getShopJobs, settleOrders } from "./shop";

const META = ["user", "reference", "reference_version", "device", "seen"];

/**
 * What the phone knows: the visits as the server told them, with the work orders of the
 * workshop beside them (see `shop.js`), and above them what was entered since (`outbox`, `photos`). Entries are on the disk before they count as kept,
 * have a name each, and stay until the server has answered for each of them.
 */
export class FieldModel {
    constructor() {
        this.database = markRaw(new Database());
        this._reset();
        this.sync = null;
        // Through the screens' own eyes, so that they follow what happens in here.
        return reactive(this);
    }

    _reset() {
        this.isLoaded = false;
        this.user = null;
        this.device = null;
        this.reference = null;
        this.reference_version = null;
        this.seen = null;
        this.visits = {};
        this.outbox = [];
        this.photos = [];
        this.problems = [];
        this.notes = [];
        this.storageProblem = "";
        this._seq = 0;
    }

    /** Read what the phone has kept. */
    async load() {
        try {
            const [meta, visits, outbox, photos, problems, notes] = await Promise.all(
                ["meta", "visits", "outbox", "photos", "problems", "notes"].map((store) =>
                    this.database.read(store)
                )
            );
            for (const { key, value } of meta) {
                if (META.includes(key)) {
                    this[key] = key === "reference" ? markRaw(value) : value;
                }
            }
            this.visits = Object.fromEntries(visits.map((visit) => [visit.id, markRaw(visit)]));
            const bySeq = (a, b) => a.seq - b.seq;
            this.outbox = outbox.sort(bySeq).map((entry) => ({ ...entry, isKept: true }));
            this.photos = photos
                .sort(bySeq)
                .map((photo) => ({ ...photo, blob: markRaw(photo.blob), isKept: true }));
            this.problems = problems.sort(bySeq).map((problem) => this._watch(problem));
            this.notes = notes;
            this._seq = Math.max(0, ...[...outbox, ...photos].map((entry) => entry.seq));
        } catch {
            this.storageProblem = "none";
        }
        if (!this.device) {
            this.device = makeId();
            await this._write([{ store: "meta", put: [{ key: "device", value: this.device }] }]);
        }
        this.isLoaded = true;
    }

    /** @returns {Promise<boolean>} whether it is on the disk; otherwise the screen says so */
    async _write(changes) {
        try {
            await this.database.write(changes);
            if (this.storageProblem === "full" && !this.unkept.length) {
                this.storageProblem = "";
            }
            return true;
        } catch {
            this.storageProblem ||= "full";
            return false;
        }
    }

    // What is shown

    /** @returns {Object[]} entries and photos that the phone could not put on its disk */
    get unkept() {
        return [...this.outbox, ...this.photos].filter((entry) => !entry.isKept);
    }

    /** @returns {Object[]} what was not taken over, and somebody still has to deal with */
    get openProblems() {
        return this.problems.filter((problem) => !problem.settled);
    }

    get waitingCount() {
        return this.outbox.length + this.photos.length;
    }

    getVisit(id) {
        const visit = this.visits[id];
        // Who begins a job leaves the one before, on whichever order it is.
        const entries = this.outbox.filter(
            (entry) => entry.visit_id === id || entry.kind === "clock_on"
        );
        return visit && entries.length ? applyEntries(visit, entries) : visit;
    }

    getEntries(visitId) {
        return this.outbox.filter((entry) => entry.visit_id === visitId);
    }

    getPhotos(visitId) {
        return this.photos.filter((photo) => photo.visit_id === visitId);
    }

    /** @returns {Object[]} the visits as they are now, by time */
    getVisits() {
        return Object.values(this.visits)
            .filter((visit) => !visit.order_id)
            .map((visit) => this.getVisit(visit.id))
            .sort((a, b) => String(a.start).localeCompare(String(b.start)) || a.id - b.id);
    }

    /** @returns {{work: Object, job: Object}[]} the jobs of the workshop, what runs first */
    getShopJobs() {
        return getShopJobs(Object.keys(this.visits).map((id) => this.getVisit(id)));
    }

    getProducts() {
        const products = this.reference?.products || [];
        return applyToVan(products, this.outbox, Object.values(this.visits));
    }

    // What is entered

    /**
     * Keep what was done. It is shown at once and sent when there is a network.
     *
     * @param {string} kind see the protocol of the server
     * @param {number | null} visitId
     * @param {Object} [values]
     * @param {{base?: Object, place?: Object, id?: string}} [more] what the engineer saw,
     *  where, and a name made before
     * @returns {Promise<string>} the name of the entry
     */
    async record(kind, visitId, values = {}, { base = {}, place = null, id = makeId() } = {}) {
        const entry = {
            id,
            seq: ++this._seq,
            kind,
            visit_id: visitId,
            visit_name: this.visits[visitId]?.name || "",
            moment: new Date().toISOString(),
            base: plain(base),
            values: plain(values),
            place,
            isKept: false,
        };
        this.outbox.push(entry);
        await this._keep("outbox", this.outbox.at(-1));
        this.sync?.soon();
        return entry.id;
    }

    /**
     * Whether an entry can still be changed: no request ever carried it. One whose answer
     * was lost may have been carried out; what comes after it is an entry of its own.
     */
    canChange(entry) {
        return !entry.isSending && !entry.wasSent;
    }

    /** Write down that these leave the phone, before they do. */
    async markSent(entries) {
        const fresh = entries.filter((entry) => !entry.wasSent);
        for (const entry of fresh) {
            entry.wasSent = true;
        }
        const kept = fresh.filter((entry) => entry.isKept).map((entry) => this._getRecord(entry));
        if (kept.length) {
            await this._write([{ store: "outbox", put: kept }]);
        }
    }

    /** Change an entry that can be changed, see `canChange`. */
    async amend(entry, values) {
        entry.values = plain(values);
        await this._keep("outbox", entry);
    }

    /** Take back an entry that can be changed, see `canChange`. */
    async drop(entry) {
        this.outbox = this.outbox.filter((each) => each.id !== entry.id);
        await this._write([{ store: "outbox", remove: [entry.id] }]);
    }

    /** @returns {Object} as it is stored: plain, what the screens watch can't be */
    _getRecord({ isKept, isSending, blob, ...record }) {
        // Blobs can't be copied so.
        return blob ? { ...plain(record), blob } : plain(record);
    }

    async _keep(store, entry) {
        entry.isKept = await this._write([{ store, put: [this._getRecord(entry)] }]);
    }

    /** Try again to put on the disk what had no room there. */
    async keepAll() {
        for (const entry of this.outbox.filter((each) => !each.isKept)) {
            await this._keep("outbox", entry);
        }
        for (const photo of this.photos.filter((each) => !each.isKept)) {
            await this._keep("photos", photo);
        }
        if (!this.unkept.length && this.storageProblem === "full") {
            this.storageProblem = "";
        }
    }

    /**
     * @param {number} visitId
     * @param {{name: string, blob: Blob}} photo
     * @param {Object} about `inspection_item: {inspection_id, item_id}` or `kind`
     */
    async addPhoto(visitId, { name, blob }, about) {
        const photo = {
            id: makeId(),
            seq: ++this._seq,
            visit_id: visitId,
            visit_name: this.visits[visitId]?.name || "",
            name,
            mimetype: blob.type,
            size: blob.size,
            sha256: await getDigest(blob),
            blob: markRaw(blob),
            moment: new Date().toISOString(),
            offset: 0,
            ...about,
            isKept: false,
        };
        this.photos.push(photo);
        await this._keep("photos", this.photos.at(-1));
        this.sync?.soon();
        return photo.id;
    }

    /** Take back a photo that was not sent yet. */
    async dropPhoto(id) {
        this.photos = this.photos.filter((photo) => photo.id !== id);
        await this._write([{ store: "photos", remove: [id] }]);
    }

    async markPhoto(photo, offset) {
        photo.offset = offset;
        await this._keep("photos", photo);
    }

    // What the server answers

    /**
     * Take over an answer of the server, all of it or nothing.
     *
     * @param {Object} answer of pull or sync
     * @param {Object[]} sent the entries it is the answer to
     */
    async settle(answer, sent = []) {
        const results = new Map((answer.results || []).map((each) => [each.id, each]));
        const answered = sent.filter((entry) => results.has(entry.id));
        const problems = answered
            .filter((entry) => results.get(entry.id).state !== "done")
            .map((entry) => this._describeProblem(entry, results.get(entry.id)));
        const gone = answer.gone || [];
        const orders = settleOrders(Object.values(this.visits), answer);
        const notes = gone
            .filter((each) => this.visits[each.id] && this.visits[each.id].state !== "done")
            .map((each) => ({ ...each, customer: this.visits[each.id].customer?.name || "" }))
            .concat(orders.notes);
        const works = [...(answer.visits || []), ...orders.put];
        const left = [...gone.map((each) => each.id), ...orders.remove];
        const settled = new Map((answer.settled || []).map((each) => [each.id, each]));
        const meta = [{ key: "user", value: answer.user }];
        meta.push({ key: "seen", value: new Date().toISOString() });
        if (answer.reference) {
            meta.push({ key: "reference", value: answer.reference });
            meta.push({ key: "reference_version", value: answer.reference_version });
        }
        // First what frees room and what must not be lost, then what can be had again.
        await this._write([
            { store: "outbox", remove: answered.map((entry) => entry.id) },
            this._prepareSettled(settled, problems),
            { store: "notes", put: plain(notes) },
        ]);
        await this._write([
            { store: "visits", put: works, remove: left },
            { store: "meta", put: plain(meta) },
        ]);
        const ids = new Set(answered.map((entry) => entry.id));
        this.outbox = this.outbox.filter((entry) => !ids.has(entry.id));
        this._settleProblems(settled);
        this.problems.push(...problems);
        const told = new Set([...gone, ...notes].map((each) => each.id));
        this.notes = [...this.notes.filter((note) => !told.has(note.id)), ...notes];
        for (const visit of works) {
            this.visits[visit.id] = markRaw(visit);
        }
        for (const id of left) {
            delete this.visits[id];
        }
        for (const { key, value } of meta) {
            this[key] = key === "reference" ? markRaw(value) : value;
        }
        if (this.unkept.length) {
            await this.keepAll();
        }
    }

    /** @returns {Object} what becomes of problems on the disk, see `_settleProblems` */
    _prepareSettled(settled, problems) {
        const known = this.problems.filter((problem) => settled.has(problem.id));
        const told = known.filter((problem) => settled.get(problem.id).message);
        return {
            store: "problems",
            put: [
                ...plain(problems),
                ...told.map((problem) =>
                    this._getRecord({ ...problem, settled: settled.get(problem.id).message })
                ),
            ],
            remove: known.filter((problem) => !told.includes(problem)).map(({ id }) => id),
        };
    }

    /** What was taken over after all is gone; of what was settled it is told once how. */
    _settleProblems(settled) {
        for (const problem of this.problems) {
            problem.settled = settled.get(problem.id)?.message || problem.settled;
        }
        this.problems = this.problems.filter(
            ({ id }) => !settled.has(id) || settled.get(id).message
        );
    }

    /** @returns {Object} a problem as the screens hold it; pictures stay as they are */
    _watch(problem) {
        return problem.blob ? { ...problem, blob: markRaw(problem.blob) } : problem;
    }

    _describeProblem(entry, result) {
        return {
            id: entry.id,
            seq: entry.seq,
            kind: entry.kind,
            visit_id: entry.visit_id,
            visit_name: entry.visit_name,
            moment: entry.moment,
            values: entry.values,
            state: result.state,
            message: result.message || "",
            conflicts: result.conflicts || [],
        };
    }

    /**
     * The photo is with the server now, or was refused for good: then the picture stays
     * here until the engineer deletes it.
     */
    async settlePhoto(photo, error) {
        const { name, blob } = photo;
        const entry = { ...photo, kind: "photo", moment: photo.moment || "", values: { name } };
        const result = { state: "refused", message: error };
        const problems = error ? [{ ...this._describeProblem(entry, result), blob }] : [];
        await this._write([
            { store: "photos", remove: [photo.id] },
            { store: "problems", put: problems.map((problem) => this._getRecord(problem)) },
        ]);
        this.photos = this.photos.filter((each) => each.id !== photo.id);
        this.problems.push(...problems.map((problem) => this._watch(problem)));
    }

    // What the engineer has read

    async dismissProblem(id) {
        this.problems = this.problems.filter((problem) => problem.id !== id);
        await this._write([{ store: "problems", remove: [id] }]);
    }

    async dismissNote(id) {
        this.notes = this.notes.filter((note) => note.id !== id);
        await this._write([{ store: "notes", remove: [id] }]);
    }

    /** Forget everything: what was entered and not sent as well. */
    async wipe() {
        await this.database.wipe();
        this._reset();
        this.device = makeId();
        this.isLoaded = true;
    }
}
