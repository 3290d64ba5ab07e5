import { _t } from "@web/core/l10n/translation";

const DAY = 24 * 3600 * 1000;

/** @returns {Date | null} of a time as the server writes it (UTC) */
export function readDate(text) {
    if (!text) {
        return null;
    }
    const isComplete = /Z$|[+-]\d\d:?\d\d$/.test(text);
    const date = new Date(isComplete ? text : `${text.replace(" ", "T")}Z`);
    return isNaN(date) ? null : date;
}

/** Times, numbers and steps in the words of the user. */
export class Words {
    constructor(model) {
        this.model = model;
    }

    get locale() {
        return (this.model.user?.lang || "en_US").replace("_", "-").split("@")[0];
    }

    _format(date, options) {
        return new Intl.DateTimeFormat(this.locale, {
            timeZone: this.model.user?.tz || undefined,
            ...options,
        }).format(date);
    }

    time(text) {
        const date = readDate(text);
        return date ? this._format(date, { hour: "numeric", minute: "2-digit" }) : "";
    }

    span(start, stop) {
        return [this.time(start), this.time(stop)].filter(Boolean).join(" – ");
    }

    /** @returns {string} a key that days sort by, in the user's time zone */
    dayKey(text) {
        const date = text instanceof Date ? text : readDate(text);
        return date
            ? new Intl.DateTimeFormat("sv-SE", {
                  timeZone: this.model.user?.tz || undefined,
              }).format(date)
            : "";
    }

    day(text) {
        const date = readDate(text);
        if (!date) {
            return _t("No day yet");
        }
        const key = this.dayKey(date);
        const now = Date.now();
        const long = this._format(date, { weekday: "long", day: "numeric", month: "long" });
        if (key === this.dayKey(new Date(now))) {
            return _t("Today, %(day)s", { day: long });
        }
        if (key === this.dayKey(new Date(now + DAY))) {
            return _t("Tomorrow, %(day)s", { day: long });
        }
        return long;
    }

    moment(text) {
        const date = readDate(text);
        return date
            ? this._format(date, {
                  day: "numeric",
                  month: "short",
                  hour: "2-digit",
                  minute: "2-digit",
              })
            : "";
    }

    /** @returns {boolean} whether the customer waits in vain, as far as the phone knows */
    isLate(visit, now) {
        const end = ["planned", "travel"].includes(visit.state) && readDate(visit.late_after);
        return Boolean(end) && end < now;
    }

    /** @returns {string} how long since, in hours and minutes */
    elapsed(text, now) {
        const minutes = Math.max(0, Math.floor((now - (readDate(text) || now)) / 60000));
        return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")} h`;
    }

    number(value) {
        return new Intl.NumberFormat(this.locale, { maximumFractionDigits: 3 }).format(value || 0);
    }

    quantity(value, uom) {
        return [this.number(value), uom].filter(Boolean).join(" ");
    }

    price(cover) {
        if (!cover) {
            return "";
        }
        if (cover.price_text) {
            return cover.price_text;
        }
        return this.money(cover.price, cover.currency);
    }

    money(amount, currency) {
        try {
            return new Intl.NumberFormat(this.locale, { style: "currency", currency }).format(amount);
        } catch {
            const number = new Intl.NumberFormat(this.locale, {
                minimumFractionDigits: 2,
                maximumFractionDigits: 2,
            }).format(amount || 0);
            return [number, currency].filter(Boolean).join(" ");
        }
    }

    state(visit) {
        return {
            planned: _t("Planned"),
            travel: _t("On the way"),
            onsite: _t("On site"),
            paused: _t("Paused"),
            done: _t("Done"),
        }[visit.state];
    }

    kind(kind) {
        const labels = this.model.reference?.labels?.kinds || {};
        return labels[kind] || (kind === "photo" ? _t("Photo") : kind);
    }
}

/** What comes next on a visit, as one button: `kind` is the entry it makes. */
export function getNextStep(visit) {
    return {
        planned: { kind: "travel", label: _t("Set Off"), icon: "fa-road" },
        travel: { kind: "arrive", label: _t("I Am There"), icon: "fa-map-marker" },
        onsite: { kind: "finish", label: _t("Finish the Visit"), icon: "fa-flag-checkered" },
        paused: { kind: "resume", label: _t("Go On"), icon: "fa-play" },
    }[visit.state];
}
