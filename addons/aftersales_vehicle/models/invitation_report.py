from odoo import api, fields, models
from odoo.tools import SQL

INVITATION_FIELDS = [
    "company_id",
    "date_invited",
    "date_refused",
    "invite_count",
    "refusal_note",
    "refusal_reason_id",
    "state",
    "user_id",
]


class AftersalesInvitationReport(models.Model):
    """Invitations to services and campaigns: who came, who refused and why."""

    _name = "aftersales.invitation.report"
    _description = "Invitation Analysis"
    _auto = False
    _order = "date desc, id"
    _depends = {
        "aftersales.asset": ["partner_id", "fleet_brand_id", "fleet_model_id"],
        "aftersales.due": ["asset_id", "line_id", "date_due", *INVITATION_FIELDS],
        "aftersales.campaign.vehicle": [
            "asset_id",
            "campaign_id",
            "kind",
            *INVITATION_FIELDS,
        ],
    }

    asset_id = fields.Many2one("aftersales.asset", "Vehicle", readonly=True)
    partner_id = fields.Many2one("res.partner", "Owner", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    fleet_brand_id = fields.Many2one(
        "fleet.vehicle.model.brand", "Brand", readonly=True
    )
    fleet_model_id = fields.Many2one("fleet.vehicle.model", "Model", readonly=True)
    kind = fields.Selection(
        [
            ("service", "Service due"),
            ("recall", "Recall"),
            ("campaign", "Service campaign"),
            ("season", "Seasonal offer"),
        ],
        readonly=True,
    )
    campaign_id = fields.Many2one("aftersales.campaign", readonly=True)
    line_id = fields.Many2one(
        "aftersales.maintenance.plan.line", "Service", readonly=True
    )
    state = fields.Selection(
        selection=lambda self: (
            self.env["aftersales.due"]._fields["state"]._description_selection(self.env)
        ),
        readonly=True,
    )
    refusal_reason_id = fields.Many2one("aftersales.refusal.reason", readonly=True)
    refusal_note = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", "Caller", readonly=True)
    date = fields.Date(
        readonly=True, help="Refused on, else invited on, else due or called since."
    )
    invited = fields.Integer(readonly=True)
    booked = fields.Integer("Planned or Done", readonly=True)
    refused = fields.Integer(readonly=True)

    @property
    def _table_query(self):
        return SQL(
            "%s UNION ALL %s",
            self._get_query(
                SQL("2 * due.id"),
                SQL("aftersales_due due"),
                SQL("'service'"),
                SQL("NULL::int"),
                SQL("due.line_id"),
                SQL("due.date_due"),
            ),
            self._get_query(
                SQL("2 * due.id + 1"),
                SQL("aftersales_campaign_vehicle due"),
                SQL("due.kind"),
                SQL("due.campaign_id"),
                SQL("NULL::int"),
                SQL("due.create_date::date"),
            ),
        )

    @api.model
    def _get_query(self, number, source, kind, campaign, line, day):
        return SQL(
            """
            SELECT %(number)s AS id, due.asset_id, asset.partner_id, due.company_id,
                   asset.fleet_brand_id, asset.fleet_model_id, %(kind)s AS kind,
                   %(campaign)s AS campaign_id, %(line)s AS line_id, due.state,
                   due.refusal_reason_id, due.refusal_note, due.user_id,
                   COALESCE(due.date_refused::date, due.date_invited::date, %(day)s)
                       AS date,
                   CASE WHEN due.invite_count > 0 THEN 1 ELSE 0 END AS invited,
                   CASE WHEN due.state IN ('booked', 'done') THEN 1 ELSE 0 END
                       AS booked,
                   CASE WHEN due.state = 'refused' THEN 1 ELSE 0 END AS refused
              FROM %(source)s
              JOIN aftersales_asset asset ON asset.id = due.asset_id
            """,
            number=number,
            source=source,
            kind=kind,
            campaign=campaign,
            line=line,
            day=day,
        )
