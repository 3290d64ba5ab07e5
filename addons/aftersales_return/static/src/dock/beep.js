import { browser } from "@web/core/browser/browser";

let context = null;

/** A short high tone for what goes on, a low double one for what needs a look. */
export function beep(isGood) {
    const AudioContext = browser.AudioContext || window.AudioContext;
    if (!AudioContext || !navigator.userActivation?.hasBeenActive) {
        return; // browsers allow no sound before somebody touched the page
    }
    context = context || new AudioContext();
    const tones = isGood ? [[880, 0]] : [[220, 0], [220, 0.2]];
    for (const [frequency, delay] of tones) {
        const oscillator = context.createOscillator();
        const gain = context.createGain();
        gain.gain.value = 0.1;
        oscillator.frequency.value = frequency;
        oscillator.connect(gain).connect(context.destination);
        oscillator.start(context.currentTime + delay);
        oscillator.stop(context.currentTime + delay + 0.12);
    }
}
