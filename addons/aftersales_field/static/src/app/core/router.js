import { reactive } from "@odoo/owl";

/**
 * Which screen is open: the part after the # of the address, as in `#visit/12/parts`.
 * The page itself is one, so that it opens without a network wherever it was left.
 */
export class Router {
    constructor() {
        this.parts = this._read();
        return reactive(this);
    }

    start() {
        window.addEventListener("hashchange", () => {
            this.parts = this._read();
            window.scrollTo(0, 0);
        });
    }

    _read() {
        return location.hash.slice(1).split("/").filter(Boolean);
    }

    go(...parts) {
        location.hash = parts.join("/");
    }

    /** One level up; from the top to the visits. */
    up() {
        const [first, ...rest] = this.parts;
        // A job of the workshop is the top of its order.
        const isTop = String(rest[0]).startsWith("o") && rest[1] === "job";
        if (first === "visit" && rest.length > 1 && !isTop) {
            this.go("visit", rest[0]);
        } else {
            this.go("visits");
        }
    }
}
