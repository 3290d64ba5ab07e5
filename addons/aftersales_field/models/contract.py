from odoo import api, fields, models, tools


class AftersalesWarrantyPack(models.Model):
    """A contract is a cover that is sold; what it does not make free has its price.

    Entitlement is the guarantee's own verdict. Lines that are charged all the same go
    to the payer of the contract, whose price list holds the discount.
    """

    _inherit = "aftersales.warranty.pack"

    contract_payer_id = fields.Many2one(
        "aftersales.payer",
        "Charged By",
        company_dependent=True,
        domain="[('kind', '=', 'invoiced'), "
        "('company_id', '=', allowed_company_ids[0])]",
        help="While this cover is in force, what it does not make free is charged as "
        "this payer says: by its price list and to whom it bills. Empty: as usual.",
    )
    recurring_ids = fields.One2many(
        "aftersales.recurring.visit", "pack_id", "Recurring Visits"
    )

    @api.model_create_multi
    def create(self, vals_list):
        packs = super().create(vals_list)
        if any(vals.get("contract_payer_id") for vals in vals_list):
            self.env.registry.clear_cache()
        return packs

    def write(self, vals):
        result = super().write(vals)
        if "contract_payer_id" in vals:
            self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache("company.id")
    def _get_contract_payer_ids(self, company):
        """Return ``{pack id: payer id}`` of the contracts of a company.

        Remembered, so that work without a contract costs no statement more.
        """
        packs = self.sudo().with_company(company).with_context(active_test=False)
        found = packs.search([("contract_payer_id", "!=", False)])
        return {pack.id: pack.contract_payer_id.id for pack in found}


class AftersalesVerdict(models.Model):
    """What no guarantee answers for is charged by the terms of the contract."""

    _inherit = "aftersales.verdict"

    def _get_line_payer(self):
        payer = super()._get_line_payer()
        if payer or self.result != "charged":
            return payer
        contract = self._get_contract()
        return contract and contract._get_contract_payer() or payer

    def _get_contract(self):
        """Return the registration of the contract in force on the day, or none."""
        self.ensure_one()
        pack_ids = self.env["aftersales.warranty.pack"]._get_contract_payer_ids(
            self.company_id
        )
        registrations = self.env["aftersales.warranty.registration"].sudo()
        if not pack_ids or not self.asset_id:
            return registrations
        return self.asset_id.sudo().registration_ids.filtered(
            lambda registration: (
                registration.pack_id.id in pack_ids
                and registration.state == "active"
                and registration.date_start <= self.date
                and (not registration.date_end or registration.date_end >= self.date)
            )
        )[:1]

    def _get_contract_text(self):
        """Say by which contract a charged line has its price, or nothing."""
        self.ensure_one()
        payer = self.job_line_id.sudo().payer_id
        pack_ids = self.env["aftersales.warranty.pack"]._get_contract_payer_ids(
            self.company_id
        )
        if self.result != "charged" or payer.id not in pack_ids.values():
            return ""
        contract = self._get_contract()
        if contract._get_contract_payer() != payer:
            return ""
        if payer.pricelist_id:
            return self.env._(
                "By the contract “%(contract)s”: price list %(list)s.",
                contract=contract.pack_id.name,
                list=payer.pricelist_id.name,
            )
        return self.env._(
            "By the contract “%(contract)s”: charged to %(payer)s.",
            contract=contract.pack_id.name,
            payer=payer.name,
        )

    def _get_summary(self):
        words = (super()._get_summary(), self._get_contract_text())
        return " ".join(word for word in words if word)

    def _get_customer_text(self):
        words = (super()._get_customer_text(), self._get_contract_text())
        return " ".join(word for word in words if word)


class AftersalesWarrantyRegistration(models.Model):
    _inherit = "aftersales.warranty.registration"

    recurring_turn_ids = fields.One2many(
        "aftersales.recurring.turn", "registration_id", "Recurring Visits"
    )

    def _get_contract_payer(self):
        """Return who is charged what this cover does not make free, or nobody."""
        pack = self.pack_id.with_company(self.company_id)
        payer = pack.contract_payer_id
        return payer if payer.company_id == self.company_id else payer.browse()


class AftersalesJob(models.Model):
    """On site the price is asked at the door: jobs are weighed as they are made."""

    _inherit = "aftersales.job"

    @api.model_create_multi
    def create(self, vals_list):
        jobs = super().create(vals_list)
        onsite = jobs.filtered(lambda job: job.order_id.is_onsite and job.asset_id)
        if onsite:
            # Also engineers add work; who pays is not for them to say.
            onsite.sudo()._check_warranty()
        return jobs
