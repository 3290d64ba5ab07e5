from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AftersalesMeter(models.Model):
    """Something on an asset that counts: kilometres, working hours, cycles."""

    _name = "aftersales.meter"
    _description = "Meter"
    _order = "asset_id, sequence, id"
    _rec_name = "asset_id"

    asset_id = fields.Many2one(
        "aftersales.asset", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="asset_id.company_id", store=True)
    sequence = fields.Integer(default=10, help="The first meter is the main one.")
    unit = fields.Selection(
        [("km", "km"), ("mi", "mi"), ("h", "h"), ("cycle", "cycles")],
        required=True,
        default="km",
    )
    reading_ids = fields.One2many("aftersales.meter.reading", "meter_id", "Readings")
    value = fields.Float("Last Reading", compute="_compute_value")
    total = fields.Float(compute="_compute_value", help="Over all meters ever fitted.")

    @api.depends("reading_ids.value")
    def _compute_value(self):
        last_by_meter = {}
        for reading in self.reading_ids.sorted(lambda r: (r.date, r._origin.id or 0)):
            last_by_meter[reading.meter_id] = reading
        for meter in self:
            last = last_by_meter.get(meter)
            meter.value = last.value if last else 0.0
            meter.total = last.total if last else 0.0

    def _get_unit_label(self):
        labels = dict(self._fields["unit"]._description_selection(self.env))
        return labels.get(self.unit, "")


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
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    value = fields.Float(required=True)
    total = fields.Float(
        readonly=True, help="Running total, also over exchanged meters."
    )
    order_id = fields.Many2one(
        "aftersales.order", "Work Order", index="btree_not_null", ondelete="set null"
    )
    is_meter_change = fields.Boolean("Meter Exchanged")
    reason = fields.Char()

    _value_positive = models.Constraint(
        "CHECK(value >= 0)", "A meter reading cannot be negative."
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
        # One by one: each reading is measured against the one before it.
        readings = self.browse()
        for values in vals_list:
            reading = super().create([values])
            reading._check_against_neighbours()
            readings += reading
        return readings

    def write(self, vals):
        result = super().write(vals)
        if {"value", "date", "is_meter_change"} & vals.keys():
            for reading in self:
                reading._check_against_neighbours()
        return result

    def _get_neighbours(self):
        """Return the readings before and after this one, by date."""
        self.ensure_one()
        others = self.meter_id.reading_ids - self
        here = (self.date, self.id)
        before = others.filtered(lambda r: (r.date, r.id) < here)
        after = others - before
        by_date = lambda r: (r.date, r.id)  # noqa: E731
        return before.sorted(by_date)[-1:], after.sorted(by_date)[:1]

    def _check_against_neighbours(self):
        before, after = self._get_neighbours()
        for earlier, later in ((before, self), (self, after)):
            if not (earlier and later) or later.is_meter_change:
                continue
            if later.value < earlier.value:
                raise ValidationError(
                    self.env._(
                        "%(asset)s: the meter read %(earlier)s on %(date)s and can't "
                        "read %(later)s afterwards. Correct the number, or mark it as "
                        "a meter exchange and give the reason.",
                        asset=self.asset_id.display_name,
                        earlier=f"{earlier.value:g}",
                        date=fields.Date.to_string(earlier.date),
                        later=f"{later.value:g}",
                    )
                )
        if not before:
            self.total = self.value
        elif self.is_meter_change:
            self.total = before.total
        else:
            self.total = before.total + self.value - before.value
