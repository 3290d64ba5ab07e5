import {
    answer,
    back,
    choose,
    field,
    finish,
    isInState,
    open,
    photo,
    pick,
    press,
    section,
    sees,
    walk,
    write,
} from "./return_steps";

const toTest = () =>
    open(
        "aftersales.aftersales_menu",
        "aftersales_return.return_menu",
        "aftersales_return.return_line_test_menu"
    );
const openGoods = (serial) => press(`Open ${serial}`, `.o_data_row:contains(${serial}) .o_data_cell[name=product_id]`);
const inspect = (checklist) => [
    press("Open its checklist", "button[name=action_inspect]"),
    sees("Its screen", `.o_aftersales_head:contains(${checklist})`),
];

/** The tester tests one by hand and one by its checklist; what follows is not his. */
walk("tester", () => [
    ...toTest(),
    sees("What was repaired is not here yet", ".o_data_row:contains(TEST-1):contains(Repair)"),
    press("Choose the pump", ".o_data_row:contains(Circulation pump) .o_list_record_selector input"),
    sees("To settle is not his", "body:not(:has(button[name=action_open_settle]))"),
    press("Test it", ".o_control_panel button[name=action_open_test]"),
    press("In order", `.modal ${field("result", ".o_radio_item:contains(In order) input")}`),
    ...choose("grade_id", "A: as new", ".modal .o_group"),
    write("What was found", `.modal .o_group ${field("note")}`, "Sealed box"),
    press("Record it", ".modal button[name=action_apply]"),
    sees("It is tested", ".o_list_view:not(:has(.o_data_row:contains(Circulation pump)))"),
    openGoods("TEST-1"),
    ...inspect("Test of returned goods"),
    answer("Serial number is that of the return", "yes"),
    pick("Completeness", "Complete"),
    pick("Appearance", "Traces of use"),
    answer("Opened, altered or wet", "no"),
    section("Function"),
    answer("The reported fault shows", "yes"),
    answer("All functions work", "no"),
    answer("Safe to use", "yes"),
    section("Result"),
    pick("Grade", "C: worn"),
    section("Finish"),
    sees("Finishing waits", ".o_aftersales_end:disabled"),
    press("A photo is missing", ".o_aftersales_missing:contains(Appearance)"),
    ...photo("Appearance"),
    section("Function"),
    ...photo("All functions work"),
    ...finish(),
    sees("Not passed", ".o_aftersales_result.alert-danger"),
    back(),
    isInState("Tested"),
    sees("Its result", field("test_result", ":contains(Faulty)")),
    sees("Its grade", field("grade_id", "input:value(C: worn or incomplete)")),
    sees("To settle is not his", "body:not(:has(button[name=action_open_settle]))"),
]);

const transfer = () => [
    ...open("stock.menu_stock_root", "stock.menu_stock_warehouse_mgmt", "aftersales_return.return_picking_menu"),
    press("Open what goes back", ".o_data_row:contains(Wang Fang) .o_data_cell[name=name]"),
    isInState("Ready"),
    press("It leaves", "button[name=button_validate]"),
];

/** The storekeeper would send what was repaired. */
walk("gate_refused", () => [
    ...transfer(),
    sees("It is refused, with words", ".modal:contains(GATE-1):contains(passed the test after the repair)"),
    press("Understood", ".modal .modal-footer button:contains(Close)"),
    isInState("Ready"),
]);

/** The tester tests what others repaired. */
walk("gate_passed", () => [
    ...toTest(),
    openGoods("GATE-1"),
    isInState("In Hand"),
    sees("It waits for him", ".alert-info:contains(the test after the repair)"),
    ...inspect("Test after repair"),
    press("All as it should be", ".o_aftersales_rest"),
    section("Before it leaves"),
    press("All as it should be", ".o_aftersales_rest"),
    ...finish(),
    sees("Passed", ".o_aftersales_result.alert-success"),
    back(),
    sees("It may leave", field("gate_result", ":contains(Passed)")),
]);

/** Now it leaves. */
walk("gate_leaves", () => [...transfer(), isInState("Done")]);
