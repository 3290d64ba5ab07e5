from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import WarrantyCommon


@tagged("post_install", "-at_install")
class TestTour(WarrantyCommon, HttpCase):
    """The fifth repair of the same fault, seen by who takes the car in."""

    def test_fifth_repair_of_a_car(self):
        self.env["aftersales.job.template"].create(
            {
                "name": "Replace the piston",
                "line_ids": [
                    Command.create({"product_id": self.part_fifo.id}),
                    Command.create({"product_id": self.labour.id, "kind": "labour"}),
                ],
            }
        )
        self._register(price=150000)
        self._repair(self.fault_noise, times=4)
        self.start_tour("/odoo", "aftersales_warranty_order", login=self.manager.login)
        order = self.env["aftersales.order"].search([], limit=1, order="id desc")
        self.assertEqual(order.complaint, "The engine knocks again")
        part, labour = order.line_ids
        self.assertEqual(part.verdict_result, "covered")
        self.assertEqual(part.payer_id, self.payer_maker)
        self.assertEqual(labour.verdict_result, "charged")
        self.assertEqual(labour.payer_id, self.payer_customer)
        self.assertEqual(labour.verdict_id.override_user_id, self.manager)
        self.assertEqual(labour.verdict_id.evidence_note, "Letter of 3 May")
        self.assertIn("Agreed with the customer", order.message_ids.mapped("body")[0])
