from odoo import api, fields, models


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    decision_ids = fields.One2many(
        "aftersales.warranty.decision", "order_id", "Decisions"
    )
    decision_count = fields.Integer(
        "Number of Decisions", compute="_compute_decision_count", compute_sudo=True
    )
    can_propose_decision = fields.Boolean(
        compute="_compute_decision_count", compute_sudo=True
    )

    @api.depends("decision_ids.state", "rights", "state")
    def _compute_decision_count(self):
        for order in self:
            decisions = order.decision_ids
            order.decision_count = len(decisions)
            order.can_propose_decision = (
                order.right_level == "reached"
                and order.state != "cancel"
                and not decisions.filtered(
                    lambda decision: decision.state not in ("refused", "cancel")
                )
            )

    def action_propose_decision(self, kind="exchange", reason=None, **values):
        """Propose what is done for the customer beyond a repair.

        :param str kind: exchange, return, compensation, extension or price_cut
        :param str reason: why; required
        :param values: other fields of the proposal, such as ``amount``, ``rule_id``,
            ``evidence_note``, ``evidence_ids``; the right that is reached, and the
            amount it gives, are taken without them
        :return: the proposals, one per order
        """
        self._check_reason(reason)
        return self.env["aftersales.warranty.decision"].create(
            [
                {**values, "order_id": order.id, "kind": kind, "reason": reason}
                for order in self
            ]
        )

    def action_view_decisions(self):
        return self.env["aftersales.warranty.decision"]._get_view_action(
            [("order_id", "in", self.ids)], {"default_order_id": self[:1].id}
        )


class AftersalesAsset(models.Model):
    _inherit = "aftersales.asset"

    decision_ids = fields.One2many(
        "aftersales.warranty.decision", "asset_id", "Decisions"
    )
    decision_count = fields.Integer(
        "Number of Decisions", compute="_compute_decision_count", compute_sudo=True
    )

    @api.depends("decision_ids")
    def _compute_decision_count(self):
        counts = dict(
            self.env["aftersales.warranty.decision"]._read_group(
                [("asset_id", "in", self.ids)], ["asset_id"], ["__count"]
            )
        )
        for asset in self:
            asset.decision_count = counts.get(asset._origin, 0)

    def action_view_decisions(self):
        return self.env["aftersales.warranty.decision"]._get_view_action(
            [("asset_id", "in", self.ids)], {"default_asset_id": self[:1].id}
        )
