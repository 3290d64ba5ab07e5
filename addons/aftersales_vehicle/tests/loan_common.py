from datetime import timedelta

from odoo import fields

from .reception_common import ReceptionCommon


class LoanCommon(ReceptionCommon):
    """A loaner that is free from ``start`` (now) on.

    * ``_lend(order, days=2, price=30.0, **values)``: its agreement, ready to hand out
      but for the reading and the signature
    * ``_hand_out(loan)``: the advisor hands it out at 5,000 km with a full tank
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.loaner = cls.env["resource.resource"].create(
            {
                "name": "Polo (loaner)",
                "resource_type": "material",
                "aftersales_role": "loaner",
                "company_id": cls.company.id,
                "calendar_id": False,
            }
        )
        cls.start = fields.Datetime.now().replace(microsecond=0, second=0)

    def _lend(self, order, days=2, price=30.0, **values):
        return self.env["aftersales.loan"].create(
            {
                "order_id": order.id,
                "resource_id": self.loaner.id,
                "date_from": self.start,
                "date_due": self.start + timedelta(days=days),
                "price_day": price,
                "distance_day": 100,
                "price_distance": 0.5,
                "price_fuel": 12,
                "licence_number": "110101199001011234",
                "is_licence_checked": True,
                **values,
            }
        )

    def _hand_out(self, loan):
        loan.with_user(self.advisor).action_hand_out(
            meter=5000, fuel="4", signer="Wang Fang"
        )
