from odoo import fields, models


class AccountMove(models.Model):
    """An entry tells the documents that follow its state."""

    _inherit = "account.move"

    # A plain “move_id.state” among the dependencies of a stored field would make every
    # invoice of the house search for the documents that it has none of.
    aftersales_follower = fields.Char(
        readonly=True,
        copy=False,
        help="Model and field of what follows this entry's state.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._tell_followers()
        return result

    def _tell_followers(self):
        """Compute anew what follows the state of these entries."""
        followed = self.filtered("aftersales_follower")
        for follower, moves in followed.grouped("aftersales_follower").items():
            model, field = follower.split(",")
            followers = self.env[model].sudo().search([(field, "in", moves.ids)])
            followers.modified([field])
