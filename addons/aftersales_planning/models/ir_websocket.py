from odoo import models

BOARD = "aftersales.board_"
LOUNGE = "aftersales.lounge_"


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let in who may see the board, or holds the lounge link, and nobody else.

        What the client names is never a channel itself. A code that is forged,
        withdrawn or expired is left out without a word.
        """
        names = {
            name
            for name in channels
            if isinstance(name, str) and name.startswith((BOARD, LOUNGE))
        }
        if names:
            channels = [name for name in channels if name not in names]
            channels += self._get_board_channels(names)
        return super()._build_bus_channel_list(channels)

    def _get_board_channels(self, names):
        Board = self.env["aftersales.board"]
        lounges = Board.browse()
        for name in names:
            if name.startswith(LOUNGE):
                lounges |= Board._browse_lounge(name.removeprefix(LOUNGE))
        found = [
            board._get_channel("lounge", board.code_nonce) for board in lounges.sudo()
        ]
        ids = [
            int(number)
            for name in names
            if (number := name.removeprefix(BOARD)).isdecimal()
        ]
        if ids and Board.has_access("read"):
            shops = Board.search([("id", "in", ids), ("kind", "=", "shop")])
            found += [board._get_channel("shop", None) for board in shops]
        return found
