from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class AftersalesAsset(models.Model):
    """What the owner can book for the asset, at which price, and the request itself."""

    _inherit = "aftersales.asset"

    def _can_book_online(self):
        self.ensure_one()
        return bool(self.active and self.company_id._has_online_booking())

    def _get_online_templates(self):
        """Return the job templates the owner of this asset may book."""
        self.ensure_one()
        templates = self.env["aftersales.job.template"].search(
            [
                ("is_bookable_online", "=", True),
                ("company_id", "in", (self.company_id.id, False)),
            ]
        )
        return templates.filtered(lambda template: template._is_offered_for(self))

    def _get_online_services(self):
        """Return what can be booked for this asset.

        The price is what an estimate would say now. It is shown as “from”: what is
        found on the way is asked about before it is done.

        :return: list of dicts ``template``, ``hours``, ``price``, ``currency``
        """
        self.ensure_one()
        services = []
        for template in self._get_online_templates():
            job = self._preview_job(template)
            price = job._get_customer_price()
            services.append(
                {
                    "template": template,
                    "hours": job.hours_planned,
                    "price": price["total"],
                    "currency": price["currency"],
                }
            )
        return services

    def _preview_job(self, template):
        """Return the job ``template`` would make for this asset, unsaved."""
        self.ensure_one()
        partner = self.partner_id or self.env.user.partner_id
        order = self.env["aftersales.order"].new(
            {
                "asset_id": self.id,
                "partner_id": partner.id,
                "company_id": self.company_id.id,
                "job_ids": [
                    Command.create(
                        {
                            "template_id": template.id,
                            "name": template.name,
                            "company_id": self.company_id.id,
                            "line_ids": template._prepare_job_line_commands(self),
                        }
                    )
                ],
            }
        )
        return order.job_ids

    def _get_online_advisors(self):
        """Return the advisors a customer may ask for: their teams say who."""
        self.ensure_one()
        teams = self.env["aftersales.order"]._get_company_teams(self.company_id)
        return (teams.bookable_user_ids & teams.member_ids).filtered(
            lambda user: (
                user.active and user.has_group("aftersales.aftersales_group_user")
            )
        )

    def _get_coming_visit(self, partner):
        """Return the visit ``partner``'s company has ahead with this asset, or none."""
        self.ensure_one()
        visit = self.env["aftersales.order"]._find_coming_visit(self)
        return visit.filtered_domain(visit._get_portal_domain(partner))

    def _get_open_visits(self, partner):
        """Return the visits ``partner``'s company has booked online and not made."""
        return self.env["aftersales.order"].search(
            self._get_open_visits_domain(partner)
        )

    @api.model
    def _get_open_visits_domain(self, partner):
        Order = self.env["aftersales.order"]
        return Order._get_portal_domain(partner) & Domain(
            [
                ("online_state", "!=", False),
                ("state", "in", ("draft", "quoted", "approved")),
                ("booking_state", "in", ("none", "hold", "confirmed")),
            ]
        )

    def _request_visit(self, partner, request_key, values):
        """Open the work order of a visit the owner books, before a time is chosen.

        :param partner: who asks
        :param str request_key: names the form: sent twice, it makes one order
        :param dict values: ``template_ids``, ``complaint``, ``customer_waits`` (stay
            or leave), ``user_id`` (the advisor wanted), ``meter``
        :return: the work order, new or the one made before
        :raises UserError: in words for the customer
        """
        self.ensure_one()
        known = self._find_request(request_key)
        if known:
            return known
        self._check_can_request_visit(partner)
        complaint = (values.get("complaint") or "").strip()
        templates = self._get_online_templates().filtered(
            lambda template: template.id in (values.get("template_ids") or [])
        )
        if not templates and not complaint:
            raise UserError(
                self.env._(
                    "%(asset)s: choose what we shall do, or describe the problem.",
                    asset=self.name,
                )
            )
        if not templates:
            templates = self.company_id.aftersales_diagnosis_template_id
        advisor = self._get_online_advisors().filtered(
            lambda user: user.id == values.get("user_id")
        )
        waits = values.get("customer_waits")
        order_values = {
            **self._prepare_request_values(complaint, partner, request_key),
            "customer_waits": waits if waits in ("stay", "leave") else False,
            "meter_stated": max(values.get("meter") or 0.0, 0.0),
            "online_state": "begun",
            "job_ids": [
                Command.create({"template_id": template.id}) for template in templates
            ],
        }
        if advisor:
            order_values["user_id"] = advisor.id
            order_values.pop("team_id", None)
        return (
            self.env["aftersales.order"]
            .with_company(self.company_id)
            .create(order_values)
        )

    def _check_can_request_visit(self, partner):
        """Refuse what the page does not offer, and more visits than one may have."""
        self.ensure_one()
        company = self.company_id
        if not self._can_book_online():
            raise UserError(
                self.env._(
                    "%(asset)s: visits can't be booked here at the moment. Please "
                    "call us.",
                    asset=self.name,
                )
            )
        coming = self._get_coming_visit(partner)
        if coming:
            raise UserError(
                self.env._(
                    "%(asset)s is already booked: %(order)s, %(time)s. Move that visit "
                    "instead of booking another, or write to us what else we shall do.",
                    asset=self.name,
                    order=coming.name,
                    time=coming._format_visit_time(coming.date_planned),
                )
            )
        limit = company.aftersales_online_limit
        visits = self._get_open_visits(partner).filtered(
            lambda order: order.company_id == company
        )
        if limit and len(visits) >= limit:
            raise UserError(
                self.env._(
                    "You have %(count)s visits open (%(orders)s). Make one of them or "
                    "cancel it before you book another, or call us.",
                    count=len(visits),
                    orders=", ".join(visits.mapped("name")),
                )
            )
