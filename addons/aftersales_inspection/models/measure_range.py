from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AftersalesInspectionItem(models.Model):
    """What can be measured at all: a finger that slipped is no finding."""

    _inherit = "aftersales.inspection.item"

    possible_min = fields.Float(
        "Possible From",
        digits=(16, 3),
        help="A smaller value is refused as a slip of the finger.",
    )
    possible_max = fields.Float(
        "Possible To", digits=(16, 3), help="A larger value is refused. 0: no limit."
    )

    @api.constrains("possible_min", "possible_max")
    def _check_possible(self):
        for item in self:
            low, high = item._get_possible_range()
            if low > high:
                raise ValidationError(
                    self.env._(
                        "%(item)s: the smallest possible value lies above the largest.",
                        item=item.name,
                    )
                )

    def _get_possible_range(self):
        """Return ``(from, to)`` of what the gauge can show.

        Without a word on it: nothing below zero where no limit is below zero.
        """
        self.ensure_one()
        limits = (self.green_min, self.green_max, self.yellow_min, self.yellow_max)
        low = self.possible_min
        if not low and (not any(limits) or min(limits) < 0):
            low = float("-inf")
        return low, self.possible_max or float("inf")


class AftersalesInspectionAnswer(models.Model):
    _inherit = "aftersales.inspection.answer"

    def _prepare_value_number(self, value):
        number = super()._prepare_value_number(value)
        if number is None:
            return number
        low, high = self.item_id._get_possible_range()
        if not low <= number <= high:
            raise UserError(
                self.env._(
                    "%(item)s: %(value)s can't be: it lies between %(low)s and "
                    "%(high)s. Read it again.",
                    item=self.item_id.name,
                    value=f"{number:g} {self.unit or ''}".strip(),
                    low="−∞" if low == float("-inf") else f"{low:g}",
                    high="∞" if high == float("inf") else f"{high:g}",
                )
            )
        return number
