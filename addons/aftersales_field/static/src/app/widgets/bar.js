import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** The top of each screen: way back, title, and whether all was sent. */
export class Bar extends Component {
    static template = "aftersales_field.Bar";
    static props = {
        title: String,
        subtitle: { type: String, optional: true },
        back: { type: Boolean, optional: true },
    };

    setup() {
        this.model = useState(this.env.model);
        this.sync = useState(this.env.sync);
    }

    get chip() {
        const count = this.model.waitingCount;
        if (count) {
            return {
                name: "waiting",
                icon: "fa-cloud-upload",
                label: _t("%(count)s to send", { count }),
                short: String(count),
            };
        }
        if (!this.sync.isOnline) {
            return { name: "offline", icon: "fa-plane", label: _t("No network"), short: "" };
        }
        return { name: "sent", icon: "fa-check", label: _t("All sent"), short: "" };
    }

    back() {
        this.env.router.up();
    }

    openOutbox() {
        this.env.router.go("outbox");
    }
}
