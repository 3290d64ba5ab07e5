from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import escape_psql

from .call import get_phone_key

MIN_LENGTH = 2


class AftersalesHotline(models.AbstractModel):
    """Who calls, about which machine, and what is the case: for the hotline (R178).

    Everything is read with the rights of who asks. What a call becomes is in
    ``hotline_take.py``, what is shown of a customer in ``hotline_card.py``.
    """

    _name = "aftersales.hotline"
    _description = "Hotline"

    @api.model
    def _check_agent(self):
        """Refuse people who do not speak for the house."""
        if not self.env.su and not self.env.user.has_group(
            "aftersales.aftersales_group_user"
        ):
            raise AccessError(
                self.env._("The hotline is for advisors. Ask a manager for the right.")
            )

    @api.model
    def _get_action(self, partner=None, asset=None, text=None):
        """Return the action that opens the hotline with a customer or an asset."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "aftersales_field.hotline_action"
        )
        params = {
            "partner_id": partner.id if partner else False,
            "asset_id": asset.id if asset else False,
            "text": text or "",
        }
        return {**action, "params": params}

    @api.model
    @api.readonly
    def search(self, text, limit=8):
        """Find customers, assets and orders by what a caller says.

        A phone number in any spelling, a serial, a plate, a name, an e-mail address or
        the number of an order, of a visit or of a call.

        :param str text: what was typed
        :param int limit: so many of each kind at most
        :return: dict with the ``text``, whether it is a ``phone`` number, and
            ``results``, the best first: dicts ``kind`` (partner, asset, order, call),
            ``id``, ``title``, ``subtitle``, ``detail``, ``partner_id``, ``asset_id``,
            ``order_id`` and ``open_count`` (open orders of the customer)
        """
        self._check_agent()
        text = str(text or "").strip()[:100]
        limit = min(max(int(limit), 1), 50)
        key = get_phone_key(text)
        results = []
        if len(text) >= MIN_LENGTH:
            # What is typed is meant as it stands, also % and _.
            words = escape_psql(text)
            partners = self._find_partners(words, key, limit)
            assets = self._find_assets(words, limit)
            orders = self._find_orders(words, limit)
            results = [
                *map(self._describe_order, orders),
                *map(self._describe_partner, partners),
                *map(self._describe_asset, assets),
            ]
            if key and not partners:
                results += map(self._describe_call, self._find_calls(key))
            self._count_open(results)
        return {"text": text, "phone": bool(key), "results": results}

    @api.model
    def _find_partners(self, text, key, limit):
        Partner = self.env["res.partner"]
        names = ["name", "parent_id", "phone", "email", "city", "commercial_partner_id"]
        if key:
            return Partner.search_fetch(
                [("phone_mobile_search", "ilike", key)], names, limit=limit
            )
        domain = Domain.OR(
            Domain(field, "ilike", text) for field in ("complete_name", "email", "ref")
        )
        return Partner.search_fetch(domain, names, limit=limit)

    @api.model
    def _find_assets(self, text, limit):
        Asset = self.env["aftersales.asset"]
        return Asset.search_fetch(
            Asset._get_find_domain(text),
            ["name", "serial", "partner_id"],
            limit=limit,
        )

    @api.model
    def _find_orders(self, text, limit):
        """Find orders by their number, or else by that of a visit or a call."""
        Order = self.env["aftersales.order"]
        if not any(sign.isdigit() for sign in text):
            return Order
        # One after the other: each of them has an index, all at once have none.
        for name in ("name", "visit_ids.name", "call_ids.name"):
            orders = Order.search_fetch(
                [(name, "ilike", text)],
                ["name", "partner_id", "asset_id", "state"],
                limit=limit,
                order="id desc",
            )
            if orders:
                break
        return orders

    @api.model
    def _find_calls(self, key):
        """Find the last call from a number that no contact has."""
        Call = self.env["aftersales.call"]
        return Call.search(Call._get_phone_domain(key), limit=1)

    # In words

    @api.model
    def _prepare_result(self, kind, record, **values):
        return {
            "kind": kind,
            "id": record.id,
            "key": f"{kind}-{record.id}",
            "subtitle": "",
            "detail": "",
            "partner_id": False,
            "asset_id": False,
            "order_id": False,
            "open_count": 0,
            **values,
        }

    @api.model
    def _describe_partner(self, partner):
        return self._prepare_result(
            "partner",
            partner,
            title=partner.name or partner.display_name,
            subtitle=self._join(partner.parent_id.name, partner.city),
            detail=self._join(partner.phone, partner.email),
            partner_id=partner.id,
        )

    @api.model
    def _describe_asset(self, asset):
        return self._prepare_result(
            "asset",
            asset,
            title=asset.name,
            subtitle=asset.serial or "",
            detail=asset.partner_id.display_name or "",
            partner_id=asset.partner_id.id,
            asset_id=asset.id,
        )

    @api.model
    def _describe_order(self, order):
        return self._prepare_result(
            "order",
            order,
            title=order.name,
            subtitle=order._get_state_label(order.state),
            detail=self._join(order.partner_id.display_name, order.asset_id.name),
            partner_id=order.partner_id.id,
            asset_id=order.asset_id.id,
            order_id=order.id,
        )

    @api.model
    def _describe_call(self, call):
        return self._prepare_result(
            "call",
            call,
            title=call.caller or call.partner_id.display_name or call.phone,
            subtitle=call.name,
            detail=(call.words or "")[:80],
            partner_id=call.partner_id.id,
            asset_id=call.asset_id.id,
            order_id=call.order_id.id,
        )

    @api.model
    def _join(self, *words):
        return " · ".join(word for word in words if word)

    @api.model
    def _count_open(self, results):
        """Add how many orders of each customer are open, in one query."""
        Partner = self.env["res.partner"]
        partners = Partner.browse({item["partner_id"] for item in results} - {False})
        owners = {each.id: each.commercial_partner_id for each in partners}
        counts = self.env["aftersales.order"]._read_group(
            [
                (
                    "partner_id.commercial_partner_id",
                    "in",
                    partners.commercial_partner_id.ids,
                ),
                ("state", "not in", ("done", "cancel")),
            ],
            ["partner_id"],
            ["__count"],
        )
        by_owner = {}
        for partner, count in counts:
            owner = partner.commercial_partner_id
            by_owner[owner] = by_owner.get(owner, 0) + count
        for item in results:
            item["open_count"] = by_owner.get(owners.get(item["partner_id"]), 0)
