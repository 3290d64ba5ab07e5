from odoo import api, models


class AftersalesEvidenceMixin(models.AbstractModel):
    """Records with papers or photos that prove something.

    A file belongs to nobody until its record is saved, and only who uploaded it may
    read it. From then on it is read by whoever may read the record. The host names
    its field in ``_evidence_field``.
    """

    _name = "aftersales.evidence.mixin"
    _description = "Evidence"

    _evidence_field = "evidence_ids"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if any(vals.get(self._evidence_field) for vals in vals_list):
            records._adopt_evidence()
        return records

    def write(self, vals):
        result = super().write(vals)
        if vals.get(self._evidence_field):
            self._adopt_evidence()
        return result

    def _adopt_evidence(self):
        """Make files that the user just uploaded part of their record."""
        for record in self.sudo():
            files = record[self._evidence_field].filtered(
                lambda file: not file.res_id and file.create_uid.id == self.env.uid
            )
            if files:
                files.write({"res_model": record._name, "res_id": record.id})
