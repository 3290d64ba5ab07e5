from odoo.tests import TransactionCase


class MenuCommon(TransactionCase):
    """Every role opens what the menus show it."""

    def _open_menus(self, module, users):
        """Open the windows of the menus of ``module`` as each of the users.

        :return: ``{user: menus they see}``, and ``{window: (model, its views)}``
        """
        data = self.env["ir.model.data"].search(
            [("module", "=", module), ("model", "=", "ir.ui.menu")]
        )
        ours = set(data.mapped("res_id"))
        seen, opened = {}, {}
        for user in users:
            Menu = self.env["ir.ui.menu"].with_user(user)
            shown = {key for key in Menu.load_menus(False) if isinstance(key, int)}
            seen[user] = Menu.browse(sorted(shown & ours))
            for menu in seen[user].filtered("action"):
                action = menu.sudo().action
                if action._name != "ir.actions.act_window":
                    continue
                with self.subTest(user=user.login, menu=menu.complete_name):
                    self.assertTrue(action.path, "an address of its own")
                    self.assertTrue(action.help, "says what to do when empty")
                    model = self.env[action.res_model].with_user(user)
                    views = model.get_views(
                        [*action.views, (action.search_view_id.id, "search")]
                    )
                    model.search([], limit=3).read(["display_name"])
                    opened[user, action] = (model, views["views"])
        return seen, opened
