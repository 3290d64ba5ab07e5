from odoo import api, fields, models

from .standing_words import LEVELS


class AftersalesReturnLine(models.Model):
    """What the guarantees give for the goods, and until when the supplier answers.

    Weighed as of the day of the request and kept, with its trace, when the goods
    arrive: what is settled later is told by what was true then.
    """

    _inherit = "aftersales.return.line"

    verdict = fields.Selection(LEVELS, "Guarantee", readonly=True, copy=False)
    verdict_until = fields.Date("Guarantee Until", readonly=True, copy=False)
    verdict_trace = fields.Json(readonly=True, copy=False)
    verdict_text = fields.Text(
        "Guarantee in Words",
        compute="_compute_verdict_text",
        compute_sudo=True,
        help="If the test confirms the fault. Before the goods are here: as of today.",
    )
    supplier_text = fields.Char(
        "Supplier's Warranty", compute="_compute_supplier_text", compute_sudo=True
    )

    @api.depends("verdict_trace", "asset_id", "lot_id", "move_id", "product_id")
    @api.depends_context("lang")
    def _compute_verdict_text(self):
        Engine = self.env["aftersales.warranty.engine"]
        open_lines = self.filtered(
            lambda line: not line.verdict_trace and line.state in ("draft", "expected")
        )
        standings = open_lines._get_standings()
        for line in self:
            standing = line.verdict_trace or standings.get(line)
            line.verdict_text = False
            if standing:
                words = Engine._describe_standing(standing)
                line.verdict_text = "\n".join([words["text"], *words["reasons"]])

    @api.depends("lot_id", "product_id", "move_id", "move_ids.state")
    @api.depends_context("lang")
    def _compute_supplier_text(self):
        for line in self:
            line.supplier_text = line.product_id and line._get_supplier_words()

    def _get_supplier_words(self):
        """Say until when the supplier answers for these goods; empty: nobody does."""
        self.ensure_one()
        return self.env["aftersales.return.dock"]._describe_supplier(
            self._get_supplier_warranty()
        )

    def _get_verdict_day(self):
        """Return the day of the request, by which periods are reckoned."""
        self.ensure_one()
        return fields.Date.context_today(self, self.return_id.date_requested)

    def _get_verdict_assets(self):
        """Return ``{line: asset}`` of goods that are in the register of assets."""
        lines = self.sudo()
        assets = {line.id: line.asset_id._origin for line in lines if line.asset_id}
        lots = lines.filtered(lambda line: line.id not in assets).lot_id._origin
        if lots:
            found = (
                self.env["aftersales.asset"]
                .sudo()
                .with_context(active_test=False)
                .search(
                    [
                        ("lot_id", "in", lots.ids),
                        ("company_id", "in", lines.company_id.ids),
                    ]
                )
            )
            by_lot = found.grouped(lambda asset: (asset.lot_id, asset.company_id))
            for line in lines:
                asset = by_lot.get((line.lot_id._origin, line.company_id))
                if asset and line.id not in assets:
                    assets[line.id] = asset
        return {line: assets[line.id] for line in self if line.id in assets}

    def _get_standings(self):
        """Return ``{line: standing}``, weighed for all lines of a day at once."""
        Engine = self.env["aftersales.warranty.engine"].sudo()
        assets = self._get_verdict_assets()
        result = {}
        for day, lines in (
            self.browse([line.id for line in assets])
            .grouped(lambda line: line._get_verdict_day())
            .items()
        ):
            own = {line: assets[line] for line in lines}
            found = Engine._get_standings(
                self.env["aftersales.asset"].union(*own.values()), day
            )
            result.update({line: found[asset.id] for line, asset in own.items()})
        sales = {
            line: (
                line.product_id._origin,
                line.company_id,
                line.partner_id._origin,
                fields.Date.context_today(line, line.sudo().move_id.date),
                line._get_verdict_day(),
            )
            for line in self
            if line not in result and line.move_id and line.product_id
        }
        found = Engine._get_product_standings(set(sales.values())) if sales else {}
        result.update({line: found[sale] for line, sale in sales.items()})
        return result

    def _keep_verdict(self):
        """Keep what the guarantees give for goods that just arrived."""
        for line, standing in self._get_standings().items():
            line.write(
                {
                    "verdict": standing["level"],
                    "verdict_until": standing["until"],
                    "verdict_trace": standing,
                }
            )

    def _take_in(self):
        arrived = super()._take_in()
        arrived.filtered(lambda line: not line.verdict)._keep_verdict()
        return arrived


class AftersalesReturnDifference(models.Model):
    _inherit = "aftersales.return.difference"

    def _decide_accept(self):
        result = super()._decide_accept()
        # Another thing came than was weighed.
        self.line_id.filtered("date_received")._keep_verdict()
        return result
