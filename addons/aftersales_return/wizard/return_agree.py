from odoo import api, fields, models


class AftersalesReturnAgree(models.TransientModel):
    """Ask what the customer agreed to about goods that do not go back now."""

    _name = "aftersales.return.agree"
    _description = "Agreed with the Customer"

    line_ids = fields.Many2many(
        "aftersales.return.line",
        string="Goods",
        default=lambda self: self.env.context.get("active_ids"),
    )
    agreement = fields.Selection(
        lambda self: (
            self.env["aftersales.return.line"]
            ._fields["agreement"]
            ._description_selection(self.env)
        ),
        "Agreed",
        required=True,
        default="later",
    )
    name = fields.Char(
        "Agreed With", compute="_compute_name", store=True, readonly=False
    )
    note = fields.Char("What Was Said")
    date = fields.Date(
        "Follows By",
        compute="_compute_date",
        store=True,
        readonly=False,
        help="After this day the goods stop the next parcel again.",
    )

    @api.depends("line_ids")
    def _compute_name(self):
        for wizard in self:
            rma = wizard.line_ids.return_id[:1]
            wizard.name = rma.contact_name or rma.partner_id.name

    @api.depends("agreement", "line_ids")
    def _compute_date(self):
        for wizard in self:
            lines = wizard.line_ids._origin
            wizard.date = lines._get_agreement_date(wizard.agreement)

    def action_apply(self):
        """Record the agreement on the goods."""
        self.ensure_one()
        return self.line_ids.action_agree(
            agreement=self.agreement, name=self.name, note=self.note, date=self.date
        )
