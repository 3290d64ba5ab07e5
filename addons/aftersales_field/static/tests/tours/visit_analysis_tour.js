import { registry } from "@web/core/registry";

/** Who has made no visit yet has no rate: the cell is empty, and not 0 %. */
registry.category("web_tour.tours").add("aftersales_field_visit_analysis", {
    url: "/odoo/visit-analysis",
    steps: () => [
        {
            content: "Also visits ahead",
            trigger: ".o_searchview_facet:contains(Done) .o_facet_remove",
            run: "click",
        },
        {
            content: "Anna was there in time; Ben's visit is ahead",
            trigger: ".o_pivot tbody tr:contains(Ben)",
            run() {
                const getCells = (name) =>
                    [...document.querySelectorAll(".o_pivot tbody tr")]
                        .find((row) => row.textContent.includes(name))
                        .querySelectorAll("td");
                const read = (name) =>
                    [...getCells(name)].map((cell) => cell.textContent.trim());
                const [anna, ben] = [read("Anna"), read("Ben")];
                if (!anna.includes("100%") || ben.some((text) => text.includes("%"))) {
                    throw new Error(`Anna: ${anna}; Ben: ${ben}`);
                }
            },
        },
    ],
});
