import { _t } from "@web/core/l10n/translation";
import { Component, useState } from "@odoo/owl";
import { useDebounced } from "@web/core/utils/timing";
import { Marks } from "./marks";
import { scalePhoto } from "./photo";
import { SignaturePad } from "./signature_pad";

const TYPING = 800;

/** One item of the checklist: the question, big buttons to answer it, photos and a note. */
export class InspectionItem extends Component {
    static template = "aftersales_inspection.Item";
    static components = { Marks, SignaturePad };
    static props = { item: Object, model: Object };

    setup() {
        this.model = useState(this.props.model);
        this.state = useState({ hasNote: false, hasPad: false, typed: null, error: "", busy: 0 });
        this.typed = {};
        this.saveTyped = useDebounced(() => this._saveTyped(), TYPING, {
            execBeforeUnmount: true,
        });
        this.ratings = [
            { value: "green", label: _t("Green"), icon: "fa-check" },
            { value: "yellow", label: _t("Yellow"), icon: "fa-exclamation" },
            { value: "red", label: _t("Red"), icon: "fa-times" },
        ];
        this.answers = [
            { value: "yes", label: _t("Yes"), icon: "fa-check" },
            { value: "no", label: _t("No"), icon: "fa-times" },
        ];
        this.keys = ["7", "8", "9", "4", "5", "6", "1", "2", "3", "−", "0", "."];
    }

    get item() {
        return this.props.item;
    }

    get answer() {
        return this.model.getAnswer(this.item);
    }

    get isReadonly() {
        return this.model.isReadonly;
    }

    get gapText() {
        return {
            answer: _t("Required"),
            photo: _t("Photo required"),
            note: _t("Say why it does not apply"),
        }[this.model.getGap(this.item)];
    }

    get outline() {
        return this.model.data.outlines[this.item.outline_id];
    }

    get hasNote() {
        return this.state.hasNote || this.answer.note || this.answer.not_applicable;
    }

    get takesPhotos() {
        return this.item.kind === "photo" || this.item.photo_rule !== "never";
    }

    get number() {
        const { value_number: value } = this.answer;
        return this.state.typed ?? (typeof value === "number" ? String(value) : "");
    }

    /** Limits in words, each with the colour it stands for. */
    get limits() {
        const { unit } = this.item;
        const describe = ([low, high]) => {
            const values = { low: low?.toLocaleString(), high: high?.toLocaleString(), unit };
            if (low === false) {
                return _t("up to %(high)s %(unit)s", values);
            }
            return high === false
                ? _t("from %(low)s %(unit)s", values)
                : _t("%(low)s to %(high)s %(unit)s", values);
        };
        return this.ratings
            .filter(({ value }) => this.item[value])
            .map((rating) => ({ ...rating, text: describe(this.item[rating.value]) }));
    }

    save(values) {
        this.state.error = "";
        return this.model.answer(this.item, values);
    }

    /** Save what is being typed, once the fingers rest or leave. */
    saveLater(values) {
        Object.assign(this.typed, values);
        this.saveTyped();
    }

    _saveTyped() {
        const values = this.typed;
        this.typed = {};
        if (Object.keys(values).length) {
            this.save(values);
        }
    }

    toggle(field, value) {
        this.save({ [field]: this.answer[field] === value ? false : value });
    }

    setNotApplicable() {
        this.save({ not_applicable: !this.answer.not_applicable });
    }

    showNote() {
        this.state.hasNote = true;
    }

    togglePad() {
        this.state.hasPad = !this.state.hasPad;
    }

    // Numbers

    onKey(key) {
        let typed = this.number;
        if (key === "⌫") {
            typed = typed.slice(0, -1);
        } else if (key === "−") {
            typed = typed.startsWith("-") ? typed.slice(1) : `-${typed}`;
        } else if (key !== "." || !typed.includes(".")) {
            typed += key;
        }
        this.setNumber(typed);
    }

    setNumber(text) {
        this.state.typed = text;
        const value = this._readNumber(text);
        this.state.error = "";
        if (value === undefined) {
            if (!["-", "."].includes(text.trim())) {
                this.state.error = _t("“%(text)s” is not a number.", { text });
            }
            return;
        }
        const [low, high] = this.item.possible;
        if (value !== null && ((low !== false && value < low) || (high !== false && value > high))) {
            this.state.error = _t("%(value)s can't be. Read it again.", {
                value: `${text} ${this.item.unit}`.trim(),
            });
            return;
        }
        this.saveLater({ value_number: value });
    }

    /** @returns {number | null | undefined} null for nothing, undefined for no number */
    _readNumber(text) {
        const plain = text.trim().replace("−", "-").replace(",", ".");
        if (!plain) {
            return null;
        }
        return /^-?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : undefined;
    }

    onNumberChange() {
        if (!this.state.error) {
            this._saveTyped();
            this.state.typed = null;
        }
    }

    // Photos

    getPhotoUrl(photo, isLarge) {
        return photo.data || `/web/image/${photo.id}${isLarge ? "" : "/200x200"}`;
    }

    openPhoto(photo) {
        window.open(this.getPhotoUrl(photo, true), "_blank");
    }

    async onPhotos(ev) {
        const files = [...ev.target.files];
        ev.target.value = "";
        this.state.error = "";
        this.state.busy += files.length;
        for (const file of files) {
            try {
                await this.model.addPhoto(this.item, await scalePhoto(file));
            } catch (error) {
                this.state.error = error.message;
            } finally {
                this.state.busy--;
            }
        }
    }

    onMarks(marks) {
        this.save({ marks });
    }

    dismiss() {
        this.model.dismiss(this.model.getRefusal(this.item));
    }
}
