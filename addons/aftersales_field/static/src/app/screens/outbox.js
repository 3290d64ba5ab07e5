import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { getPhotoUrl } from "../core/checklist_model";
import { Banners } from "../widgets/banners";
import { Bar } from "../widgets/bar";

const SHORT = 200;
// What is chosen from a list, by the value that is sent.
const CHOSEN = { outcome: "outcomes", score: "opinions" };

/** What waits to be sent, and what the server did not take over. */
export class OutboxScreen extends Component {
    static template = "aftersales_field.Outbox";
    static components = { Banners, Bar };
    static props = {};

    setup() {
        this.model = useState(this.env.model);
        this.sync = useState(this.env.sync);
        this.words = this.env.words;
    }

    get entries() {
        return [...this.model.outbox, ...this.model.photos].sort((a, b) => a.seq - b.seq);
    }

    getLabel(entry) {
        return this.words.kind(entry.blob ? "photo" : entry.kind);
    }

    getState(entry) {
        if (!entry.isKept) {
            return _t("Not stored on the phone yet");
        }
        if (entry.blob && entry.offset) {
            return _t("%(part)s percent sent", { part: Math.floor((100 * entry.offset) / entry.size) });
        }
        return entry.isSending ? _t("Being sent") : _t("Waits");
    }

    /** What was entered, in words, without what nobody can read. */
    getContent({ kind, visit_id: visitId, values = {} }) {
        const lists = { ...this.model.reference, ...this.model.visits[visitId] };
        const shown = ["name", "lot_name", "quantity", "text", "cause", "correction", "reason", "note", "signer", "score", "amount", "value", "outcome"];
        const words = shown.map((field) => {
            const choices = lists[CHOSEN[field]] || [];
            return choices.find((each) => each.value === String(values[field]))?.label ?? values[field];
        }).filter((value) => value || value === 0);
        if (kind === "answers") {
            const [{ item_id, operation, signature, marks, ...answer }] = values.answers;
            words.push(...Object.values(answer).filter((value) => value && value !== true));
        }
        return words.join(" · ").slice(0, SHORT);
    }

    show(value) {
        if (value === true) {
            return _t("Yes");
        }
        if (value === null || value === undefined || value === "" || value === false) {
            return _t("(empty)");
        }
        return typeof value === "object" ? JSON.stringify(value).slice(0, SHORT) : String(value);
    }

    getUrl(problem) {
        return getPhotoUrl(problem.blob);
    }

    /** What to do about one, in a sentence. */
    getAdvice(problem) {
        if (problem.settled || problem.blob) {
            return "";
        }
        return this.model.visits[problem.visit_id]
            ? _t("Open the visit and put it right, or leave it to the office, which has it on its list too. It goes away here once it is settled.")
            : _t("The office has it on its list and settles it. It goes away here then.");
    }

    dismiss(problem) {
        return this.model.dismissProblem(problem.id);
    }

    openVisit(problem) {
        this.env.router.go("visit", problem.visit_id);
    }

    sendNow() {
        this.sync.now();
    }
}
