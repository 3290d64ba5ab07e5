from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

METER_UNITS = [("km", "km"), ("mi", "mi"), ("h", "hours"), ("cycle", "cycles")]


class AftersalesMeter(models.Model):
    """Something on an asset that counts: kilometres, working hours, cycles."""

    _name = "aftersales.meter"
    _description = "Meter"
    _order = "asset_id, sequence, id"
    _rec_names_search = ["asset_id"]

    asset_id = fields.Many2one(
        "aftersales.asset", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="asset_id.company_id", store=True)
    sequence = fields.Integer(default=10, help="The first meter is the main one.")
    name = fields.Char("Label", help="What it counts, where an asset has several.")
    unit = fields.Selection(METER_UNITS, required=True, default="km")
    reading_ids = fields.One2many("aftersales.meter.reading", "meter_id", "Readings")
    value = fields.Float(
        "Last Reading", digits=(16, 1), compute="_compute_value", store=True
    )
    date = fields.Datetime("Read On", compute="_compute_value", store=True)
    total = fields.Float(
        digits=(16, 1),
        compute="_compute_value",
        store=True,
        help="Over all meters ever fitted.",
    )

    @api.depends("asset_id.name", "name", "unit")
    def _compute_display_name(self):
        for meter in self:
            label = meter.name or meter._get_unit_label()
            meter.display_name = f"{meter.asset_id.display_name} · {label}"

    @api.depends("reading_ids.value", "reading_ids.date", "reading_ids.total")
    def _compute_value(self):
        for meter in self:
            last = meter._get_history()[-1:]
            meter.value = last.value
            meter.date = last.date
            meter.total = last.total

    def _get_unit_label(self):
        labels = dict(self._fields["unit"]._description_selection(self.env))
        return labels.get(self.unit, "")

    def _get_history(self):
        """Return the readings of this meter from the first to the last."""
        self.ensure_one()
        # A row just typed on the screen has no number yet: it is the newest.
        return self.reading_ids.filtered("date").sorted(
            lambda reading: (reading.date, reading._origin.id or float("inf"))
        )

    def _check_history(self):
        """Refuse a meter that falls, and bring the running totals up to date.

        :raises ValidationError: naming the asset and both readings
        """
        for meter in self:
            before = self.env["aftersales.meter.reading"]
            for reading in meter._get_history():
                if not before:
                    total = reading.value
                elif reading.is_meter_change:
                    total = before.total
                elif reading.value < before.value:
                    raise ValidationError(
                        self.env._(
                            "%(asset)s: the meter read %(earlier)s on %(date)s and "
                            "can't read %(later)s afterwards. Correct the number, or "
                            "mark it as a meter exchange and give the reason.",
                            asset=meter.asset_id.display_name,
                            earlier=f"{before.value:.15g}",
                            date=fields.Date.to_string(before.date),
                            later=f"{reading.value:.15g}",
                        )
                    )
                else:
                    total = before.total + reading.value - before.value
                if float_compare(reading.total, total, precision_digits=1):
                    reading.total = total
                before = reading


class AftersalesMeterReading(models.Model):
    """What a meter showed. It never falls, unless the meter itself was exchanged."""

    _name = "aftersales.meter.reading"
    _description = "Meter Reading"
    _order = "date desc, id desc"
    _rec_name = "value"

    meter_id = fields.Many2one(
        "aftersales.meter", required=True, index=True, ondelete="cascade"
    )
    asset_id = fields.Many2one(related="meter_id.asset_id", store=True, index=True)
    company_id = fields.Many2one(related="meter_id.company_id", store=True)
    unit = fields.Selection(related="meter_id.unit")
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    value = fields.Float("Reading", digits=(16, 1), required=True)
    total = fields.Float(
        digits=(16, 1),
        readonly=True,
        help="Running total, also over exchanged meters.",
    )
    order_id = fields.Many2one(
        "aftersales.order", "Work Order", index="btree_not_null", ondelete="set null"
    )
    moment = fields.Selection(
        [("in", "At start"), ("out", "At hand-over")],
        readonly=True,
        help="When on its work order it was read.",
    )
    is_meter_change = fields.Boolean(
        "Meter Exchanged", help="From here on a new meter counts, from this number."
    )
    reason = fields.Char()

    _value_positive = models.Constraint(
        "CHECK(value >= 0)", "A meter reading cannot be negative."
    )
    _order_moment_unique = models.UniqueIndex(
        "(order_id, moment) WHERE order_id IS NOT NULL AND moment IS NOT NULL",
        "This work order has that reading already: correct it there.",
    )

    @api.constrains("is_meter_change", "reason")
    def _check_reason(self):
        for reading in self:
            if reading.is_meter_change and not reading.reason:
                raise ValidationError(
                    self.env._(
                        "%(asset)s: say why the meter was exchanged.",
                        asset=reading.asset_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        readings = super().create(vals_list)
        readings.meter_id._check_history()
        return readings

    def write(self, vals):
        meters = self.meter_id
        result = super().write(vals)
        if {"meter_id", "value", "date", "is_meter_change"} & vals.keys():
            (meters | self.meter_id)._check_history()
        return result

    def unlink(self):
        meters = self.meter_id
        result = super().unlink()
        meters.exists()._check_history()
        return result
