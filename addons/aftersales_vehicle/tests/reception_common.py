from odoo import Command, fields

from .common import VehicleCommon


class ReceptionCommon(VehicleCommon):
    """A vehicle at the counter: its visits, its fault codes and the gate.

    * ``category_car`` needs a gate pass; ``rework`` is the payer of come-backs
    * ``_visit(days_ago, lines, **job)``: a finished visit, handed over then
    * ``_ready(order)``: takes an approved order to ready, invoiced and posted
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category_car.gate_pass_required = True
        cls.rework = cls.env["aftersales.payer"].search(
            [("company_id", "=", cls.company.id), ("code", "=", "rework")]
        )
        cls.rework.account_id = cls.account_goodwill
        cls.env["aftersales.close.check"].search([("active", "=", True)]).active = False

    def _order(self, *jobs, **values):
        return self._create_order(
            *jobs, asset_id=self.vehicle.id, meter_in=10000, **values
        )

    def _pay(self, order):
        invoices = order.invoice_ids.filtered(
            lambda move: move.state == "posted" and move.amount_residual
        )
        for invoice in invoices:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({}).action_create_payments()

    def _visit(self, days_ago=0, meter=10000.0, job=None):
        """Bring the vehicle, do one job and hand it over ``days_ago``."""
        self._stock(self.part_avco, 1)
        order = self._create_order(
            {
                "lines": [(self.part_avco, 1), (self.labour, 2)],
                "technician_id": self.employee.id,
                **(job or {}),
            },
            asset_id=self.vehicle.id,
            meter_in=meter,
        )
        self._approve(order)
        self._finish_order(order)
        self._pay(order)
        order.action_deliver(meter_out=meter, signer="Wang Fang")
        if days_ago:
            order.date_out = fields.Datetime.subtract(order.date_out, days=days_ago)
        return order

    def _come_back(self, fault, meter=10100.0, **values):
        """Bring the vehicle again with a fault, nothing quoted yet."""
        return self.env["aftersales.order"].create(
            {
                "partner_id": self.customer.id,
                "asset_id": self.vehicle.id,
                "complaint": "It does it again",
                "team_id": self.team.id,
                "user_id": self.advisor.id,
                "company_id": self.company.id,
                "meter_in": meter,
                "job_ids": [
                    Command.create(
                        {
                            "name": "Look again",
                            "fault_id": fault.id,
                            "line_ids": [
                                Command.create(
                                    {
                                        "product_id": self.labour.id,
                                        "product_uom_qty": 1,
                                    }
                                )
                            ],
                        }
                    )
                ],
                **values,
            }
        )
