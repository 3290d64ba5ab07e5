from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.models import MAGIC_COLUMNS


class AftersalesReturnGuardMixin(models.AbstractModel):
    """What the steps write, nobody writes past them: tests, approvals, charges."""

    _name = "aftersales.return.guard.mixin"
    _description = "Written by Its Steps"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_no_step({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_no_step(vals.keys(), self._get_kept_fields())
        return super().write(vals)

    @api.model
    def _get_kept_fields(self):
        """Return the names of fields that are entered once and stay."""
        return set()

    def _check_no_step(self, names, kept=()):
        """Refuse fields that are read-only on every screen: a step fills them in."""
        refused = [
            name
            for name in names
            if (field := self._fields.get(name))
            and (field.readonly or name in kept)
            and field.store
            and not field.compute
            # Has its own refusal, by the steps; a number may be given.
            and name not in ("state", "name", *MAGIC_COLUMNS)
        ]
        if refused:
            labels = self.fields_get(refused, ["string"])
            raise AccessError(
                self.env._(
                    "%(lines)s: %(fields)s follows from the steps and can't be "
                    "written. Call the step instead.",
                    lines=", ".join(self.mapped("display_name")) or self._description,
                    fields=", ".join(
                        labels.get(name, {}).get("string", name) for name in refused
                    ),
                )
            )


class AftersalesReturnLine(models.Model):
    _name = "aftersales.return.line"
    _inherit = ["aftersales.return.guard.mixin", "aftersales.return.line"]

    def write(self, vals):
        if not self.env.su:
            self._check_decisions(vals)
        return super().write(vals)

    def _check_decisions(self, vals):
        """Refuse what those who only do the work, or a mere write, may not decide.

        Another operation needs its reason once the return is accepted. Who bears what
        was given got its cost: it stays.
        """

        def filter_changed(name):
            value = vals.get(name) or False
            return self.filtered(
                lambda line: name in vals and (line[name].id or False) != value
            )

        operated = filter_changed("operation_id")
        charged = filter_changed("payer_id")
        if decided := operated | charged:
            decided.return_id._check_decides()
        accepted = operated.filtered(
            lambda line: line.operation_id and line.state != "draft"
        )
        if accepted:
            raise UserError(
                self.env._(
                    "%(lines)s is accepted already. Change its operation by the "
                    "button, with the reason.",
                    lines=", ".join(accepted.mapped("display_name")),
                )
            )
        if given := charged.filtered("date_given"):
            raise UserError(
                self.env._(
                    "%(lines)s is given already: who bears it stays.",
                    lines=", ".join(given.mapped("display_name")),
                )
            )


class AftersalesReturnDifference(models.Model):
    _name = "aftersales.return.difference"
    _inherit = ["aftersales.return.guard.mixin", "aftersales.return.difference"]

    @api.model
    def _get_kept_fields(self):
        return {"kind", "line_id", "picking_id"}


class AftersalesSupplierTrip(models.Model):
    _name = "aftersales.supplier.trip"
    _inherit = ["aftersales.return.guard.mixin", "aftersales.supplier.trip"]


class AftersalesShipment(models.Model):
    _name = "aftersales.shipment"
    _inherit = ["aftersales.return.guard.mixin", "aftersales.shipment"]
