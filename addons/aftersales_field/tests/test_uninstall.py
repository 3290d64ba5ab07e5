from odoo.tests import tagged

from odoo.addons.aftersales_field.hooks import post_init_hook, uninstall_hook

from .common import FieldCommon


@tagged("post_install", "-at_install")
class TestHooks(FieldCommon):
    """Removing the add-on leaves Inventory with its history and nothing in the way."""

    def _get_active_places(self):
        warehouse = self.warehouse
        ours = [
            name
            for name, field in warehouse._fields.items()
            if field.type == "many2one"
            and name.startswith("aftersales_van")
            and field.comodel_name in ("stock.picking.type", "stock.route")
        ]
        self.assertTrue(ours)
        return {name: warehouse[name].active for name in ours if warehouse[name]}

    def test_types_and_routes_are_retired_and_come_back(self):
        self.assertTrue(all(self._get_active_places().values()))
        uninstall_hook(self.env)
        self.env.flush_all()
        self.assertFalse(any(self._get_active_places().values()))

    def test_installing_twice_makes_nothing_twice(self):
        Type = self.env["stock.picking.type"].with_context(active_test=False)
        # Databases that were only updated never saw the first time.
        post_init_hook(self.env)
        count = Type.search_count([])
        post_init_hook(self.env)
        self.assertEqual(Type.search_count([]), count)
