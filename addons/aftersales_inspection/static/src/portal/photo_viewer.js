import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Opens the photos of a finding large, one after the other, without leaving the page. */
export class PhotoViewer extends Interaction {
    static selector = ".o_aftersales_photos";
    dynamicContent = {
        "a.o_aftersales_photo": { "t-on-click.prevent": this.open },
    };

    setup() {
        this.links = [...this.el.querySelectorAll("a.o_aftersales_photo")];
        this.index = 0;
    }

    /** Built when a photo is first opened: most pages are read without. */
    getDialog() {
        if (!this.dialog) {
            this.dialog = document.createElement("dialog");
            this.dialog.className = "o_aftersales_viewer";
            this.image = document.createElement("img");
            this.dialog.append(this.image);
            this.addButton("o_close", "fa-times", _t("Close"), () => this.dialog.close());
            if (this.links.length > 1) {
                this.addButton("o_previous", "fa-chevron-left", _t("Previous"), () =>
                    this.show(this.index - 1)
                );
                this.addButton("o_next", "fa-chevron-right", _t("Next"), () =>
                    this.show(this.index + 1)
                );
            }
            this.insert(this.dialog, document.body);
            this.addListener(this.dialog, "click", (ev) => {
                // Beside the photo: back to the page.
                if (ev.target === this.dialog) {
                    this.dialog.close();
                }
            });
        }
        return this.dialog;
    }

    addButton(className, icon, label, onClick) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = `btn btn-dark ${className}`;
        button.setAttribute("aria-label", label);
        const iconEl = document.createElement("i");
        iconEl.className = `fa ${icon}`;
        button.append(iconEl);
        this.addListener(button, "click", onClick);
        this.dialog.append(button);
    }

    show(index) {
        this.index = (index + this.links.length) % this.links.length;
        const link = this.links[this.index];
        this.image.src = link.href;
        this.image.alt = link.querySelector("img")?.alt || "";
    }

    open(ev) {
        const dialog = this.getDialog();
        this.show(this.links.indexOf(ev.currentTarget));
        dialog.showModal();
    }
}

registry
    .category("public.interactions")
    .add("aftersales_inspection.photo_viewer", PhotoViewer);
