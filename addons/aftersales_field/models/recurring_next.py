from odoo import Command, fields, models
from odoo.tools import SQL

from ..engine.rhythm import Rhythm, forecast

# A trend needs readings over some weeks; two close together tell a busy weekend.
TREND_READINGS = 10
TREND_DAYS = 730
TREND_MIN_DAYS = 30


class AftersalesRecurringVisit(models.Model):
    """Which turn is next: by the rhythm, the season, the contract and the meter."""

    _inherit = "aftersales.recurring.visit"

    def _update_turns(self, assets=None):
        """Open the turns that are next, and put the days of the open ones right.

        ``self`` is superuser. Called twice it has the effect of once.

        :param assets: only these; None: all that are visited
        """
        self.ensure_one()
        self._lock_rows()
        wanted = self._get_assets()
        known = self.turn_ids
        if assets:
            wanted &= assets
            known = known.filtered(lambda turn: turn.asset_id in assets)
        turns = known.sorted(lambda turn: (turn.date_planned, turn.id)).grouped(
            "asset_id"
        )
        registrations = self._get_registrations(wanted)
        meters = self._read_meters(wanted) if self.meter_interval else {}
        none = self.env["aftersales.asset"]
        targets = [none] if self.target == "customer" and self.active else list(wanted)
        for target in targets if self.active else ():
            self._update_turn(
                target,
                turns.get(target, self.turn_ids.browse()),
                registrations.get(target),
                meters.get(target.id),
            )
        gone = known.filtered(
            lambda turn: turn.state == "open" and turn.asset_id not in targets
        )
        # Emptied, a plan of assets visits nobody; none stands for the customer.
        (gone if self.active else known.filtered(lambda t: t.state == "open"))._lapse()

    def _lock_rows(self):
        """Let one caller in at a time; see ``aftersales.state.mixin._lock``."""
        self.flush_recordset(["active"])
        # The database refuses a second open turn: what is made or skipped goes first.
        self.turn_ids.flush_model(["state"])
        self.env.cr.execute(
            "UPDATE aftersales_recurring_visit SET active = active WHERE id IN %s",
            [tuple(self.ids)],
            log_exceptions=False,
        )
        self.invalidate_recordset(["turn_ids"])

    def _update_turn(self, asset, turns, registration, meter):
        """Bring the open turn of one target up to date, or open the next.

        :param turns: all of this target, the earliest first
        :param registration: of the contract, or None
        :param meter: see ``_read_meters``, or None
        """
        current = turns.filtered(lambda turn: turn.state == "open")
        past = (turns - current).filtered(lambda turn: turn.state != "lapsed")
        if self.meter_interval and past[-1:].order_id.state in (
            "draft", "quoted", "approved", "progress", "quality",
        ):  # fmt: skip
            # From when the next is counted is known when this one is done.
            current._lapse()
            return
        values = self._prepare_next(past, registration, meter, current)
        if not values or self._is_over(values["date_due"], registration):
            current._lapse()
            return
        if registration:
            values["registration_id"] = registration.id
        if current:
            values.pop("date_planned")
            changed = {
                name: value
                for name, value in values.items()
                if current._fields[name].convert_to_write(current[name], current)
                != value
            }
            if changed:
                current.write(changed)
            return
        lapsed = turns.filtered(
            lambda turn: (
                turn.state == "lapsed" and turn.date_planned == values["date_planned"]
            )
        )
        if lapsed:
            lapsed._set_state("open", **values)
        elif values["date_planned"] not in turns.mapped("date_planned"):
            self.turn_ids = [Command.create({"asset_id": asset.id, **values})]

    def _prepare_next(self, past, registration, meter, current):
        """Return the days of the next turn, or nothing while none can be reckoned."""
        today = fields.Date.context_today(self)
        last = past[-1:]
        planned = day = None
        if self.interval:
            planned, day = self._get_next_by_date(last, registration, today, current)
        if not planned:
            # By the meter alone: the key is the day from which it is waited for.
            planned = today
            if last:
                planned = max(fields.Date.add(last.date_planned, days=1), today)
        values = {"date_planned": planned, "date_due": day}
        if self.meter_interval and meter:
            base = self._get_meter_base(last, meter, current)
            values["meter_due"] = base + self.meter_interval
            by_meter = forecast(
                values["meter_due"], meter["total"], meter["date"], meter["per_day"]
            )
            if by_meter:
                by_meter = self._get_rhythm(by_meter).get_in_season(
                    max(by_meter, min(today, current.date_due or today))
                )
                values["date_due"] = min(by_meter, day or by_meter)
        elif not day:
            return None
        return values

    def _get_next_by_date(self, last, registration, today, current):
        """Return the day of the rhythm, and when the visit is, for the next turn."""
        if current:
            # It keeps its day, whatever is due after it by now.
            rhythm = self._get_rhythm(current.date_planned)
            return current.date_planned, rhythm.get_in_season(current.date_planned)
        if last and self.meter_interval:
            # By use and time: both count from when it was last done.
            done = last.order_id.date_completed or last.date_made
            anchor = fields.Date.to_date(done) or last.date
            return self._get_rhythm(anchor).get_next(anchor)
        anchor = self.date_start
        after = last.date_planned or None
        if self.meter_interval:
            # Nobody needs it on the day the counting begins.
            after = after or anchor
        if registration:
            anchor = registration.date_start
            after = max(after or anchor, anchor)
        rhythm = self._get_rhythm(anchor)
        if not last:
            not_before = max(self.date_start, anchor)
            if self.date_start < today:
                # What was due before we began is not made up for.
                not_before = max(not_before, today)
            return rhythm.get_next(after, not_before)
        planned, day = rhythm.get_next(after)
        following = rhythm.get_next(planned)
        # After a while without, one visit is late and not several.
        while following[1] <= today:
            planned, day = following
            following = rhythm.get_next(planned)
        return planned, max(day, last.date_due or day)

    def _get_rhythm(self, anchor):
        self.ensure_one()
        return Rhythm(
            anchor,
            self.interval or 1,
            self.interval_unit,
            int(self.season_first or 0),
            int(self.season_last or 0),
        )

    def _is_over(self, day, registration):
        """Whether a visit on ``day`` comes after the end."""
        ends = [self.date_end, registration and registration.date_end]
        day = day or fields.Date.context_today(self)
        return any(end and day > end for end in ends)

    # By the meter

    def _get_meter_base(self, last, meter, current):
        """Return from which reading the next is counted."""
        if current.meter_due:
            return current.meter_due - self.meter_interval
        if last.order_id:
            reading = self.env["aftersales.meter.reading"].search(
                [("order_id", "=", last.order_id.id)],
                order="date desc, id desc",
                limit=1,
            )
            return reading.total or meter["total"]
        return meter["total"]

    def _read_meters(self, assets):
        """Return what the main meters count: ``{asset id: dict}``.

        ``total`` over all meters fitted, the ``date`` of the last reading, and
        ``per_day``: the slope of a straight line through the last readings; None if
        there are too few. Through SQL, since the ORM would read every reading.
        """
        today = fields.Date.context_today(self)
        self.env["aftersales.meter.reading"].flush_model()
        self.env["aftersales.meter"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT main.asset_id, main.total::float8, main.date::date,
                       CASE WHEN trend.span >= %(min_days)s THEN trend.slope END
                  FROM (
                        SELECT DISTINCT ON (asset_id) id, asset_id, total, date
                          FROM aftersales_meter
                         WHERE asset_id = ANY(%(ids)s)
                         ORDER BY asset_id, sequence, id
                  ) main
                  LEFT JOIN LATERAL (
                        SELECT regr_slope(
                                   total, extract(epoch FROM date) / 86400
                               ) AS slope,
                               extract(epoch FROM max(date) - min(date)) / 86400
                                   AS span
                          FROM (
                                SELECT COALESCE(total, 0)::float8 AS total, date
                                  FROM aftersales_meter_reading
                                 WHERE meter_id = main.id AND date >= %(since)s
                                 ORDER BY date DESC
                                 LIMIT %(readings)s
                          ) readings
                  ) trend ON TRUE
                """,
                ids=list(assets.ids),
                since=fields.Date.subtract(today, days=TREND_DAYS),
                readings=TREND_READINGS,
                min_days=TREND_MIN_DAYS,
            )
        )
        return {
            asset_id: {"total": total or 0.0, "date": day, "per_day": slope}
            for asset_id, total, day, slope in rows
        }


class AftersalesRecurringTurn(models.Model):
    _inherit = "aftersales.recurring.turn"

    def _lapse(self):
        """These are not due any more: the contract ended, or the asset is gone."""
        self._set_state("lapsed")
