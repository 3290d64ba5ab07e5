import { onWillUnmount, useState } from "@odoo/owl";

const STEP = 15000;

/** @returns {{now: number}} the time, for clocks that run on the screen */
export function useNow() {
    const clock = useState({ now: Date.now() });
    const timer = setInterval(() => (clock.now = Date.now()), STEP);
    onWillUnmount(() => clearInterval(timer));
    return clock;
}
