import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

const press = (content, trigger) => ({ content, trigger, run: "click" });
const sees = (content, trigger) => ({ content, trigger });
const section = (name) => press(`Go to ${name}`, `.o_aftersales_tab[data-tab="${name}"]`);
const item = (name, trigger = "") => `.o_aftersales_item[data-item="${name}"] ${trigger}`;

/** Draw with one finger along places from 0 to 1 of an element. */
export async function draw(element, places) {
    const box = element.getBoundingClientRect();
    const send = (type, [x, y]) =>
        element.dispatchEvent(
            new PointerEvent(type, {
                bubbles: true,
                cancelable: true,
                pointerId: 1,
                clientX: box.left + x * box.width,
                clientY: box.top + y * box.height,
            })
        );
    // No finger is on the glass that the browser could hold on to.
    element.setPointerCapture = () => {};
    send("pointerdown", places[0]);
    for (const place of places) {
        send("pointermove", place);
    }
    send("pointerup", places.at(-1));
}

export async function photograph(input, size) {
    const canvas = Object.assign(document.createElement("canvas"), size);
    canvas.getContext("2d").fillRect(0, 0, 50, 50);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    attach(input, new File([blob], "left.png", { type: "image/png" }));
}

function attach(input, file) {
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

let original;
function loseConnection() {
    original = browser.XMLHttpRequest;
    browser.XMLHttpRequest = class extends original {
        open(method, url, ...rest) {
            this.isLost = url.includes("aftersales.inspection");
            return super.open(method, url, ...rest);
        }
        send(body) {
            if (this.isLost) {
                browser.setTimeout(() => this.dispatchEvent(new Event("error")));
            } else {
                super.send(body);
            }
        }
    };
}

function findConnection() {
    browser.XMLHttpRequest = original;
    window.dispatchEvent(new Event("online"));
}

/** Around a car with a tablet, through a dead spot, to the customer's signature. */
registry.category("web_tour.tours").add("aftersales_inspection_runner", {
    steps: () => [
        sees("The customer", ".o_aftersales_head:contains(Wang Fang)"),
        sees("Nothing is answered", ".o_aftersales_progress:contains(0 of 6)"),
        press("A dent", "[data-kind=dent]"),
        {
            content: "Tap on the door",
            trigger: item("Damage", ".o_aftersales_svg"),
            run: ({ anchor }) => draw(anchor, [[0.25, 0.2]]),
        },
        sees("It is on the list", ".o_aftersales_mark_row:contains(Dent):contains(Left side)"),
        press("A scratch", "[data-kind=scratch]"),
        {
            content: "Draw it on the roof",
            trigger: item("Damage", ".o_aftersales_svg"),
            run: ({ anchor }) => draw(anchor, [[0.45, 0.7], [0.5, 0.72], [0.55, 0.7]]),
        },
        {
            content: "Say what it is",
            trigger: ".o_aftersales_mark_row:contains(Scratch) input",
            run: "edit Old && click body",
        },
        press("The dent was a mistake", ".o_aftersales_mark_row:contains(Dent) button"),
        sees("One mark is left", ".o_aftersales_mark_row:only-child:contains(Scratch)"),
        {
            content: "Something that is no photo",
            trigger: item("Overview", "input[type=file]"),
            run: ({ anchor }) => attach(anchor, new File(["text"], "notes.txt")),
        },
        sees("It is refused", item("Overview", "[role=alert]:contains(notes.txt is not a picture)")),
        {
            content: "Take a photo",
            trigger: item("Overview", "input[type=file]"),
            run: ({ anchor }) => photograph(anchor, { width: 3200, height: 2400 }),
        },
        sees("The photo was sent", item("Overview", ".o_aftersales_photo:not(:has(.o_aftersales_unsent))")),
        {
            content: "The connection is lost",
            trigger: ".o_aftersales_runner",
            run: loseConnection,
        },
        section("Wheels"),
        press("All the rest is green", ".o_aftersales_rest"),
        press("Open the number pad", item("Tread", "[aria-label='Number pad']")),
        press("Two", item("Tread", ".o_aftersales_keys button:contains(2)")),
        sees("Two is yellow", item("Tread", ".o_aftersales_badge.o_aftersales_yellow:first")),
        sees("Three wait", ".o_aftersales_offline:contains(3 answers not sent yet)"),
        section("Finish"),
        sees("Finishing waits", ".o_aftersales_end:disabled"),
        press("Go to what is missing", ".o_aftersales_missing:contains(Remarks)"),
        {
            content: "Write it",
            trigger: item("Remarks", "textarea"),
            run: "edit Child seat in the back",
        },
        sees("Four wait", ".o_aftersales_offline:contains(4 answers not sent yet)"),
        {
            content: "The connection is back",
            trigger: ".o_aftersales_runner",
            run: findConnection,
        },
        sees("All was sent", ".o_aftersales_runner:not(:has(.o_aftersales_offline))"),
        section("Belongings"),
        {
            content: "A thing was left",
            trigger: ".o_aftersales_thing",
            run: "edit Umbrella",
        },
        press("Write it down", ".o_aftersales_new button[type=submit]"),
        sees("It is there", ".o_aftersales_belonging:contains(Umbrella)"),
        section("Finish"),
        press("Too early", ".o_aftersales_end:enabled"),
        sees("The signature is missing", "[role=alert]:contains(signature of the customer)"),
        {
            content: "Sign",
            trigger: ".o_aftersales_pad canvas",
            run: ({ anchor }) => draw(anchor, [[0.1, 0.5], [0.3, 0.3], [0.5, 0.7]]),
        },
        press("Finish", ".o_aftersales_end:enabled"),
        sees("It is finished", ".o_aftersales_result:contains(Wang Fang)"),
        section("Wheels"),
        sees("Nothing can be changed", item("Tyres", "[data-value=red]:disabled")),
    ],
});
