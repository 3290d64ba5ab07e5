import hashlib
import json
import logging
import math
from datetime import UTC, datetime, timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError

from .operation import MAX_NAME

_logger = logging.getLogger(__name__)

# Clocks that differ by less are right: the request itself takes a while.
TOLERANCE = timedelta(minutes=1)
MAX_BATCH = 200
# An entry is words, and signatures at most; of one that is larger so much is kept.
MAX_ENTRY = 1024**2
MAX_CUT = 10000
OPEN_STATES = ("planned", "travel", "onsite", "paused")


class AftersalesFieldApp(models.AbstractModel):
    """What the technician's phone talks to.

    The phone pulls the visits of its user, keeps them, and sends back what was done,
    also long after. Every entry goes through the methods that the desk calls: the
    phone can do what the rules allow, and nothing more. Whoever calls this gets and
    changes the own visits alone; engineers may be portal users.
    """

    _name = "aftersales.field.app"
    _description = "Technician App"

    # What the phone calls

    @api.model
    def pull(
        self, device=None, now=None, known=None, known_reference=None, known_jobs=None,
        problems=None,
    ):  # fmt: skip
        """Return what the phone needs that it does not have yet.

        :param str device: the phone
        :param str now: what its clock shows (UTC, ISO)
        :param dict known: versions of the visits it has, by id
        :param str known_reference: version of the reference data it has
        :param dict known_jobs: versions of the workshop orders it has, by id of job
        :param list problems: ids of its entries that were not taken over
        :return: dict with ``server_time``, ``user``, ``visits`` (new or changed),
            ``gone`` (id, name and why, in words), ``orders`` (of the workshop, with
            the own jobs; new or changed), ``gone_jobs``, ``settled`` (which of the
            problems nobody has to deal with any more), ``reference`` (``False`` if
            unchanged) and ``reference_version``
        :raises AccessError: for customers and strangers
        """
        self._check_may_call()
        App = self.with_context(lang=self.env.user.lang)
        settled = App.env["aftersales.field.operation"]._tell_settled(problems)
        known = App._read_known(known)
        visits = App._get_visits()
        payloads = App._prepare_visits(visits)
        changed = [
            values
            for values in payloads
            if known.get(values["id"]) != values["version"]
        ]
        known_jobs = App._read_known(known_jobs)
        jobs = App._get_workshop_jobs()
        App._remember_jobs(jobs)
        version = App._get_reference_version()
        return {
            "server_time": App._write_moment(fields.Datetime.now()),
            "user": App._prepare_user(),
            "visits": changed,
            "gone": App._prepare_gone(set(known) - set(visits.ids)),
            "orders": [
                values
                for values in App._prepare_orders(jobs)
                if any(
                    known_jobs.get(job["id"]) != values["version"]
                    for job in values["jobs"]
                )
            ],
            "gone_jobs": App._prepare_gone_jobs(set(known_jobs) - set(jobs.ids)),
            "settled": settled,
            "reference": known_reference != version and App._prepare_reference(),
            "reference_version": version,
        }

    @api.model
    def sync(
        self, device=None, now=None, operations=None, known=None, known_reference=None,
        known_jobs=None, problems=None,
    ):  # fmt: skip
        """Carry out what was done on the phone, and return what is new, see ``pull``.

        :param list operations: dicts of ``id`` (unique), ``kind``, ``visit_id`` (or
            ``order_id``, in the workshop), ``moment`` (the phone's clock, UTC),
            ``base`` (what the phone saw), ``values``, ``place``; done in this order,
            each on its own
        :return: ``pull`` and ``results``: for each operation its ``id``, ``state``
            (done, conflict, refused), ``message``, ``conflicts``, ``values``
        :raises UserError: for no list, or one that is too long
        :raises AccessError: for customers and strangers
        """
        self._check_may_call()
        operations = [] if operations is None else operations
        if not isinstance(operations, list) or len(operations) > MAX_BATCH:
            raise UserError(
                self.env._(
                    "Send at most %(count)s entries at a time, as a list.",
                    count=MAX_BATCH,
                )
            )
        App = self.with_context(lang=self.env.user.lang)
        results = App.env["aftersales.field.operation"]._receive(
            App._clean(device)[:MAX_NAME] if isinstance(device, str) else "",
            App._get_skew(now),
            [App._clean_operation(each) for each in operations],
        )
        # As another request would read it, in the order of the lists too.
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            **App._pull_after(
                device, now, known, known_reference, known_jobs, problems
            ),
            "results": results,
        }

    @api.model
    def _pull_after(self, device, now, known, known_reference, known_jobs, problems):
        """Return what is new; what can't be read must not undo what was carried out."""
        try:
            with self.env.cr.savepoint():
                return self.pull(
                    device, now, known, known_reference, known_jobs, problems
                )
        except (psycopg2.OperationalError, ConcurrencyError):
            raise
        except Exception:
            _logger.exception("Visits of %s could not be read", self.env.user.login)
            return {
                "server_time": self._write_moment(fields.Datetime.now()),
                "user": self._prepare_user(),
                "visits": [],
                "gone": [],
                "orders": [],
                "gone_jobs": [],
                "settled": [],
                "reference": False,
                "reference_version": known_reference,
            }

    # Whose phone it is

    @api.model
    def _is_engineer(self):
        """Whether the user makes visits, or sends those who do."""
        if self.env.user.has_group("aftersales.aftersales_group_technician"):
            return True
        resources = self._get_own_employees().resource_id
        return "technician" in resources.mapped("aftersales_role")

    @api.model
    def _check_may_call(self):
        """Refuse customers and strangers: nothing is told them, nothing is kept.

        Of everybody who works here or did so, entries are taken and looked at one by
        one: those of a colleague who left must not be stuck on the phone.
        """
        left = self.with_context(active_test=False)
        if not (self._is_engineer() or left._get_own_employees()):
            raise AccessError(
                self.env._("This app is for engineers. Ask the office to make you one.")
            )

    @api.model
    def _get_own_employees(self):
        """Return the user's employees, as superuser: one for each company."""
        return self.env["hr.employee"]._get_own()

    @api.model
    def _prepare_user(self):
        user = self.env.user
        employees = self._get_own_employees()
        company = self.env.company
        own = employees.filtered(lambda each: each.company_id == company) or employees
        return {
            "id": user.id,
            "name": user.name,
            "employee_id": own[:1].id,
            "company": company.name,
            "lang": user.lang,
            "tz": user.tz or own[:1].tz or "UTC",
        }

    @api.model
    def _get_visits(self):
        """Return the visits that belong on the user's phone now, as superuser.

        Those that are planned or under way, up to some days ahead, and what was done
        since yesterday.
        """
        company = self.env.company
        now = fields.Datetime.now()
        horizon = now + timedelta(days=company.aftersales_app_days)
        own = fields.Domain("technician_id.user_id", "=", self.env.uid)
        own |= fields.Domain("helper_ids.user_id", "=", self.env.uid)
        time = fields.Domain("state", "in", ("travel", "onsite", "paused"))
        time |= fields.Domain("state", "=", "planned") & fields.Domain(
            "start", "<", horizon
        )
        time |= fields.Domain("state", "=", "done") & fields.Domain(
            "date_left", ">=", now - timedelta(days=1)
        )
        return (
            self.env["aftersales.visit"]
            .sudo()
            .search(
                own
                & time
                & fields.Domain("company_id", "in", self.env.user.company_ids.ids)
            )
        )

    # What comes from outside

    @api.model
    def _read_id(self, value):
        """Return an id that was sent, or 0 for what can't be one."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value if 0 < value < 2**31 else 0
        return 0

    @api.model
    def _read_known(self, known):
        """Return versions by id; JSON has ids as text."""
        if not isinstance(known, dict):
            return {}
        pairs = ((str(key), version) for key, version in known.items())
        return {
            int(key): version
            for key, version in pairs
            if key.isdecimal() and len(key) < 10
        }

    @api.model
    def _clean_operation(self, sent):
        """Return an entry as it is kept: the beginning of one that can be none."""
        head = {}
        if isinstance(sent, dict):
            clean = self._clean(sent)
            if len(json.dumps(clean)) <= MAX_ENTRY:
                return clean
            head = {
                key: clean[key]
                for key in ("id", "kind", "visit_id", "order_id", "moment")
                if len(str(clean.get(key, ""))) in range(1, MAX_NAME + 1)
            }
        return {**head, "sent": self._clean(str(sent)[:MAX_CUT])}

    @api.model
    def _clean(self, value, depth=0):
        """Return what was sent without what the database can't keep."""
        if isinstance(value, str):
            return value.replace("\x00", "").encode("utf-8", "replace").decode()
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, dict) and depth < 20:
            return {
                self._clean(str(key)): self._clean(each, depth + 1)
                for key, each in value.items()
            }
        if isinstance(value, list) and depth < 20:
            return [self._clean(each, depth + 1) for each in value]
        return value if isinstance(value, bool | int | None) else str(value)

    # Clocks

    @api.model
    def _parse_moment(self, text):
        """Return what a clock showed (UTC), or None."""
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
        except (TypeError, ValueError, OverflowError):
            return None
        return moment.replace(microsecond=0)

    @api.model
    def _get_skew(self, now):
        """Return what has to be added to the phone's clock, which shows ``now``."""
        shown = self._parse_moment(now)
        if not shown:
            return timedelta()
        skew = fields.Datetime.now().replace(microsecond=0) - shown
        return skew if abs(skew) > TOLERANCE else timedelta()

    @api.model
    def _read_moment(self, text, skew):
        """Return what the phone's clock showed, and when that was (UTC).

        :param timedelta skew: what is added to put the clock right
        :return: two moments; None for what can't be read
        """
        shown = self._parse_moment(text)
        try:
            return shown, shown and shown + skew
        except OverflowError:
            return None, None

    @api.model
    def _write_moment(self, moment):
        """Return a time for the phone: UTC as Odoo writes it, or False."""
        return fields.Datetime.to_string(moment) or False

    @api.model
    def _get_version(self, values):
        """Return what tells these values from others."""
        text = json.dumps(values, sort_keys=True, default=str)
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
