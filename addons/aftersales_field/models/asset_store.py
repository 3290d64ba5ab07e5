from odoo import fields, models
from odoo.fields import Domain

PART_COUNT = 20


class AftersalesAsset(models.Model):
    """What the storekeeper asks of an asset: its parts, and where they lie."""

    _inherit = "aftersales.asset"

    store_move_ids = fields.Many2many(
        "stock.move", string="Parts for Its Orders", compute="_compute_store"
    )
    store_quant_ids = fields.Many2many(
        "stock.quant", string="Parts It Often Takes", compute="_compute_store"
    )

    def _compute_store(self):
        Quant = self.env["stock.quant"]
        for asset in self:
            asset.store_move_ids = self.env["stock.move"].search(
                [
                    ("job_line_id.order_id.asset_id", "=", asset.id),
                    ("state", "not in", ("done", "cancel")),
                ],
                order="date, id",
            )
            asset.store_quant_ids = Quant.search(
                [
                    ("product_id", "in", asset._get_common_parts().ids),
                    ("location_id.usage", "=", "internal"),
                    # Old parts lie outside of the warehouses.
                    ("location_id.warehouse_id", "!=", False),
                    ("owner_id", "=", False),
                    ("company_id", "=", asset.company_id.id),
                    ("quantity", ">", 0),
                ],
                order="product_id, location_id",
            )

    def _get_common_parts(self):
        """Return the parts that this asset and others of its model take most often."""
        self.ensure_one()
        same = Domain("order_id.asset_id", "=", self.id)
        if self.product_id:
            same |= Domain("order_id.asset_id.product_id", "=", self.product_id.id)
        # As superuser: which parts they are is no secret, whose orders they were on is.
        groups = (
            self.env["aftersales.job.line"]
            .sudo()
            ._read_group(
                same
                & Domain("kind", "=", "part")
                & Domain("company_id", "=", self.company_id.id),
                ["product_id"],
                ["__count"],
                order="__count desc",
                limit=PART_COUNT,
            )
        )
        products = self.env["product.product"].union(*(group[0] for group in groups))
        return products.with_env(self.env)
