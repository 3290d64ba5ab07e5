import { _t } from "@web/core/l10n/translation";
import { addFound, removeFound, takeAgreed } from "./found_parts";
import { plain } from "./identity";

/*
 * What an entry does to the visit on the screen until the server has answered. It only
 * shows what was pressed; what is right is decided by the server.
 */

function findJob(visit, values) {
    return visit.jobs.find((job) => job.id === values.job_id);
}

/** Jobs that the customer answered about; those made here are named by their entries. */
function getJobs(visit, { job_ids: ids, operations }) {
    const isMeant = (job) =>
        operations
            ? job.operations?.some((id) => operations.includes(id))
            : !ids || ids.includes(job.id);
    return visit.jobs.filter((job) => job.needs_consent && isMeant(job));
}

function answer(visit, values, consent) {
    for (const job of getJobs(visit, values)) {
        Object.assign(job, { needs_consent: false, consent });
        for (const line of job.lines.filter((each) => each.asked)) {
            line.used += consent === "yes" ? line.asked : 0;
            line.asked = 0;
        }
    }
}

function findInspection(visit, values) {
    return visit.inspections.find((each) => each.id === values.inspection_id);
}

function step(state) {
    return (visit) => {
        visit.state = state;
    };
}

const EFFECTS = {
    travel: step("travel"),
    turn_back: step("planned"),
    arrive: step("onsite"),
    pause: step("paused"),
    resume: step("onsite"),
    block(visit, values) {
        visit.block_reason = values.reason;
    },
    hand_over(visit) {
        visit.is_handed_over = true;
    },
    set(visit, { job_id, ...values }) {
        Object.assign(job_id ? findJob(visit, { job_id }) || {} : visit, values);
    },
    inspect_finish(visit, values) {
        const inspection = findInspection(visit, values);
        if (inspection) {
            inspection.state.is_readonly = true;
            inspection.state.state = "done";
            inspection.state.signed_by = values.signer || inspection.state.signed_by;
        }
    },
    clock_on(visit, values, entry) {
        for (const job of visit.jobs) {
            if (job.id === values.job_id) {
                job.clock = "work";
                job.clock_since = entry.moment;
            } else {
                job.clock = "off";
            }
        }
    },
    clock_pause(visit, values) {
        const job = findJob(visit, values);
        if (job) {
            job.clock = "pause";
        }
    },
    clock_off(visit, values) {
        const job = findJob(visit, values);
        if (job) {
            job.clock = "off";
        }
    },
    use_part(visit, values, entry) {
        const rest = takeAgreed(visit, values, (line, quantity) => {
            line.used += quantity;
            line.operation ||= entry.id;
            if (values.lot_name) {
                line.lot_names = [...(line.lot_names || []), values.lot_name];
            }
        });
        if (rest > 0) {
            addFound(visit, entry, rest);
        }
    },
    unuse_part(visit, { operation, ...values }) {
        for (const job of visit.jobs) {
            for (const line of job.lines) {
                // Lines that were made here have the name of the entry instead of an id.
                if (line.id ? line.id === values.line_id : operation && line.operation === operation) {
                    const asked = Math.min(line.asked || 0, values.quantity);
                    if (asked > 0) {
                        removeFound(visit, job, line, asked);
                    }
                    const rest = values.quantity - asked;
                    if (rest > 0) {
                        line.used = Math.max(0, line.used - rest);
                        line.lot_names = (line.lot_names || []).slice(0, line.used);
                    }
                }
            }
        }
    },
    missing_part(visit, values, entry) {
        const missing = { ...values, state_label: _t("Not sent yet") };
        visit.missing = [...(visit.missing || []), missing];
        if (visit.order_id) {
            // In the workshop, of an order whose jobs were agreed to.
            const line = findJob(visit, values)?.lines.find(
                (each) => each.product_id === values.product_id
            );
            if (line) {
                line.is_asked = true;
            }
            return;
        }
        const rest = takeAgreed(visit, values);
        if (rest > 0) {
            addFound(visit, entry, rest);
        }
    },
    added_work(visit, values, entry) {
        visit.jobs.push({
            id: entry.id,
            name: values.text,
            is_new: true,
            state: "draft",
            state_label: _t("Waits for approval"),
            lines: [],
            cover: null,
            clock: "off",
        });
    },
    job_done(visit, values) {
        const job = findJob(visit, values);
        if (job) {
            Object.assign(job, { state: "done", state_label: _t("Done"), clock: "off" });
        }
    },
    consent(visit, values) {
        answer(visit, values, "yes");
    },
    refuse_paid(visit, values) {
        answer(visit, values, "no");
    },
    old_part(visit, values) {
        const part = visit.old_parts.find((each) =>
            values.old_part_id
                ? each.id === values.old_part_id
                : each.line_id === values.line_id
        );
        if (part) {
            Object.assign(part, values, { settled: true });
        }
    },
    opinion(visit, values) {
        visit.opinion = { score: values.score, comment: values.comment };
    },
    sign(visit, values) {
        visit.signed_by = values.signer;
    },
    payment(visit, values) {
        visit.payment = values;
    },
    person(visit, values) {
        const key = (person) => person.name.trim().toLowerCase();
        const others = (visit.people || []).filter((each) => key(each) !== key(values));
        const own = others.filter((each) => !each.is_known);
        visit.people = [...own, { ...values }, ...others.filter((each) => each.is_known)];
    },
    meter(visit, values) {
        if (visit.asset) {
            visit.asset.meter = values.value;
        }
    },
    finish(visit, values) {
        visit.state = "done";
        visit.outcome = values.outcome;
    },
};

