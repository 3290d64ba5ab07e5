import { _t } from "@web/core/l10n/translation";
import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";

export const MARK_COLOURS = {
    scratch: "#c2410c",
    dent: "#7c3aed",
    crack: "#dc2626",
    missing: "#1e293b",
    other: "#0369a1",
};
const MAX_ZOOM = 8;
const MAX_POINTS = 300;
// Shorter than this part of the drawing it was a tap and not a stroke.
const TAP = 0.012;

const round = (number) => Math.round(number * 10000) / 10000;

/**
 * A drawing on which marks are set: one finger taps or draws, two fingers move and zoom.
 * Marks are kept from 0 to 1 of the drawing; outside of it none can be set.
 */
export class Marks extends Component {
    static template = "aftersales_inspection.Marks";
    static props = {
        outline: Object,
        marks: Array,
        labels: Object,
        readonly: Boolean,
        onChange: Function,
    };

    setup() {
        this.svg = useRef("svg");
        const { width, height } = this.props.outline;
        this.state = useState({
            kind: "scratch",
            box: { x: 0, y: 0, width, height },
            stroke: null,
            selected: -1,
            message: "",
        });
        this.pointers = new Map();
        // Not passive: the page must not zoom along with the drawing.
        this.onWheel = (ev) => {
            if (ev.ctrlKey) {
                ev.preventDefault();
                this.zoom(ev.deltaY < 0 ? 1.2 : 1 / 1.2, this._getPlace(ev));
            }
        };
        onMounted(() => this.svg.el.addEventListener("wheel", this.onWheel, { passive: false }));
        onWillUnmount(() => this.svg.el?.removeEventListener("wheel", this.onWheel));
    }

    get kinds() {
        return Object.entries(this.props.labels).map(([kind, label]) => ({
            kind,
            label,
            colour: MARK_COLOURS[kind],
        }));
    }

    get image() {
        const { width, height, svg } = this.props.outline;
        const sized = svg.replace('width="100%"', `width="${width}" height="${height}"`);
        return `data:image/svg+xml,${encodeURIComponent(sized)}`;
    }

    get viewBox() {
        const { x, y, width, height } = this.state.box;
        return `${x} ${y} ${width} ${height}`;
    }

    get isZoomed() {
        return this.state.box.width < this.props.outline.width - 1;
    }

    /** Marks stay the same size on the screen, however near the drawing is. */
    get radius() {
        return (this.state.box.width / this.props.outline.width) * (this.props.outline.width / 60);
    }

    get shapes() {
        const { width, height } = this.props.outline;
        return this.props.marks.map((mark, index) => ({
            index,
            number: index + 1,
            colour: MARK_COLOURS[mark.kind] || MARK_COLOURS.other,
            label: this.props.labels[mark.kind] || this.props.labels.other,
            view: this.getView(mark)?.name || "",
            note: mark.note || "",
            x: mark.x * width,
            y: mark.y * height,
            points: (mark.path || []).map(([x, y]) => `${x * width},${y * height}`).join(" "),
        }));
    }

    get strokePoints() {
        const { width, height } = this.props.outline;
        return (this.state.stroke || []).map(([x, y]) => `${x * width},${y * height}`).join(" ");
    }

    getView({ x, y }) {
        const { width, height, views } = this.props.outline;
        return views.find(
            (view) =>
                x * width >= view.x &&
                x * width <= view.x + view.width &&
                y * height >= view.y &&
                y * height <= view.y + view.height
        );
    }

    // Where the drawing is looked at

    _fit(box) {
        const outline = this.props.outline;
        const width = Math.min(outline.width, Math.max(outline.width / MAX_ZOOM, box.width));
        const height = (width * outline.height) / outline.width;
        this.state.box = {
            width,
            height,
            x: Math.min(Math.max(0, box.x), outline.width - width),
            y: Math.min(Math.max(0, box.y), outline.height - height),
        };
    }

    zoom(factor, centre) {
        const { x, y, width, height } = this.state.box;
        const [cx, cy] = centre || [x + width / 2, y + height / 2];
        this._fit({
            width: width / factor,
            x: cx - (cx - x) / factor,
            y: cy - (cy - y) / factor,
        });
    }

    showAll() {
        this._fit({ x: 0, y: 0, width: this.props.outline.width });
    }

