import { registry } from "@web/core/registry";

const press = (content, trigger) => ({ content, trigger, run: "click" });
const pads = ".o_aftersales_jobs .card:contains(Replace brake pads)";
const fee = ".o_aftersales_jobs .card:contains(Job 1)";

/**
 * The customer reads what was found, looks at its photo, says no to a job that affects
 * safety and yes to another one, and opens the sheet of the inspection.
 */
registry.category("web_tour.tours").add("aftersales_inspection_portal", {
    steps: () => [
        {
            content: "The finding is beside its job, with colour and word",
            trigger: `${pads} .o_aftersales_finding .text-bg-danger:contains(Needs work now)`,
        },
        {
            content: "The photo is there",
            trigger: `${pads} a.o_aftersales_photo img`,
            run() {
                this.anchor.loading = "eager";
            },
        },
        press("Look at it", `${pads} a.o_aftersales_photo`),
        {
            content: "It opens large",
            trigger: "dialog.o_aftersales_viewer[open] img",
            async run() {
                await this.anchor.decode();
                if (this.anchor.naturalWidth < 1000) {
                    throw new Error("The photo is too small to see anything.");
                }
            },
        },
        press("Close it", "dialog.o_aftersales_viewer .o_close"),
        {
            content: "Back on the page",
            trigger: "body:not(:has(dialog[open]))",
        },
        {
            content: "Nobody is warned before saying no",
            trigger: `${pads} .o_aftersales_reason.d-none:not(:visible)`,
        },
        press("No to the pads", `${pads} label:contains(No)`),
        {
            content: "The page warns",
            trigger: `${pads} [name=warning]:contains(this affects safety)`,
        },
        press("Say why", `${pads} .o_aftersales_chip:contains(Done elsewhere)`),
        press("Yes to the other job", `${fee} label:contains(Yes)`),
        press("Write the name as signature", ".o_web_sign_auto_button"),
        {
            content: "It is signed",
            trigger: ".o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        {
            content: "Send it",
            trigger: ".o_aftersales_send:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The answer has arrived",
            trigger: ".alert-success:contains(we have your answer)",
        },
        {
            content: "The danger stays in sight",
            trigger: `${pads} [name=warned]:contains(is not repaired)`,
        },
        {
            content: "What else was seen is told",
            trigger: "#findings:contains(The wipers leave streaks)",
        },
        {
            content: "Open the sheet",
            trigger: "[name=inspections] a:contains(Multi-point check)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It says what was measured",
            trigger: "[name=section] li:contains(Brake pads, front):contains(1.2 mm)",
        },
        {
            content: "Back to the order",
            trigger: "a[name=back]",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "The order again", trigger: "#findings" },
    ],
});
