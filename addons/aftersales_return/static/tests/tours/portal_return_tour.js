import { registry } from "@web/core/registry";

const press = (content, trigger, unload = false) => ({
    content,
    trigger,
    run: "click",
    expectUnloadPage: unload,
});
const choose = (content, trigger, words) => ({
    content,
    trigger,
    run() {
        const options = [...this.anchor.options];
        this.anchor.value = options.find((option) => option.text.includes(words)).value;
    },
});
const pump = "[name=item]:contains(Circulation pump)";
const drill = "[name=item]:contains(TOUR-2)";

/**
 * The customer finds the form from the home page, sees what is possible for each thing,
 * asks for two of them, is told what is missing, and follows the request.
 */
registry.category("web_tour.tours").add("aftersales_return_portal", {
    steps: () => [
        press("Returns on the home page", "a[title=Returns]", true),
        press("Send something back", "a[name=new]", true),
        {
            content: "What is possible is told before anything is chosen",
            trigger: `${pump} [name=possible]:contains(Refund):contains(30 days after)`,
        },
        {
            content: "What is too late is told as well",
            trigger: `${drill} [name=possible]:contains(It was possible until)`,
        },
        {
            content: "Nothing is asked yet",
            trigger: "button:contains(Send the request):not(:visible)",
        },
        press("Choose the pump", `${pump} .form-check-label:first`),
        press("A refund", `${pump} fieldset label:contains(Refund)`),
        {
            content: "Two of them",
            trigger: `${pump} input[type=number]`,
            run: "edit 2",
        },
        choose("It was damaged on the way", `${pump} select`, "Damaged on the way"),
        press("Choose the drill", `${drill} .form-check-label:first`),
        {
            content: "A refund can't be chosen any more",
            trigger: `${drill} fieldset .form-check:contains(Refund) input:disabled`,
        },
        press("A repair", `${drill} fieldset label:contains(Repair)`),
        choose("It does not work", `${drill} select`, "Does not work"),
        {
            content: "In my own words",
            trigger: "#description",
            run: "edit The box was wet.",
        },
        press("Send it", "button:contains(Send the request)", true),
        {
            content: "A photo is missing",
            trigger: ".alert-danger:contains(Add a photo)",
        },
        {
            content: "What was typed is still there",
            trigger: `${pump} input[type=number]:value(2)`,
        },
        {
            content: "Add the photo",
            trigger: "#photos",
            async run() {
                const canvas = document.createElement("canvas");
                canvas.width = canvas.height = 400;
                const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
                const files = new DataTransfer();
                files.items.add(new File([blob], "box.png", { type: "image/png" }));
                this.anchor.files = files.files;
            },
        },
        press("Send it again", "button:contains(Send the request)", true),
        {
            content: "It has arrived",
            trigger: ".alert-success:contains(we have your request)",
        },
        {
            content: "Both things are on it",
            trigger: "[name=line]:contains(TOUR-2):contains(Does not work)",
        },
        {
            content: "And the photo",
            trigger: "[name=photos] img",
        },
        press("Back to the list", ".breadcrumb a:contains(Returns)", true),
        {
            content: "It is in the list",
            trigger: "tr:contains(We have your request)",
        },
    ],
});
