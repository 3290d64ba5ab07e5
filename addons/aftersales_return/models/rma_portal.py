from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, is_html_empty

# What we note for ourselves, cost, and who decides are not among them.
PORTAL_FIELDS = frozenset(
    {
        "id",
        "display_name",
        "create_date",
        "access_token",
        "access_url",
        "access_warning",
        "answer",
        "company_id",
        "contact_name",
        "contact_phone",
        "date_accepted",
        "date_done",
        "date_requested",
        "description",
        "has_message",
        "message_ids",
        "message_is_follower",
        "name",
        "partner_id",
        "state",
        "user_id",
        "website_message_ids",
    }
)


class AftersalesReturn(models.Model):
    """What the customer sees of a return. The pages call these and hold no rules."""

    _name = "aftersales.return"
    _inherit = ["aftersales.return", "portal.mixin", "aftersales.portal.mixin"]

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for rma in self:
            rma.access_url = f"/my/returns/{rma.id}"
        return result

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | PORTAL_FIELDS

    @api.model
    def _get_portal_domain(self, partner):
        """Return which returns ``partner`` sees: those of the whole own company."""
        return Domain("partner_id", "child_of", partner.commercial_partner_id.ids)

    def _is_customer(self, partner):
        """Whether ``partner`` is the customer, or of the customer's company."""
        self.ensure_one()
        return partner.commercial_partner_id == self.partner_id.commercial_partner_id

    def _get_portal_status(self):
        """Return what the customer is told: what is the case, and what comes next.

        :return: ``(title, explanation, colour)``
        """
        self.ensure_one()
        if self.state == "draft":
            return (
                self.env._("We have your request"),
                self.env._("We look into it and tell you how to go on."),
                "info",
            )
        if self.state == "refused":
            return (self.env._("Not accepted"), self.answer or "", "warning")
        if self.state == "cancel":
            return (self.env._("Cancelled"), "", "secondary")
        if self.state == "done":
            return (
                self.env._("Closed"),
                self.env._("Everything is done. Below you see what became of it."),
                "success",
            )
        return {
            "awaited": (
                self.env._("Accepted"),
                self.env._("Please send us the goods, packed as described below."),
                "primary",
            ),
            "part": (
                self.env._("Partly here"),
                self.env._("A part has arrived; we wait for the rest."),
                "primary",
            ),
            "test": (
                self.env._("Arrived"),
                self.env._("We test what arrived and get back to you."),
                "primary",
            ),
            "settle": (
                self.env._("Tested"),
                self.env._("We prepare what comes next."),
                "primary",
            ),
        }.get(
            self.progress,
            (
                self.env._("In hand"),
                self.env._("Below you see how each of the goods is getting on."),
                "primary",
            ),
        )

    def _get_portal_steps(self):
        """Return ``[(station, whether it was reached)]``; none where it goes no way."""
        self.ensure_one()
        if self.state in ("refused", "cancel"):
            return []
        lines = self.line_ids.filtered(lambda line: line.state != "cancel")
        sent = lines.filtered(lambda line: line.goods != "stay")
        accepted = self.state in ("open", "done")
        stations = [(self.env._("Requested"), True), (self.env._("Accepted"), accepted)]
        if sent:
            stations += [
                (self.env._("Arrived"), accepted and any(sent.mapped("date_received"))),
                (self.env._("Tested"), accepted and any(sent.mapped("date_tested"))),
            ]
        closed = self.state == "done"
        # What needed no test is not behind it either.
        return [(label, reached or closed) for label, reached in stations] + [
            (self.env._("Closed"), closed)
        ]

    def _get_portal_goods(self):
        """Return what comes back in one line: the first thing, and how many more."""
        self.ensure_one()
        names = self.line_ids.product_id.mapped("display_name")
        if len(names) < 2:
            return "".join(names)
        return self.env._(
            "%(product)s and %(count)s more", product=names[0], count=len(names) - 1
        )

    def _get_portal_instructions(self):
        """Return how to pack and send, as the operations of the goods say it."""
        self.ensure_one()
        operations = self.line_ids.filtered(
            lambda line: line.state == "expected"
        ).operation_id
        return [
            operation.note
            for operation in operations
            if not is_html_empty(operation.note)
        ]

    def _is_awaited(self):
        """Whether goods are still to be sent in, with our label."""
        self.ensure_one()
        return self.state == "open" and any(
            line.state == "expected" and line.goods != "stay" for line in self.line_ids
        )

    # Papers

    def _get_portal_reports(self):
        """Return the papers the customer may print now, ``{kind: report}``."""
        self.ensure_one()
        names = {}
        if self._is_awaited():
            names = {"label": "action_report_label", "packing": "action_report_packing"}
        reports = {
            kind: self.env.ref(f"aftersales_return.{name}", raise_if_not_found=False)
            for kind, name in names.items()
        }
        return {kind: report for kind, report in reports.items() if report}

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.name

    def _get_portal_invoices(self):
        """Return the posted credit notes of this return, made out to its customer."""
        self.ensure_one()
        return self.line_ids._get_portal_credit_notes().filtered(
            lambda move: self._is_customer(move.partner_id)
        )

    def _get_portal_invoice_url(self, move, has_account):
        """Return the address of a credit note.

        It carries the note's own token, unless the note tells about other returns too.
        """
        self.ensure_one()
        others = move.line_ids.aftersales_return_line_id.return_id - self
        return move.access_url if others and not has_account else move.get_portal_url()

    def _get_portal_pickings(self):
        """Return the transfers by which something was sent to the customer."""
        self.ensure_one()
        return self.line_ids._get_sent_moves().picking_id.filtered(
            lambda picking: picking.aftersales_return_id == self
        )

    def _get_portal_photos(self):
        """Return what the customer added as pictures."""
        self.ensure_one()
        return (self.photo_ids | self.proof_ids)._filter_pictures().sorted("id")


