import hashlib
import json
import logging
from datetime import timedelta

import psycopg2
import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, LockError, UserError

_logger = logging.getLogger(__name__)

# How long the outcome of what was sent is known. What is older than that when it
# first arrives is left to the dispatcher: it may have been carried out before.
KEPT_DAYS = 60
MAX_NAME = 100
# How many are forgotten at a time.
GC_BATCH = 10000
# How much the times that two requests take may differ.
JITTER = timedelta(minutes=5)


class AftersalesFieldOperation(models.Model):
    """One thing somebody did on the phone, by the name the phone gave it.

    Each is carried out on its own and once, however often and in whichever order it
    arrives; the outcome is kept and told again. What can't be carried out stays here
    with everything the phone sent until the dispatcher has settled it.
    """

    _name = "aftersales.field.operation"
    _description = "Entry of a Phone"
    _order = "moment desc, id desc"
    _check_company_auto = True

    name = fields.Char("Operation", required=True, readonly=True)
    device = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    employee_id = fields.Many2one(
        "hr.employee", "Engineer", index="btree_not_null", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    visit_id = fields.Many2one(
        "aftersales.visit", index="btree_not_null", readonly=True, ondelete="restrict"
    )
    order_id = fields.Many2one(
        "aftersales.order",
        "Work Order",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        help="Of the workshop; visits have theirs.",
    )
    kind = fields.Char(readonly=True)
    payload = fields.Json(readonly=True, help="What the phone sent, as it was sent.")
    moment = fields.Datetime("When", readonly=True, index=True)
    moment_device = fields.Datetime(
        "Phone's Clock", readonly=True, help="Before it was put right."
    )
    state = fields.Selection(
        [
            ("done", "Taken Over"),
            ("conflict", "Conflict"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
        default="refused",
    )
    message = fields.Text(readonly=True)
    values = fields.Json("Made", readonly=True)
    conflicts = fields.Json(readonly=True)
    settled = fields.Selection(
        [
            ("phone", "Phone's value taken"),
            ("desk", "Desk's value stays"),
            ("again", "Carried out later"),
            ("note", "Settled by hand"),
        ],
        readonly=True,
    )
    settled_note = fields.Char("How", readonly=True)
    settled_date = fields.Datetime(readonly=True)
    settled_user_id = fields.Many2one("res.users", "Settled By", readonly=True)

    _name_unique = models.UniqueIndex("(user_id, name)", "This was sent already.")
    _open_idx = models.Index(
        "(company_id, moment) WHERE state != 'done' AND settled IS NULL"
    )

    # What arrives

    @api.model
    def _receive(self, device, skew, operations):
        """Carry out what a phone sent, each on its own, and tell what came of it.

        :param str device: the phone
        :param timedelta skew: what has to be added to its clock
        :param list operations: dicts, cleaned by ``aftersales.field.app``
        :return: list of results in the same order
        """
        known, named = self._name_all(operations)
        new = {}
        for name, operation in named:
            if name not in known:
                new.setdefault(name, operation)
        for record in (records := self._claim(device, skew, new)):
            known[record.name] = record
            record._carry_out()
        records._tell_dispatcher()
        return [known[name]._to_result(each.get("id")) for name, each in named]

    @api.model
    def _name_all(self, operations):
        """Return ``(known, named)``: records by name, operations with their names.

        What comes under a name that stands for something else was changed on the
        phone after it had been sent once: it is an operation of its own, and nobody
        is told that it was done when only the first was.
        """
        named = [(self._get_name(operation), operation) for operation in operations]
        known = self._get_known([name for name, _operation in named])
        first = {name: operation.payload or {} for name, operation in known.items()}
        others = []
        for number, (name, operation) in enumerate(named):
            if self._is_other(first.setdefault(name, operation), operation):
                content = json.dumps(operation.get("values"), sort_keys=True).encode()
                other = f"{name}:{hashlib.sha256(content).hexdigest()[:32]}"
                named[number] = (other, operation)
                others.append(other)
        if others:
            known.update(self._get_known(others))
        return known, named

    @api.model
    def _is_other(self, told, operation):
        """Whether something else is sent than was told before, not only asked for."""
        return any(
            operation[key] != told.get(key)
            for key in ("kind", "visit_id", "order_id", "values", "sent")
            if key in operation
        )

    @api.model
    def _get_name(self, operation):
        """Return what an operation is known by.

        One without a name, or with an impossible one, is known by its content, so
        that it is kept and not carried out twice.
        """
        name = operation.get("id")
        if isinstance(name, str) and 0 < len(name) <= MAX_NAME:
            return name
        content = json.dumps(operation, sort_keys=True).encode()
        return f"sha256:{hashlib.sha256(content).hexdigest()}"

    @api.model
    def _get_known(self, names):
        # Engineers need not see the list; all of these are the user's own.
        known = self.sudo().search(
            [("user_id", "=", self.env.uid), ("name", "in", names)]
        )
        return {operation.name: operation for operation in known}

    @api.model
    def _claim(self, device, skew, new):
        """Make the records of new operations before anything is carried out.

        Whoever brings the same at the same moment runs into the unique index, is
        run again by the dispatcher and finds the outcome.

        :param dict new: operations by name
        """
        if not new:
            return self.browse()
        App = self.env["aftersales.field.app"]
        employees = App._get_own_employees()
        visits = App._get_met_visits(each.get("visit_id") for each in new.values())
        orders = App._get_met_orders(each.get("order_id") for each in new.values())
        moments = self._put_right(device, skew, new.values())
        vals_list = []
        for (name, operation), (shown, moment) in zip(
            new.items(), moments, strict=True
        ):
            visit = visits.get(App._read_id(operation.get("visit_id")))
            order = None
            if not operation.get("visit_id"):
                order = orders.get(App._read_id(operation.get("order_id")))
            work = visit or order
            company = work.company_id if work else self.env.company
            vals_list.append(
                {
                    "name": name,
                    "device": device,
                    "user_id": self.env.uid,
                    "employee_id": employees.filtered(
                        lambda each, company=company: each.company_id == company
                    )[:1].id,
                    "company_id": company.id,
                    "visit_id": visit.id if visit else False,
                    "order_id": order.id if order else False,
                    "kind": str(operation.get("kind") or "")[:40],
                    "payload": operation,
                    "moment": moment,
                    "moment_device": shown,
                }
            )
        try:
            with self.env.cr.savepoint():
                return self.sudo().create(vals_list)
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(
                "Operations of a phone arrive twice at once"
            ) from error

    @api.model
    def _put_right(self, device, skew, operations):
        """Return what the clock showed, and when that was, for entries in their order.

        What would be to come was entered before the clock was put right: it happened
        no later than what came next.
        """
        App = self.env["aftersales.field.app"]
        now = fields.Datetime.now().replace(microsecond=0)
        latest = now
        moments = []
        for operation in reversed(list(operations)):
            shown, moment = App._read_moment(operation.get("moment"), skew)
            if not moment or moment > now:
                moment = latest
            latest = min(latest, moment)
            moments.insert(0, (shown, moment))
        floor = self._get_last_moment(device, *moments[0])
        if not floor:
            return moments
        return [
            (shown, floor if floor - JITTER < moment < floor else moment)
            for shown, moment in moments
        ]

    @api.model
    def _get_last_moment(self, device, shown, moment):
        """Return when the last thing that came before on the phone happened, if then.

        Two requests take different times: what came first must not be put right to a
        later time than what came next.
        """
        if not shown:
            return None
        before = self.sudo().search(
            [
                ("user_id", "=", self.env.uid),
                ("device", "=", device),
                ("moment_device", "<=", shown),
                ("moment", ">", moment),
                ("moment", "<", moment + JITTER),
            ],
            order="moment desc",
            limit=1,
        )
        return before.moment

    # What comes of it

    def _carry_out(self):
        """Do one operation, and keep the outcome; nothing of a failed one stays."""
        self.ensure_one()
        operation = self.sudo()
        operation.write(self._try(operation._get_values(), operation._get_base()))

    def _get_work(self):
        """Return what an entry is about: a visit, or an order of the workshop."""
        return self.visit_id or self.order_id

    def _get_values(self):
        return (self.payload or {}).get("values")

    def _get_base(self):
        base = (self.payload or {}).get("base")
        return base if isinstance(base, dict) else {}

    def _try(self, values, base):
        """Return the outcome of one operation as values for its record.

        Conflicts with another transaction are not an outcome: the whole request is
        run again for them.
        """
        self.ensure_one()
        App = self.env["aftersales.field.app"].sudo(False).with_company(self.company_id)
        App = App.with_context(aftersales_employee_id=self.sudo().employee_id.id)
        try:
            with self.env.cr.savepoint():
                made = App._apply(self, values, base) or {}
        except (psycopg2.OperationalError, ConcurrencyError):
            raise
        except LockError as error:
            # Somebody holds a row for a moment: no answer to what was done.
            raise ConcurrencyError(str(error)) from error
        except UserError as error:
            return self._refuse(str(error))
        except psycopg2.IntegrityError as error:
            return self._refuse(self._get_constraint_words(error))
        except Exception:  # one bad entry must not keep the others from the server
            _logger.exception("Entry %s of a phone could not be carried out", self.name)
            return self._refuse(
                self.env._(
                    "This could not be carried out. It is kept; the dispatcher sees it."
                )
            )
        conflicts = made.pop("conflicts", None)
        message = made.pop("message", None)
        if conflicts:
            message = self.env._(
                "Somebody wrote something else meanwhile: %(fields)s. Both are kept; "
                "the dispatcher decides.",
                fields=", ".join(conflict["label"] for conflict in conflicts),
            )
        return {
            "state": "conflict" if conflicts else "done",
            "message": message,
            "values": made or None,
            "conflicts": conflicts or None,
        }

    def _refuse(self, message):
        return {
            "state": "refused",
            "message": message,
            "values": None,
            "conflicts": None,
        }

    def _get_constraint_words(self, error):
        """Return what a constraint of the database says to a reader."""
        model = self
        for record_class in self.env.registry.values():
            if error.diag.table_name == record_class._table:
                model = self.env[record_class._name]
                break
        return model._sql_error_to_message(error)

    def _to_result(self, sent_id=None):
        """Return what the phone is told."""
        self.ensure_one()
        settled = self.settled and self.state != "done"
        return {
            "id": sent_id or self.name,
            "state": "done" if settled else self.state,
            "message": (settled and self._get_settled_words()) or self.message or "",
            "conflicts": [] if settled else self.conflicts or [],
            "values": self.values or {},
        }

    @api.autovacuum
    def _gc_done(self):
        """Forget what was carried out long ago; nothing that waits for somebody."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        done = self.search(
            [("state", "=", "done"), ("create_date", "<", limit)], limit=GC_BATCH
        )
        count = len(done)
        done.unlink()
        return count, count == GC_BATCH


class AftersalesVisit(models.Model):
    _inherit = "aftersales.visit"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_told(self):
        """What phones sent of a visit is never lost with it."""
        models_kept = ("aftersales.field.operation", "aftersales.field.photo")
        kept = self.browse().union(
            *(
                self.env[model].sudo().search([("visit_id", "in", self.ids)]).visit_id
                for model in models_kept
            )
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(visits)s: phones sent entries for it, which are kept. Leave it "
                    "cancelled.",
                    visits=", ".join(kept.mapped("name")),
                )
            )
