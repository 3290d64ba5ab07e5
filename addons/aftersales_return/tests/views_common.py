from odoo.tests import Form

from .common import ReturnCommon


class ViewsCommon(ReturnCommon):
    """What people of the house do through buttons and dialogs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.technician | cls.advisor | cls.manager
        cls.hosts = cls.storekeeper | cls.accountant

    def setUp(self):
        super().setUp()
        self._stock(self.part_avco, 20)

    def _wizard(self, action, user, **values):
        """Return the dialog that the button opened, filled in."""
        model = self.env(user=user)[action["res_model"]]
        dialog = Form(model.with_context(**action["context"]))
        for name, value in values.items():
            setattr(dialog, name, value)
        return dialog

    def _why(self, records, user, step, reason="Out of time"):
        context = {
            "active_model": records._name,
            "active_ids": records.ids,
            "active_id": records[:1].id,
            "default_step": step,
        }
        model = self.env(user=user)["aftersales.reason"]
        dialog = Form(model.with_context(**context))
        dialog.reason = reason
        return dialog.save().action_apply()

    def _received(self, quantity=1, operation="refund", count=1):
        sale_line = self._sell(self.part_avco, quantity * count)
        rma = self._create_return(*[(sale_line, quantity)] * count, operation=operation)
        rma.action_accept()
        self._receive(rma)
        return rma
