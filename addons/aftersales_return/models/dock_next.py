from odoo import models

# Taken by who may validate transfers; others are told who goes on.
STOCK_STEPS = {"receive", "receive_all", "finish", "put_away", "finish_put_away"}


class AftersalesReturnDock(models.AbstractModel):
    """Which step comes next, and what the screen says of it."""

    _inherit = "aftersales.return.dock"

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
                customer=seen.difference_ids.filtered(
                    lambda case: case.state == "open"
                )[:1]._get_contact_name(),
            )
            return {
                "name": "difference",
                "text": text,
                "label": self.env._("Open Difference"),
            }
        step = getattr(self, f"_get_{seen.state}_step")(line)
        return self._without_button(step)

    def _without_button(self, step):
        """Take the button off a step that is the storekeeper's."""
        if step["name"] in STOCK_STEPS and not self.env["stock.picking"].has_access(
            "write"
        ):
            step["label"] = ""
        return step

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
        if not seen.needs_test or not line.has_access("write"):
            text = self.env._(
                "It is here, in %(place)s. Next: %(next)s.",
                place=place,
                next=self.env._("the test")
                if seen.needs_test
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
        if seen.order_id and seen.to_test and line.has_access("write"):
            text = self.env._(
                "%(order)s is finished. Test it before it leaves.",
                order=seen.order_id.name,
            )
            return {"name": "test", "text": text, "label": self.env._("Test")}
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
        if out_moves and not seen.may_leave:
            waits = seen._get_repair_words()
            text = (
                self.env._("It does not leave yet. It waits for %(work)s.", work=waits)
                if waits
                else seen._get_gate_problem()
            )
            return {"name": "open", "text": text, "label": self.env._("Open Return")}
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
            step = {
                "name": "receive_all",
                "text": self.env._(
                    "If everything is here as announced, receive it in one go. Else "
                    "scan the goods one by one."
                ),
                "label": self.env._("Receive All"),
            }
            return self._without_button(step)
        return {"name": "open", "text": "", "label": self.env._("Open Return")}
