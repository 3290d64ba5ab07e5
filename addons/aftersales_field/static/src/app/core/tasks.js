import { _t } from "@web/core/l10n/translation";
import { ChecklistModel } from "./checklist_model";

/*
 * What there is to do on a visit or a work order of the workshop, each as a line with how
 * far it is: `{key, icon, label, note, isDone, isUrgent}`.
 */

export function getChecklistTasks(model, work) {
    return work.inspections.map((inspection) => {
        const list = new ChecklistModel(model, work.id, inspection.id);
        return {
            key: `checklist/${inspection.id}`,
            icon: "fa-check-square-o",
            label: inspection.template,
            note: list.isDone
                ? _t("Finished")
                : _t("%(done)s of %(all)s answered", {
                      done: list.answeredCount,
                      all: list.items.length,
                  }),
            isDone: list.isDone,
        };
    });
}

function isSettled(part) {
    return part.settled || (part.choice && part.state !== "expected");
}

export function getOldPartTasks(work) {
    if (!work.old_parts?.length) {
        return [];
    }
    const open = work.old_parts.filter((part) => !isSettled(part)).length;
    return [
        {
            key: "old_parts",
            icon: "fa-recycle",
            label: _t("Old Parts"),
            note: open ? _t("%(open)s to settle", { open }) : _t("Settled"),
            isDone: !open,
        },
    ];
}

export function getPhotoTask(model, work) {
    const photos = model.getPhotos(work.id).filter((photo) => photo.kind).length;
    return {
        key: "photos",
        icon: "fa-camera",
        label: _t("Photos"),
        note: photos
            ? _t("%(count)s to send", { count: photos })
            : _t("Type plate, damage, the place"),
    };
}

export function getHistoryTask(work) {
    return {
        key: "history",
        icon: "fa-history",
        label: _t("History and Known Solutions"),
        note: _t("%(visits)s earlier orders, %(solutions)s solutions", {
            visits: work.history?.length || 0,
            solutions: work.solutions?.length || 0,
        }),
    };
}

export function getPeopleTask(visit) {
    const people = visit.people || [];
    return {
        key: "people",
        icon: "fa-users",
        label: _t("People and Their Wishes"),
        note: people.length
            ? people
                  .map(({ name, wish }) => (wish ? `${name}: ${wish}` : name))
                  .join(" · ")
            : _t("Nobody is written down yet"),
    };
}

/** @returns {string} how far a job is: its clock, then its texts */
export function describeJob(words, job) {
    if (job.clock === "work") {
        return _t("Clock is running since %(time)s", { time: words.time(job.clock_since) });
    }
    if (job.clock === "pause") {
        return _t("Clock is paused");
    }
    if (job.cause && job.correction) {
        return _t("Cause and remedy are written");
    }
    return job.cause || job.correction ? _t("Half written") : _t("Cause and remedy are missing");
}
