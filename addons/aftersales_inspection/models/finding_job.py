from odoo import models
from odoo.exceptions import UserError

# Work orders to which no work is added any more.
CLOSED_STATES = ("ready", "done", "cancel")


class AftersalesFinding(models.Model):
    """The jobs that fix what was found."""

    _inherit = "aftersales.finding"

    def action_create_job(self, order=None, together=False):
        """Make the jobs that fix these findings, with the parts and price of theirs.

        A finding that has a job which was not declined keeps that one.

        :param order: record or id of the work order; by default the one on which it
            was found, or the asset's newest open one
        :param bool together: one job for all findings of an asset
        :return: the jobs
        :raises UserError: naming findings for which there is no open work order
        """
        self.env["aftersales.order"]._check_decides()
        self.check_access("write")
        order = self.env["aftersales.order"].browse(getattr(order, "id", order))
        orders = self._get_orders(order)
        orders_to_change = self.env["aftersales.order"].union(*orders.values())
        orders_to_change.check_access("write")
        orders_to_change._lock()
        settled = self.filtered(
            lambda each: each.state in ("proposed", "approved", "fixed", "dismissed")
        )
        self._refuse_settled(settled)
        todo = self - settled
        leads = todo._gather() if together else todo
        leads.with_id = False
        jobs = self.env["aftersales.job"].create(
            [finding._prepare_job_values(orders[finding], todo) for finding in leads]
        )
        todo.invalidate_recordset(["state"])
        return jobs | self.sudo()._get_jobs().with_env(self.env).filtered(
            lambda job: job.state not in ("declined", "cancel")
        )

    def _gather(self):
        """Let one finding of each asset lead the others; return those that lead."""
        leads = self.browse()
        for findings in self.grouped("asset_id").values():
            lead, others = findings[:1], findings[1:]
            lead.with_id = False
            others.with_ids.with_id = lead
            others.with_id = lead
            leads |= lead
        return leads

    def _refuse_settled(self, settled):
        closed = settled.filtered(lambda each: each.state in ("fixed", "dismissed"))
        if closed:
            raise UserError(
                self.env._(
                    "%(findings)s is fixed or dismissed and needs no job.",
                    findings="; ".join(closed.mapped("name")),
                )
            )

    def _get_orders(self, order):
        """Return ``{finding: the work order that its job is added to}``."""
        if order:
            foreign = self.filtered(lambda each: each.asset_id != order.asset_id)
            if foreign:
                raise UserError(
                    self.env._(
                        "%(findings)s was found on %(assets)s; %(order)s is for "
                        "another asset.",
                        findings="; ".join(foreign.mapped("name")),
                        assets=", ".join(foreign.asset_id.mapped("display_name")),
                        order=order.name,
                    )
                )
            return dict.fromkeys(self, order)
        bare = self.filtered(
            lambda each: not each.order_id or each.order_id.state in CLOSED_STATES
        )
        current = self.env["aftersales.order"]._get_open_orders(bare.asset_id)
        homeless = bare.filtered(lambda each: each.asset_id not in current)
        if homeless:
            raise UserError(
                self.env._(
                    "%(findings)s: %(assets)s has no open work order. Make one first; "
                    "the findings come up there by themselves.",
                    findings="; ".join(homeless.mapped("name")),
                    assets=", ".join(homeless.asset_id.mapped("display_name")),
                )
            )
        return {
            each: current[each.asset_id] if each in bare else each.order_id
            for each in self
        }

    def _prepare_job_values(self, order, findings):
        """Return the job that fixes this finding and those that go with it."""
        self.ensure_one()
        others = findings.filtered(lambda each: each.with_id == self)
        words = [each.words or each.name for each in self | others]
        lang = order.partner_id.lang or self.env.lang
        template = self.job_template_id.with_context(lang=lang)
        notes = [note for note in (self | others).mapped("note") if note]
        return {
            "order_id": order.id,
            "finding_id": self.id,
            "name": template.name or ", ".join((self | others).mapped("name"))[:128],
            "template_id": template.id,
            "complaint": "\n".join(notes) or ", ".join((self | others).mapped("name")),
            "description": "\n".join(
                text for text in (template.description, *words) if text
            ),
        }

    def action_open_jobs(self):
        """Make the jobs, from a button, and stay on the screen."""
        self.action_create_job()
        return True

    def action_open_job_together(self):
        """Make one job for the selected findings."""
        self.action_create_job(together=True)
        return True

    def action_add_to_order(self):
        """Add these findings to the work order whose screen shows them."""
        order_id = self.env.context.get("aftersales_order_id")
        self.action_create_job(order=order_id)
        return True
