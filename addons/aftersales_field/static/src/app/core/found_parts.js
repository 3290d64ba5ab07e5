import { _t } from "@web/core/l10n/translation";

/*
 * Parts that are not on the order: the customer has to be asked about them, also where
 * there is no network. What was agreed to is used up first; the rest makes a job of its
 * own, as it will on the server, with the price that this customer pays.
 */

const AGREED = ["approved", "progress"];
const MAX_NAMED = 3;

export function isAgreed(job) {
    return job.consent === "yes" || (job.consent !== "no" && AGREED.includes(job.state));
}

function findPart(job, productId) {
    return job.lines.find((line) => line.kind === "part" && line.product_id === productId);
}

/**
 * @param {Object} visit
 * @param {{product_id: number, quantity: number, job_id: number | null}} values
 * @param {(line: Object, quantity: number) => void} [take] called for each line
 * @returns {number} how many the customer has not agreed to
 */
export function takeAgreed(visit, { product_id, quantity, job_id }, take = () => {}) {
    let rest = quantity;
    for (const job of visit.jobs.filter((each) => isAgreed(each) && (!job_id || each.id === job_id))) {
        const line = findPart(job, product_id);
        const open = line ? Math.min(rest, line.planned - line.used) : 0;
        if (open > 0) {
            take(line, open);
            rest -= open;
        }
    }
    return rest;
}

/** @returns {number | null} what a piece costs the customer; null: the office has to say */
export function getPartPrice(visit, job, productId) {
    const payer = (job || visit.jobs.find((each) => each.payer_id))?.payer_id;
    const prices = visit.part_prices?.[payer];
    return prices === false ? 0 : prices?.[productId] ?? null;
}

function nameJob(job) {
    const words = job.lines.map(({ planned, name, lot_names: lots }) => {
        const numbers = lots?.length ? ` (${lots.join(", ")})` : "";
        return `${planned} × ${name}${numbers}`;
    });
    return [...words.slice(0, MAX_NAMED), ...(words.length > MAX_NAMED ? ["…"] : [])].join(", ");
}

function findJob(visit, source, kind) {
    return visit.jobs.find(
        (job) =>
            job.needs_consent &&
            job.found_on_id === visit.id &&
            (job.found_for_id || 0) === (source?.id || 0) &&
            job.found_kind === kind
    );
}

function makeJob(visit, source, kind, entry) {
    const job = {
        id: `found-${entry.id}`,
        is_local: true,
        found_on_id: visit.id,
        found_for_id: source?.id || 0,
        found_kind: kind,
        payer_id: source?.payer_id,
        name: "",
        state: "proposed",
        state_label: _t("Waits for approval"),
        needs_consent: true,
        cause: entry.values.cause || "",
        correction: entry.values.correction || "",
        clock: "off",
        lines: [],
        operations: [],
        cover: {
            price: 0,
            currency: visit.currency,
            covered: false,
            missing: [],
            reason: _t("Not on the order. What a guarantee bears is taken off later."),
        },
    };
    visit.jobs.push(job);
    return job;
}

/** Put a part on what the customer has to be asked about. */
export function addFound(visit, entry, quantity) {
    const { values } = entry;
    const kind = entry.kind === "missing_part" ? "missing" : "used";
    const named = visit.jobs.find((job) => job.id === values.job_id);
    // What belongs to an addition belongs to what that was added to.
    const source = visit.jobs.find((job) => job.id === named?.found_for_id) || named;
    const job = findJob(visit, source, kind) || makeJob(visit, source, kind, entry);
    let line = findPart(job, values.product_id);
    if (!line) {
        line = {
            id: 0,
            operation: entry.id,
            kind: "part",
            product_id: values.product_id,
            name: values.name,
            uom: values.uom || "",
            planned: 0,
            used: 0,
            asked: 0,
            lot_names: [],
            price: 0,
        };
        job.lines.push(line);
    }
    const price = getPartPrice(visit, source, values.product_id);
    line.planned += quantity;
    line.asked = (line.asked || 0) + (kind === "used" ? quantity : 0);
    line.price = price === null ? null : line.price + price * quantity;
    if (values.lot_name) {
        line.lot_names = [...(line.lot_names || []), values.lot_name];
    }
    job.operations = [...(job.operations || []), entry.id];
    const cover = { ...job.cover, offer: "", price_text: "" };
    cover.price = price === null || cover.price === null ? null : cover.price + price * quantity;
    cover.covered = cover.price === 0 && visit.part_prices?.[job.payer_id] === false;
    Object.assign(job, { cover, is_touched: true, name: nameJob(job) });
}

/** Take parts back that the customer was to be asked about. */
export function removeFound(visit, job, line, quantity) {
    line.asked -= quantity;
    if (line.planned > quantity && line.price) {
        const price = (line.price / line.planned) * quantity;
        line.price -= price;
        job.cover = { ...job.cover, price: job.cover.price - price, price_text: "", offer: "" };
    }
    line.planned -= quantity;
    line.lot_names = (line.lot_names || []).slice(0, line.planned);
    job.lines = job.lines.filter((each) => each !== line || each.planned > 0);
    job.name = nameJob(job);
    job.is_touched = true;
    if (!job.lines.length) {
        visit.jobs = visit.jobs.filter((each) => each !== job);
    }
}
