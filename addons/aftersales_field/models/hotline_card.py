from odoo import api, fields, models
from odoo.fields import Domain

ASSET_COUNT = 30
ORDER_COUNT = 20
PAST_COUNT = 5
FINDING_COUNT = 8
SOLUTION_COUNT = 3
CALL_COUNT = 5


class AftersalesHotline(models.AbstractModel):
    """What the hotline sees of a customer at one glance."""

    _inherit = "aftersales.hotline"

    @api.model
    @api.readonly
    def get_card(self, partner_id=None, asset_id=None, order_id=None):
        """Return a customer with assets, cover, open work, findings and calls.

        :param int partner_id: the customer, or one of a company's contacts; without
            it, the owner of the asset or the customer of the order
        :param int asset_id: what the call is about: what is told of findings,
            solutions and past work is about this one
        :param int order_id: the order the call is about
        :return: dict with ``partner``, ``assets``, ``asset_id``, ``orders``, ``fees``,
            ``past``, ``findings``, ``solutions`` and ``calls``
        :raises AccessError: for what the user may not read
        """
        self._check_agent()
        order = self._browse("aftersales.order", order_id)
        asset = self._browse("aftersales.asset", asset_id) or order.asset_id
        partner = self._browse("res.partner", partner_id)
        partner = partner or order.contact_id or order.partner_id or asset.partner_id
        owner = partner.commercial_partner_id
        assets = self._get_assets(owner, asset)
        orders = self._get_orders(owner, asset)
        past = self._prepare_past(owner, asset)
        if len(assets) == 1 and not order:
            # There is nothing to choose.
            asset = assets
        return {
            "partner": self._prepare_partner(partner),
            "assets": self._prepare_assets(assets, orders),
            "asset_id": asset.id,
            "order_id": order.id,
            "orders": [self._prepare_order(each) for each in orders],
            "fees": self._prepare_fees(owner),
            "past": past,
            "findings": self._prepare_findings(asset or assets),
            "solutions": self._prepare_solutions(asset, orders),
            "calls": self._prepare_calls(owner, asset),
        }

    @api.model
    @api.readonly
    def get_start(self):
        """Return what the hotline shows before anybody calls.

        :return: dict with ``to_call``: orders of which the customer waits for a call
            today, and ``calls``: the last calls
        """
        self._check_agent()
        Order = self.env["aftersales.order"]
        domain = Order._get_to_call_domain()
        orders = Order.search(
            domain, limit=ORDER_COUNT, order="priority desc, create_date, id"
        )
        return {
            "to_call": [self._prepare_order(order) for order in orders],
            "to_call_count": Order.search_count(domain)
            if len(orders) == ORDER_COUNT
            else len(orders),
            "calls": self._prepare_call_list(
                self.env["aftersales.call"].search([], limit=CALL_COUNT)
            ),
        }

    @api.model
    def _browse(self, model, record_id):
        """Return the record of an id from outside, which the user may read."""
        records = self.env[model]
        if record_id:
            records = records.browse(int(record_id)).exists()
            records.check_access("read")
        return records

    @api.model
    def _prepare_partner(self, partner):
        if not partner:
            return False
        company = partner.commercial_partner_id - partner
        return {
            "id": partner.id,
            "name": partner.name or partner.display_name,
            "company": company.name or "",
            "phone": partner.phone or company.phone or "",
            "email": partner.email or company.email or "",
            "address": self._join(
                partner.street, self._join_words(partner.zip, partner.city)
            ),
        }

    @api.model
    def _join_words(self, *words):
        return " ".join(word for word in words if word)

    # Assets and what is left of their cover

    @api.model
    def _get_assets(self, owner, asset):
        """Return the assets of a customer, the one that is asked about first."""
        others = asset.browse()
        if owner:
            others = asset.search(
                [("partner_id", "child_of", owner.ids)],
                order="write_date desc, id desc",
                limit=ASSET_COUNT,
            )
        return asset | others

    @api.model
    def _prepare_assets(self, assets, orders):
        open_orders = orders.grouped("asset_id")
        return [
            {
                "id": asset.id,
                "name": asset.name,
                "serial": asset.serial or "",
                "model": asset.product_id.display_name or "",
                "site": asset.site_id.display_name or "",
                "cover": asset.cover_summary or "",
                "has_cover": asset.has_cover,
                "is_paper_missing": asset.is_paper_missing,
                "open_count": len(open_orders.get(asset, ())),
            }
            for asset in assets
        ]

    # Orders and visits

    @api.model
    def _get_orders(self, owner, asset):
        """Return the open orders of a customer, and of an asset whoever brought it."""
        domain = Domain.FALSE
        if owner:
            domain |= Domain("partner_id", "child_of", owner.ids)
        if asset:
            domain |= Domain("asset_id", "=", asset.id)
        return self.env["aftersales.order"].search(
            domain & Domain("state", "not in", ("done", "cancel")),
            order="priority desc, id desc",
            limit=ORDER_COUNT,
        )

    @api.model
    def _prepare_order(self, order):
        return {
            "id": order.id,
            "name": order.name,
            "state": order.state,
            "state_label": order._get_state_label(order.state),
            "next_step": order.next_step,
            "customer": order.partner_id.display_name,
            "partner_id": order.partner_id.id,
            "phone": order.call_phone or "",
            "asset": order.asset_id.name or order.asset_words or "",
            "asset_id": order.asset_id.id,
            "complaint": order.complaint or "",
            "is_onsite": order.is_onsite,
            "is_urgent": order.priority == "1",
            "is_late": order.is_late,
            "needs_call": order.needs_call,
            "channel": dict(
                order._fields["channel"]._description_selection(self.env)
            ).get(order.channel, ""),
            "received": self._format(order.date_received or order.create_date),
            # With a visit ahead, its time is what was promised.
            "promised": ""
            if order.is_onsite and order._get_next_visit()
            else self._format(order.date_promised),
            "answer": order.answer_text
            or order.call_ids.filtered("answer")[:1].answer
            or "",
            "visits": [
                self._prepare_visit(visit)
                for visit in order.visit_ids
                if visit.state != "cancel"
            ],
        }

    @api.model
    def _prepare_visit(self, visit):
        return {
            "id": visit.id,
            "name": visit.name,
            "state": visit.state,
            "state_label": visit._get_state_label(visit.state),
            "time": visit._get_window_text(),
            "is_overdue": visit.is_overdue,
            # The name alone: who answers the phone has no right to employees' files.
            "technician": visit.sudo().technician_id.name or "",
            "fees": visit._get_fee_text(),
        }

    @api.model
    def _prepare_fees(self, owner):
        """Return what visits cost this customer besides the work, by occasion."""
        return [
            {
                "id": fee.id,
                "name": fee.name,
                "occasion": fee._get_occasion_label(),
                "price": fee._get_price_text(owner),
            }
            for fee in self.env["aftersales.visit.fee"]._find_offered(self.env.company)
        ]

    @api.model
    def _prepare_past(self, owner, asset):
        domain = Domain("asset_id", "=", asset.id)
        if not asset:
            domain = Domain("partner_id", "child_of", owner.ids)
        orders = self.env["aftersales.order"].search(
            domain & Domain("state", "=", "done"),
            order="date_out desc, id desc",
            limit=PAST_COUNT,
        )
        return [
            {
                "id": order.id,
                "name": order.name,
                "date": self._format(order.date_out, with_time=False),
                "asset": order.asset_id.name or "",
                "complaint": order.complaint or "",
                "words": self._join(
                    order.answer_text if order.is_solved_remotely else "",
                    *(
                        self._join(job.cause, job.correction) or job.name
                        for job in order.job_ids
                        if job.state == "done"
                    ),
                ),
            }
            for order in orders
        ]

    # What is known

    @api.model
    def _prepare_findings(self, assets):
        findings = self.env["aftersales.finding"].search(
            [
                ("asset_id", "in", assets.ids),
                ("state", "in", ("open", "proposed", "declined")),
            ],
            order="is_safety desc, rating, id desc",
            limit=FINDING_COUNT,
        )
        labels = dict(findings._fields["state"]._description_selection(self.env))
        return [
            {
                "id": finding.id,
                "name": finding.name,
                "rating": finding.rating,
                "is_safety": finding.is_safety,
                "state_label": labels[finding.state],
                "asset": finding.asset_id.name,
                "date": self._format(finding.date_found, with_time=False),
            }
            for finding in findings
        ]

    @api.model
    def _prepare_solutions(self, asset, orders):
        """Return what helped before with such a thing and such words."""
        if not asset:
            return []
        words = " ".join(
            order.complaint or "" for order in orders if order.asset_id == asset
        )
        return self._find_solutions(words, asset)

    @api.model
    @api.readonly
    def find_solutions(self, words, asset_id=None):
        """Return what helped before, by what the caller says while he says it.

        :param str words: the caller's words
        :param int asset_id: what it is about
        :return: list of dicts ``id``, ``symptom``, ``cause``, ``remedy``
        """
        self._check_agent()
        asset = self._browse("aftersales.asset", asset_id)
        return self._find_solutions(str(words or "")[:2000], asset)

    @api.model
    def _find_solutions(self, words, asset):
        return self.env["aftersales.solution"].find(
            words,
            product=asset.product_id,
            category=asset.category_id,
            limit=SOLUTION_COUNT,
        )

    @api.model
    def _prepare_calls(self, owner, asset):
        domain = Domain.FALSE
        if owner:
            domain |= Domain("partner_id", "child_of", owner.ids)
        if asset:
            domain |= Domain("asset_id", "=", asset.id)
        return self._prepare_call_list(
            self.env["aftersales.call"].search(domain, limit=CALL_COUNT)
        )

    @api.model
    def _prepare_call_list(self, calls):
        return [
            {
                "id": call.id,
                "name": call.name,
                "date": self._format(call.date),
                "direction": call.direction,
                "customer": call.partner_id.display_name or call.caller or "",
                "caller": call.caller or "",
                "phone": call.phone or "",
                "partner_id": call.partner_id.id,
                "asset_id": call.asset_id.id,
                "order": call.order_id.name or "",
                "words": call.words or "",
                "answer": call.answer or "",
                "user": call.user_id.name,
            }
            for call in calls
        ]

    @api.model
    def _format(self, moment, with_time=True):
        """Return a time as the agent writes it, or nothing."""
        if not moment:
            return ""
        if with_time:
            return self.env["ir.qweb.field.datetime"].value_to_html(
                moment, {"hide_seconds": True}
            )
        local = fields.Datetime.context_timestamp(self, moment)
        return self.env["ir.qweb.field.date"].value_to_html(local.date(), {})