class AftersalesReturnLine(models.Model):
    """How one thing gets on, in the customer's words."""

    _inherit = "aftersales.return.line"

    def _get_portal_credit_notes(self):
        return self.refund_line_ids.move_id.filtered(
            lambda move: move.move_type == "out_refund" and move.state == "posted"
        )

    def _get_sent_moves(self):
        """Return the moves that brought these goods, or new ones, to the customer."""
        return (self._get_moves("out") | self._get_moves("new")).filtered(
            lambda move: move.state == "done"
        )

    def _get_portal_progress(self):
        """Return what happened to it so far, and what it waits for.

        :return: list of dicts ``text``, ``is_done``, and ``date``, ``kind`` and
            ``record`` where there are any
        """
        self.ensure_one()
        if self.state == "draft":
            return []
        if self.state == "cancel":
            return [self._prepare_progress(self.env._("Called off"))]
        events = []
        if self.goods == "stay":
            events.append(
                self._prepare_progress(self.env._("You keep it: nothing to send"))
            )
        elif self.state == "expected":
            events.append(self._get_waiting_progress())
        elif self.date_received:
            events.append(
                self._prepare_progress(
                    self.env._("Arrived"), True, date=self.date_received
                )
            )
        events += self._get_difference_progress()
        if self.state == "lost":
            events.append(
                self._prepare_progress(
                    self.env._("Got lost on the way; we look after it")
                )
            )
        if self.date_tested:
            result = {
                "pass": self.env._("Tested: in order"),
                "fail": self.env._("Tested: faulty"),
                "none": self.env._("Tested: no fault found"),
            }
            events.append(
                self._prepare_progress(
                    result.get(self.test_result, self.env._("Tested")),
                    True,
                    date=self.date_tested,
                )
            )
        return (
            events
            + self._get_repair_progress()
            + self._get_refund_progress()
            + self._get_sent_progress()
        )

    def _prepare_progress(self, text, is_done=False, **values):
        return {"text": text, "is_done": is_done, **values}

    def _get_waiting_progress(self):
        if self.date_deadline:
            return self._prepare_progress(
                self.env._(
                    "Please send it by %(date)s; after that the new one is charged",
                    date=format_date(self.env, self.date_deadline),
                )
            )
        return self._prepare_progress(self.env._("We wait for it"))

    def _get_difference_progress(self):
        if self.difference_ids.filtered(lambda case: case.state == "open"):
            return [
                self._prepare_progress(
                    self.env._(
                        "What arrived differs from what was announced; we call you"
                    )
                )
            ]
        return []

    def _get_repair_progress(self):
        order = self.order_id
        if not order or order.state == "cancel":
            return []
        title, _words, _colour = order._get_portal_status()
        return [
            self._prepare_progress(
                self.env._(
                    "Work order %(order)s: %(state)s", order=order.name, state=title
                ),
                order.state in ("ready", "done"),
                kind="order",
                record=order,
            )
        ]

    def _get_refund_progress(self):
        events = []
        for move in self._get_portal_credit_notes():
            if not self.return_id._is_customer(move.partner_id):
                # What others paid, and on which paper, is theirs alone to know.
                events.append(
                    self._prepare_progress(
                        self.env._("Refunded to the invoiced customer"),
                        True,
                        date=move.invoice_date,
                    )
                )
                continue
            items = self.refund_line_ids.filtered(
                lambda item, move=move: item.move_id == move
            )
            events.append(
                self._prepare_progress(
                    self.env._("Refund"),
                    True,
                    date=move.invoice_date,
                    kind="refund",
                    record=move,
                    amount=sum(items.mapped("price_total")),
                    currency=move.currency_id,
                )
            )
        if self.refund_line_ids.move_id.filtered(
            lambda move: (
                move.state == "draft" and self.return_id._is_customer(move.partner_id)
            )
        ):
            events.append(self._prepare_progress(self.env._("We prepare your refund")))
        return events

    def _get_sent_progress(self):
        """Return what left for the customer, with carrier and waybill."""
        events = []
        for move in self._get_sent_moves():
            is_new = move.aftersales_return_direction == "new"
            parcel = move.picking_id.aftersales_shipment_id
            events.append(
                self._prepare_progress(
                    self.env._("A new one was sent to you")
                    if is_new
                    else self.env._("Sent back to you"),
                    True,
                    date=move.date,
                    kind="parcel",
                    record=parcel,
                    serials=", ".join(
                        name
                        for name in move.move_line_ids.lot_id.mapped("name")
                        if name
                    )
                    if is_new
                    else "",
                )
            )
        if (self._get_moves("out") | self._get_moves("new")).filtered(
            lambda move: move.state not in ("done", "cancel")
        ):
            events.append(
                self._prepare_progress(self.env._("We prepare the parcel to you"))
            )
        return events
