from odoo import models
from odoo.exceptions import UserError


class AftersalesReturn(models.Model):
    """Whose goods were accepted, and where they go to, stays as it is."""

    _inherit = "aftersales.return"

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            self._check_not_fixed(vals)
        return super().write(vals)

    def _check_not_fixed(self, vals):
        changed = {"company_id", "warehouse_id", "partner_id"} & vals.keys()
        if not changed:
            return
        partner = self.env["res.partner"].browse(vals.get("partner_id") or ())
        for rma in self:
            if set(rma.line_ids.mapped("state")) <= {"draft", "cancel"}:
                continue
            other = {name for name in changed if rma[name].id != vals[name]}
            # Another contact of the same customer may speak for it.
            if partner.commercial_partner_id == rma.partner_id.commercial_partner_id:
                other.discard("partner_id")
            if other:
                raise UserError(
                    self.env._(
                        "%(return)s was accepted as it is. Cancel it and write down "
                        "another return.",
                        **{"return": rma.name},
                    )
                )


class AftersalesReturnLine(models.Model):
    """What was accepted is received, tested and refunded as it was accepted."""

    _inherit = "aftersales.return.line"

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            self._check_not_fixed(vals)
        return super().write(vals)

    def _check_not_fixed(self, vals):
        """Refuse other goods, or more of them, on lines that were accepted."""
        changed = {
            "product_id",
            "product_uom_id",
            "quantity",
            "return_id",
        } & vals.keys()
        fixed = self.filtered(lambda line: line.state not in ("draft", "cancel"))
        if changed:
            fixed = fixed.filtered(
                lambda line: any(
                    line._fields[name].convert_to_write(line[name], line) != vals[name]
                    for name in changed
                )
            )
        elif "move_id" in vals:
            # What came without one may still find the delivery it left by.
            fixed = fixed.filtered(
                lambda line: (
                    line.move_id.id != vals["move_id"]
                    and line.sudo()._get_moves("in").origin_returned_move_id
                )
            )
        else:
            return
        if fixed:
            raise UserError(
                self.env._(
                    "%(lines)s was accepted as it is. Cancel it and write down "
                    "another line.",
                    lines=", ".join(fixed.mapped("display_name")),
                )
            )
