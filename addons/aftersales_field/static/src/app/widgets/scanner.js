import { Component, onMounted, onWillUnmount, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

const PAUSE = 150;

/** The camera, until it has read a code. Where the browser reads none, one types. */
export class Scanner extends Component {
    static template = "aftersales_field.Scanner";
    static props = { onCode: Function, onClose: Function };
    static get isSupported() {
        return "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);
    }

    setup() {
        this.video = useRef("video");
        onMounted(() => this.start());
        onWillUnmount(() => this.stop());
    }

    async start() {
        try {
            this.stream = await navigator.mediaDevices.getUserMedia({
                video: { facingMode: "environment" },
            });
        } catch {
            this.props.onClose(_t("The camera can't be used. Type the code instead."));
            return;
        }
        if (this.isStopped) {
            this.stop();
            return;
        }
        this.video.el.srcObject = this.stream;
        await this.video.el.play();
        this.detector = new window.BarcodeDetector();
        this.look();
    }

    async look() {
        if (this.isStopped) {
            return;
        }
        let codes = [];
        try {
            codes = await this.detector.detect(this.video.el);
        } catch {
            // No picture yet.
        }
        if (codes.length && !this.isStopped) {
            navigator.vibrate?.(80);
            this.props.onCode(codes[0].rawValue);
            return;
        }
        setTimeout(() => this.look(), PAUSE);
    }

    stop() {
        this.isStopped = true;
        this.stream?.getTracks().forEach((track) => track.stop());
    }

    close() {
        this.props.onClose();
    }
}
