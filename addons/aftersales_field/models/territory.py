from odoo import api, fields, models, tools


class AftersalesTerritory(models.Model):
    """A region whose visits its own engineers make, found by post code."""

    _name = "aftersales.territory"
    _description = "Service Territory"
    _inherit = ["aftersales.cached.mixin"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    team_id = fields.Many2one("aftersales.team", check_company=True)
    country_id = fields.Many2one("res.country")
    state_ids = fields.Many2many("res.country.state", string="States")
    zip_prefixes = fields.Char(
        "Post Codes",
        help="Beginnings of post codes, separated by commas: 100, 1012. The longest "
        "that fits decides.",
    )
    employee_ids = fields.Many2many(
        "hr.employee.public",
        "aftersales_territory_employee_rel",
        "territory_id",
        "employee_id",
        string="Engineers",
        check_company=True,
    )
    latitude = fields.Float(
        digits=(10, 7), help="Stands for addresses whose own place is not known."
    )
    longitude = fields.Float(digits=(10, 7))
    color = fields.Integer()

    @api.model
    @tools.ormcache("company.id")
    def _get_areas(self, company):
        """Return what territories are found by: dicts, the more precise first."""
        areas = [
            {
                "id": territory.id,
                "country_id": territory.country_id.id,
                "state_ids": territory.state_ids.ids,
                "prefix": prefix,
            }
            for territory in self.sudo().search([("company_id", "=", company.id)])
            for prefix in territory._get_prefixes() or [""]
        ]
        return sorted(
            areas,
            key=lambda area: (
                -len(area["prefix"]),
                not area["state_ids"],
                not area["country_id"],
            ),
        )

    def _get_prefixes(self):
        self.ensure_one()
        words = (self.zip_prefixes or "").replace(";", ",").split(",")
        return [word.replace(" ", "") for word in words if word.strip()]

    @api.model
    def _find(self, address, company):
        """Return the territory of an address, or none.

        :param address: ``res.partner``
        :param company: whose territories
        """
        code = (address.zip or "").replace(" ", "")
        for area in self._get_areas(company):
            if area["prefix"] and not code.startswith(area["prefix"]):
                continue
            if area["state_ids"] and address.state_id.id not in area["state_ids"]:
                continue
            if area["country_id"] and address.country_id.id != area["country_id"]:
                continue
            if area["prefix"] or area["state_ids"] or area["country_id"]:
                return self.browse(area["id"])
        return self.browse()
