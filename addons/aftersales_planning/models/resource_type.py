from odoo import api, fields, models

ROLES = [
    ("bay", "Bay"),
    ("tool", "Tool"),
    ("technician", "Technician"),
    ("loaner", "Loaner"),
]


class AftersalesResourceType(models.Model):
    """What a bay or a tool can do: two-post lift, alignment bench, tester …"""

    _name = "aftersales.resource.type"
    _description = "Resource Type"
    _order = "role, sequence, name"

    name = fields.Char(required=True, translate=True)
    role = fields.Selection(ROLES, required=True, default="bay")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex(
        "(role, name)", "There is a resource type of this name already."
    )

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%(name)s (copy)", name=kind.name)}
            if "name" not in (default or {})
            else values
            for kind, values in zip(self, super().copy_data(default), strict=True)
        ]

    @api.ondelete(at_uninstall=True)
    def _unlink_clears_needs(self):
        self.env["aftersales.job.template"]._clear_needs()
