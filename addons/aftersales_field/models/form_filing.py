from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class AftersalesFormIssue(models.Model):
    """Signed papers are handed in and filed (R230, R231).

    Whoever keeps the files notes which papers came back and where they are. What is
    missing at the end of the season is a filter away.
    """

    _inherit = "aftersales.form.issue"

    date_filed = fields.Date("Handed In", readonly=True, copy=False)
    filed_user_id = fields.Many2one(
        "res.users", "Filed By", readonly=True, copy=False, index="btree_not_null"
    )
    file_place = fields.Char(
        "Filed In", copy=False, help="Folder, box or shelf where the copy is kept."
    )

    _unfiled_idx = models.Index(
        "(company_id, date) WHERE date_filed IS NULL AND state = 'issued'"
    )

    def action_file(self, place=None):
        """Note that these papers were handed in.

        Those that were handed in already stay as they are.

        :param str place: where they are kept
        :raises UserError: for papers that are void
        """
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(
            "aftersales.aftersales_group_user"
        ):
            raise AccessError(
                self.env._("Advisors file papers. Hand yours in to the office.")
            )
        papers = self._lock()
        void = papers.filtered(lambda paper: paper.state == "void")
        if void:
            raise UserError(
                self.env._(
                    "%(papers)s is void: nobody waits for it.",
                    papers=", ".join(void.mapped("name")),
                )
            )
        papers.filtered(lambda paper: not paper.date_filed).write(
            {
                "date_filed": fields.Date.context_today(self),
                "filed_user_id": self.env.user.id,
            }
        )
        if place:
            papers.file_place = place
        return True
