def post_init_hook(env):
    """Give the warehouses that exist what new ones get by themselves."""
    warehouses = env["stock.warehouse"].with_context(active_test=False).search([])
    warehouses._create_missing_van_places()


def uninstall_hook(env):
    """Retire what Inventory's history refers to, and the addresses of the teams."""
    warehouses = env["stock.warehouse"].with_context(active_test=False).search([])
    warehouses._retire_van_places()
    env["aftersales.team"].with_context(active_test=False).search(
        [("alias_id", "!=", False)]
    )._retire_addresses()
