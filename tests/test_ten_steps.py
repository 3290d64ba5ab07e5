"""The ten steps of a work order (R001 to R010), each by who does it, with only the
rights of that role."""

from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.aftersales.tests.common import AftersalesCommon


@tagged("post_install", "-at_install")
class TestTenSteps(AftersalesCommon):
    def test_ten_steps(self):
        self.warehouse.aftersales_steps = "two_steps"
        bay = self.env["stock.location"].create(
            {
                "name": "Bay 3",
                "location_id": self.warehouse.aftersales_workshop_loc_id.id,
                "company_id": self.company.id,
            }
        )
        self._stock(self.part_avco, 2)
        technician = self.employee

        # R001: the customer phones; what is wrong is written down as it was said.
        Order = self.env["aftersales.order"].with_user(self.advisor)
        order = Order.create(
            {
                "partner_id": self.customer.id,
                "asset_id": self.asset.id,
                "channel": "phone",
                "complaint": "It squeals when I brake",
            }
        )
        # R002: one job per operation, with parts, labour and technician.
        order.job_ids = [
            Command.create({**self._prepare_job(lines), "technician_id": technician.id})
            for lines in ([(self.part_avco, 2), (self.labour, 1)], [(self.labour, 0.5)])
        ]
        # R003: parts are there before a time is promised.
        part = order.line_ids.filtered(lambda line: line.kind == "part")
        self.assertEqual(part.availability_state, "available")
        # R004: the bay.
        order.bay_id = bay
        order.date_promised = "2030-01-01 16:00:00"
        # R005: the total, and the customer's answer to each job.
        order.action_estimate()
        self.assertEqual(order.amount_untaxed, 160.0)
        brakes, check = order.job_ids
        order.action_decline(jobs=check, reason="Next month", method="phone")
        order.action_approve(jobs=brakes, method="phone", signer="Wang Fang")
        self.assertEqual(order.amount_untaxed, 120.0)
        # R006: the storekeeper brings the parts to the bay.
        staging = order.sudo().picking_ids.filtered(
            lambda picking: picking.picking_type_id.code == "internal"
        )
        self.assertEqual(staging.location_dest_id, bay)
        staging = staging.with_user(self.storekeeper)
        self.assertEqual(staging.aftersales_order_id, order)
        self.assertEqual(staging.aftersales_bay_id, bay)
        staging.move_ids.picked = True
        staging.button_validate()
        self.assertEqual(order.parts_state, "staged")
        # R007: on arrival the planned work is done, and what else is found is asked.
        order.action_start()
        found = self._add_job(order, [(self.fee, 1)])
        order.action_estimate()
        self.assertEqual(found.state, "proposed")
        order.action_decline(jobs=found, reason="Not today")
        # R008: what was really used, written down by the technician.
        job = brakes.with_user(self.technician)
        with Form(job, view="aftersales.job_view_form_technician") as form:
            form.cause = "Pads worn to the metal"
            form.correction = "Pads replaced"
        issue = (order.sudo().picking_ids - staging.sudo()).with_user(self.storekeeper)
        issue.move_ids.picked = True
        issue.button_validate()
        order.with_user(self.technician).action_complete()
        self.assertEqual(part.qty_used, 2)
        order.action_pass_quality()
        # R009: the total cost, computed.
        self.assertEqual(brakes.cost, 50.0)
        self.assertEqual(brakes.margin, 70.0)
        # R010: the invoice, posted by the accountant.
        order.action_invoice()
        invoice = order.sudo().invoice_ids.with_user(self.accountant)
        self.assertEqual(invoice.aftersales_order_id, order)
        self.assertEqual(invoice.amount_untaxed, 120.0)
        invoice.action_post()
        order.action_deliver(signer="Wang Fang")
        self.assertEqual(order.state, "done")
        self.assertEqual(self._balance(self.account_income, order), -120.0)
        self.assertEqual(self._balance(self.account_expense, order), 20.0)
        self.assertEqual(self._balance(self.account_stock_valuation, order), -20.0)
