import { Component, useState } from "@odoo/owl";
import { Bar } from "../widgets/bar";
import { ChecklistScreen } from "./checklist";
import { CustomerScreen } from "./customer";
import { FinishScreen } from "./finish";
import { HandOverScreen } from "./hand_over";
import { HistoryScreen } from "./history";
import { JobScreen } from "./job";
import { OldPartsScreen } from "./old_parts";
import { PartsScreen } from "./parts";
import { PeopleScreen } from "./people";
import { PhotosScreen } from "./photos";
import { PricesScreen } from "./prices";
import { ShopOrderScreen } from "./shop_order";
import { VisitOverview } from "./visit_overview";

const SCREENS = {
    checklist: ChecklistScreen,
    customer: CustomerScreen,
    finish: FinishScreen,
    hand_over: HandOverScreen,
    history: HistoryScreen,
    job: JobScreen,
    old_parts: OldPartsScreen,
    parts: PartsScreen,
    people: PeopleScreen,
    photos: PhotosScreen,
    prices: PricesScreen,
};

/** One visit, or order of the workshop, with a screen of its own for each thing that is done there. */
export class VisitScreen extends Component {
    static template = "aftersales_field.VisitScreen";
    static components = { Bar };
    static props = { visitId: [Number, String] };

    setup() {
        this.model = useState(this.env.model);
        this.router = useState(this.env.router);
    }

    get visit() {
        return this.model.getVisit(this.props.visitId);
    }

    get screen() {
        const name = this.router.parts[2];
        if (this.visit.order_id) {
            return (name !== "job" && SCREENS[name]) || ShopOrderScreen;
        }
        return SCREENS[name] || VisitOverview;
    }

    get itemId() {
        return Number(this.router.parts[3]) || 0;
    }

    get key() {
        return this.router.parts.join("/");
    }

    back() {
        this.router.go("visits");
    }
}
