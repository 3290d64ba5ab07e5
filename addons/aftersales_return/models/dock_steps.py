from odoo import Command, api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class AftersalesReturnDock(models.AbstractModel):
    """The steps at the dock: receive, announce what came unannounced, put away."""

    _inherit = "aftersales.return.dock"

    @api.model
    def act(self, step, code, lot_id=None, line_id=None, quantity=None):
        """Take a step that ``scan`` named; repeated, it does nothing twice.

        :param str step: ``announce``, ``receive``, ``receive_all``, ``finish``,
            ``put_away``, or one that opens something: ``difference``, ``test``,
            ``transfer``, ``trip``, ``open``, ``new_receipt``
        :param str code: as for ``scan``, like ``lot_id`` and ``line_id``
        :param float quantity: how many are here, if not as many as announced
        :return: what ``scan`` says afterwards; with ``action`` if something opens
        :raises UserError: if the step is not known, or can't be taken
        """
        method = getattr(self, f"_act_{step}", None)
        if not method or not isinstance(step, str):
            raise UserError(
                self.env._("“%(step)s” is no step at the dock.", step=str(step)[:40])
            )
        before = self.scan(code, lot_id=lot_id, line_id=line_id)
        action = method(before, quantity)
        after = self.scan(code, lot_id=lot_id, line_id=line_id)
        return {**after, "action": action} if action else after

    def _get_line(self, line_id):
        line = self.env["aftersales.return.line"].browse(line_id).exists()
        if not line:
            raise UserError(
                self.env._("These goods are on no return any more. Scan them again.")
            )
        line.check_access("read")
        return line

    def _get_goods(self, before):
        """Return the goods that a step is about, refused if the code names none."""
        if not before.get("line_id"):
            raise UserError(
                self.env._(
                    "%(code)s names no single goods of a return. Scan what it is.",
                    code=before["code"],
                )
            )
        return self._get_line(before["line_id"])

    def _get_open_moves(self, line, direction):
        """Return the moves of ``line`` that are still to do, in the user's rights."""
        moves = line.sudo()._get_moves(direction)
        return moves.filtered(
            lambda move: move.state not in ("done", "cancel")
        ).with_env(self.env)

    # The steps

    def _act_receive(self, before, quantity):
        self._pick(self._get_goods(before), "in", quantity)

    def _act_receive_all(self, before, _quantity):
        if before["kind"] != "return":
            return self._act_receive(before, None)
        for each in before["lines"]:
            self._pick(self._get_line(each["line_id"]), "in")
        return None

    def _act_put_away(self, before, quantity):
        self._pick(self._get_goods(before), "place", quantity)

    def _act_finish(self, before, _quantity):
        self._finish(self._get_goods(before), "in")

    def _act_finish_put_away(self, before, _quantity):
        self._finish(self._get_goods(before), "place")

    def _pick(self, line, direction, quantity=None):
        """Note that goods are here; the last of a transfer validates it."""
        line.sudo()._lock()
        moves = self._get_open_moves(line, direction)
        todo = moves.filtered(lambda move: not move.picked)
        if not todo:
            return
        if quantity is not None:
            self._set_quantity(todo, line, quantity)
        todo.picked = True
        picking = todo.picking_id
        rest = picking.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel") and not move.picked
        )
        if not rest:
            self._validate(picking)

    def _set_quantity(self, moves, line, quantity):
        try:
            number = float(quantity)
        except (TypeError, ValueError):
            number = 0.0
        if not 0 < number < 1e9:
            raise UserError(
                self.env._(
                    "%(line)s: say how many are here, from 1 on.",
                    line=line.display_name,
                )
            )
        if moves.product_uom.compare(number, moves[:1].quantity) != 0:
            moves[:1].quantity = number

    def _finish(self, line, direction):
        """Validate the transfer with what was scanned; the rest stays awaited."""
        line.sudo()._lock()
        picking = self._get_open_moves(line, direction).picking_id[:1]
        if picking and any(picking.move_ids.mapped("picked")):
            self._validate(picking)

    def _validate(self, picking):
        result = picking.with_context(skip_backorder=True).button_validate()
        if isinstance(result, dict):
            raise UserError(
                self.env._(
                    "%(transfer)s asks for more than the dock can answer. Open it in "
                    "Inventory.",
                    transfer=picking.name,
                )
            )

    def _act_announce(self, before, _quantity):
        """Write a request for what came unannounced; once per thing."""
        if before.get("line_id"):
            return None
        user = self.env.user
        if not user.has_group("stock.group_stock_user") and not user.has_group(
            "aftersales.aftersales_group_user"
        ):
            raise AccessError(
                self.env._(
                    "Goods that were not announced are recorded by storekeepers and "
                    "advisors."
                )
            )
        step = before.get("step") or {}
        if step.get("name") != "announce":
            raise UserError(step.get("text") or before["text"])
        # Storekeepers have no right to make returns but this one.
        lot = self.env["stock.lot"].sudo().browse(before["lot_id"] or [])
        asset = self.env["aftersales.asset"].sudo().browse(before["asset_id"] or [])
        self._hold(lot or asset)
        rma = (
            self.env["aftersales.return"]
            .sudo()
            .create(self._prepare_unannounced_values(lot, asset))
        )
        rma.message_post(
            body=self.env._("It arrived unannounced and was scanned at the dock.")
        )
        rma.user_id = rma._find_responsible()
        rma.activity_schedule(
            "mail.mail_activity_data_call",
            user_id=(rma.user_id or user).id,
            summary=self.env._(
                "Nobody announced %(found)s: ask %(customer)s what to do with it, then "
                "decide",
                found=rma._get_portal_goods(),
                customer=rma.partner_id.display_name,
            ),
        )
        return None

    def _hold(self, thing):
        """Let one of two who scan a thing at once wait, and find what the other made.

        The row is rewritten: the second fails, and Odoo runs its call again.
        """
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = write_date WHERE id = %s",
                SQL.identifier(thing._table),
                thing.id,
            )
        )

    def _prepare_unannounced_values(self, lot, asset):
        """Return the request for a thing that came without one."""
        delivery = self._get_last_delivery(lot)
        company = asset.company_id or delivery.company_id or self.env.company
        warehouse = self.env.user.with_company(company)._get_default_warehouse_id()
        values = {
            "partner_id": self._get_owner(asset, delivery).id,
            "company_id": company.id,
            "channel": "arrival",
            "user_id": False,
            "line_ids": [
                Command.create(
                    {
                        "product_id": (lot.product_id or asset.product_id).id,
                        "lot_id": lot.id,
                        "asset_id": asset.id,
                        "serial": lot.name or asset.serial,
                    }
                )
            ],
        }
        if warehouse.company_id == company:
            values["warehouse_id"] = warehouse.id
        return values

    # What opens

    def _act_open(self, before, _quantity):
        document = before.get("return") or {}
        rma = self.env["aftersales.return"].browse(document.get("id"))
        if not rma:
            raise UserError(
                self.env._("%(code)s is on no return.", code=before["code"])
            )
        return rma.get_formview_action()

    def _act_difference(self, before, _quantity):
        line = self._get_goods(before)
        case = line.difference_ids.filtered(lambda case: case.state == "open")[:1]
        return case.get_formview_action() if case else None

    def _act_test(self, before, _quantity):
        line = self._get_goods(before)
        if line.test_template_id:
            return line.action_inspect()
        return line.action_open_test()

    def _act_transfer(self, before, _quantity):
        line = self._get_goods(before)
        moves = self._get_open_moves(line, "out") or self._get_open_moves(line, "in")
        return moves.picking_id[:1].get_formview_action() if moves else None

    def _act_trip(self, before, _quantity):
        line = self._get_goods(before)
        trip = line.trip_ids.filtered(lambda trip: trip.state in ("draft", "sent"))[:1]
        return trip.get_formview_action() if trip else None

    def _act_new_receipt(self, before, _quantity):
        warehouse = self.env.user._get_default_warehouse_id()
        kind = warehouse.sudo().aftersales_return_type_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_picking_form"
        )
        return {
            **action,
            "name": self.env._("Receive from Sender"),
            "context": {
                "default_picking_type_id": kind.id,
                # What was scanned leads back to it.
                "default_origin": before["code"],
            },
        }
