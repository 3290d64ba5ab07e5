from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError

# The rights of a guarantee that give what a return gives.
RIGHTS = {
    "exchange": ("exchange", "exchange_return", "exchange_repair", "any"),
    "other": ("return", "exchange_return", "any"),
    "refund": ("return", "exchange_return", "any"),
}


class AftersalesReturnLine(models.Model):
    """Who may grant it: advisors, or the roles whose limits reach so far.

    Weighed is all that a return gives in one kind, so that many small lines don't add
    up to what nobody granted.
    """

    _inherit = "aftersales.return.line"

    approval_ids = fields.Many2many(
        "aftersales.return.approval",
        string="Requests for Approval",
        readonly=True,
        copy=False,
    )
    granted_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        help="Whoever accepted the return, if his limits reached so far.",
    )
    approval_state = fields.Selection(
        [
            ("free", "Not Needed"),
            ("needed", "Needed"),
            ("asked", "Asked For"),
            ("granted", "Granted"),
            ("refused", "Refused"),
        ],
        "Approval",
        compute="_compute_approval_state",
    )

    @api.depends("approval_ids.state", "operation_id.limit_kind", "state")
    @api.depends_context("uid")
    def _compute_approval_state(self):
        insufficient = self._get_insufficient()
        for line in self:
            own = line.approval_ids.sudo().filtered(
                lambda approval, line=line: approval.operation_id == line.operation_id
            )
            if "proposed" in own.mapped("state"):
                line.approval_state = "asked"
            elif line._is_granted():
                line.approval_state = "granted"
            elif line not in insufficient:
                line.approval_state = "free"
            else:
                last = own.sorted("id")[-1:].state
                line.approval_state = "refused" if last == "refused" else "needed"

    # What is weighed

    def _get_limit_amount(self):
        """Return what was paid, else the price, in the currency of the company."""
        self.ensure_one()
        items = self._get_invoice_items()
        if items:
            item = items[-1]
            unit = item.price_total / item.quantity if item.quantity else 0.0
            quantity = self.product_uom_id._compute_quantity(
                self.quantity, item.product_uom_id
            )
            return item.currency_id._convert(
                unit * quantity,
                self.company_id.currency_id,
                self.company_id,
                item.date,
            )
        quantity = self.product_uom_id._compute_quantity(
            self.quantity, self.product_id.uom_id
        )
        return self.product_id.with_company(self.company_id).lst_price * quantity

    def _get_weighed_together(self):
        """Return the goods of the return that need an approval of the same kind."""
        self.ensure_one()
        kind = self.operation_id.limit_kind
        return self.return_id.line_ids.filtered(
            lambda line: (
                line.operation_id.limit_kind == kind
                and line.state not in ("cancel", "lost")
            )
        )

    def _get_amount_weighed(self):
        """Return what is at stake with all of these together, in company currency."""
        return sum(line._get_limit_amount() for line in self)

    def _is_by_right(self):
        """Whether the customer may have it without anybody's favour.

        By a right that the guarantees give, or in time after the delivery. What has a
        guarantee is exchanged by its rules, not because no time is set.
        """
        self.ensure_one()
        standing = self._get_standing()
        remedies = RIGHTS.get(self.remedy, ())
        if any(right["remedy"] in remedies for right in standing["rights"]):
            return True
        days = self.operation_id.days
        if not days:
            ruled = self.remedy == "exchange" and standing["level"] != "none"
            return bool(self.move_id) and not ruled
        return bool(self.move_id) and self.days_since_delivery <= days

    def _get_standing(self):
        """Return what the guarantees give, as it was kept at the arrival, or is now."""
        self.ensure_one()
        standing = self.verdict_trace or self._get_standings().get(self)
        return standing or {"level": "none", "rights": []}

    def _is_granted(self, amount=None):
        """Whether somebody whose limits reach so far said yes to these goods as is.

        :param float amount: what all goods weighed together are worth, if known
        """
        self.ensure_one()
        line = self.sudo()
        if line.granted_by_id:
            return True
        granted = line.approval_ids.filtered(
            lambda approval: (
                approval.state == "approved"
                and approval.operation_id == line.operation_id
            )
        )
        if not granted:
            return False
        if amount is None:
            amount = line._get_weighed_together()._get_amount_weighed()
        compare = line.company_id.currency_id.compare_amounts
        return any(compare(amount, approval.amount) <= 0 for approval in granted)

    def _get_insufficient(self):
        """Return ``{line: limits that would reach}`` of what the user may not grant."""
        result = {}
        if self.env.uid == SUPERUSER_ID:
            return result
        Limit = self.env["aftersales.warranty.limit"]
        user = self.env.user
        # Whatever other groups a technician is given.
        decides = user.has_group("aftersales.aftersales_group_user")
        groups = user.sudo().all_group_ids if decides else self.env["res.groups"]
        todo = self.sudo().filtered("operation_id.limit_kind")
        by_kind = {}
        for (_rma, kind), lines in todo.grouped(
            lambda line: (line.return_id, line.operation_id.limit_kind)
        ).items():
            amount = lines[:1]._get_weighed_together()._get_amount_weighed()
            company = lines.company_id
            if (company, kind) not in by_kind:
                by_kind[company, kind] = Limit._get_limits(company, kind)
            for line in lines:
                if line._is_granted(amount):
                    continue
                enough = by_kind[company, kind]._filter_sufficient(
                    amount, line._is_by_right()
                )
                if not enough.group_id & groups:
                    result[line.with_env(self.env)] = enough
        return result

    def _check_approved(self):
        """Refuse what the user may not grant, naming who may."""
        if self.env.su:
            return
        insufficient = self._get_insufficient()
        if not insufficient:
            return
        lines = self.browse().concat(*insufficient).sudo()
        roles = self.env["res.groups"].union(
            *(enough.group_id for enough in insufficient.values())
        )
        raise AccessError(
            self.env._(
                "%(lines)s: %(operations)s of %(amount)s is granted by: %(roles)s. "
                "Ask for the approval on the return.",
                lines=", ".join(lines.mapped("display_name")),
                operations=", ".join(lines.operation_id.mapped("name")),
                amount=lines.company_id[:1].currency_id.format(
                    lines[:1]._get_weighed_together()._get_amount_weighed()
                ),
                roles=", ".join(roles.sudo().mapped("name")) or "–",
            )
        )

    def _keep_grant(self):
        """Keep who accepted what is given by itself later, when the goods arrive."""
        insufficient = self._get_insufficient()
        for line in self.filtered("operation_id.limit_kind"):
            if line not in insufficient and line.when == "received":
                line.sudo().granted_by_id = self.env.user

    # Asking

    def action_request_approval(self, reason=None):
        """Ask those whose limits reach so far to grant these goods.

        Asked for already, it is not asked again.

        :param str reason: why the customer should have it; required
        :return: the requests, one per return and operation
        """
        self.return_id._check_reason(reason)
        lines = self._lock()
        lines._check_undecided()
        insufficient = lines.with_env(self.env)._get_insufficient()
        asked = self.browse().concat(*insufficient).sudo()
        pending = asked.approval_ids.filtered(
            lambda approval: approval.state == "proposed"
        )
        asked -= pending.line_ids
        groups = asked.grouped(lambda line: (line.return_id, line.operation_id))
        # What is at stake is reckoned here, and nobody may write it himself.
        new = pending.create(
            [
                {
                    "return_id": rma.id,
                    "operation_id": operation.id,
                    "line_ids": [Command.set(own.ids)],
                    "amount": own[:1]._get_weighed_together()._get_amount_weighed(),
                    "has_right": all(line._is_by_right() for line in own),
                    "reason": reason,
                }
                for (rma, operation), own in groups.items()
            ]
        )
        return (pending | new).with_env(self.env)

    def _check_undecided(self):
        closed = self.filtered(
            lambda line: (
                line.date_given or line.state in ("settled", "done", "lost", "cancel")
            )
        )
        if closed:
            raise UserError(
                self.env._(
                    "%(lines)s is settled or closed: there is nothing to approve.",
                    lines=", ".join(closed.mapped("display_name")),
                )
            )
        bare = self.filtered(lambda line: not line.operation_id)
        bare._check_ready()

    # A yes is for the goods as they were

    @api.model
    def _get_granted_fields(self):
        """Return the fields that a yes is about."""
        return {
            "operation_id",
            "product_id",
            "product_uom_id",
            "quantity",
            "serial",
            "lot_id",
            "move_id",
            "replacement_product_id",
        }

    def write(self, vals):
        fields_changed = self._get_granted_fields() & vals.keys()
        changed = self.filtered(
            lambda line: any(line._differs(name, vals[name]) for name in fields_changed)
        )
        result = super().write(vals)
        if changed:
            changed._expire_grants()
        return result

    def _differs(self, name, value):
        """Whether ``value`` is another fact than the one that was granted."""
        self.ensure_one()
        field, before = self._fields[name], self[name]
        if field.type == "many2one":
            return bool(before) and before.id != (value or False)
        if field.type == "float":
            # Less than was granted is granted too.
            return self.product_uom_id.compare(value, before) > 0
        return bool(before) and before != (value or False)

    def _expire_grants(self):
        todo = self.sudo().filtered(lambda line: not line.date_given)
        approvals = todo.approval_ids.filtered(
            lambda approval: approval.state in ("proposed", "approved")
        )
        todo.filtered("granted_by_id").granted_by_id = False
        for approval in approvals:
            changed = approval.line_ids & todo
            approval._expire(
                self.env._(
                    "%(lines)s was changed: ask again for the goods as they are now.",
                    lines=", ".join(changed.mapped("display_name")),
                )
            )

    def _set_state(self, state, **values):
        moved = super()._set_state(state, **values)
        if state == "cancel":
            open_approvals = moved.sudo().approval_ids.filtered(
                lambda approval: (
                    approval.state == "proposed"
                    and set(approval.line_ids.mapped("state")) == {"cancel"}
                )
            )
            if open_approvals:
                open_approvals._expire(self.env._("The goods are no longer awaited."))
        return moved

    def _prepare_rest_values(self, quantity):
        return {
            **super()._prepare_rest_values(quantity),
            "approval_ids": [Command.set(self.approval_ids.ids)],
            "granted_by_id": self.granted_by_id.id,
        }
