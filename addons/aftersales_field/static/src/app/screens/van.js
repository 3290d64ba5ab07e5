import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Banners } from "../widgets/banners";
import { Bar } from "../widgets/bar";

/** What is in the van, and counting it. */
export class VanScreen extends Component {
    static template = "aftersales_field.Van";
    static components = { Banners, Bar };
    static props = {};

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.state = useState({ text: "", isCounting: false, counts: {}, error: "", isKept: false });
    }

    get products() {
        return this.model
            .getProducts()
            .filter((product) => product.van_quantity || product.in_van);
    }

    get isFilled() {
        return this.products.length > 0;
    }

    /** @returns {Object[]} a row for each product, or for each of its lots */
    get rows() {
        const words = this.state.text.toLowerCase().split(/\s+/).filter(Boolean);
        return this.products
            .filter((product) => {
                const text = `${product.name} ${product.code || ""} ${product.barcode || ""}`;
                return words.every((word) => text.toLowerCase().includes(word));
            })
            .flatMap((product) =>
                product.lots?.length
                    ? product.lots.map((lot) => ({
                          key: `${product.id}/${lot.name}`,
                          product,
                          lot: lot.name,
                          quantity: lot.quantity,
                      }))
                    : [{ key: String(product.id), product, lot: null, quantity: product.van_quantity }]
            );
    }

    startCount() {
        Object.assign(this.state, { isCounting: true, counts: {}, error: "", isKept: false });
    }

    stopCount() {
        this.state.isCounting = false;
    }

    setCount(row, value) {
        this.state.counts[row.key] = { row, text: value };
    }

    async keep() {
        const counts = [];
        for (const { row, text } of Object.values(this.state.counts)) {
            if (!text.trim()) {
                continue;
            }
            const quantity = Number(text.replace(",", "."));
            if (!(quantity >= 0)) {
                this.state.error = _t("“%(text)s” of %(product)s is no number.", {
                    text,
                    product: row.product.name,
                });
                return;
            }
            counts.push({ product_id: row.product.id, lot_name: row.lot, quantity });
        }
        if (!counts.length) {
            this.state.error = _t("Enter at least one count.");
            return;
        }
        await this.model.record("count", null, { counts });
        Object.assign(this.state, { isCounting: false, isKept: true });
    }
}
