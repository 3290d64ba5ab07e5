def post_init_hook(env):
    """Give the warehouses that exist what new ones get by themselves."""
    warehouses = env["stock.warehouse"].with_context(active_test=False).search([])
    warehouses._create_missing_van_places()


def uninstall_hook(env):
    """Retire the operation types and routes that Inventory's history refers to."""
    warehouses = env["stock.warehouse"].with_context(active_test=False).search([])
    warehouses._retire_van_places()
