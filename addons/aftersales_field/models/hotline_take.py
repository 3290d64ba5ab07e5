from odoo import api, fields, models
from odoo.exceptions import UserError

from .order_answer import ANSWERS

PARTNER_FIELDS = ("name", "phone", "email", "street", "zip", "city", "is_company")
ASSET_FIELDS = ("name", "serial", "product_id", "category_id")
CHANNELS = {
    "phone": "phone",
    "desk": "desk",
    "email": "email",
    "message": "email",
    "letter": "email",
}  # those of the order
WORDS_LENGTH = 10000


class AftersalesHotline(models.AbstractModel):
    """What a call becomes: an entry in the register, an order, a visit to plan."""

    _inherit = "aftersales.hotline"

    @api.model
    def take_call(self, values):
        """Write a call down, and make of it what was agreed with the caller.

        :param dict values: ``operation`` (names the entry: sent twice, it makes one
            call), ``partner_id`` or ``new_partner`` (dict of ``name``, ``phone`` …),
            ``asset_id`` or ``new_asset`` (dict of ``name``, ``serial`` …),
            ``order_id`` of an open order the call is about, ``contact_id``,
            ``caller``, ``phone``, ``channel``, ``direction``, ``words``, ``answer``;
            for an order ``make_order``, ``complaint`` (without it the words),
            ``priority``, ``deadline`` (UTC), ``note`` (directions); ``make_visit``;
            for a first answer ``answer_kind`` and ``solved``, which closes the order
        :return: dict with ``call_id``, ``call``, ``order_id``, ``order``,
            ``visit_id``, ``visit`` and ``partner_id``, ``asset_id``
        :raises UserError: for things that do not belong together, or say nothing
        """
        self._check_agent()
        values = dict(values or {})
        operation = str(values.get("operation") or "")[:64] or False
        call = self._find_taken(operation)
        if not call:
            call = self._take_call(values, operation)
        visit = call.order_id.visit_ids.filtered(
            lambda visit: visit.state not in ("done", "cancel")
        )[:1]
        return {
            "call_id": call.id,
            "call": call.name,
            "order_id": call.order_id.id,
            "order": call.order_id.name or "",
            "visit_id": visit.id,
            "visit": visit.name or "",
            "partner_id": call.partner_id.id,
            "asset_id": call.asset_id.id,
        }

    @api.model
    def _find_taken(self, operation):
        """Return the call that was written down under this operation before.

        Two at the same time: the unique index refuses the second.
        """
        Call = self.env["aftersales.call"]
        return Call.search([("operation", "=", operation)]) if operation else Call

    @api.model
    def _take_call(self, values, operation):
        order = self._browse("aftersales.order", values.get("order_id"))
        asset = self._browse("aftersales.asset", values.get("asset_id"))
        partner = self._browse("res.partner", values.get("partner_id"))
        company = order.company_id or asset.company_id or self.env.company
        self = self.with_company(company)  # noqa: PLW0642
        env = self.env
        if not partner and values.get("new_partner"):
            partner = self._create_partner(values["new_partner"], company)
        partner = partner or order.partner_id or asset.partner_id
        if not asset and values.get("new_asset"):
            asset = self._create_asset(values["new_asset"], partner, company)
        asset = asset or order.asset_id
        self._check_together(partner, asset, order)
        words = self._read_text(values.get("words"))
        answer = self._read_text(values.get("answer"))
        if not words and not answer and not values.get("complaint"):
            raise UserError(env._("Write down what was said."))
        if not order and (values.get("make_order") or values.get("make_visit")):
            order = env["aftersales.order"].create(
                self._prepare_order_values(values, partner, asset, words, company)
            )
        call = env["aftersales.call"].create(
            {
                "company_id": company.id,
                "operation": operation,
                "channel": self._read_choice("channel", values, "phone"),
                "direction": self._read_choice("direction", values, "in"),
                "caller": self._read_text(values.get("caller"))[:200],
                "phone": self._read_text(values.get("phone"))[:64],
                "partner_id": partner.id,
                "asset_id": asset.id,
                "order_id": order.id,
                "words": words or self._read_text(values.get("complaint")),
                "answer": answer,
            }
        )
        if order:
            self._act_on_order(order, values, answer)
        return call

    @api.model
    def _act_on_order(self, order, values, answer):
        kind = values.get("answer_kind")
        if kind in dict(ANSWERS) and answer:
            solved = bool(values.get("solved"))
            order.action_answer(kind, answer, solved=solved, visit=False)
            if solved:
                if order.state == "draft":
                    order.action_close_remotely()
                return
        if values.get("make_visit") and not order._has_open_visit():
            visit = order.action_create_visit()
            if note := self._read_text(values.get("note")):
                visit.note = note

    # What may be made on the fly

    @api.model
    def _create_partner(self, new, company):
        partner_values = {name: new[name] for name in PARTNER_FIELDS if new.get(name)}
        if not self._read_text(partner_values.get("name")):
            raise UserError(self.env._("Write down the customer's name."))
        return self.env["res.partner"].create(
            {**partner_values, "country_id": company.country_id.id}
        )

    @api.model
    def _create_asset(self, new, partner, company):
        asset_values = {name: new[name] for name in ASSET_FIELDS if new.get(name)}
        serial = self._read_text(asset_values.get("serial"))
        if not self._read_text(asset_values.get("name")) and not serial:
            raise UserError(self.env._("Write down what the machine is called."))
        Asset = self.env["aftersales.asset"]
        twin = serial and Asset.search(
            [("serial", "=ilike", serial), ("company_id", "=", company.id)], limit=1
        )
        if twin:
            raise UserError(
                self.env._(
                    "Serial number %(serial)s is %(asset)s of %(owner)s. Choose it "
                    "instead of making it anew.",
                    serial=serial,
                    asset=twin.display_name,
                    owner=twin.partner_id.display_name or self.env._("nobody"),
                )
            )
        asset_values.setdefault("name", serial)
        return Asset.create(
            {**asset_values, "partner_id": partner.id, "company_id": company.id}
        )

    @api.model
    def _check_together(self, partner, asset, order):
        """Refuse an asset or an order of somebody else than the customer."""
        owner = partner.commercial_partner_id
        if asset and order.asset_id and order.asset_id != asset:
            raise UserError(
                self.env._(
                    "%(order)s is about %(asset)s. Make a new order for another one.",
                    order=order.name,
                    asset=order.asset_id.display_name,
                )
            )
        foreign = order.partner_id if order else asset.partner_id
        if foreign and foreign.commercial_partner_id != owner:
            raise UserError(
                self.env._(
                    "%(record)s belongs to %(owner)s and not to %(partner)s.",
                    record=(order or asset).display_name,
                    owner=foreign.display_name,
                    partner=partner.display_name,
                )
            )

    @api.model
    def _prepare_order_values(self, values, partner, asset, words, company):
        if not partner:
            raise UserError(
                self.env._("Choose the customer, or write down who a new one is.")
            )
        owner = partner.commercial_partner_id
        contact = self._browse("res.partner", values.get("contact_id"))
        if contact.commercial_partner_id != owner:
            contact = partner - owner
        channel = self._read_choice("channel", values, "phone")
        direction = self._read_choice("direction", values, "in")
        return {
            "company_id": company.id,
            "partner_id": owner.id,
            "contact_id": contact.id,
            "asset_id": asset.id,
            "channel": CHANNELS[channel] if direction == "in" else "outbound",
            "is_onsite": True,
            "complaint": self._read_text(values.get("complaint")) or words,
            "priority": "1" if str(values.get("priority")) == "1" else "0",
            "date_promised": self._read_deadline(values),
            "date_received": fields.Datetime.now(),
            # Told to us just now.
            "needs_call": False,
        }

    @api.model
    def _read_deadline(self, values):
        return (
            self.env["aftersales.availability"]._read_moment(values.get("deadline"))
            or False
        )

    @api.model
    def _read_choice(self, name, values, default):
        choices = dict(self.env["aftersales.call"]._fields[name].selection)
        return values.get(name) if values.get(name) in choices else default

    @api.model
    def _read_text(self, text):
        return str(text or "").strip()[:WORDS_LENGTH]
