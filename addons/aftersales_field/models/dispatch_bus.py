from odoo import api, models

QUEUE = "aftersales.dispatch"
CHANNEL = "aftersales.dispatch_"
# More than these, and every board of the company looks again.
MAX_IDS = 200
# What a card says, or where it stands.
SHOWN = {
    "date_deadline",
    "date_earliest",
    "duration",
    "helper_ids",
    "is_locked",
    "preferred_id",
    "problem",
    "site_id",
    "start",
    "state",
    "stop",
    "technician_id",
    "territory_id",
    "window_start",
    "window_stop",
}


class AftersalesVisit(models.Model):
    """Dispatch boards hear of visits that change: ids only, once a transaction.

    What the ids stand for a board asks for itself, with the rights of who looks.
    Whoever has no visits pays nothing for it.
    """

    _inherit = "aftersales.visit"

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        visits._notify_boards()
        return visits

    def write(self, vals):
        if "territory_id" in vals or "site_id" in vals:
            self._notify_boards()  # the region they leave
        result = super().write(vals)
        if SHOWN & vals.keys():
            self._notify_boards()
        return result

    def unlink(self):
        self._notify_boards()
        return super().unlink()

    def _notify_boards(self):
        data = self.env.cr.precommit.data
        if QUEUE not in data:
            data[QUEUE] = {}
            self.env.cr.precommit.add(self._send_to_boards)
        for visit in self.sudo():
            visits, territories = data[QUEUE].setdefault(
                visit.company_id.id, (set(), set())
            )
            visits.add(visit.id)
            territories.add(visit.territory_id.id)

    @api.model
    def _send_to_boards(self):
        Bus = self.env["bus.bus"].sudo()
        for company, (visits, territories) in self.env.cr.precommit.data.pop(
            QUEUE, {}
        ).items():
            everything = len(visits) > MAX_IDS
            Bus._sendone(
                (self.env["res.company"].browse(company), "dispatch"),
                "aftersales.dispatch/changed",
                {
                    "visits": [] if everything else sorted(visits),
                    "territories": sorted(filter(None, territories)),
                    "all": everything,
                },
            )


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let dispatchers listen to their own companies, and nobody else.

        What the client names is never a channel itself.
        """
        names = {
            name
            for name in channels
            if isinstance(name, str) and name.startswith(CHANNEL)
        }
        if names:
            channels = [name for name in channels if name not in names]
            channels += self._get_dispatch_channels(names)
        return super()._build_bus_channel_list(channels)

    def _get_dispatch_channels(self, names):
        if not self.env.user.has_group("aftersales.aftersales_group_user"):
            return []
        return [
            (company, "dispatch")
            for company in self.env.user.company_ids
            if f"{CHANNEL}{company.id}" in names
        ]
