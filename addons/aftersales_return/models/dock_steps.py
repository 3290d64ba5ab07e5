from odoo import Command, api, models
from odoo.exceptions import AccessError, UserError


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

    # Which step

    def _get_step(self, line):
        """Return the next step of goods: its name, why, and what the button says."""
        seen = line.sudo()
        rma = seen.return_id
        if rma.state in ("refused", "cancel") or seen.state == "cancel":
            return self._get_stopped_step(rma)
        if seen.has_difference:
            text = self.env._(
                "It is not what was announced. Keep it apart until somebody has "
                "spoken with %(customer)s.",
                customer=rma.contact_name or seen.partner_id.display_name,
            )
            return {
                "name": "difference",
                "text": text,
                "label": self.env._("Open Difference"),
            }
        return getattr(self, f"_get_{seen.state}_step")(line)

    def _get_stopped_step(self, rma):
        """Say that these goods were not to come."""
        values = {"return": rma.name, "reason": rma.answer}
        if rma.state == "refused":
            text = self.env._(
                "%(return)s was refused: %(reason)s. Do not take it in; ask the "
                "office.",
                **values,
            )
        else:
            text = self.env._(
                "%(return)s was called off. Keep it apart; ask the office.", **values
            )
        return {"name": "open", "text": text, "label": self.env._("Open Return")}

    def _get_draft_step(self, line):
        text = self.env._(
            "%(return)s is not answered yet. Put this number on the goods and keep "
            "them apart. When the office has accepted them, scan again to receive.",
            **{"return": line.return_id.name},
        )
        return {"name": "open", "text": text, "label": self.env._("Open Return")}

    def _get_expected_step(self, line):
        moves = self._get_open_moves(line, "in").sudo()
        picking = moves.picking_id[:1]
        if not moves:
            text = self.env._("No transfer awaits it. Ask the office.")
            return {"name": "open", "text": text, "label": self.env._("Open Return")}
        values = {"transfer": picking.name, "place": picking.location_dest_id.name}
        if all(moves.mapped("picked")):
            return self._get_picked_step(picking, "in")
        return {
            "name": "receive",
            "text": self.env._("Receive with %(transfer)s into %(place)s.", **values),
            "label": self.env._("Receive"),
            "quantity": 0 if line.tracking == "serial" else line.quantity,
        }

    def _get_picked_step(self, picking, direction):
        """Goods of this transfer were scanned; others of it are still to come."""
        moves = picking.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        scanned = moves.filtered("picked")
        return {
            "name": "finish" if direction == "in" else "finish_put_away",
            "text": self.env._(
                "Noted. %(scanned)s of %(all)s of %(transfer)s are scanned: scan the "
                "next, or finish with what is here.",
                scanned=len(scanned),
                all=len(moves),
                transfer=picking.name,
            ),
            "label": self.env._("Finish with What Is Here"),
        }

    def _get_received_step(self, line):
        seen = line.sudo()
        place = seen._get_place().display_name
        # What may be settled untested waits for the office.
        if seen.when != "tested" or not line.has_access("write"):
            text = self.env._(
                "It is here, in %(place)s. Next: %(next)s.",
                place=place,
                next=self.env._("the test")
                if seen.when == "tested"
                else self.env._("the office settles it"),
            )
            return {"name": "none", "text": text, "label": ""}
        return {
            "name": "test",
            "text": self.env._("It is here, in %(place)s. Test it.", place=place),
            "label": self.env._("Test"),
        }

    def _get_tested_step(self, line):
        seen = line.sudo()
        text = self.env._(
            "Tested: %(result)s. The office settles it.",
            result=dict(
                seen._fields["test_result"]._description_selection(self.env)
            ).get(seen.test_result, ""),
        )
        return {"name": "open", "text": text, "label": self.env._("Open Return")}

    def _get_settled_step(self, line):
        seen = line.sudo()
        place_moves = self._get_open_moves(line, "place").sudo()
        if place_moves:
            picking = place_moves.picking_id[:1]
            if all(place_moves.mapped("picked")):
                return self._get_picked_step(picking, "place")
            return {
                "name": "put_away",
                "text": self.env._(
                    "Put it away in %(place)s (%(transfer)s).",
                    place=place_moves[:1].location_dest_id.display_name,
                    transfer=picking.name,
                ),
                "label": self.env._("Put Away"),
            }
        out_moves = self._get_open_moves(line, "out").sudo()
        if out_moves:
            return {
                "name": "transfer",
                "text": self.env._(
                    "It goes to the customer with %(transfer)s.",
                    transfer=out_moves.picking_id[:1].name,
                ),
                "label": self.env._("Open Transfer"),
            }
        trip = seen.trip_ids.filtered(lambda trip: trip.state in ("draft", "sent"))[:1]
        if trip:
            return {
                "name": "trip",
                "text": self.env._(
                    "%(trip)s: %(state)s. Record there that it leaves or is back.",
                    trip=trip.display_name,
                    state=trip._get_state_label(trip.state),
                ),
                "label": self.env._("Open Trip"),
            }
        pending = "; ".join(seen._get_pending()) or seen.order_id.name
        text = self.env._("In hand: %(pending)s.", pending=pending or "–")
        return {"name": "open", "text": text, "label": self.env._("Open Return")}

    def _get_done_step(self, line):
        place = line.sudo()._get_place()
        text = self.env._("Done. It is in %(place)s.", place=place.display_name)
        return {"name": "none", "text": text, "label": ""}

    def _get_lost_step(self, line):
        text = self.env._(
            "%(return)s: it was given up as lost. Keep it apart and tell the office "
            "that it turned up.",
            **{"return": line.return_id.name},
        )
        return {"name": "open", "text": text, "label": self.env._("Open Return")}

    def _get_return_step(self, rma, lines):
        """Return the step for all goods of a return together."""
        if rma.state in ("refused", "cancel"):
            return self._get_stopped_step(rma.sudo())
        waiting = lines.filtered(
            lambda line: line.state == "expected" and self._get_open_moves(line, "in")
        )
        if rma.state == "open" and waiting:
            return {
                "name": "receive_all",
                "text": self.env._(
                    "If everything is here as announced, receive it in one go. Else "
                    "scan the goods one by one."
                ),
                "label": self.env._("Receive All"),
            }
        return {"name": "open", "text": "", "label": self.env._("Open Return")}

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
        rma = (
            self.env["aftersales.return"]
            .sudo()
            .create(self._prepare_unannounced_values(lot, asset))
        )
        rma.message_post(
            body=self.env._("It arrived unannounced and was scanned at the dock.")
        )
        return None

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
        if line.sudo().operation_id.test_template_id:
            return line.action_inspect()
        return self._act_open(before, None)

    def _act_transfer(self, before, _quantity):
        line = self._get_goods(before)
        moves = self._get_open_moves(line, "out") or self._get_open_moves(line, "in")
        return moves.picking_id[:1].get_formview_action() if moves else None

    def _act_trip(self, before, _quantity):
        line = self._get_goods(before)
        trip = line.trip_ids.filtered(lambda trip: trip.state in ("draft", "sent"))[:1]
        return trip.get_formview_action() if trip else None

    def _act_new_receipt(self, _before, _quantity):
        warehouse = self.env.user._get_default_warehouse_id()
        kind = warehouse.sudo().aftersales_return_type_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_picking_form"
        )
        return {
            **action,
            "context": {"default_picking_type_id": kind.id},
        }
