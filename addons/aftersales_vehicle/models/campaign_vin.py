from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .asset_vin import normalize_vin


class AftersalesCampaignRange(models.Model):
    """VINs that begin alike and whose last characters lie between two numbers.

    The check digit, the ninth character, is left out of the comparison: it differs
    from car to car.
    """

    _name = "aftersales.campaign.range"
    _description = "VIN Range"
    _order = "campaign_id, prefix, serial_from, id"

    campaign_id = fields.Many2one(
        "aftersales.campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, precompute=True
    )
    prefix = fields.Char(
        "Begins With",
        required=True,
        help="What the VINs share: at least the three letters of the maker.",
    )
    serial_from = fields.Char("From", required=True, help="The last characters.")
    serial_to = fields.Char("To", required=True)

    @api.model_create_multi
    def create(self, vals_list):
        ranges = super().create([self._normalize(vals) for vals in vals_list])
        ranges.campaign_id.filtered(lambda row: row.state == "running")._enroll()
        return ranges

    def write(self, vals):
        result = super().write(self._normalize(vals))
        self.campaign_id.filtered(lambda row: row.state == "running")._enroll()
        return result

    @api.model
    def _normalize(self, vals):
        return {
            field: normalize_vin(value)
            if field in ("prefix", "serial_from", "serial_to")
            else value
            for field, value in vals.items()
        }

    @api.constrains("prefix", "serial_from", "serial_to")
    def _check_range(self):
        for row in self:
            parts = (row.prefix, row.serial_from, row.serial_to)
            if (
                not all(part.isalnum() and part.isascii() for part in parts)
                or len(row.prefix) < 3
                or not 1 <= len(row.serial_from) <= 8
                or len(row.prefix) + len(row.serial_from) > 17
            ):
                raise ValidationError(
                    self.env._(
                        "%(prefix)s %(from)s–%(to)s is no VIN range: give at least the "
                        "three letters of the maker, and up to eight characters from "
                        "the end of the VIN.",
                        **{
                            "prefix": row.prefix,
                            "from": row.serial_from,
                            "to": row.serial_to,
                        },
                    )
                )
            if len(row.serial_from) != len(row.serial_to):
                raise ValidationError(
                    self.env._(
                        "%(first)s and %(last)s: write both with as many characters, "
                        "with zeros in front.",
                        first=row.serial_from,
                        last=row.serial_to,
                    )
                )
            if row.serial_from > row.serial_to:
                raise ValidationError(
                    self.env._(
                        "%(first)s comes after %(last)s: change them round.",
                        first=row.serial_from,
                        last=row.serial_to,
                    )
                )

    def _get_condition(self, table):
        """Return the SQL condition that the VIN of ``table`` is in this range."""
        self.ensure_one()
        prefix = self.prefix[:8] + "_" + self.prefix[9:]
        return SQL(
            "(%(table)s.serial LIKE %(pattern)s AND length(%(table)s.serial) = 17 "
            'AND right(%(table)s.serial, %(count)s) COLLATE "C" '
            "BETWEEN %(first)s AND %(last)s)",
            table=table,
            pattern=f"{prefix if len(self.prefix) > 8 else self.prefix}%",
            count=len(self.serial_from),
            first=self.serial_from,
            last=self.serial_to,
        )


class AftersalesCampaignVin(models.Model):
    """A VIN of the maker's list, whether the vehicle is registered or not."""

    _name = "aftersales.campaign.vin"
    _description = "VIN of a Campaign"
    _order = "campaign_id, vin"
    _rec_name = "vin"

    campaign_id = fields.Many2one(
        "aftersales.campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="campaign_id.company_id", store=True, precompute=True
    )
    vin = fields.Char("VIN", required=True, index=True)

    _once = models.UniqueIndex(
        "(campaign_id, vin)", "That VIN is on the list of the campaign already."
    )

    @api.constrains("vin")
    def _check_vin(self):
        wrong = [row.vin for row in self if len(row.vin) != 17]
        if wrong:
            raise ValidationError(
                self.env._(
                    "%(vins)s: a VIN has 17 characters. Correct the list.",
                    vins=", ".join(wrong[:10]),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(
            [{**vals, "vin": normalize_vin(vals.get("vin"))} for vals in vals_list]
        )
        rows.campaign_id.filtered(lambda row: row.state == "running")._enroll()
        return rows
