from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    aftersales_cover_asset_id = fields.Many2one(
        "aftersales.asset",
        "Asset Covered",
        check_company=True,
        index="btree_not_null",
        help="The thing that a cover is sold for.",
    )
    is_aftersales_cover = fields.Boolean(
        compute="_compute_is_aftersales_cover", export_string_translation=False
    )
    aftersales_deferral_ids = fields.One2many(
        "aftersales.deferral", "move_line_id", "Deferred Revenue"
    )
    aftersales_deferral_credit_ids = fields.One2many(
        "aftersales.deferral.credit", "move_line_id", "Credits of Deferred Revenue"
    )

    @api.depends("product_id.aftersales_pack_id")
    def _compute_is_aftersales_cover(self):
        for line in self:
            line.is_aftersales_cover = bool(line.product_id.aftersales_pack_id)

    def _is_credit(self):
        """Whether this line gives a customer money back."""
        self.ensure_one()
        currency = self.currency_id
        sign = currency.compare_amounts(self.amount_currency, 0.0)
        return sign > 0 or (sign == 0 and self.move_id.move_type == "out_refund")

    def _get_cover_count(self):
        """Return for how many assets this line sells cover."""
        self.ensure_one()
        return max(int(abs(self.quantity)), 1)

    def _check_cover(self):
        """Refuse to bill covers of which it is not known for what."""
        for line in self:
            assets = line.aftersales_cover_asset_id
            per_asset = line.quantity == int(line.quantity) and not (
                assets and line.quantity > 1
            )
            if not per_asset:
                raise UserError(
                    self.env._(
                        "%(invoice)s: %(cover)s is sold per asset. Give each asset a "
                        "line of its own, with quantity 1.",
                        invoice=line.move_id.display_name,
                        cover=line.product_id.display_name,
                    )
                )
            if not assets and not line.sale_line_ids._get_serial_lines():
                raise UserError(
                    self.env._(
                        "%(invoice)s: choose the asset that %(cover)s is sold for, on "
                        "its line.",
                        invoice=line.move_id.display_name,
                        cover=line.product_id.display_name,
                    )
                )
            if not line.product_id.aftersales_cover_months:
                raise UserError(
                    self.env._(
                        "%(invoice)s: %(cover)s has no term. Set its months of cover "
                        "on the product.",
                        invoice=line.move_id.display_name,
                        cover=line.product_id.display_name,
                    )
                )

    def _get_credited_deferrals(self):
        """Return the covers that this line of a credit note takes back.

        Of the invoice it reverses, or of the sales order line; the thing it names
        first, then what has not begun, then the last sold.
        """
        self.ensure_one()
        invoice_lines = (
            self.move_id.reversed_entry_id.invoice_line_ids.filtered(
                lambda line: (
                    line.product_id == self.product_id
                    and line.sale_line_ids == self.sale_line_ids
                )
            )
            or self.sale_line_ids.invoice_lines
        )
        deferrals = invoice_lines.aftersales_deferral_ids.filtered(
            lambda deferral: not deferral._is_credited()
        )
        named = deferrals.filtered(
            lambda deferral: deferral.asset_id == self.aftersales_cover_asset_id
        )
        return (named or deferrals).sorted(
            lambda deferral: (deferral.state != "waiting", -deferral.id)
        )

    def _get_cover_start(self, asset):
        """Return the day this cover begins for ``asset``, or False if none can tell."""
        self.ensure_one()
        start = self.move_id.invoice_date or fields.Date.context_today(self)
        if asset.date_sold and self.sale_line_ids._get_serial_lines():
            # Sold together: there is nothing to cover before it is delivered.
            start = max(start, asset.date_sold)
        if self.product_id.aftersales_cover_start == "sale":
            return start
        base = asset.registration_ids.filtered(
            lambda registration: (
                registration.pack_kind in ("legal", "promise")
                and registration.state == "active"
                and registration.date_end
            )
        )
        if not base:
            return False
        end = max(base.mapped("date_end"))
        return max(start, fields.Date.add(end, days=1))

    def _defer_revenue(self):
        """Send the revenue of covers to the deferred account.

        :return: ``{line: its revenue account}``
        """
        accounts = {}
        for line in self:
            account = accounts[line] = line._get_cover_income_account()
            if line.currency_id.is_zero(line.amount_currency):
                continue
            if self._has_odoo_deferral():
                line._defer_by_odoo()
                continue
            line.account_id = line.company_id._get_aftersales_account(
                "aftersales_deferred_revenue_account_id"
            )
            if line.account_id == account:
                raise UserError(
                    self.env._(
                        "%(cover)s sells to %(account)s, which is the account of "
                        "deferred revenue. Give the product its revenue account.",
                        cover=line.product_id.display_name,
                        account=account.display_name,
                    )
                )
        return accounts

    def _get_cover_income_account(self):
        """Return where the revenue goes in the end.

        A copy of a posted invoice has the deferred account on its line already.
        """
        self.ensure_one()
        if self.account_id != self.company_id.aftersales_deferred_revenue_account_id:
            return self.account_id
        product = self.product_id.with_company(self.company_id)
        accounts = product.product_tmpl_id.get_product_accounts(
            fiscal_pos=self.move_id.fiscal_position_id
        )
        return accounts["income"] or self.account_id

    @api.model
    def _has_odoo_deferral(self):
        """Whether Odoo defers revenue by the dates on an invoice line itself."""
        return "deferred_start_date" in self._fields

    def _defer_by_odoo(self):
        """Leave the schedule to Odoo: give it the days of the cover."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        start = self.move_id.invoice_date or today
        if asset := self.aftersales_cover_asset_id:
            start = self._get_cover_start(asset) or start
        months = self.product_id.aftersales_cover_months
        end = fields.Date.subtract(fields.Date.add(start, months=months), days=1)
        self.write({"deferred_start_date": start, "deferred_end_date": end})

    def _prepare_deferrals_values(self, account):
        """Return the values of one deferral per asset that this line covers.

        :param account: where its revenue goes in the end
        """
        self.ensure_one()
        count = self._get_cover_count()
        company_currency = self.company_id.currency_id
        amount, amount_currency = -self.balance, -self.amount_currency
        part = company_currency.round(amount / count)
        part_currency = self.currency_id.round(amount_currency / count)
        values_list = []
        for index in range(count):
            is_last = index == count - 1
            values_list.append(
                {
                    "company_id": self.company_id.id,
                    "move_line_id": self.id,
                    "sale_line_id": self.sale_line_ids[:1].id,
                    "asset_id": self.aftersales_cover_asset_id.id,
                    "account_id": self.account_id.id,
                    "account_income_id": account.id,
                    "months": self.product_id.aftersales_cover_months,
                    "is_external": self._has_odoo_deferral(),
                    # The last takes the cents that don't divide.
                    "amount": amount - part * index if is_last else part,
                    "amount_currency": (
                        amount_currency - part_currency * index
                        if is_last
                        else part_currency
                    ),
                }
            )
        return values_list

    def _prepare_cover_registration_values(self, asset, date_start):
        """Return the guarantee that this line sold for ``asset``."""
        self.ensure_one()
        return {
            "asset_id": asset.id,
            "partner_id": (asset.partner_id or self.partner_id).id,
            "pack_id": self.product_id.aftersales_pack_id.id,
            "date_start": date_start,
            "source": "sale",
            "document_state": "looked_up",
            "currency_id": self.currency_id.id,
            "invoice_id": self.move_id.id,
            "sale_line_id": self.sale_line_ids[:1].id,
        }


class AccountMove(models.Model):
    _inherit = "account.move"

    has_aftersales_cover = fields.Boolean(
        compute="_compute_has_aftersales_cover", export_string_translation=False
    )
    aftersales_deferral_count = fields.Integer(
        "Covers Sold", compute="_compute_aftersales_deferral_count", compute_sudo=True
    )

    @api.depends("invoice_line_ids.product_id")
    def _compute_has_aftersales_cover(self):
        for move in self:
            move.has_aftersales_cover = any(
                line.is_aftersales_cover for line in move.invoice_line_ids
            )

    @api.depends(
        "invoice_line_ids.aftersales_deferral_ids",
        "invoice_line_ids.aftersales_deferral_credit_ids",
    )
    def _compute_aftersales_deferral_count(self):
        for move in self:
            move.aftersales_deferral_count = len(move._get_aftersales_deferrals())

    def action_view_aftersales_deferrals(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales_warranty.deferral_action"
        )
        deferrals = self.sudo()._get_aftersales_deferrals()
        return {**action, "domain": [("id", "in", deferrals.ids)], "context": {}}

    def _get_aftersales_deferrals(self):
        """Return the covers that these invoices sold or took back."""
        lines = self.invoice_line_ids
        credited = lines.aftersales_deferral_credit_ids.deferral_id
        return lines.aftersales_deferral_ids | credited

    def _post(self, soft=True):
        """Defer the revenue of covers, and take credited ones back."""
        today = fields.Date.context_today(self)
        ready = self.filtered(
            lambda move: move.is_sale_document() and not (soft and move.date > today)
        )
        # Who posts need not have a right to assets and guarantees.
        covers = ready.sudo().invoice_line_ids.filtered(
            lambda line: (
                line.display_type == "product" and line.product_id.aftersales_pack_id
            )
        )
        sold = covers.filtered(lambda line: not line._is_credit())
        sold._check_cover()
        accounts = sold._defer_revenue()
        credited = {line: line._get_credited_deferrals() for line in covers - sold}
        for line, deferrals in credited.items():
            line.account_id = (
                deferrals[:1].move_line_id.account_id
                or line._get_cover_income_account()
            )
        posted = super()._post(soft=soft)
        values_list = []
        for line, account in accounts.items():
            values_list += line._prepare_deferrals_values(account)
        if values_list:
            self.env["aftersales.deferral"].sudo().create(values_list)._try_start()
        for line, deferrals in credited.items():
            if deferrals:
                deferrals._credit(line)
        return posted

    def button_draft(self):
        """Forget what was deferred or taken back by documents that are opened again."""
        lines = self.sudo().invoice_line_ids
        deferrals = lines.aftersales_deferral_ids
        begun = deferrals._get_posted_lines().deferral_id
        if begun:
            raise UserError(
                self.env._(
                    "%(invoices)s: revenue of %(covers)s was recognised already. Make "
                    "a credit note instead.",
                    invoices=", ".join(begun.invoice_id.mapped("name")),
                    covers=", ".join(begun.product_id.mapped("display_name")),
                )
            )
        credited = deferrals.credit_ids.move_id - self
        if credited:
            raise UserError(
                self.env._(
                    "%(invoices)s was credited by %(notes)s. Reset that to draft "
                    "first.",
                    invoices=", ".join(deferrals.invoice_id.mapped("name")),
                    notes=", ".join(credited.mapped("name")),
                )
            )
        result = super().button_draft()
        lines.aftersales_deferral_credit_ids._undo()
        registrations = deferrals.registration_id
        for deferral in deferrals:
            deferral.move_line_id.account_id = deferral.account_income_id
        deferrals.unlink()
        registrations.unlink()
        return result
