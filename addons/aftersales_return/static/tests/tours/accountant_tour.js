import { field, isInState, open, page, press, sees, walk } from "./return_steps";

const inInvoicing = (section, menu) =>
    open("account.menu_finance", `account.menu_finance_${section}`, menu);
const returns = () =>
    press("The return it belongs to", ".oe_stat_button[name=action_view_aftersales_returns]");
const goBack = (to) => press(`Back to ${to}`, `.o_breadcrumb a:contains(${to})`);

/** The accountant posts the credit note of a return and pays the customer. */
walk("accountant", () => [
    ...inInvoicing("receivables", "account.menu_action_move_out_refund_type"),
    press("The draft", ".o_data_row:contains(Wang Fang):contains(Draft) .o_data_cell[name=invoice_partner_display_name]"),
    sees("Its total", ".oe_subtotal_footer:contains(44)"),
    returns(),
    sees("It waits for him", ".alert-info:contains(draft credit note)"),
    isInState("Accepted"),
    goBack("Draft Credit Note"),
    press("Post it", "button[name=action_post]:visible"),
    isInState("Posted"),
    returns(),
    isInState("Closed"),
    press("Its credit notes", ".oe_stat_button[name=action_view_refunds]"),
    isInState("Posted"),
    press("Pay it", "button[name=action_register_payment]:visible"),
    sees("The amount", `.modal ${field("amount", "input:value(44)")}`),
    press("It is paid", ".modal button[name=action_create_payments]:visible"),
    sees("Nothing is left to pay", ".o_form_view:not(:has(button[name=action_register_payment]:visible)) .ribbon:contains(Paid)"),
]);

/** Who reads the books finds the journal items of the same return. */
walk("auditor", () => [
    ...inInvoicing("receivables", "aftersales_return.return_menu_account"),
    sees("Nothing waits", ".o_view_nocontent:contains(No credit note of a return waits)"),
    press("All, not only drafts", ".o_searchview_facet .o_facet_remove"),
    press("The return", ".o_data_row:contains(Wang Fang) .o_data_cell[name=partner_id]"),
    isInState("Closed"),
    press("Its credit notes", ".oe_stat_button[name=action_view_refunds]"),
    isInState("Posted"),
    page("Journal Items"),
    sees("What was sold comes back", ".o_data_row:contains(Circulation pump):contains(40.00)"),
    sees("And its cost", ".o_data_row:contains(Circulation pump):contains(20.00)"),
]);

/** What the supplier credits, and what is claimed from him. */
walk("accountant_supplier", () => [
    ...inInvoicing("payables", "account.menu_action_move_in_refund_type"),
    press("The supplier's credit", ".o_data_row:contains(Pump Works):contains(20.00) .o_data_cell[name=invoice_partner_display_name]"),
    returns(),
    isInState("Closed"),
    goBack("Draft Vendor Credit Note"),
    sees("The number of his paper", field("ref", "input:value(CN-1)")),
    press("Post it", "button[name=action_post]:visible"),
    isInState("Posted"),
    ...inInvoicing("receivables", "aftersales_warranty.claims_to_settle_menu"),
    press("Of the supplier", ".o_group_header:contains(Pump Works)"),
    press("The claim", ".o_data_row .o_data_cell[name=name]"),
    isInState("Sent"),
    press("The return it belongs to", ".oe_stat_button[name=action_view_returns]"),
    isInState("Closed"),
    sees("What came back", ".o_data_row:contains(Circulation pump):contains(Faulty)"),
]);
