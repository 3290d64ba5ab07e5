import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date


class HrExpense(models.Model):
    """A claim for what a visit cost: the day, the place and the person must match.

    The claim goes Odoo's own way from there: approval, journal entry, payment.
    """

    _inherit = "hr.expense"

    aftersales_visit_id = fields.Many2one(
        "aftersales.visit",
        "Visit",
        check_company=True,
        index="btree_not_null",
        domain="[('state', '!=', 'cancel'), ('company_id', '=', company_id)]",
        tracking=True,
        help="The visit that this was spent on.",
    )
    # As superuser: whoever approves or books a claim need not see the work order.
    aftersales_order_id = fields.Many2one(
        related="aftersales_visit_id.order_id",
        string="Work Order",
        store=True,
        index="btree_not_null",
    )
    aftersales_place = fields.Char(
        "Place on the Receipt", help="The city where it was paid, as the receipt says."
    )
    aftersales_problem = fields.Text(
        "Does Not Match", compute="_compute_aftersales_problem"
    )
    aftersales_is_flagged = fields.Boolean(
        "Didn't Match When Submitted", readonly=True, copy=False
    )

    @api.model_create_multi
    def create(self, vals_list):
        expenses = super().create(vals_list)
        expenses._check_aftersales_visit()
        return expenses

    def write(self, vals):
        result = super().write(vals)
        if vals.get("aftersales_visit_id"):
            self._check_aftersales_visit()
        return result

    def _check_aftersales_visit(self):
        """Refuse a claim for a visit that is none of the user's business.

        A claim tells what does not match its visit: a guessed number would tell
        anybody who was where.

        :raises AccessError: without naming the visit
        """
        if not all(expense._may_claim_aftersales() for expense in self):
            raise AccessError(self._get_aftersales_refusal())

    def _may_claim_aftersales(self):
        """Whether the claimant was on the visit, or the user may see it anyway."""
        self.ensure_one()
        visit = self.sudo().aftersales_visit_id
        if self.env.su or not visit:
            return True
        if self.sudo().employee_id in visit._get_expense_people():
            return True
        return visit.sudo(False).has_access("read")

    def _get_aftersales_refusal(self):
        return self.env._(
            "You can claim for visits that you were on. Ask the dispatcher to add "
            "you to the visit, or leave it empty."
        )

    @api.depends("aftersales_visit_id", "aftersales_place", "date", "employee_id")
    @api.depends_context("lang", "uid")
    def _compute_aftersales_problem(self):
        for expense in self:
            visit = expense.sudo().aftersales_visit_id
            kept = expense._origin.sudo().aftersales_visit_id
            # What was kept has been checked; what is only typed has not.
            if visit == kept or expense._may_claim_aftersales():
                problems = expense._get_aftersales_problems()
            else:
                problems = [expense._get_aftersales_refusal()]
            expense.aftersales_problem = "\n".join(problems) or False

    def _get_aftersales_problems(self):
        """Return sentences that say what does not match the visit (R219)."""
        self.ensure_one()
        # Engineers don't see visits of others, nor approvers all of theirs.
        visit = self.sudo().aftersales_visit_id
        if not visit:
            return []
        problems = []
        if visit.state == "cancel":
            problems.append(self.env._("%(visit)s was called off.", visit=visit.name))
        people = visit._get_expense_people()
        if self.sudo().employee_id not in people:
            problems.append(
                self.env._(
                    "%(employee)s was not on %(visit)s; %(people)s was.",
                    employee=self.sudo().employee_id.name,
                    visit=visit.name,
                    people=", ".join(people.mapped("name")) or self.env._("nobody"),
                )
            )
        return (
            problems + self._get_day_problems(visit) + self._get_place_problems(visit)
        )

    def _get_day_problems(self, visit):
        first, last = visit._get_expense_days()
        if not self.date or (first and first <= self.date <= last):
            return []
        if not first:
            return [self.env._("%(visit)s has no time yet.", visit=visit.name)]
        if first == last:
            return [
                self.env._(
                    "The receipt is of %(date)s; %(visit)s was on %(day)s.",
                    date=format_date(self.env, self.date),
                    visit=visit.name,
                    day=format_date(self.env, first),
                )
            ]
        return [
            self.env._(
                "The receipt is of %(date)s; %(visit)s was from %(first)s to %(last)s.",
                date=format_date(self.env, self.date),
                visit=visit.name,
                first=format_date(self.env, first),
                last=format_date(self.env, last),
            )
        ]

    def _get_place_problems(self, visit):
        city = (visit.site_id.city or "").strip().casefold()
        place = (self.aftersales_place or "").strip().casefold()
        if not place:
            return [self.env._("The place on the receipt is missing.")]
        if not city or city in place or place in city:
            return []
        return [
            self.env._(
                "The receipt is from %(place)s; %(visit)s was in %(city)s.",
                place=self.aftersales_place,
                visit=visit.name,
                city=visit.site_id.city,
            )
        ]

    def action_submit(self):
        """Claims for a visit are checked against it before they are submitted."""
        claims = self.filtered("aftersales_visit_id")
        claims._check_aftersales_receipt()
        claims._check_aftersales_match()
        return super().action_submit()

    def _check_aftersales_receipt(self):
        missing = self.filtered(
            lambda expense: (
                expense.company_id.aftersales_expense_receipt
                and not expense.nb_attachment
            )
        )
        if missing:
            raise UserError(
                self.env._(
                    "%(expenses)s: attach a photo of the receipt first.",
                    expenses=", ".join(missing.mapped("name")),
                )
            )

    def _check_aftersales_match(self):
        """Refuse or flag claims that don't match their visit, by setting."""
        wrong = self.filtered("aftersales_problem")
        refused = wrong.filtered(
            lambda expense: expense.company_id.aftersales_expense_check == "refuse"
        )
        if refused:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(expense)s does not match the visit. %(problems)s",
                        expense=expense.name,
                        problems=expense.aftersales_problem.replace("\n", " "),
                    )
                    for expense in refused
                )
            )
        # What the flag says is not for the claimant to change.
        (self - wrong).filtered("aftersales_is_flagged").sudo().write(
            {"aftersales_is_flagged": False}
        )
        wrong.sudo().write({"aftersales_is_flagged": True})
        for expense in wrong:
            expense.message_post(body=expense.aftersales_problem)


class AftersalesVisit(models.Model):
    """On which days a visit was, and who made it."""

    _inherit = "aftersales.visit"

    def _get_expense_people(self):
        """Return who was on this visit, also those who handed it over."""
        self.ensure_one()
        return self.technician_id | self.helper_ids | self.stamp_ids.employee_id

    def _get_expense_days(self):
        """Return the first and the last day of this visit, in the company's time.

        What was stamped counts, the way there included; else what is planned.
        """
        self.ensure_one()
        moments = self.stamp_ids.mapped("date")
        moments += [
            moment
            for moment in (self.start, self.date_left or self.stop)
            if moment and (not moments or self.state != "done")
        ]
        if not moments:
            return None, None
        tz = pytz.timezone(self.company_id.resource_calendar_id.tz or "UTC")
        days = [pytz.utc.localize(each).astimezone(tz).date() for each in moments]
        return min(days), max(days)
