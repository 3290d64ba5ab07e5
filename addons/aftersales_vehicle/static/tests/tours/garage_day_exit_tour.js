import { isInState, loungeSays, openLounge, page, press, sees, walk, write } from "./garage_day_steps";

/** Invoiced and not paid: there is no pass; a manager may be asked for a release. */
walk("unpaid", () => [
    press("Invoice", ".o_statusbar_buttons button[name=action_invoice]"),
    sees("It is invoiced", ".o_statusbar_buttons:not(:has(button[name=action_invoice]))"),
    sees("Payment is next", ".o_aftersales_next_step:contains(Payment: take)"),
    sees("No pass", ".o_statusbar_buttons:not(:has(button[name=action_gate_pass]))"),
    sees("No hand-over", ".o_statusbar_buttons:not(:has(button[name=action_deliver]))"),
    press("Ask a manager", ".o_statusbar_buttons button:contains(Request Release)"),
    write("Say why", ".modal .o_field_widget[name=reason] input", "Pays in cash tonight"),
    press("Ask", ".modal footer button[name=action_apply]"),
    sees("It is asked", "body:not(:has(.modal)) .o_aftersales_next_step:contains(was asked)"),
]);

/** The accountant posts the invoice and takes the money. */
walk("pay", () => [
    press("Open the invoice", ".o_data_row:contains(Wang Fang) .o_data_cell"),
    press("Post it", "button[name=action_post]"),
    isInState("Posted"),
    press("The customer pays", "button[name=action_register_payment]"),
    press("All of it", ".modal button[name=action_create_payments]"),
    sees("It is paid", "body:not(:has(.modal)) .ribbon:contains(Pa)"),
]);

/** The pass, the umbrella, the keys. */
walk("leave", () => [
    ...openLounge(),
    loungeSays("Ready"),
    press("Make out the pass", "button[name=action_gate_pass]"),
    sees("It has a number", "[name=gate_pass_id]:contains(GP/)"),
    page("Belongings"),
    press("The umbrella goes back", "[name=belonging_ids] button[name=action_return]"),
    sees("It did", "[name=belonging_ids] .o_data_row:contains(Handed Back)"),
    page("Hand-over"),
    write("Read the meter", ".o_field_widget[name=meter_out] input", "15240"),
    press("Hand over", ".o_statusbar_buttons button[name=action_deliver]"),
    isInState("Handed Over"),
    loungeSays(""),
    page("Hand-over"),
    sees("Somebody calls in three days", ".o_field_widget[name=date_follow_up]:not(:empty)"),
]);
