import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Bring the chosen day into sight where the row of days is wider than the screen. */
export class VisitDays extends Interaction {
    static selector = ".o_aftersales_days";

    start() {
        const chosen = this.el.querySelector(".active");
        if (chosen) {
            this.el.scrollLeft = chosen.offsetLeft - this.el.offsetLeft;
        }
    }
}

registry
    .category("public.interactions")
    .add("aftersales_planning.visit_days", VisitDays);
