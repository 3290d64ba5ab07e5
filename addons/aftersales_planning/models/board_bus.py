from odoo import api, models

# More than these, and a board looks at everything again.
MAX_IDS = 200
QUEUE = "aftersales.board"


class AftersalesBoard(models.Model):
    """What a board hears: ids only. What they stand for it asks for, with its rights.

    Changes are collected while a transaction runs and sent once when it is over.
    """

    _inherit = "aftersales.board"

    @api.model
    def _has_listeners(self):
        """Return whether any board is active: if not, a hook has nothing to do."""
        return bool(self._get_boards_by_company())

    @api.model
    def _notify_orders(self, orders):
        """Tell the boards that show these orders to look at them again."""
        if not self._has_listeners():
            return
        for order in orders.sudo():
            for board in self._get_active_boards(order.company_id):
                if board.shows(order.team_id.id, order.warehouse_id.id):
                    self._queue(board, orders={order.id})

    @api.model
    def _notify_bookings(self, bookings):
        """Tell the boards that show these bookings, or their bay, to look again."""
        if not self._has_listeners():
            return
        for booking in bookings.sudo():
            order, resource = booking.order_id, booking.resource_id
            places = {
                (order.team_id.id, order.warehouse_id.id),
                (resource.aftersales_team_id.id, resource.aftersales_warehouse_id.id),
            }
            for board in self._get_active_boards(booking.company_id):
                if not order or any(board.shows(*place) for place in places):
                    self._queue(board, orders=set(order.ids), bookings={booking.id})

    def _notify_viewers(self):
        """Make every page that shows these boards ask for them again."""
        for board in self.sudo():
            self._queue(board._get_info(), everything=True)

    @api.model
    def _queue(self, board, orders=(), bookings=(), everything=False):
        data = self.env.cr.precommit.data
        if QUEUE not in data:
            data[QUEUE] = {}
            self.env.cr.precommit.add(self._send_queue)
        # By link and not by board: a withdrawn one has its own last message.
        key = (board.id, board.kind, board.nonce)
        changes = data[QUEUE].setdefault(key, {"orders": set(), "bookings": set()})
        changes["orders"].update(orders)
        changes["bookings"].update(bookings)
        if everything:
            changes["all"] = True

    @api.model
    def _send_queue(self):
        Bus = self.env["bus.bus"].sudo()
        queue = self.env.cr.precommit.data.pop(QUEUE, {})
        for (board_id, kind, nonce), changes in queue.items():
            channel = self.browse(board_id)._get_channel(kind, nonce)
            if kind == "lounge":
                # A page of the public learns that something changed, not what.
                Bus._sendone(channel, "aftersales.lounge/changed", {})
                continue
            everything = "all" in changes or any(
                len(ids) > MAX_IDS for ids in changes.values()
            )
            payload = {
                "board": board_id,
                "orders": [] if everything else sorted(changes["orders"]),
                "bookings": [] if everything else sorted(changes["bookings"]),
                "all": everything,
            }
            Bus._sendone(channel, "aftersales.board/changed", payload)

    def _get_channel(self, kind, nonce):
        """Return the bus channel; that of a lounge board lives as long as its link."""
        self.ensure_one()
        return (self, f"lounge-{nonce}" if kind == "lounge" else "shop")


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    @api.model
    def _get_board_fields(self):
        """Return the fields a board shows: a change of one is told to it."""
        return {
            "asset_id",
            "company_id",
            "complaint",
            "date_arrived",
            "date_in",
            "date_planned",
            "date_promised",
            "priority",
            "state",
            "team_id",
            "warehouse_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        self.env["aftersales.board"]._notify_orders(orders)
        return orders

    def write(self, vals):
        Board = self.env["aftersales.board"]
        if {"company_id", "team_id", "warehouse_id"} & vals.keys():
            Board._notify_orders(self)  # the board they leave
        result = super().write(vals)
        if self._get_board_fields() & vals.keys():
            Board._notify_orders(self)
        return result

    def unlink(self):
        self.env["aftersales.board"]._notify_orders(self)
        return super().unlink()


class AftersalesJob(models.Model):
    _inherit = "aftersales.job"

    @api.model_create_multi
    def create(self, vals_list):
        jobs = super().create(vals_list)
        Board = self.env["aftersales.board"]
        if Board._has_listeners():
            Board._notify_orders(jobs.order_id)
        return jobs

    def write(self, vals):
        result = super().write(vals)
        Board = self.env["aftersales.board"]
        if {"state", "technician_id", "name"} & vals.keys() and Board._has_listeners():
            Board._notify_orders(self.order_id)
        return result


class StockMove(models.Model):
    _inherit = "stock.move"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals and self.env["aftersales.board"]._has_listeners():
            orders = self.sudo().job_line_id.order_id
            self.env["aftersales.board"]._notify_orders(orders)
        return result


class AftersalesBooking(models.Model):
    _inherit = "aftersales.booking"

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        self.env["aftersales.board"]._notify_bookings(bookings)
        return bookings

    def write(self, vals):
        Board = self.env["aftersales.board"]
        if {"resource_id", "order_id"} & vals.keys():
            Board._notify_bookings(self)  # the row they leave
        result = super().write(vals)
        Board._notify_bookings(self)
        return result

    def unlink(self):
        self.env["aftersales.board"]._notify_bookings(self)
        return super().unlink()


class AftersalesClockEntry(models.Model):
    _inherit = "aftersales.clock.entry"

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        Board = self.env["aftersales.board"]
        if Board._has_listeners():
            Board._notify_orders(entries.order_id)
        return entries

    def write(self, vals):
        result = super().write(vals)
        Board = self.env["aftersales.board"]
        if {"stop", "job_id", "order_id"} & vals.keys() and Board._has_listeners():
            Board._notify_orders(self.order_id)
        return result
