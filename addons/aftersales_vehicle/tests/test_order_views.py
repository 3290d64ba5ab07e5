from odoo.tests import Form, tagged

from .reception_common import ReceptionCommon


@tagged("post_install", "-at_install")
class TestOrderViews(ReceptionCommon):
    def test_each_role_opens_the_work_order(self):
        """A field that somebody may not read would close the whole screen."""
        order = self._order({"lines": [(self.labour, 1)]})
        order.job_ids.technician_id = self.employee
        self._approve(order)
        roles = (
            ("purchaser", "purchase.group_purchase_user"),
            ("salesman", "sales_team.group_sale_salesman_all_leads"),
            ("auditor", "account.group_account_readonly"),
        )
        others = [self._create_user(*role) for role in roles]
        staff = (self.technician, self.advisor, self.manager, self.accountant)
        for user in (*staff, self.storekeeper, *others):
            with self.subTest(user.name):
                form = Form(order.with_user(user))
                self.assertEqual(form.plate, self.vehicle.plate)
