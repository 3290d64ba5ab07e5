import { RunnerAnswers } from "@aftersales_inspection/runner/runner_answers";
import { makeId, plain, readDataUrl } from "./identity";

const urls = new WeakMap();

/** @returns {string} an address under which the browser shows a kept photo */
export function getPhotoUrl(blob) {
    if (!urls.has(blob)) {
        urls.set(blob, URL.createObjectURL(blob));
    }
    return urls.get(blob);
}

/** A checklist of a visit, for the questions of ``aftersales_inspection``. */
export class ChecklistModel extends RunnerAnswers {
    /** @param {import("./field_model").FieldModel} field */
    constructor(field, visitId, inspectionId) {
        super();
        Object.assign(this, { field, visitId, inspectionId });
    }

    get data() {
        const visit = this.field.visits[this.visitId];
        return visit?.inspections.find((each) => each.id === this.inspectionId);
    }

    get entries() {
        return this.field
            .getEntries(this.visitId)
            .filter((entry) => entry.values.inspection_id === this.inspectionId);
    }

    get isDone() {
        return (
            this.state.state === "done" ||
            this.entries.some((entry) => entry.kind === "inspect_finish")
        );
    }

    get isReadonly() {
        return this.state.is_readonly || this.isDone;
    }

    get photos() {
        return this.field
            .getPhotos(this.visitId)
            .filter((photo) => photo.inspection_item?.inspection_id === this.inspectionId);
    }

    get pending() {
        const entries = this.entries.flatMap((entry) => {
            const { id: operation, kind, values, isSending: isSent } = entry;
            if (kind === "remove_photo") {
                const { item_id: itemId, photo_id } = values;
                return [{ operation, method: "remove_photo", itemId, values: { photo_id }, isSent }];
            }
            return (values.answers || []).map(({ item_id: itemId, operation: _name, ...answer }) => ({
                operation,
                method: "save_answers",
                itemId,
                values: answer,
                isSent,
            }));
        });
        const photos = this.photos.map((photo) => ({
            operation: photo.id,
            method: "add_photo",
            itemId: photo.inspection_item.item_id,
            values: { name: photo.name, data: getPhotoUrl(photo.blob) },
            isSent: photo.offset > 0,
        }));
        return [...entries, ...photos];
    }

    get refused() {
        return [];
    }

    get items() {
        return this.data.sections.flatMap((section) => section.items);
    }

    get gaps() {
        return this.items.filter((item) => this.getGap(item));
    }

    get answeredCount() {
        return this.items.filter((item) => this.isAnswered(item)).length;
    }

    // What is entered

    async answer(item, values) {
        const last = this.entries.findLast(
            (entry) => entry.kind === "answers" && entry.values.answers[0].item_id === item.id
        );
        if (last && this.field.canChange(last)) {
            const [answer] = last.values.answers;
            return this.field.amend(last, {
                ...last.values,
                answers: [{ ...answer, ...plain(values) }],
            });
        }
        const id = makeId();
        const { photos, ...seen } = this.getAnswer(item);
        const answers = [{ operation: id, item_id: item.id, ...plain(values) }];
        await this.field.record(
            "answers",
            this.visitId,
            { inspection_id: this.inspectionId, answers },
            { id, base: { [item.id]: seen } }
        );
    }

    addPhoto(item, { name, data }) {
        return this.field.addPhoto(
            this.visitId,
            { name, blob: readDataUrl(data) },
            { inspection_item: { inspection_id: this.inspectionId, item_id: item.id } }
        );
    }

    removePhoto(item, photo) {
        if (photo.operation) {
            return this.field.dropPhoto(photo.operation);
        }
        return this.field.record("remove_photo", this.visitId, {
            inspection_id: this.inspectionId,
            item_id: item.id,
            photo_id: photo.id,
        });
    }

    dismiss() {}

    finish(signer, signature) {
        return this.field.record("inspect_finish", this.visitId, {
            inspection_id: this.inspectionId,
            signer,
            signature,
        });
    }
}
