def post_init_hook(env):
    """Give the warehouses and companies that exist what new ones get by themselves."""
    for warehouse in env["stock.warehouse"].with_context(active_test=False).search([]):
        # Written, not created: this makes locations, operation types and the route.
        warehouse.aftersales_steps = warehouse.aftersales_steps or "one_step"
    env["res.company"].search([])._create_aftersales_payers()
    env["res.company"]._translate_aftersales_names()


def uninstall_hook(env):
    """Retire what only this add-on uses but Inventory's history refers to.

    Operation types with open transfers stay, until somebody has done or cancelled
    those and archives them.
    """
    warehouses = env["stock.warehouse"].with_context(active_test=False).search([])
    routes = warehouses.aftersales_route_id
    routes.rule_ids.active = False
    routes.active = False
    types = warehouses.aftersales_staging_type_id | warehouses.aftersales_issue_type_id
    groups = env["stock.picking"]._read_group(
        [("picking_type_id", "in", types.ids), ("state", "not in", ("done", "cancel"))],
        ["picking_type_id"],
    )
    for (busy,) in groups:
        types -= busy
    types.active = False
