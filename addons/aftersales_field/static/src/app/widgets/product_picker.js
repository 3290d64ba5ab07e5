import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Scanner } from "./scanner";

const LIMIT = 20;

/** Find a part: by the camera, by a hand scanner, or by a few letters. */
export class ProductPicker extends Component {
    static template = "aftersales_field.ProductPicker";
    static components = { Scanner };
    static props = {
        onChosen: Function,
        isShop: { type: Boolean, optional: true },
        vanFirst: { type: Boolean, optional: true },
    };

    setup() {
        this.model = useState(this.env.model);
        this.words = this.env.words;
        this.state = useState({ text: "", isScanning: false, message: "" });
        this.canScan = Scanner.isSupported;
    }

    get found() {
        const words = this.state.text.toLowerCase().split(/\s+/).filter(Boolean);
        const products = this.model.getProducts();
        const matches = words.length
            ? products.filter((product) => {
                  const text = `${product.name} ${product.code || ""} ${product.barcode || ""}`;
                  return words.every((word) => text.toLowerCase().includes(word));
              })
            : products.filter((product) => this.props.vanFirst && product.van_quantity > 0);
        return matches
            .sort((a, b) => (b.van_quantity > 0) - (a.van_quantity > 0))
            .slice(0, LIMIT);
    }

    /** A barcode names a product, a serial number in the van, or nothing known. */
    onCode(code) {
        this.state.isScanning = false;
        const text = code.trim();
        const products = this.model.getProducts();
        const product = products.find((each) => [each.barcode, each.code].includes(text));
        if (product) {
            this.props.onChosen(product);
            return;
        }
        const owner = products.find((each) => each.lots?.some((lot) => lot.name === text));
        if (owner) {
            this.props.onChosen(owner, text);
            return;
        }
        this.state.text = text;
        this.state.message = _t("No part has the code %(code)s. Search by name.", { code: text });
    }

    onEnter() {
        const { found } = this;
        if (found.length === 1) {
            this.props.onChosen(found[0]);
        } else {
            this.onCode(this.state.text);
        }
    }

    scan() {
        this.state.message = "";
        this.state.isScanning = true;
    }

    stop(message) {
        this.state.isScanning = false;
        this.state.message = message || "";
    }
}
