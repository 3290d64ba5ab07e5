def post_init_hook(env):
    """Give the warehouses that exist what new ones get by themselves."""
    warehouses = env["stock.warehouse"].with_context(active_test=False).search([])
    warehouses._create_missing_return_places()


def uninstall_hook(env):
    """Retire the operation types that Inventory's history refers to."""
    warehouses = env["stock.warehouse"].with_context(active_test=False).search([])
    types = (
        warehouses.aftersales_return_type_id | warehouses.aftersales_return_out_type_id
    )
    groups = env["stock.picking"]._read_group(
        [("picking_type_id", "in", types.ids), ("state", "not in", ("done", "cancel"))],
        ["picking_type_id"],
    )
    for (busy,) in groups:
        types -= busy
    types.active = False
