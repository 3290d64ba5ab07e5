from markupsafe import Markup

from odoo import api, fields, models

from ..engine.rights import DAY_COUNTERS


class AftersalesOrder(models.Model):
    """What the customer may ask for by law, said before somebody promises less."""

    _inherit = "aftersales.order"

    cover_summary = fields.Text(related="asset_id.cover_summary")
    has_cover = fields.Boolean(related="asset_id.has_cover")
    is_paper_missing = fields.Boolean(related="asset_id.is_paper_missing")
    is_registered = fields.Boolean(related="asset_id.is_registered")
    rights = fields.Json(compute="_compute_rights", compute_sudo=True)
    right_level = fields.Selection(
        [("next", "With the next repair"), ("reached", "Reached")],
        compute="_compute_rights",
        compute_sudo=True,
        search="_search_right_level",
    )
    rights_notice = fields.Html(
        "Rights of the Customer", compute="_compute_rights_notice"
    )

    @api.depends(
        "asset_id.registration_ids.state",
        "asset_id.repair_event_ids.is_counted",
        "job_ids.fault_id",
        "job_ids.causal_product_id",
        "job_ids.exclusion_ids",
        "job_ids.line_ids.product_id",
        "job_ids.state",
        "date_reported",
        "meter_in",
        "state",
        "date_in",
        "repair_pause_ids.date_to",
    )
    def _compute_rights(self):
        rights = self.env["aftersales.warranty.engine"]._get_rights(self)
        for order in self:
            found = rights.get(order, [])
            order.rights = found
            order.right_level = found[0]["level"] if found else False

    @api.model
    def _search_right_level(self, operator, value):
        """Find open orders by their rights: the closed ones are past asking."""
        if operator != "in":
            return NotImplemented
        orders = self.search(
            fields.Domain("state", "not in", ("done", "cancel"))
            & fields.Domain("asset_id.is_registered", "=", True)
            & (
                fields.Domain("job_ids.fault_id", "!=", False)
                | fields.Domain("asset_id.repair_event_ids.is_counted", "=", True)
            )
        )
        found = orders.filtered(lambda order: order.right_level in value)
        domain = fields.Domain("id", "in", found.ids)
        if False in value:
            with_right = orders.filtered("right_level")
            domain |= fields.Domain("id", "not in", with_right.ids)
        return domain

    @api.depends("rights")
    @api.depends_context("lang")
    def _compute_rights_notice(self):
        for order in self:
            order.rights_notice = Markup().join(
                Markup("<p><b>%s</b><br/>%s</p>")
                % (
                    order._describe_right(right),
                    Markup("<br/>").join(order._get_right_details(right)),
                )
                for right in order.rights or ()
            )

    def _describe_right(self, right):
        """Say in one sentence what the customer may ask for, and from when."""
        self.ensure_one()
        rule = self.env["aftersales.warranty.rule"].sudo().browse(right["rule"])
        remedy = rule._get_label("remedy")
        counter = next(
            (item for item in right["conditions"] if item["kind"] == "counter"), None
        )
        fault = self._get_fault_name(right["fault"])
        if not counter and right["level"] == "next":
            return self.env._(
                "%(fault)s: if the part has to be replaced, the customer may ask for: "
                "%(remedy)s",
                fault=fault,
                remedy=remedy,
            )
        if not counter:
            return self.env._(
                "%(fault)s: the customer may ask for: %(remedy)s",
                fault=fault,
                remedy=remedy,
            )
        values = {
            "fault": fault,
            "counter": rule._get_label("counter"),
            "value": f"{counter['value']:g}",
            "limit": f"{counter['limit']:g}",
            "remedy": remedy,
        }
        if counter["counter"] in DAY_COUNTERS:
            if right["level"] == "reached":
                return self.env._(
                    "%(counter)s: %(value)s, more than %(limit)s. The customer may ask "
                    "for: %(remedy)s",
                    **values,
                )
            return self.env._(
                "%(counter)s: %(value)s of %(limit)s. With more the customer may ask "
                "for: %(remedy)s",
                **values,
            )
        if right["level"] == "reached":
            return self.env._(
                "%(counter)s (%(fault)s): this is number %(value)s. The customer may "
                "ask for: %(remedy)s",
                **values,
            )
        if counter["value"] >= counter["limit"]:
            return self.env._(
                "%(counter)s (%(fault)s): the next is number %(value)s. The customer "
                "may then ask for: %(remedy)s",
                **values,
            )
        return self.env._(
            "%(counter)s (%(fault)s): this is number %(value)s. From number %(limit)s "
            "the customer may ask for: %(remedy)s",
            **values,
        )

    def _get_fault_name(self, code):
        fault = (
            self.env["aftersales.fault"].sudo().search([("code", "=", code)], limit=1)
        )
        return fault.name or self.env._("Any fault")

    def _get_right_details(self, right):
        """Return the rule with its article, and the refund with its working."""
        self.ensure_one()
        rule = self.env["aftersales.warranty.rule"].sudo().browse(right["rule"])
        details = [", ".join(part for part in (rule.display_name, rule.source) if part)]
        gives_back = rule.remedy in ("return", "exchange_return", "any", "price_cut")
        if gives_back and right["refund"]:
            registration = self.env["aftersales.warranty.registration"].sudo()
            details.append(
                registration.browse(right["registration"])._get_refund_text(
                    right["refund"]
                )
            )
        return details