/**
 * @param {Object} visit as the server told
 * @param {Object[]} entries not sent yet, oldest first
 * @returns {Object} the visit as it is for who works on it
 */
export function applyEntries(visit, entries) {
    const shown = plain(visit);
    for (const entry of entries) {
        try {
            EFFECTS[entry.kind]?.(shown, entry.values || {}, entry);
        } catch (error) {
            // It is kept and sent; one that can't be shown must not hide the visits.
            console.error(error);
        }
    }
    return shown;
}

/** @returns {Object[]} the parts as they are in the van after what was entered */
export function applyToVan(products, entries, visits) {
    const shown = new Map(products.map((each) => [each.id, plain(each)]));
    const take = (id, lotName, quantity) => {
        const product = shown.get(id);
        if (product) {
            product.van_quantity -= quantity;
            const lot = product.lots?.find((each) => each.name === lotName);
            if (lot) {
                lot.quantity -= quantity;
            }
        }
    };
    for (const line of visits.flatMap((visit) => visit.jobs.flatMap((job) => job.lines))) {
        // Used before the customer said yes: booked later, gone from the van all the same.
        const lots = line.asked && line.lot_names?.length ? line.lot_names : [null];
        for (const lot of line.asked ? lots : []) {
            take(line.product_id, lot, line.asked / lots.length);
        }
    }
    const refused = entries.flatMap(({ kind, values }) =>
        kind === "refuse_paid" ? values.operations || [] : []
    );
    for (const { id, kind, values } of entries) {
        if (kind === "use_part" && !refused.includes(id)) {
            take(values.product_id, values.lot_name, values.quantity);
        } else if (kind === "unuse_part") {
            const line = visits
                .flatMap((visit) => visit.jobs.flatMap((job) => job.lines))
                .find((each) => each.id === values.line_id);
            const used = entries.find((each) => each.id === values.operation)?.values;
            take(
                used?.product_id || line?.product_id,
                used?.lot_name || line?.lot_names?.at(-1),
                -values.quantity
            );
        } else if (kind === "count") {
            for (const count of values.counts) {
                const product = shown.get(count.product_id);
                const lot = product?.lots?.find((each) => each.name === count.lot_name);
                if (lot) {
                    product.van_quantity += count.quantity - lot.quantity;
                    lot.quantity = count.quantity;
                } else if (product) {
                    product.van_quantity = count.quantity;
                }
            }
        }
    }
    return [...shown.values()];
}
