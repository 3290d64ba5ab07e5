from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesOldPart(models.Model):
    """A part that came out of the customer's asset when a new one went in (旧件).

    It belongs to the customer, has no value for us and waits at a location outside
    the warehouses until it is handed back, given up, sent to the maker or scrapped.
    """

    _name = "aftersales.old.part"
    _description = "Old Part"
    _inherit = ["aftersales.state.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char("Tag", default="/", readonly=True, copy=False, index=True)
    job_line_id = fields.Many2one(
        "aftersales.job.line",
        "Replaced By",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    order_id = fields.Many2one(related="job_line_id.order_id", store=True, index=True)
    asset_id = fields.Many2one(related="order_id.asset_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", store=True)
    company_id = fields.Many2one(
        related="job_line_id.company_id", store=True, precompute=True
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    serial = fields.Char("Old Serial Number")
    choice = fields.Selection(
        [
            ("keep", "Customer takes it"),
            ("give_up", "Customer gives it up"),
            ("maker", "Back to the maker"),
        ],
        compute="_compute_choice",
        store=True,
        readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        [
            ("expected", "To settle"),
            ("stored", "Stored"),
            ("returned", "Handed to customer"),
            ("given_up", "Given up"),
            ("maker", "Sent to maker"),
            ("scrapped", "Scrapped"),
            ("none", "No old part"),
        ],
        default="expected",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    reason = fields.Char(help="Why there is no old part, or why it was scrapped.")
    signed_by = fields.Char("Given Up By", copy=False)
    date_done = fields.Datetime(readonly=True, copy=False)
    move_ids = fields.One2many("stock.move", "old_part_id", "Stock Moves")

    @api.depends("job_line_id")
    def _compute_product_id(self):
        for part in self:
            part.product_id = part.product_id or part.job_line_id.product_id

    @api.depends("job_line_id")
    def _compute_choice(self):
        for part in self:
            order = part.job_line_id.job_id.order_id
            part.choice = part.choice or order.old_parts_choice

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = self.env["ir.sequence"].next_by_code(
                    "aftersales.old.part"
                )
        return super().create(vals_list)

    def write(self, vals):
        # What lies on the shelf is what was put there.
        if {"job_line_id", "product_id", "quantity", "serial"} & vals.keys():
            stored = self.filtered("move_ids")
            if stored:
                raise UserError(
                    self.env._(
                        "%(parts)s has been in the store and can't be another part.",
                        parts=", ".join(stored.mapped("name")),
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_moved(self):
        moved = self.filtered("move_ids")
        if moved:
            raise UserError(
                self.env._(
                    "%(parts)s has been in the store and can't be deleted.",
                    parts=", ".join(moved.mapped("name")),
                )
            )

    @api.model
    def _get_transitions(self):
        return {
            **super()._get_transitions(),
            "expected": {"stored", "returned", "given_up", "none"},
            "stored": {"returned", "given_up", "maker"},
            "given_up": {"scrapped", "maker"},
        }

    def _get_storage_location(self):
        self.ensure_one()
        location = self.company_id.aftersales_old_parts_location_id
        if not location:
            raise UserError(
                self.env._(
                    "%(company)s has no location for old parts: choose one in the "
                    "settings of Work Orders.",
                    company=self.company_id.name,
                )
            )
        return location

    def action_store(self):
        """Put the parts on their shelf, owned by the customer and without value."""
        parts = self._lock().filtered(lambda part: part.state != "stored")
        parts._check_transition("stored")
        parts._move_stock(
            lambda part: (
                part.partner_id.with_company(part.company_id).property_stock_customer
            ),
            lambda part: part._get_storage_location(),
        )
        parts._set_state("stored")
        return True

    def action_return(self):
        """Hand the parts to the customer."""
        parts = self._lock().filtered(lambda part: part.state != "returned")
        parts._check_transition("returned")
        parts._leave_storage(
            lambda part: (
                part.partner_id.with_company(part.company_id).property_stock_customer
            )
        )
        parts._set_state("returned", date_done=fields.Datetime.now())
        return True

    def action_give_up(self, signer=None):
        """Record that the customer leaves the parts to us.

        :param str signer: who gave them up; required, it is their property
        """
        parts = self._lock()
        unsigned = parts.filtered(lambda part: not (signer or part.signed_by))
        if unsigned:
            raise UserError(
                self.env._(
                    "%(parts)s is the customer's: write down who gave it up.",
                    parts=", ".join(unsigned.mapped("name")),
                )
            )
        values = {"signed_by": signer} if signer else {}
        parts._set_state("given_up", date_done=fields.Datetime.now(), **values)
        return True

    def action_send_to_maker(self):
        """Send the parts to their maker or supplier."""
        parts = self._lock().filtered(lambda part: part.state != "maker")
        parts._check_transition("maker")
        _customers, suppliers = self.env["stock.warehouse"]._get_partner_locations()
        parts._leave_storage(lambda part: suppliers)
        parts._set_state("maker", date_done=fields.Datetime.now())
        return True

    def action_scrap(self, reason=None):
        """Throw away parts that were given up."""
        parts = self._lock().filtered(lambda part: part.state != "scrapped")
        parts._check_transition("scrapped")
        Location = self.env["stock.location"].sudo()
        parts._leave_storage(
            lambda part: Location.search(
                [
                    ("usage", "=", "inventory"),
                    ("company_id", "in", (part.company_id.id, False)),
                ],
                limit=1,
            )
        )
        values = {"reason": reason} if reason else {}
        parts._set_state("scrapped", date_done=fields.Datetime.now(), **values)
        return True

    def action_none(self, reason=None):
        """Say why no part came out: the asset had none, it stays fitted …

        :param str reason: required
        """
        parts = self._lock()
        unexplained = parts.filtered(lambda part: not (reason or part.reason))
        if unexplained:
            raise UserError(
                self.env._(
                    "%(parts)s: say why there is no old part.",
                    parts=", ".join(unexplained.mapped("name")),
                )
            )
        values = {"reason": reason} if reason else {}
        parts._set_state("none", date_done=fields.Datetime.now(), **values)
        return True

    def action_open_give_up(self):
        """Ask who gives the parts up."""
        return self._open_reason("give_up", self.env._("Given Up by the Customer"))

    def action_open_none(self):
        """Ask why there is no old part."""
        return self._open_reason("no_old_part", self.env._("No Old Part"))

    def _open_reason(self, step, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "aftersales.reason",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_step": step,
                "active_model": self._name,
                "active_ids": self.ids,
            },
        }

    def _leave_storage(self, get_destination):
        """Move what is on the shelf; what never got there moves nothing."""
        stored = self.filtered(lambda part: part._is_in_storage())
        stored._move_stock(lambda part: part._get_storage_location(), get_destination)

    def _is_in_storage(self):
        self.ensure_one()
        done = self.sudo().move_ids.filtered(lambda move: move.state == "done")
        return (
            bool(done)
            and done.sorted("id")[-1].location_dest_id == self._get_storage_location()
        )

    def _move_stock(self, get_source, get_destination):
        """Make and finish the moves of these parts, with the customer as owner."""
        # Technicians and advisors work here without Inventory rights.
        for part in self.sudo():
            if part.product_id.type != "consu" or not part.product_id.is_storable:
                continue
            source, destination = get_source(part), get_destination(part)
            owner = part.partner_id.commercial_partner_id
            if owner == part.company_id.partner_id:
                # Out of our own asset: without another owner it would be stock with
                # a value. The record alone says where it is.
                continue
            part.product_id._hold_for_customers()
            move = (
                self.env["stock.move"]
                .sudo()
                .create(
                    {
                        "old_part_id": part.id,
                        "product_id": part.product_id.id,
                        "product_uom_qty": part.quantity,
                        "product_uom": part.product_id.uom_id.id,
                        "location_id": source.id,
                        "location_dest_id": destination.id,
                        "company_id": part.company_id.id,
                        "origin": part.name,
                        "restrict_partner_id": owner.id,
                        "picked": True,
                        "move_line_ids": [
                            fields.Command.create(
                                {
                                    "product_id": part.product_id.id,
                                    "product_uom_id": part.product_id.uom_id.id,
                                    "quantity": part.quantity,
                                    "location_id": source.id,
                                    "location_dest_id": destination.id,
                                    "owner_id": owner.id,
                                    "lot_id": part._get_old_lot().id,
                                    "company_id": part.company_id.id,
                                    "picked": True,
                                }
                            )
                        ],
                    }
                )
            )
            move._action_done()

    def _get_old_lot(self):
        """Return the lot of the old serial, made if Odoo has not seen it yet."""
        self.ensure_one()
        Lot = self.env["stock.lot"]
        if self.product_id.tracking == "none":
            return Lot
        if not self.serial:
            raise UserError(
                self.env._(
                    "%(part)s: read the serial number off the old %(product)s first.",
                    part=self.name,
                    product=self.product_id.display_name,
                )
            )
        lot = Lot.search(
            [
                ("product_id", "=", self.product_id.id),
                ("name", "=", self.serial),
                ("company_id", "in", (self.company_id.id, False)),
            ],
            limit=1,
        )
        return lot or Lot.create(
            {
                "product_id": self.product_id.id,
                "name": self.serial,
                "company_id": self.company_id.id,
            }
        )


class AftersalesJobLine(models.Model):
    _inherit = "aftersales.job.line"

    old_part_ids = fields.One2many(
        "aftersales.old.part", "job_line_id", "Old Parts", copy=False
    )

    def _create_old_parts(self):
        """Make the records of the pieces that came out, where parts were exchanged."""
        values_list = []
        unit = self.env.ref("uom.product_uom_unit")
        for line in self.filtered(
            lambda line: line.kind == "part" and line.product_id.aftersales_exchange
        ):
            used = line.product_uom_id._compute_quantity(
                line.qty_used, line.product_id.uom_id
            )
            missing = used - sum(line.old_part_ids.mapped("quantity"))
            # Each piece has its own tag; what is measured has one.
            pieces = line.product_id.uom_id._has_common_reference(unit)
            while line.product_id.uom_id.compare(missing, 0) > 0:
                quantity = min(1.0, missing) if pieces else missing
                values_list.append({"job_line_id": line.id, "quantity": quantity})
                missing -= quantity
        return self.env["aftersales.old.part"].create(values_list)


class AftersalesOrder(models.Model):
    _inherit = "aftersales.order"

    old_part_ids = fields.One2many(
        "aftersales.old.part", "order_id", "Old Part Records"
    )
    old_part_count = fields.Integer(compute="_compute_old_part_count")

    @api.depends("old_part_ids")
    def _compute_old_part_count(self):
        for order in self:
            order.old_part_count = len(order.old_part_ids)

    def _close_old_parts(self):
        """Hand over what the customer keeps; refuse while a part is not settled."""
        open_parts = self.old_part_ids.filtered(
            lambda part: part.state in ("expected", "stored")
        )
        kept = open_parts.filtered(lambda part: part.choice == "keep")
        kept.action_return()
        waiting_for_maker = open_parts.filtered(
            lambda part: part.choice == "maker" and part.state == "stored"
        )
        gap = open_parts - kept - waiting_for_maker
        if gap:
            raise UserError(
                self.env._(
                    "%(orders)s can't be closed: %(parts)s is not accounted for. Store "
                    "it, hand it over, have it given up, or say why there is none.",
                    orders=", ".join(gap.order_id.mapped("name")),
                    parts=", ".join(
                        self.env._(
                            "%(tag)s %(product)s",
                            tag=part.name,
                            product=part.product_id.display_name,
                        )
                        for part in gap
                    ),
                )
            )

    def _cancel_old_parts(self):
        """Put back what was taken out of an asset whose repair is called off."""
        parts = self.old_part_ids
        parts.filtered(lambda part: part.state == "stored").action_return()
        parts.filtered(lambda part: part.state == "expected").action_none(
            reason=self.env._("Work order cancelled")
        )

    def action_view_old_parts(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.old_part_action"
        )
        action["domain"] = [("order_id", "in", self.ids)]
        return action
