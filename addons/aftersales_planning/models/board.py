from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get


class BoardInfo(NamedTuple):
    """What has to be known of a board to decide whether it hears of a change."""

    id: int
    kind: str
    team_ids: frozenset
    warehouse_id: int
    nonce: str
    expiry: object

    def is_expired(self, now):
        return bool(self.expiry and self.expiry <= now)

    def shows(self, team_id, warehouse_id):
        """Return whether an order of this team and warehouse is on the board.

        An order of no team is everybody's.
        """
        return (not self.team_ids or not team_id or team_id in self.team_ids) and (
            not self.warehouse_id or warehouse_id == self.warehouse_id
        )


class AftersalesBoard(models.Model):
    """A screen that shows the workshop's day and changes by itself.

    The shop board is for who plans: bays, technicians and cars, and what is late. The
    lounge board hangs where customers wait; whoever has its link sees it, so it tells
    the tail of a plate or serial number and how far the work is, and nothing else but
    the promised time where the board says so.

    Boards are told about changes while they are active: a company without one pays
    nothing for it.
    """

    _name = "aftersales.board"
    _description = "Workshop Board"
    _inherit = ["aftersales.code.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("shop", "Shop board"), ("lounge", "Lounge board")],
        required=True,
        default="shop",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    team_ids = fields.Many2many(
        "aftersales.team",
        string="Teams",
        check_company=True,
        help="Whose orders are shown; without any, those of all teams.",
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        check_company=True,
        help="Only orders of this place; without one, of the whole company.",
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        required=True,
        default=lambda self: self.env.company.partner_id.lang or self.env.lang,
        help="The language of the lounge page.",
    )
    tz = fields.Selection(
        _tz_get,
        "Time Zone",
        required=True,
        default=lambda self: self._get_default_tz(),
        help="The times on the lounge page are those of this time zone.",
    )
    expiry = fields.Datetime(
        "Valid Until",
        help="When the lounge link stops working; without a date, until withdrawn.",
    )
    shows_promise = fields.Boolean(
        "Show Promised Time",
        help="Whether the lounge page also tells when each order is promised.",
    )
    url = fields.Char("Link", compute="_compute_url", compute_sudo=True)

    @api.model
    def _get_default_tz(self):
        return self.env.company.resource_calendar_id.tz or self.env.user.tz or "UTC"

    @api.depends("code_nonce", "kind")
    def _compute_url(self):
        for board in self:
            board.url = False
            saved = board._origin
            if saved and board.kind == "lounge":
                board.url = saved.get_base_url() + saved._get_path()

    def _get_path(self):
        """Return the address of the lounge page on whichever host it is opened."""
        self.ensure_one()
        return f"/aftersales/lounge/{self.sudo()._get_code()}"

    @api.model_create_multi
    def create(self, vals_list):
        boards = super().create(vals_list)
        self.env.registry.clear_cache("stable")
        return boards

    def write(self, vals):
        # Pages with a link that stops to work look once more, and are told so.
        if {"active", "code_nonce", "expiry", "kind", "shows_promise"} & vals.keys():
            self._notify_viewers()
        result = super().write(vals)
        self.env.registry.clear_cache("stable")
        return result

    def unlink(self):
        self._notify_viewers()
        result = super().unlink()
        self.env.registry.clear_cache("stable")
        return result

    @api.model
    @tools.ormcache(cache="stable")
    def _get_boards_by_company(self):
        """Return ``{company id: tuple of BoardInfo}`` of the active boards."""
        boards = self.sudo().search([("active", "=", True)])
        return {
            company.id: tuple(board._get_info() for board in of_company)
            for company, of_company in boards.grouped("company_id").items()
        }

    @api.model
    def _get_active_boards(self, company):
        """Return the ``BoardInfo`` of a company's boards, expired ones left out."""
        boards = self._get_boards_by_company().get(company.id, ())
        if not any(board.expiry for board in boards):
            return boards
        now = fields.Datetime.now()
        return tuple(board for board in boards if not board.is_expired(now))

    def _get_info(self):
        self.ensure_one()
        return BoardInfo(
            self.id,
            self.kind,
            frozenset(self.team_ids.ids),
            self.warehouse_id.id,
            self.code_nonce,
            self.expiry,
        )

    def _is_served(self):
        """Return whether the lounge link of this board works now."""
        self.ensure_one()
        return bool(
            self.active
            and self.kind == "lounge"
            and not (self.expiry and self.expiry <= fields.Datetime.now())
        )

    @api.model
    def _browse_lounge(self, code):
        """Return the lounge board of a link as superuser, or nothing.

        A forged code costs no query. The link itself is the right to see what the
        lounge page shows, hence the superuser.
        """
        board = self._browse_code(code).sudo()
        return board if board and board._is_served() else self.browse()

    def action_open(self):
        """Open the board: the shop board here, the lounge page in a tab of its own."""
        self.ensure_one()
        if self.kind == "lounge":
            if not self._is_served():
                raise UserError(
                    self.env._(
                        "%(board)s is archived or its link has expired. Activate it or "
                        "set another date.",
                        board=self.display_name,
                    )
                )
            return {
                "type": "ir.actions.act_url",
                "url": self._get_path(),
                "target": "new",
            }
        action = self.env["ir.actions.actions"]._for_xml_id(
            "aftersales_planning.board_action_client"
        )
        return {**action, "params": {"board_id": self.id}}

    @api.model
    def action_create_shop_board(self):
        """Make the first shop board of the user's company and return its id."""
        self.check_access("create")
        board = self.create({"name": self.env._("Shop Board"), "kind": "shop"})
        return board.id
