from odoo import api, fields, models
from odoo.exceptions import UserError

ANSWERS = [
    ("remote", "Help from afar"),
    ("onsite", "Repair on site"),
    ("replace", "Replacement"),
    ("advice", "Advice"),
]


class AftersalesOrder(models.Model):
    """The first answer to the customer, before anybody sets off (R161, R180).

    It says what we propose and whether that solved it. Solved from afar, the order is
    closed without a visit; otherwise a visit is made.
    """

    _inherit = "aftersales.order"

    answer_kind = fields.Selection(
        ANSWERS, "Solution Proposed", readonly=True, copy=False
    )
    answer_text = fields.Text("First Answer", readonly=True, copy=False)
    answer_date = fields.Datetime("Answered", readonly=True, copy=False)
    answer_user_id = fields.Many2one(
        "res.users", "Answered By", readonly=True, copy=False, index="btree_not_null"
    )
    answer_hours = fields.Float(
        "Hours to First Answer",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="From when the customer told us until the first answer.",
    )
    is_solved_remotely = fields.Boolean(
        "Solved From Afar",
        readonly=True,
        copy=False,
        help="The answer solved it: nobody has to come.",
    )

    @api.model
    def _get_transitions(self):
        transitions = super()._get_transitions()
        return {**transitions, "draft": transitions["draft"] | {"done"}}

    def _check_transition(self, state):
        if state == "done":
            unsolved = self.filtered(
                lambda order: order.state == "draft" and not order.is_solved_remotely
            )
            if unsolved:
                raise UserError(
                    self.env._(
                        "%(orders)s: nothing was done yet. Only what an answer solved "
                        "is closed without work.",
                        orders=", ".join(unsolved.mapped("name")),
                    )
                )
        return super()._check_transition(state)

    def action_answer(self, kind, text, solved=False, visit=None, moment=None):
        """Record what the customer was answered, and what follows from it.

        The first answer stops the time to the answer; a later one takes its place as
        the proposal, and the discussion keeps both.

        :param str kind: what is proposed: ``remote`` (help from afar, such as
            software), ``onsite``, ``replace`` or ``advice``
        :param str text: what was said; required
        :param bool solved: the problem is solved by it
        :param bool visit: make a visit for what is not solved; without it, orders on
            site get one
        :param moment: when it was answered (UTC), never in the future; without it now
        :raises UserError: naming orders that can't be answered any more
        """
        self._check_decides()
        text = (text or "").strip()
        if kind not in dict(ANSWERS) or not text:
            raise UserError(
                self.env._(
                    "%(orders)s: say what is proposed, and what the customer was told.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        orders = self._lock()
        orders._check_answerable()
        now = fields.Datetime.now()
        moment = self.env["aftersales.availability"]._read_moment(moment) or now
        for order in orders:
            order._record_answer(kind, text, solved, min(moment, now))
        orders._note_call()
        if solved or visit is False:
            return True
        # As the user, whose right to plan is asked for.
        onsite = self if visit else self.filtered("is_onsite")
        onsite.filtered(lambda order: not order._has_open_visit()).action_create_visit()
        return True

    def _check_answerable(self):
        over = self.filtered(lambda order: order.state in ("ready", "done", "cancel"))
        if over:
            raise UserError(
                self.env._(
                    "%(orders)s is finished. Make a new order for another question.",
                    orders=", ".join(over.mapped("name")),
                )
            )

    def _has_open_visit(self):
        self.ensure_one()
        return any(visit.state not in ("done", "cancel") for visit in self.visit_ids)

    def _record_answer(self, kind, text, solved, moment):
        self.ensure_one()
        values = {
            "answer_kind": kind,
            "answer_text": text,
            "is_solved_remotely": bool(solved),
        }
        if not self.answer_date:
            received = self.date_received or self.create_date
            moment = max(moment, received)
            values |= {
                "answer_date": moment,
                "answer_user_id": self.env.uid,
                "answer_hours": (moment - received).total_seconds() / 3600,
            }
        self.write(values)
        label = dict(self._fields["answer_kind"]._description_selection(self.env))[kind]
        self.message_post(
            body=self.env._("Answered, %(kind)s: %(text)s", kind=label, text=text)
        )

    def action_close_remotely(self):
        """Close orders whose problem an answer solved: nobody has to come.

        Visits that were to come are called off, and jobs that were only noted down
        with them.

        :raises UserError: for orders that are not solved, or whose work has begun
        """
        self._check_decides()
        todo = self._lock().filtered(lambda order: order.state != "done")
        begun = todo.filtered(lambda order: order.state != "draft")
        if begun:
            raise UserError(
                self.env._(
                    "%(orders)s: work is quoted or begun. Cancel it, or finish it in "
                    "the ordinary way.",
                    orders=", ".join(begun.mapped("name")),
                )
            )
        todo._check_transition("done")
        todo.visit_ids.filtered(
            lambda visit: visit.state not in ("done", "cancel")
        )._cancel(self.env._("Solved from afar"))
        todo.job_ids.filtered(
            lambda job: job.state not in ("cancel", "declined")
        )._set_state("cancel")
        now = fields.Datetime.now()
        todo._set_state("done", date_completed=now, date_out=now)
        return True

    def action_open_answer(self):
        """Open the window in which an answer is written down."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer the Customer"),
            "res_model": "aftersales.order.answer",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_order_ids": self.ids},
        }
