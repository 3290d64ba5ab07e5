/*
 * Jobs of the workshop. The phone keeps their work orders beside the visits, under a key
 * of their own ("o" and the number), so that whatever is entered, shown and kept for a
 * visit is so for them.
 */

import { readDate } from "./words";

const isKey = (key) => typeof key === "string" && key.startsWith("o");

/** @returns {number | string} the key of a visit or work order, as in the address */
export function readKey(text) {
    return isKey(text) ? text : Number(text);
}

/** @returns {boolean} whether the time promised is over and the job is not done */
export function isLate(order, job, now) {
    const promised = readDate(order.promised);
    return Boolean(promised) && promised < now && job.state !== "done";
}

/** @returns {Object} a work order of the server as the phone keeps it */
export function toWork(order) {
    return { ...order, id: `o${order.id}`, order_id: order.id };
}

/** @returns {Object} how the server calls the visit or work order of an entry */
export function nameWork(key) {
    return isKey(key) ? { visit_id: null, order_id: Number(key.slice(1)) } : { visit_id: key };
}

/** @returns {Object} what the phone has: versions of visits, and of orders by job */
export function getKnown(works) {
    const visits = works.filter((work) => !work.order_id);
    const orders = works.filter((work) => work.order_id);
    return {
        known: Object.fromEntries(visits.map((visit) => [visit.id, visit.version])),
        known_jobs: Object.fromEntries(
            orders.flatMap((order) => order.jobs.map((job) => [job.id, order.version]))
        ),
    };
}

/**
 * What becomes of the work orders with an answer of the server.
 *
 * @param {Object[]} works that the phone has
 * @param {{orders?: Object[], gone_jobs?: Object[]}} answer
 * @returns {{put: Object[], remove: string[], notes: Object[]}} notes: what has to be told
 */
export function settleOrders(works, { orders = [], gone_jobs = [] }) {
    const put = orders.map(toWork);
    const fresh = new Set(put.map((work) => work.id));
    const gone = new Map(gone_jobs.map((each) => [each.id, each]));
    const known = works.filter((work) => work.order_id);
    const lost = known.flatMap((work) =>
        work.jobs.filter((job) => gone.has(job.id)).map((job) => ({ work, job }))
    );
    return {
        put,
        remove: known
            .filter((work) => !fresh.has(work.id) && work.jobs.every((job) => gone.has(job.id)))
            .map((work) => work.id),
        notes: lost
            .filter(({ job }) => job.state !== "done")
            .map(({ work, job }) => ({
                id: `j${job.id}`,
                name: job.name,
                customer: work.label || work.customer.name,
                reason: gone.get(job.id).reason,
            })),
    };
}

const RANKS = { progress: 2, approved: 3, draft: 4, proposed: 4, done: 5 };

function getRank({ clock, state }) {
    return { work: 0, pause: 1 }[clock] ?? RANKS[state] ?? 4;
}

/**
 * @param {Object[]} works as they are shown
 * @returns {{work: Object, job: Object}[]} the jobs: running, begun, next, waiting, done
 */
export function getShopJobs(works) {
    const key = ({ work, job }) => [
        getRank(job),
        work.start ? work.start.slice(0, 10) : "9",
        work.priority === "1" ? 0 : 1,
        work.promised || "9",
        work.start || "9",
        work.id,
    ];
    return works
        .filter((work) => work.order_id)
        .flatMap((work) => work.jobs.map((job) => ({ work, job })))
        .map((each) => ({ ...each, key: key(each).join("|") }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** @returns {string} where the car is now, or goes next */
export function getPlace(work, now = new Date()) {
    const moment = now.toISOString().slice(0, 19).replace("T", " ");
    const coming = work.places.find((place) => place.stop > moment);
    return (coming || work.places.at(-1))?.name || "";
}
