import base64

from odoo import api, fields, models


class AftersalesShipmentRegister(models.TransientModel):
    """Ask for the days of the register, and write it as a spreadsheet."""

    _name = "aftersales.shipment.register"
    _description = "Register of Parcels"

    date_from = fields.Date(
        "From",
        default=lambda self: fields.Date.start_of(
            fields.Date.context_today(self), "month"
        ),
    )
    date_to = fields.Date("To", default=fields.Date.context_today)
    direction = fields.Selection(
        lambda self: (
            self.env["aftersales.shipment"]
            ._fields["direction"]
            ._description_selection(self.env)
        ),
        help="Empty: both, each on its own sheet.",
    )
    shipment_ids = fields.Many2many(
        "aftersales.shipment",
        string="Parcels",
        default=lambda self: self.env.context.get("active_ids"),
        help="Empty: all of those days.",
    )
    shipment_count = fields.Integer(compute="_compute_shipment_count")
    file = fields.Binary(readonly=True, attachment=False)

    @api.depends("shipment_ids")
    def _compute_shipment_count(self):
        for register in self:
            register.shipment_count = len(register.shipment_ids)

    def _get_shipments(self):
        """Return the parcels chosen in the list, else those of the days."""
        self.ensure_one()
        Shipment = self.env["aftersales.shipment"]
        return self.shipment_ids or Shipment.search(
            Shipment._get_register_domain(self.date_from, self.date_to, self.direction)
        )

    def action_download(self):
        """Download the register as xlsx file."""
        self.ensure_one()
        self.file = base64.b64encode(self._get_shipments()._get_register_xlsx())
        name = self.env._(
            "Register %(date)s.xlsx", date=fields.Date.context_today(self)
        )
        return {
            "type": "ir.actions.act_url",
            "url": (
                f"/web/content/{self._name}/{self.id}/file?download=true"
                f"&filename={name}"
            ),
            "target": "self",
        }
