import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** What the engineer has to know before going on. Each says what to do. */
export class Banners extends Component {
    static template = "aftersales_field.Banners";
    static props = { hasProblems: { type: Boolean, optional: true } };

    setup() {
        this.model = useState(this.env.model);
        this.sync = useState(this.env.sync);
        this.install = useState(this.env.install);
    }

    /** Told everywhere but on the screen that lists them. */
    get tellsProblems() {
        return this.model.openProblems.length > 0 && !this.props.hasProblems;
    }

    get storageText() {
        const count = this.model.unkept.length;
        if (this.model.storageProblem === "none") {
            return _t(
                "This browser keeps nothing. Leave the app open until everything has been sent."
            );
        }
        if (count) {
            return _t(
                "The phone is full: the last %(count)s entries are not stored on it yet. Nothing is lost: leave the app open until they are sent, or delete something on the phone.",
                { count }
            );
        }
        return _t(
            "The phone is full. What you entered is safe; delete something on the phone so that new visits fit in."
        );
    }

    get problemText() {
        const count = this.model.openProblems.length;
        return count === 1
            ? _t("1 entry was not taken over")
            : _t("%(count)s entries were not taken over", { count });
    }

    openProblems() {
        this.env.router.go("outbox");
    }

    openOther() {
        this.env.router.go("me");
    }

    reload() {
        location.reload();
    }

    retryStorage() {
        this.model.keepAll();
        this.sync.now();
    }
}
