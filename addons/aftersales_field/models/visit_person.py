from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesVisitPerson(models.Model):
    """Somebody at the customer's who has to do with a visit, and what they wish."""

    _name = "aftersales.visit.person"
    _description = "Person at the Customer's"
    _order = "id"
    _check_company_auto = True

    visit_id = fields.Many2one(
        "aftersales.visit",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="visit_id.company_id", store=True, precompute=True, index=True
    )
    name = fields.Char(required=True)
    role = fields.Char(help="Owner, caretaker, foreman, user of the machine …")
    phone = fields.Char()
    wish = fields.Text(help="What matters to this person, now and next time.")

    def _get_key(self):
        """Return what the same person is known by at one address."""
        self.ensure_one()
        return (self.name or "").strip().casefold()


class AftersalesVisit(models.Model):
    """All people concerned at the customer's, remembered for the next visit (R211)."""

    _inherit = "aftersales.visit"

    person_ids = fields.One2many("aftersales.visit.person", "visit_id", "People There")
    known_person_ids = fields.Many2many(
        "aftersales.visit.person",
        string="Known from Earlier Visits",
        compute="_compute_known_person_ids",
        compute_sudo=True,
        help="What was written down of them last at this address.",
    )

    @api.depends("site_id", "company_id", "person_ids.name")
    def _compute_known_person_ids(self):
        persons = self.env["aftersales.visit.person"].search(
            [
                ("visit_id.site_id", "in", self.site_id.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            order="id desc",
        )
        by_place = persons.grouped(
            lambda person: (person.visit_id.site_id, person.company_id)
        )
        for visit in self:
            place = (visit.site_id._origin, visit.company_id._origin)
            known = {}
            for person in by_place.get(place, persons.browse()):
                if person.visit_id != visit._origin:
                    known.setdefault(person._get_key(), person.id)
            for person in visit.person_ids:
                known.pop(person._get_key(), None)
            visit.known_person_ids = sorted(known.values())

    def record_person(self, name, role=None, phone=None, wish=None, moment=None):
        """Write down somebody who is concerned; the same name again corrects it.

        :param str name: required
        :param str role: what the person is there
        :param str wish: what the person would like
        :param moment: when it was said (UTC), if before now
        :return: the ``aftersales.visit.person`` of these visits
        :raises UserError: without a name; for a visit that was finished before, unless
            the user is an advisor
        """
        visits = self._check_is_own()._lock()
        name = (name or "").strip()
        if not name:
            raise UserError(
                self.env._(
                    "%(visits)s: say the name of the person.",
                    visits=", ".join(visits.mapped("name")),
                )
            )
        visits._check_may_add(visits._read_moment(moment))
        values = {"name": name, "role": role, "phone": phone, "wish": wish}
        values = {field: value or False for field, value in values.items()}
        persons = visits.person_ids.filtered(
            lambda person: person._get_key() == name.casefold()
        )
        persons.write(values)
        return persons | persons.create(
            [{**values, "visit_id": visit.id} for visit in visits - persons.visit_id]
        )
