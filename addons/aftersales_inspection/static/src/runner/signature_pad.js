import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";

/** A field to sign in with finger, pen or mouse. It works without a connection. */
export class SignaturePad extends Component {
    static template = "aftersales_inspection.SignaturePad";
    static props = { onChange: Function, label: String };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({ isEmpty: true });
        this.strokes = [];
        this.draw = () => this._draw();
        onMounted(() => {
            this.observer = new ResizeObserver(this.draw);
            this.observer.observe(this.canvas.el);
        });
        onWillUnmount(() => this.observer.disconnect());
    }

    _getPoint(ev) {
        const box = this.canvas.el.getBoundingClientRect();
        return [(ev.clientX - box.left) / box.width, (ev.clientY - box.top) / box.height];
    }

    onPointerDown(ev) {
        this.canvas.el.setPointerCapture?.(ev.pointerId);
        this.stroke = [this._getPoint(ev)];
        this.strokes.push(this.stroke);
        this._draw();
    }

    onPointerMove(ev) {
        if (this.stroke) {
            this.stroke.push(this._getPoint(ev));
            this._draw();
        }
    }

    onPointerUp() {
        if (this.stroke) {
            this.stroke = null;
            this.state.isEmpty = false;
            this.props.onChange(this.canvas.el.toDataURL("image/png"));
        }
    }

    clear() {
        this.strokes = [];
        this.state.isEmpty = true;
        this._draw();
        this.props.onChange("");
    }

    _draw() {
        const canvas = this.canvas.el;
        if (!canvas) {
            return;
        }
        const ratio = Math.min(window.devicePixelRatio || 1, 2);
        const { clientWidth: width, clientHeight: height } = canvas;
        Object.assign(canvas, { width: width * ratio, height: height * ratio });
        const context = canvas.getContext("2d");
        Object.assign(context, {
            lineWidth: 2.5 * ratio,
            lineCap: "round",
            lineJoin: "round",
            strokeStyle: "#1e3a8a",
        });
        for (const stroke of this.strokes) {
            context.beginPath();
            stroke.forEach(([x, y], index) => {
                const point = [x * canvas.width, y * canvas.height];
                if (index) {
                    context.lineTo(...point);
                } else {
                    context.moveTo(...point);
                    context.lineTo(point[0] + 0.1, point[1]);
                }
            });
            context.stroke();
        }
    }
}
