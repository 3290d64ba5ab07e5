import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Banners } from "../widgets/banners";
import { Bar } from "../widgets/bar";
import { Sheet } from "../widgets/sheet";

/** Whose phone this is, and how to leave it. */
export class MeScreen extends Component {
    static template = "aftersales_field.Me";
    static components = { Banners, Bar, Sheet };
    static props = {};

    setup() {
        this.model = useState(this.env.model);
        this.sync = useState(this.env.sync);
        this.words = this.env.words;
        this.state = useState({ sheet: "", isBusy: false, error: "" });
        this.version = document.querySelector("meta[name=app-version]")?.content || "";
    }

    get lostText() {
        const { outbox, photos } = this.model;
        const parts = [];
        if (outbox.length) {
            parts.push(_t("%(count)s entries", { count: outbox.length }));
        }
        if (photos.length) {
            parts.push(_t("%(count)s photos", { count: photos.length }));
        }
        return parts.join(", ");
    }

    ask() {
        this.state.sheet = "logout";
    }

    close() {
        this.state.sheet = "";
    }

    sendNow() {
        this.close();
        this.sync.now();
    }

    async logOut() {
        this.state.isBusy = true;
        try {
            await this.sync.logOut();
            this.env.router.go("visits");
        } catch {
            this.state.error = _t("Another window of the app is open. Close it, then log out again.");
            this.state.isBusy = false;
        }
    }

    /** Who is logged in now works with this phone; what was not sent is given up. */
    async takeOver() {
        await this.model.wipe();
        this.sync.otherUser = null;
        this.sync.now();
        this.env.router.go("visits");
    }
}
