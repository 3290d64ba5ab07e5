from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from .rights import PRICE_GROUPS


class AftersalesOrder(models.Model):
    """The estimate: one quotation per invoiced payer, and their totals."""

    _inherit = "aftersales.order"

    sale_order_ids = fields.One2many(
        "sale.order", "aftersales_order_id", "Quotations", copy=False
    )
    sale_order_count = fields.Integer(compute="_compute_sale_order_count")
    amount_untaxed = fields.Monetary(
        compute="_compute_amounts", compute_sudo=True, groups=PRICE_GROUPS
    )
    amount_total = fields.Monetary(
        compute="_compute_amounts", compute_sudo=True, groups=PRICE_GROUPS
    )

    @api.depends("sale_order_ids")
    def _compute_sale_order_count(self):
        for order in self:
            order.sale_order_count = len(order.sudo().sale_order_ids)

    @api.depends(
        "job_ids.line_ids.price_subtotal",
        "job_ids.line_ids.price_total",
        "job_ids.state",
        "job_ids.share_ids.sale_line_ids.price_total",
    )
    def _compute_amounts(self):
        # All at once: filtering below would compute the jobs order by order.
        self.job_ids.mapped("amount_total")
        for order in self:
            jobs = order.job_ids.filtered(
                lambda job: job.state not in ("declined", "cancel")
            )
            order.amount_untaxed = sum(jobs.mapped("amount_untaxed"))
            order.amount_total = sum(jobs.mapped("amount_total"))

    def action_estimate(self):
        """Make or refresh the quotations for work that is not approved yet.

        Jobs in draft become proposed and their prices are frozen: one draft
        quotation per invoiced payer. After the first approval, added work gets a
        supplementary quotation of its own.

        :raises UserError: naming orders without work to quote
        """
        self._lock()._action_estimate()
        return True

    def _action_estimate(self):
        """Estimate orders that a step has locked already."""
        closed = self.filtered(lambda order: order.state in ("ready", "done", "cancel"))
        closed._check_transition("quoted")
        jobs = self.job_ids.filtered(lambda job: job.state in ("draft", "proposed"))
        without_work = self - jobs.filtered("line_ids").order_id
        without_work = without_work.filtered(
            lambda order: order.state in ("draft", "quoted")
        )
        if without_work:
            raise UserError(
                self.env._(
                    "%(orders)s: add a job with its parts or labour before quoting.",
                    orders=", ".join(without_work.mapped("name")),
                )
            )
        jobs._set_state("proposed")
        jobs._sync_quotations()
        self.filtered(lambda order: order.state == "draft")._set_state("quoted")

    def _get_open_quotation(self, payer):
        """Return the quotation to ``payer`` that can still change."""
        self.ensure_one()
        return self.sudo().sale_order_ids.filtered(
            lambda sale: (
                sale.aftersales_payer_id == payer and sale.state in ("draft", "sent")
            )
        )[:1]

    def _prepare_quotation_values(self, payer):
        """Return the values of a quotation of this order to ``payer``."""
        self.ensure_one()
        partner = payer.partner_id or self.partner_id
        values = {
            "partner_id": partner.id,
            "partner_shipping_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "warehouse_id": self.warehouse_id.id,
            "user_id": self.user_id.id,
            "origin": self.name,
            "client_order_ref": self.name,
            "aftersales_order_id": self.id,
            "aftersales_payer_id": payer.id,
            # Customers answer and sign on the work order, for each job apart.
            "require_signature": False,
            "require_payment": False,
        }
        if payer.pricelist_id:
            values["pricelist_id"] = payer.pricelist_id.id
        if payer.fiscal_position_id:
            values["fiscal_position_id"] = payer.fiscal_position_id.id
        return values

    def _new_quotation(self, payer):
        """Return an unsaved quotation: the currency, prices and taxes of ``payer``."""
        self.ensure_one()
        values = self._prepare_quotation_values(payer)
        values["partner_id"] = (payer.partner_id or self.partner_id).id
        terms = ("partner_id", "company_id", "pricelist_id", "fiscal_position_id")
        return self.env["sale.order"].new(
            {field: values[field] for field in terms if values.get(field)}
        )

    def _create_quotations(self, lines_by_order_payer):
        """Create quotations with their lines in one go.

        :param dict lines_by_order_payer: ``{(order, payer): [line values]}``
        :return: {(order, payer): sale.order}
        """
        values_list = [
            {
                **order._prepare_quotation_values(payer),
                "order_line": [Command.create(values) for values in lines],
            }
            for (order, payer), lines in lines_by_order_payer.items()
        ]
        # A technician or an advisor without Sales rights may estimate too. The work
        # order is where the story is told: no message per quotation.
        sale_orders = (
            self.env["sale.order"]
            .sudo()
            .with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
            .create(values_list)
        )
        return dict(zip(lines_by_order_payer, sale_orders, strict=True))

    def _add_to_quotations(self, lines_by_order_payer):
        """Put new lines on the open quotations of their payers, or on new ones."""
        new = {}
        for (order, payer), values_list in lines_by_order_payer.items():
            quotation = order._get_open_quotation(payer)
            if quotation:
                quotation.write(
                    {"order_line": [Command.create(values) for values in values_list]}
                )
            else:
                new[order, payer] = values_list
        if new:
            self._create_quotations(new)

    def _cancel_quotations(self):
        self.sudo().sale_order_ids.filtered(
            lambda sale: sale.state != "cancel"
        )._action_cancel()

    def action_view_sale_orders(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders")
        action["domain"] = [("aftersales_order_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    def action_send_estimate(self):
        """Open the composer with the estimate and the link to the portal."""
        return self._get_composer_action(
            self.env._("Send Estimate"), "aftersales.mail_template_estimate"
        )

    def _get_composer_action(self, title, template):
        """Return the action that opens a message to the customer.

        :param str template: xml id of the mail template to begin with
        """
        self.ensure_one()
        template = self.env.ref(template, raise_if_not_found=False)
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id if template else False,
                "default_composition_mode": "comment",
                "force_email": True,
            },
        }
