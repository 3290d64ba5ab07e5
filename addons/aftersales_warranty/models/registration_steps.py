from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesWarrantyRegistration(models.Model):
    """Begin, check, void, end, hand on and restart guarantees."""

    _inherit = "aftersales.warranty.registration"

    def action_start(self, date_start, meter_start=None):
        """Begin guarantees that waited for their invoice or installation.

        :param date_start: day it begins; given again, the first stays
        :param float meter_start: the reading on that day
        """
        todo = self._lock().filtered(
            lambda registration: registration.state == "pending"
        )
        values = {"date_start": fields.Date.to_date(date_start)}
        if meter_start is not None:
            values["meter_start"] = meter_start
        todo._set_state("active", **values)
        return True

    def action_check_document(self):
        """Say that the proof of purchase was seen and is right."""
        todo = self.filtered(
            lambda registration: registration.document_state != "looked_up"
        )
        todo.document_state = "checked"
        todo._check_paper_seen()
        return True

    def _check_paper_seen(self):
        """Refuse to call a proof of purchase checked that nobody can show."""
        bare = self.filtered(
            lambda registration: (
                registration.document_state == "checked"
                and not registration.document_ids
                and not registration.document_note
            )
        )
        if bare:
            raise UserError(
                self.env._(
                    "%(registrations)s: attach the paper or note its number first.",
                    registrations=", ".join(bare.mapped("display_name")),
                )
            )

    def action_start_from_production(self, date_produced=None):
        """Begin guarantees without papers, reckoned from the production of the unit.

        :param date_produced: the day that the serial number or IMEI tells; without it,
            the one that was entered
        :raises UserError: naming guarantees that need their papers, or the day
        """
        bound = self.filtered(
            lambda registration: (
                not registration.pack_id.production_days
                or registration.document_state in ("checked", "looked_up")
                or registration.state not in ("pending", "active")
            )
        )
        if bound:
            raise UserError(
                self.env._(
                    "%(registrations)s does not begin with the production: there are "
                    "papers, or this guarantee needs them.",
                    registrations=", ".join(bound.mapped("display_name")),
                )
            )
        day = fields.Date.to_date(date_produced)
        undated = self.filtered(
            lambda registration: not (day or registration.date_produced)
        )
        if undated:
            raise UserError(
                self.env._(
                    "%(registrations)s: enter when it was produced.",
                    registrations=", ".join(undated.mapped("display_name")),
                )
            )
        for registration in self._lock():
            produced = day or registration.date_produced
            registration.write(
                {
                    "date_produced": produced,
                    "date_start": fields.Date.add(
                        produced, days=registration.pack_id.production_days
                    ),
                    "document_state": "produced",
                }
            )
        waiting = self.filtered(lambda registration: registration.state == "pending")
        waiting._set_state("active")
        return True

    def action_void(self, reason=None):
        """Take a guarantee back, for instance after a forged paper.

        :param str reason: why; required and kept
        """
        self._check_reason(reason)
        self._lock()._set_state("void", end_reason=reason)
        return True

    def action_end(self, reason=None):
        """End a guarantee that another one follows."""
        self._check_reason(reason)
        self._lock()._set_state("ended", end_reason=reason)
        return True

    def action_transfer(self, partner, date=None):
        """Carry guarantees to the next owner of their assets.

        Those that don't go with the thing end.

        :param partner: the new owner, record or id
        :param date: day of the change, for the note; today if empty
        """
        if not isinstance(partner, models.BaseModel):
            partner = self.env["res.partner"].browse(partner)
        day = fields.Date.to_string(date or fields.Date.context_today(self))
        registrations = self._lock()
        staying = registrations.filtered(
            lambda registration: not registration.pack_id.transferable
        )
        reason = self.env._(
            "Sold to %(owner)s on %(date)s", owner=partner.display_name, date=day
        )
        staying.filtered(
            lambda registration: registration.state == "active"
        )._set_state("ended", end_reason=reason)
        staying.filtered(
            lambda registration: registration.state == "pending"
        )._set_state("void", end_reason=reason)
        moving = registrations - staying
        for registration in moving:
            registration.message_post(body=reason)
        moving.partner_id = partner
        # Who buys it for the firm does not keep a household's guarantee.
        if partner.commercial_partner_id.is_company:
            moving.use = "business"
        return True

    def action_restart(self, asset, date=None, price=None):
        """End guarantees whose thing was exchanged, and begin them for the new one.

        :param asset: the new thing, record or id
        :param date: day of the exchange; today if empty
        :return: the new registrations
        """
        if not isinstance(asset, models.BaseModel):
            asset = self.env["aftersales.asset"].browse(asset)
        # The new ones are made as superuser, whatever asset is named.
        asset.with_env(self.env).check_access("write")
        day = fields.Date.to_date(date) or fields.Date.context_today(self)
        registrations = self._lock().filtered(
            lambda registration: registration.state == "active"
        )
        reason = self.env._(
            "Exchanged for %(asset)s on %(date)s",
            asset=asset.display_name,
            date=fields.Date.to_string(day),
        )
        registrations._set_state("ended", end_reason=reason)
        return self.sudo().create(
            [
                registration._prepare_restart_values(asset, day, price)
                for registration in registrations
            ]
        )

    def _prepare_restart_values(self, asset, day, price=None):
        """Return the values of the guarantee that follows after an exchange."""
        self.ensure_one()
        anew = self.pack_id.restart_on_exchange
        return {
            "asset_id": asset.id,
            "pack_id": self.pack_id.id,
            "partner_id": self.partner_id.id,
            "date_start": day if anew else self.date_start,
            "meter_start": (asset.meter if anew else self.meter_start),
            "use": self.use,
            "source": "exchange",
            "document_state": self.document_state,
            "document_note": self.document_note,
            "price": self.price if price is None else price,
            "currency_id": self.currency_id.id,
            "previous_id": self.id,
        }
