import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";

/** A rate of what was counted: of nothing there is none, and not 0 %. */
export function formatRate(value, options) {
    return typeof value === "number" ? formatPercentage(value, options) : "";
}

registry.category("formatters").add("aftersales_rate", formatRate);
