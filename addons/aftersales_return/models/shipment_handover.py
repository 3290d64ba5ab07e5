from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesShipment(models.Model):
    _inherit = "aftersales.shipment"

    handover_ids = fields.One2many(
        "aftersales.shipment.handover", "shipment_id", "Handed Over", readonly=True
    )

    def action_hand_over(self, user=None, reason=None):
        """Let a colleague look after the parcels; who did so before stays on record.

        :param user: a ``res.users``, as record or id
        :param str reason: why
        """
        user = self.env["res.users"].browse(getattr(user, "id", user) or ())
        parcels = self._lock()
        if not user:
            raise UserError(
                self.env._(
                    "%(parcels)s: choose the colleague who takes it over.",
                    parcels=", ".join(parcels.mapped("display_name")),
                )
            )
        todo = parcels.filtered(lambda parcel: parcel.user_id != user)
        self.env["aftersales.shipment.handover"].sudo().create(
            [
                {
                    "shipment_id": parcel.id,
                    "from_user_id": parcel.user_id.id,
                    "to_user_id": user.id,
                    "reason": reason,
                    "author_id": self.env.uid,
                }
                for parcel in todo
            ]
        )
        for parcel in todo:
            # What was on the other's list is done for him.
            parcel.activity_ids.filtered(
                lambda activity, parcel=parcel: activity.user_id == parcel.user_id
            ).user_id = user
        todo.user_id = user
        for parcel in todo.filtered(lambda parcel: not parcel.activity_ids):
            parcel.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=self.env._("Look after %(parcel)s", parcel=parcel.display_name),
                note=reason,
            )
        return True


class AftersalesShipmentHandover(models.Model):
    """Who gave a parcel to whom: a trace nobody changes."""

    _name = "aftersales.shipment.handover"
    _description = "Parcel Handed Over"
    _order = "id desc"

    shipment_id = fields.Many2one(
        "aftersales.shipment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="shipment_id.company_id", store=True, precompute=True
    )
    from_user_id = fields.Many2one("res.users", "From")
    to_user_id = fields.Many2one("res.users", "To", required=True)
    author_id = fields.Many2one("res.users", "Recorded By")
    reason = fields.Char()

    @api.depends("to_user_id")
    def _compute_display_name(self):
        for handover in self:
            handover.display_name = handover.to_user_id.name
