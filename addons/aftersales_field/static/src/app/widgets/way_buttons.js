import { Component } from "@odoo/owl";

/** How to get there, and how to reach the customer. */
export class WayButtons extends Component {
    static template = "aftersales_field.WayButtons";
    static props = { visit: Object };

    /** @returns {string} what opens the phone's own navigation, or the company's map */
    get mapUrl() {
        const { map_url, latitude, longitude, address } = this.props.visit.site || {};
        if (map_url) {
            return map_url;
        }
        if (latitude || longitude) {
            return `geo:${latitude},${longitude}?q=${latitude},${longitude}`;
        }
        return address ? `geo:0,0?q=${encodeURIComponent(address.split("\n").join(", "))}` : "";
    }

    get phones() {
        const { phone, mobile } = this.props.visit.customer || {};
        return [...new Set([mobile, phone].filter(Boolean))];
    }
}
