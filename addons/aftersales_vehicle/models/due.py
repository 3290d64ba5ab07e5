from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang


class AftersalesDue(models.Model):
    """A service a vehicle is due for: the row of the due list.

    The nightly job keeps one open row per vehicle, with the date forecast from its
    meter. Rows that are done are the vehicle's service history.
    """

    _name = "aftersales.due"
    _description = "Service Due"
    _inherit = ["aftersales.invitation.mixin"]
    _order = "date_due, id"
    _rec_names_search = ["asset_id", "line_id"]
    _check_company_auto = True
    _job_field = "due_id"
    _invitation_template = "aftersales_vehicle.mail_template_due"

    name = fields.Char("Service", compute="_compute_name")
    line_id = fields.Many2one(
        "aftersales.maintenance.plan.line",
        "Service of the Plan",
        required=True,
        index=True,
        ondelete="restrict",
    )
    plan_id = fields.Many2one(related="line_id.plan_id")
    plate = fields.Char(related="asset_id.plate")
    fleet_model_id = fields.Many2one(related="asset_id.fleet_model_id")
    meter_planned = fields.Float(
        "Place in the Plan",
        digits=(16, 0),
        required=True,
        readonly=True,
        help="The reading the plan has it at, over all rounds and meters.",
    )
    meter_due = fields.Float("Due at Meter", digits=(16, 0), readonly=True)
    date_due = fields.Date(
        "Due On",
        readonly=True,
        index=True,
        help="By the months of the plan or by the forecast of the meter, whichever "
        "is first.",
    )
    meter_unit = fields.Char(related="asset_id.meter_unit")
    date_done = fields.Date("Done On", readonly=True, copy=False)
    meter_done = fields.Float(
        "Done at Meter", digits=(16, 0), readonly=True, copy=False
    )

    _once = models.UniqueIndex(
        "(asset_id, line_id, meter_planned)",
        "That service of the vehicle is in the list already.",
    )

    @api.depends("line_id.name", "line_id.meter", "meter_planned")
    @api.depends_context("lang")
    def _compute_name(self):
        for due in self:
            line = due.line_id
            due.name = bool(line) and (
                line._get_name_at(due.meter_planned, due.meter_unit or "")
            )

    @api.depends("asset_id", "name")
    def _compute_display_name(self):
        for due in self:
            due.display_name = f"{due.asset_id.display_name} · {due.name}"

    @api.model
    def _get_or_create(self, asset, line, meter):
        """Return the row of the service ``line`` that was done at ``meter``."""
        cycle = line.plan_id._get_cycle()
        planned = cycle.get(cycle.find_done(line.id, meter))[1]
        key = {
            "asset_id": asset.id,
            "line_id": line.id,
            "meter_planned": planned,
        }
        return self.search([(field, "=", value) for field, value in key.items()]) or (
            self.create(key)
        )

    def action_done_elsewhere(self, day=None, meter=None):
        """Note that the owner had these services done somewhere else.

        :param date day: when; today if nobody knows
        :param float meter: what the meter showed; the last reading if nobody knows
        :raises UserError: for what is done or over, or planned on a work order
        """
        self._check_ongoing()
        dues = self._lock()
        dues._check_unplanned()
        for due in dues:
            due._set_state("done")
            due.write(
                {
                    "date_done": fields.Date.to_date(day)
                    or fields.Date.context_today(self),
                    "meter_done": meter or due.asset_id.meter_ids[:1].total,
                }
            )
        self.asset_id.sudo()._update_due()
        return True

    def _follow_jobs(self, state):
        changed = self if state == "done" else self.filtered("date_done")
        result = super()._follow_jobs(state)
        if state == "done":
            for due in self:
                due._note_done(due.order_id)
        else:
            changed.write({"date_done": False, "meter_done": 0.0})
        # The papers of the hand-over already tell the service after this one.
        changed.asset_id._update_due()
        return result

    def _note_done(self, order):
        """Keep when, and at what reading, ``order`` did this service."""
        self.ensure_one()
        reading = self.env["aftersales.meter.reading"].search(
            [("order_id", "=", order.id)], order="date desc, id desc", limit=1
        )
        moment = order.date_out or order.date_completed or fields.Datetime.now()
        self.write(
            {
                "order_id": order.id,
                "date_done": fields.Datetime.context_timestamp(self, moment).date(),
                "meter_done": reading.total or self.asset_id.meter_ids[:1].total,
            }
        )
        lang = order.partner_id.lang or self.env.lang
        if order and not order.driving_notes:
            order.driving_notes = self.line_id.with_context(lang=lang).driving_note

    def _prepare_job_values(self):
        self.ensure_one()
        values = self.line_id._prepare_job_values(self.asset_id)
        lang = self.asset_id.partner_id.lang or self.env.lang
        return {**values, "name": self.with_context(lang=lang).name}

    def _get_words(self):
        """Return when it is due, as it is told to the owner."""
        self.ensure_one()
        return self.asset_id._get_due_words(self.date_due, self.meter_due)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        done = self.filtered(lambda due: due.state == "done")
        if done:
            raise UserError(
                self.env._(
                    "%(dues)s was done: the history of the vehicle stays.",
                    dues=", ".join(done.mapped("display_name")),
                )
            )


class AftersalesAsset(models.Model):
    """The due list of a vehicle, and the words for its next service."""

    _inherit = "aftersales.asset"

    due_ids = fields.One2many("aftersales.due", "asset_id", "Services")

    def _get_next_due(self):
        """Return the services these vehicles are next due for."""
        return self.env["aftersales.due"].search(
            [
                ("asset_id", "in", self.filtered("is_vehicle").ids),
                ("state", "in", ("open", "invited", "booked", "refused")),
            ],
            order="meter_planned desc",
        )

    def _get_next_service_words(self, dues=None):
        """Return the next service in words, for papers and screens; or ``""``.

        :param dues: what ``_get_next_due`` returned for this vehicle, if it is known
        """
        self.ensure_one()
        if not self.is_vehicle:
            return ""
        due = (self.sudo()._get_next_due() if dues is None else dues)[:1]
        words = self._get_due_words(self.next_service_date, self.next_service_meter)
        if due and words:
            return self.env._("%(service)s: %(when)s", service=due.name, when=words)
        return words

    def _get_driving_notes(self):
        """Return what the driver should mind until the next service, or ``""``.

        As the service done last says, or else as the next one does.
        """
        self.ensure_one()
        if not self.is_vehicle:
            return ""
        done = (
            self.env["aftersales.due"]
            .sudo()
            .search(
                [("asset_id", "=", self.id), ("state", "=", "done")],
                order="date_done desc, id desc",
                limit=1,
            )
        )
        line = done.line_id or self.sudo()._get_next_due()[:1].line_id
        return line.driving_note or ""

    def _get_due_words(self, day, meter):
        self.ensure_one()
        parts = []
        if meter:
            number = formatLang(self.env, meter, digits=0)
            parts.append(f"{number} {self.meter_unit or ''}".strip())
        if day:
            parts.append(format_date(self.env, day))
        if len(parts) == 2:
            return self.env._(
                "%(meter)s or %(date)s, whichever comes first",
                meter=parts[0],
                date=parts[1],
            )
        return "".join(parts)