    showView(view) {
        const outline = this.props.outline;
        const width = Math.max(view.width, (view.height * outline.width) / outline.height) * 1.06;
        const height = (width * outline.height) / outline.width;
        this._fit({
            width,
            x: view.x + view.width / 2 - width / 2,
            y: view.y + view.height / 2 - height / 2,
        });
    }

    // Fingers

    /** @returns {number[]} the place on the drawing, in its own units */
    _getPlace(ev) {
        const matrix = this.svg.el.getScreenCTM();
        const point = new DOMPoint(ev.clientX, ev.clientY).matrixTransform(matrix.inverse());
        return [point.x, point.y];
    }

    /** @returns {number[] | null} the place from 0 to 1; null outside of the drawing */
    _getPoint(ev) {
        const [x, y] = this._getPlace(ev);
        const point = [round(x / this.props.outline.width), round(y / this.props.outline.height)];
        return point.every((axis) => axis >= 0 && axis <= 1) ? point : null;
    }

    onPointerDown(ev) {
        this.svg.el.setPointerCapture?.(ev.pointerId);
        this.pointers.set(ev.pointerId, [ev.clientX, ev.clientY]);
        if (this.pointers.size === 2) {
            // The second finger says that the first one did not mean to draw.
            this.state.stroke = null;
        } else if (!this.props.readonly && this.pointers.size === 1) {
            const point = this._getPoint(ev);
            this.state.message = point ? "" : _t("Set the mark on the drawing.");
            this.state.stroke = point && [point];
        }
    }

    onPointerMove(ev) {
        const before = this.pointers.get(ev.pointerId);
        if (!before) {
            return;
        }
        if (this.pointers.size === 2 || (this.props.readonly && this.isZoomed)) {
            this._move(ev, before);
        } else if (this.state.stroke) {
            const point = this._getPoint(ev);
            if (point && this.state.stroke.length < MAX_POINTS) {
                this.state.stroke.push(point);
            }
        }
        this.pointers.set(ev.pointerId, [ev.clientX, ev.clientY]);
    }

    _move(ev, before) {
        const scale = this.state.box.width / this.svg.el.clientWidth;
        const other = [...this.pointers].find(([id]) => id !== ev.pointerId)?.[1];
        const box = this.state.box;
        const share = this.pointers.size;
        this._fit({
            width: box.width,
            x: box.x - ((ev.clientX - before[0]) * scale) / share,
            y: box.y - ((ev.clientY - before[1]) * scale) / share,
        });
        if (other) {
            const distance = ([x, y]) => Math.hypot(x - other[0], y - other[1]) || 1;
            const centre = {
                clientX: (ev.clientX + other[0]) / 2,
                clientY: (ev.clientY + other[1]) / 2,
            };
            const factor = distance([ev.clientX, ev.clientY]) / distance(before);
            this.zoom(factor, this._getPlace(centre));
        }
    }

    onPointerUp(ev) {
        this.pointers.delete(ev.pointerId);
        const stroke = this.state.stroke;
        this.state.stroke = null;
        if (!stroke || this.props.readonly) {
            return;
        }
        const [[x, y]] = stroke;
        const near = (TAP * this.state.box.width) / this.props.outline.width;
        const isTap = stroke.every((point) => Math.hypot(point[0] - x, point[1] - y) < near);
        if (isTap) {
            const hit = this._findMark(x, y);
            if (hit >= 0) {
                this.state.selected = hit;
                return;
            }
        }
        this._change([
            ...this.props.marks,
            { x, y, kind: this.state.kind, note: "", path: isTap ? [] : stroke.map((p) => [...p]) },
        ]);
        this.state.selected = this.props.marks.length;
    }

    onPointerCancel(ev) {
        this.pointers.delete(ev.pointerId);
        this.state.stroke = null;
    }

    _findMark(x, y) {
        const { width, height } = this.props.outline;
        return this.shapes.findLastIndex(
            (shape) => Math.hypot(shape.x - x * width, shape.y - y * height) < this.radius
        );
    }

    // Marks

    choose(kind) {
        this.state.kind = kind;
    }

    _change(marks) {
        this.props.onChange(marks);
    }

    setNote(index, note) {
        this._change(
            this.props.marks.map((mark, i) => (i === index ? { ...mark, note: note.trim() } : mark))
        );
    }

    remove(index) {
        this.state.selected = -1;
        this._change(this.props.marks.filter((mark, i) => i !== index));
    }
}
