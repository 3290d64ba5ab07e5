import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { readKey } from "../core/shop";
import { MeScreen } from "./me";
import { OutboxScreen } from "./outbox";
import { VanScreen } from "./van";
import { VisitScreen } from "./visit";
import { VisitsScreen } from "./visits";

/** Chooses the screen, and shows the way between them. */
export class Root extends Component {
    static template = "aftersales_field.Root";
    static components = { MeScreen, OutboxScreen, VanScreen, VisitScreen, VisitsScreen };
    static props = {};

    setup() {
        this.model = useState(this.env.model);
        this.sync = useState(this.env.sync);
        this.router = useState(this.env.router);
    }

    get screen() {
        return this.router.parts[0] || "visits";
    }

    get visitId() {
        return readKey(this.router.parts[1]);
    }

    get isWaiting() {
        return !this.model.user && this.sync.isRunning && !this.sync.isLoggedOut;
    }

    get tabs() {
        const count = this.model.waitingCount + this.model.openProblems.length;
        const works = Object.values(this.model.visits);
        const isShop = works.length > 0 && works.every((work) => work.order_id);
        const first = isShop
            ? { name: "visits", label: _t("Jobs"), icon: "fa-wrench" }
            : { name: "visits", label: _t("Visits"), icon: "fa-calendar-check-o" };
        const van = { name: "van", label: _t("My Van"), icon: "fa-truck" };
        return [
            first,
            ...(this.model.reference?.has_van === false ? [] : [van]),
            { name: "outbox", label: _t("Sending"), icon: "fa-cloud-upload", count },
            { name: "me", label: _t("Me"), icon: "fa-user" },
        ];
    }

    open(name) {
        this.router.go(name);
    }

    tryAgain() {
        this.sync.now();
    }
}
