def post_init_hook(env):
    """Give the warehouses and companies that exist what new ones get by themselves."""
    for warehouse in env["stock.warehouse"].with_context(active_test=False).search([]):
        # Written, not created: this makes locations, operation types and the route.
        warehouse.aftersales_steps = warehouse.aftersales_steps or "one_step"
    env["res.company"].search([])._create_aftersales_payers()


def uninstall_hook(env):
    """Retire what only this add-on uses but Inventory's history refers to."""
    warehouses = env["stock.warehouse"].with_context(active_test=False).search([])
    warehouses.aftersales_route_id.active = False
    types = warehouses.aftersales_staging_type_id | warehouses.aftersales_issue_type_id
    types.active = False
