from odoo import api, fields, models
from odoo.fields import Domain


class AftersalesAsset(models.Model):
    """How an asset is found by what a caller reads from it or calls it."""

    _inherit = "aftersales.asset"

    # What callers say is mostly in the middle of the name.
    name = fields.Char(index="trigram")

    @api.model
    def _get_find_domain(self, text):
        """Return which assets a text names: by name, serial or plate.

        Their owners are looked for beside them, where an index helps.
        """
        domain = Domain("name", "ilike", text) | Domain("serial", "ilike", text)
        # Serials and plates are read out with blanks and dashes of their own.
        bare = "".join(sign for sign in text if sign.isalnum()).upper()
        if bare and bare != text.upper():
            domain |= Domain("serial", "ilike", bare)
        if bare and "plate_key" in self._fields:
            domain |= Domain("plate_key", "ilike", bare)
        return domain
