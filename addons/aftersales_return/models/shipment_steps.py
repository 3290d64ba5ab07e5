from odoo import fields, models
from odoo.exceptions import UserError


class AftersalesShipment(models.Model):
    """The way of a parcel: it leaves with proof, it arrives, and the customer knows."""

    _inherit = "aftersales.shipment"

    date_told = fields.Datetime("Customer Told On", readonly=True, copy=False)
    told_method = fields.Selection(
        [("email", "E-mail"), ("phone", "Phone"), ("desk", "At the desk")],
        "Told By",
        readonly=True,
        copy=False,
    )
    told_name = fields.Char("Who Was Told", readonly=True, copy=False)

    def action_ship(self, waybill=None, date=None, carrier=None, receiver=None):
        """Record that the parcels are on their way.

        What goes to the customer leaves only with its transfer validated, the full
        address, the carrier and the waybill; the packing list is kept with it, and
        the customer is told date and waybill. At the desk it is handed over at once.

        :param str waybill: the carrier's number, which a lost parcel is traced by
        :param date: the day it left; without it today
        :param carrier: a ``res.partner``, as record or id
        :param str receiver: who took it, where there is no waybill
        :raises UserError: naming the parcel and what is missing
        """
        todo = self._lock().filtered(
            lambda parcel: parcel.state not in ("transit", "arrived")
        )
        todo._check_transition("transit")
        carrier = self.env["res.partner"].browse(getattr(carrier, "id", carrier) or ())
        for parcel in todo:
            parcel.write(
                {
                    "waybill": (waybill or parcel.waybill or "").strip() or False,
                    "carrier_id": carrier.id or parcel.carrier_id.id,
                    "receiver": (receiver or parcel.receiver or "").strip() or False,
                    "date_shipped": date
                    or parcel.date_shipped
                    or fields.Date.context_today(parcel),
                }
            )
            parcel._check_may_ship()
        todo._set_state("transit")
        leaving = todo.filtered(lambda parcel: parcel.direction == "out")
        leaving._keep_proof()
        leaving._tell_shipped()
        todo.filtered(lambda parcel: parcel.transport == "desk")._arrive()
        return True

    def _check_may_ship(self):
        """Refuse a parcel that could not be traced, or found no door."""
        self.ensure_one()
        if self.direction == "out":
            waiting = self.picking_ids.filtered(
                lambda picking: picking.state not in ("done", "cancel")
            )
            if waiting:
                raise UserError(
                    self.env._(
                        "%(parcel)s: validate %(transfers)s first, which compares what "
                        "leaves with what came.",
                        parcel=self.display_name,
                        transfers=", ".join(waiting.mapped("name")),
                    )
                )
            self._check_consignee()
        if self.transport != "carrier":
            if not self.receiver and (self.direction == "out"):
                raise UserError(
                    self.env._(
                        "%(parcel)s: write down who takes it.", parcel=self.display_name
                    )
                )
            return
        if not self.waybill:
            raise UserError(
                self.env._(
                    "%(parcel)s: write down the number of the waybill, by which a "
                    "lost parcel is traced.",
                    parcel=self.display_name,
                )
            )
        if self.direction == "out" and not self.carrier_id:
            raise UserError(
                self.env._(
                    "%(parcel)s: choose the carrier who has it.",
                    parcel=self.display_name,
                )
            )

    def _check_consignee(self):
        """Refuse an address that a carrier could not deliver to."""
        for parcel in self.filtered(lambda parcel: parcel.transport != "desk"):
            missing = parcel._get_missing_address()
            if missing:
                raise UserError(
                    self.env._(
                        "%(parcel)s: the address of %(consignee)s is not complete. "
                        "Add: %(missing)s.",
                        parcel=parcel.display_name,
                        consignee=parcel.consignee_id.display_name
                        or self.env._("the consignee"),
                        missing=", ".join(missing),
                    )
                )

    def _get_missing_address(self):
        """Return in words what the consignee's address lacks."""
        self.ensure_one()
        partner = self.consignee_id
        country = partner.country_id
        # Some countries have no postal codes; they say so themselves.
        wanted = {
            self.env._("name"): partner.name or partner.parent_id.name,
            self.env._("street"): partner.street,
            self.env._("city"): partner.city,
            self.env._("postal code"): partner.zip
            or country
            and not country.zip_required,
            self.env._("country"): country,
            self.env._("phone"): partner.phone or self.contact_phone,
        }
        return [word for word, value in wanted.items() if not value]

    def _get_address_text(self):
        """Return the consignee's name, address and phone, one per line."""
        self.ensure_one()
        partner = self.consignee_id
        phone = partner.phone or self.contact_phone
        text = partner._display_address(without_company=False) if partner else ""
        rows = [partner.name or partner.parent_id.name, *text.splitlines(), phone]
        return "\n".join(
            dict.fromkeys(row.strip() for row in rows if row and row.strip())
        )

    def _keep_proof(self):
        """Keep address and packing list as they were when the parcel left."""
        for parcel in self:
            parcel.consignee_address = parcel._get_address_text()
            if parcel.picking_ids:
                parcel._attach_paper(
                    "aftersales_return.action_report_packing_list",
                    parcel.picking_ids,
                    self.env._("Packing list %(parcel)s", parcel=parcel.name),
                )

    def _attach_paper(self, report, records, name):
        """Keep a printed paper among the proofs; once by name."""
        self.ensure_one()
        name = name.replace("/", "-")
        kept = self.proof_ids.filtered(lambda file: file.name.startswith(f"{name}."))
        if kept:
            return kept
        Report = self.env["ir.actions.report"].sudo()
        try:
            content, extension = Report._render_qweb_pdf(report, records.ids)
        except UserError:
            # A server that prints no PDF keeps the page.
            content, extension = Report._render_qweb_html(report, records.ids)
        paper = self.env["ir.attachment"].create(
            {
                "name": f"{name}.{extension}",
                "raw": content,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.proof_ids += paper
        return paper

    def action_arrive(self):
        """Record that the parcels are here, or with the customer.

        A lost parcel that turns up goes on where it stopped.
        """
        todo = self._lock().filtered(lambda parcel: parcel.state != "arrived")
        todo._check_transition("arrived")
        todo._arrive()
        return True

    def _arrive(self):
        found = self.filtered(lambda parcel: parcel.state in ("lost", "settled"))
        self._set_state("arrived", date_arrived=fields.Datetime.now())
        found._find_goods()

    def action_cancel(self):
        """Call off parcels that will not come, or go."""
        self._lock()._set_state("cancel")
        return True

    # The customer is told

    def _get_told_partner(self):
        """Return who is written to: the customer of the return."""
        self.ensure_one()
        return self.return_id.partner_id

    def _tell_shipped(self):
        """Write to the customers what left when; who has no address is phoned."""
        template = self.env.ref(
            "aftersales_return.mail_template_shipped", raise_if_not_found=False
        )
        for parcel in self.filtered("return_id"):
            partner = parcel._get_told_partner()
            if parcel.transport == "desk":
                parcel._note_told("desk", parcel.receiver)
            elif template and partner.email:
                parcel.with_context(
                    lang=partner.lang or self.env.lang
                ).message_post_with_source(
                    template,
                    message_type="auto_comment",
                    subtype_xmlid="mail.mt_comment",
                )
                parcel._note_told("email", partner.email)
            else:
                parcel.activity_schedule(
                    "mail.mail_activity_data_call",
                    user_id=(parcel.user_id or self.env.user).id,
                    summary=self.env._(
                        "Tell %(customer)s: sent on %(date)s, waybill %(waybill)s",
                        customer=partner.name,
                        date=fields.Date.to_string(parcel.date_shipped),
                        waybill=parcel.waybill or "–",
                    ),
                )

    def _note_told(self, method, name):
        self.write(
            {
                "date_told": fields.Datetime.now(),
                "told_method": method,
                "told_name": name,
            }
        )

    def action_tell(self, method="phone", name=None):
        """Record that the customer was told when the parcel left.

        :param str method: phone, email or desk
        :param str name: who was told; without it the contact of the parcel
        """
        parcels = self._lock()
        call = self.env.ref("mail.mail_activity_data_call")
        for parcel in parcels:
            parcel._note_told(method, name or parcel.contact_name)
            parcel.activity_ids.filtered(
                lambda activity: activity.activity_type_id == call
            ).action_done()
        return True
