import { choose, field, isInState, open, page, press, sees, walk, write } from "./return_steps";

const inInventory = (menu) =>
    open("stock.menu_stock_root", "stock.menu_stock_warehouse_mgmt", `aftersales_return.${menu}`);
const openParcel = (serial) => [
    ...inInventory("shipment_stock_menu"),
    press("Open the parcel", `.o_data_row:contains(${serial}) .o_data_cell[name=goods]`),
];
const step = (name, ...steps) => [
    press(name, `.o_statusbar_buttons button:contains(${name})`),
    ...steps.flat(),
    press("Save it", ".modal button[name=action_apply]"),
];
const written = (name, value) => sees(`${name}: ${value}`, field(name, `input:value(${value})`));
/** The points of the return; those met are ticked, the others say what is missing. */
const points = (...met) => [
    press("Its return", ".o_field_widget[name=return_id] a"),
    page("Parcels"),
    ...[1, 2, 3, 4, 5, 6, 7].map((number) =>
        sees(
            `Point ${number}`,
            `[name=points] li:nth-child(${number}):has(${met.includes(number) ? ".fa-check" : ".text-muted"})`
        )
    ),
];
const backToParcel = () => press("Back to the parcel", ".o_breadcrumb a:contains(PA/)");

/** Points 1 to 4: the calls of the customer and the carrier, a colleague goes, it is here. */
walk("register_in", () => [
    ...openParcel("CASE-1"),
    isInState("Announced"),
    written("contact_name", "Ms Wang"),
    written("contact_phone", "+86 25 1234 5678"),
    ...step("On the Way", [
        ...choose("carrier_id", "SF Express", ".modal"),
        write("The waybill", `.modal ${field("waybill")}`, "SF100"),
    ]),
    isInState("On the Way"),
    ...points(1, 4),
    backToParcel(),
    written("carrier_phone", "95338"),
    write("Where the carrier has it", field("carrier_place"), "East station"),
    write("From when on", field("date_pickup"), "11/24/2026 08:00:00"),
    ...step("Hand Over to Colleague", [
        ...choose("user_id", "aftersales_driver", ".modal"),
        write("Why", `.modal ${field("reason")}`, "Cannot go to the station today"),
    ]),
    page("Handed Over"),
    sees("The trace", "[name=handover_ids] .o_data_row:contains(aftersales_driver):contains(Cannot go)"),
    ...points(1, 2, 4),
    backToParcel(),
    press("Its transfer", "button[name=action_view_pickings]"),
    press("It is here", "button[name=button_validate]"),
    isInState("Done"),
    press("Back to its parcel", "button[name=action_view_shipment]"),
    isInState("Arrived"),
    ...points(1, 2, 3, 4),
]);

/** Points 5 to 7: repaired and tested it goes back, with its proof, and the customer knows. */
walk("register_out", () => [
    ...inInventory("return_picking_menu"),
    press("Open what goes back", ".o_data_row:contains(Wang Fang) .o_data_cell[name=name]"),
    press("It leaves", "button[name=button_validate]"),
    isInState("Done"),
    press("Its parcel", "button[name=action_view_shipment]"),
    ...points(1, 2, 3, 4, 5),
    backToParcel(),
    ...step("Sent", [
        ...choose("carrier_id", "SF Express", ".modal"),
        write("The waybill", `.modal ${field("waybill")}`, "SF101"),
    ]),
    isInState("On the Way"),
    page("Waybill and Papers"),
    sees("The proof", "[name=proof_ids]:contains(Packing list)"),
    ...step("Customer Told"),
    sees("Who was told", ".o_field_widget[name=told_name]:contains(Ms Wang)"),
    ...points(1, 2, 3, 4, 5, 6, 7),
]);

/** A parcel that never came: its file, the papers of the claim, and how it ended. */
walk("register_lost", () => [
    ...openParcel("LOST-1"),
    ...step("On the Way", [write("The waybill", `.modal ${field("waybill")}`, "SF200")]),
    isInState("On the Way"),
    ...step("Lost", [
        write("What is known", `.modal ${field("reason")}`, "Last seen at the depot on Monday"),
    ]),
    isInState("Lost"),
    sees("What the claim lacks", ".alert-warning:contains(the carrier):contains(a copy of the waybill)"),
    ...choose("carrier_id", "SF Express"),
    page("Waybill and Papers"),
    {
        content: "The copy of the waybill",
        trigger: "[name=proof_ids] input[type=file]:not(:visible)",
        run() {
            const files = new DataTransfer();
            files.items.add(new File(["SF200"], "waybill.txt", { type: "text/plain" }));
            this.anchor.files = files.files;
            this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
        },
    },
    sees("It is in the file", "[name=proof_ids]:contains(waybill.txt)"),
    page("Loss File"),
    write("The carrier's number", field("loss_reference"), "CLAIM-7"),
    press("Save", ".o_form_button_save"),
    sees("Nothing is missing", "[name=loss_reference]:not(:has(.alert-warning:visible))"),
    ...step("Settle the Claim", [
        write("What was paid", `.modal ${field("amount")}`, "20"),
        write("How it ended", `.modal ${field("reason")}`, "Paid in full"),
    ]),
    isInState("Loss Settled"),
]);
