from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesReturnLine(models.Model):
    """What the customer gets, and what is done with the goods: each line its own."""

    _inherit = "aftersales.return.line"

    def action_settle(self):
        """Give the customer what the operation says, and send the goods where they go.

        Refunds of one invoice become one credit note, goods of one return one
        transfer. Repeated, it does nothing twice.

        :raises UserError: for goods that are not here, or not tested where the
            operation asks for it
        :raises AccessError: naming the roles whose limits reach so far, or for
            technicians: they carry out what was granted, and grant nothing
        """
        lines = self._lock()
        settled = lines.filtered(lambda line: line.state == "settled")
        settled.filtered(lambda line: line._misses_credit())._unsettle()
        todo = lines.filtered(lambda line: line.state not in ("settled", "done"))
        todo._check_settleable()
        todo.with_env(self.env)._check_may_settle()
        todo.with_env(self.env)._check_approved()
        todo._give()
        todo._become_ours()
        for goods, own in todo.grouped(lambda line: line._get_goods()).items():
            getattr(own, f"_settle_goods_{goods}")()
        # Last: a credit note that is posted, a transfer that is done on paper would
        # find nothing left to do and close lines of which the goods have not gone yet.
        todo._set_state("settled")
        todo._keep_unbilled()
        todo._finish()
        return True

    def _check_may_settle(self):
        """Leave to advisors what has no limits: settling gives away money or goods."""
        if free := self.filtered(lambda line: not line.operation_id.limit_kind):
            free.return_id._check_decides()

    def _give(self):
        """Let the customer have what the operation says, once."""
        todo = self.filtered(lambda line: not line.date_given)
        todo.filtered(
            lambda line: line.remedy != "none"
        ).date_given = fields.Datetime.now()
        for remedy, own in todo.grouped("remedy").items():
            getattr(own, f"_settle_{remedy}")()

    def _become_ours(self):
        """Let go with the goods what changes with their owner.

        Exchanged goods are worth something to the payer of the new ones, whenever
        those were given; so is what we keep although nothing was given for it.
        """
        kept = self.filtered(
            lambda line: (
                line.remedy == "none"
                and line._get_goods() in ("restock", "scrap")
                and line._is_customers()
            )
        )
        for line in kept:
            line.payer_id = line._get_payer()
        exchanged = self.filtered(lambda line: line.remedy == "exchange")
        (kept | exchanged)._take_back_for_payer()

    def _settle_in_advance(self):
        """Give at acceptance what does not wait for the goods."""
        early = self.filtered(lambda line: line.when == "approved")
        staying = early.filtered(lambda line: line.goods == "stay")
        staying.action_settle()
        given = early - staying
        given._check_approved()
        given.sudo()._give_in_advance()

    def _give_in_advance(self):
        """Give what is sent before the goods are here."""
        self._give()

    def _check_settleable(self):
        self._check_transition("settled")
        # What nobody announced was accepted without one.
        self._check_operation()
        waiting = self.filtered(lambda line: line.goods != "stay")
        waiting._check_here()
        untested = waiting.filtered(
            lambda line: line.when == "tested" and line.state != "tested"
        )
        if untested:
            raise UserError(
                self.env._(
                    "%(lines)s has to be tested first.",
                    lines=", ".join(untested.mapped("display_name")),
                )
            )

    def _get_goods(self):
        """Return where the goods go: the grade that was found goes before the rule."""
        self.ensure_one()
        if self.goods in ("restock", "scrap", "supplier") and self.grade_id:
            return self.grade_id.goods
        return self.goods

    # What the customer gets: extended by the concern that does it

    def _settle_none(self):
        """Nothing."""

    # Where the goods go

    def _settle_goods_restock(self):
        self._put_away()

    def _settle_goods_scrap(self):
        self._scrap()

    def _settle_goods_back(self):
        self._send_back()

    def _settle_goods_stay(self):
        """Nothing moves."""
