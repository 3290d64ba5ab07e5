import { choose, field, isInState, open, press, sees, walk, write } from "./return_steps";

const inReturns = (menu) =>
    open("aftersales.aftersales_menu", "aftersales_return.return_menu", `aftersales_return.${menu}`);
const row = ".o_field_widget[name=line_ids] .o_selected_row";

/** Somebody calls: what he sends back, and why, is written down and accepted. */
walk("advisor_intake", () => [
    ...inReturns("return_list_menu"),
    press("A new one", ".o_list_button_add"),
    ...choose("partner_id", "Wang Fang"),
    sees("His phone is known", field("contact_phone", "input:value(+86 25 1234 5678)")),
    write("Who calls", field("contact_name"), "Ms Wang"),
    press("What comes back", ".o_field_widget[name=line_ids] .o_field_x2many_list_row_add a"),
    ...choose("product_id", "Serial Part", row),
    write("Its serial", `${row} ${field("serial")}`, "SWAP-1 && press Tab"),
    ...choose("reason_id", "Does not work", row),
    ...choose("operation_id", "Exchange", row),
    press("Accept it", "button[name=action_accept]:visible"),
    isInState("Accepted"),
    sees("What is next", ".alert-info:contains(Waits for Serial Part SWAP-1)"),
    sees("The delivery it left with was found", "button:contains(Print Label)"),
]);

/** Tested, it is settled: what will happen is said before it does. */
walk("advisor_settle", () => [
    ...inReturns("return_line_settle_menu"),
    press("Open it", ".o_data_row:contains(SWAP-1) .o_data_cell[name=product_id]"),
    press("Settle", "button[name=action_open_settle]"),
    sees("What will happen", `.modal ${field("forecast", "li:contains(The customer gets Serial Part free of charge)")}`),
    press("Yes", ".modal button[name=action_apply]:visible"),
    isInState("In Hand"),
    sees("A new one goes out", ".alert-info:contains(Waits for):contains(transfer)"),
]);
