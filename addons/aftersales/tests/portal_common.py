from odoo import Command
from odoo.tests import new_test_user

from .common import AftersalesCommon

SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


class PortalCommon(AftersalesCommon):
    """Two customers with portal users, and a work order of two jobs for the first.

    * ``portal_user`` of ``customer``, a contact of ``fleet``: ``portal_driver``;
      ``portal_stranger`` of ``stranger``
    * ``_make_answers(jobs, answer)`` as the page posts them
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.env["res.partner"].create({"name": "Li Wei"})
        cls.driver = cls.env["res.partner"].create(
            {"name": "Driver", "parent_id": cls.fleet.id}
        )
        cls.portal_user = cls._create_portal_user("wang", cls.customer)
        cls.portal_stranger = cls._create_portal_user("li", cls.stranger)
        cls.portal_driver = cls._create_portal_user("driver", cls.driver)

    @classmethod
    def _create_portal_user(cls, login, partner, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"portal_{login}",
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def _create_estimate(self, **values):
        order = self._create_order(
            {"name": "Brake pads", "lines": [(self.part_avco, 1), (self.labour, 2)]},
            {"name": "Wiper", "lines": [(self.fee, 1)]},
            **values,
        )
        order.action_estimate()
        return order

    def _make_answers(self, jobs, answer="approve", **values):
        return [
            {
                "job_id": job.id,
                "answer": answer,
                "offer": job.sudo()._get_offer_code(),
                **values,
            }
            for job in jobs
        ]

    def _answer(self, order, answers, **values):
        order._answer_on_portal(
            answers,
            **{
                "signer": "Wang Fang",
                "signature": SIGNATURE,
                "device": "Phone",
                "partner": self.customer,
                **values,
            },
        )
