import hashlib

from odoo import models

# What browsers and Odoo's image tools show; a drawing could carry a script.
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _filter_pictures(self):
        """Return those of these files that are shown as pictures."""
        return self.filtered(lambda file: file.mimetype in PICTURE_TYPES)


class AftersalesFinding(models.Model):
    """What the customer reads of a finding: colour and word, photos, plain words.

    The technician's note is not among it.
    """

    _inherit = "aftersales.finding"

    def _get_portal_rating(self):
        """Return ``(word, colour, icon)``, see ``_describe_rating``."""
        self.ensure_one()
        return self.env["aftersales.inspection"]._describe_rating(self.rating)

    def _get_portal_photos(self, order):
        """Return the photos of these findings that the page of ``order`` shows.

        Those taken when the asset was another customer's stay with that visit.
        """
        told = self.filtered(
            lambda finding: (
                not finding.order_id or order._is_customer(finding.order_id.partner_id)
            )
        )
        return told.photo_ids._filter_pictures().sorted("id")

    def _is_told(self):
        """Whether the customer may read it: not while somebody is still looking."""
        self.ensure_one()
        return self._is_unsolved() and (
            not self.inspection_id or self.inspection_id.state == "done"
        )

    def _needs_warning(self):
        """Whether it affects safety and is not put right."""
        self.ensure_one()
        return self.is_safety and self._is_unsolved()

    def _get_offer_content(self, order):
        """Return what the page of ``order`` shows of this finding."""
        self.ensure_one()
        photos = self._get_portal_photos(order)
        return (
            self.id,
            self.name,
            self.words,
            self.rating,
            self.is_safety,
            [(photo.id, photo.checksum) for photo in photos],
        )


class AftersalesJob(models.Model):
    """What the customer decides on knowing: the findings beside the job."""

    _inherit = "aftersales.job"

    def _get_warnings(self):
        """Return the dangers, as superuser, that a no to these jobs leaves."""
        findings = self.sudo()._get_findings()
        return findings.filtered(lambda finding: finding._needs_warning())

    def _get_offer_code(self):
        code = super()._get_offer_code()
        findings = self.sudo()._get_findings()
        if not findings:
            return code
        content = [
            finding._get_offer_content(self.order_id)
            for finding in findings.sorted("id")
        ]
        return hashlib.sha256(repr((code, content)).encode()).hexdigest()[:20]


class AftersalesOrder(models.Model):
    """What was found, on the customer's page; and that the customer was warned."""

    _inherit = "aftersales.order"

    def _get_portal_findings(self):
        """Return what was seen and is no part of a job on the page.

        Found on this order, or open since a visit before. Of an owner before, only
        what affects safety is told.

        :return: findings as superuser, those that affect safety first
        """
        self.ensure_one()
        order = self.sudo()
        seen = order.finding_ids
        if order.state not in ("done", "cancel"):
            # What was seen once more stands there as it is now.
            names = set(seen.mapped("name"))
            seen |= order.open_finding_ids.filtered(
                lambda finding: (
                    finding.name not in names
                    and (
                        finding.is_safety
                        or not finding.order_id
                        or order._is_customer(finding.order_id.partner_id)
                    )
                )
            )
        return (
            (seen - order._get_portal_jobs()._get_findings())
            .filtered(lambda finding: finding._is_told())
            .sorted(
                lambda finding: (
                    not finding.is_safety,
                    finding.rating != "red",
                    finding.id,
                )
            )
        )

    def _get_portal_photos(self):
        """Return the photos, as superuser, that the page of this order shows."""
        self.ensure_one()
        order = self.sudo()
        findings = order._get_portal_jobs()._get_findings()
        findings |= order._get_portal_findings()
        photos = order._get_portal_inspections()._get_portal_photos()
        return photos | findings._get_portal_photos(order)

    def _answer_on_portal(self, answers, signer, signature, device, partner):
        waiting = {job.id: job for job in self._get_waiting_jobs()}
        for answer in answers:
            job = waiting.get(answer.get("job_id"))
            if job and answer.get("answer") != "approve" and job._get_warnings():
                # Who says no has read the warning as it is written down.
                job._check_can_approve_on_portal(answer.get("offer"))
        return super()._answer_on_portal(answers, signer, signature, device, partner)

    def action_decline(
        self, jobs=None, reason=None, method="desk", signer=None, device=None
    ):
        findings = self.env["aftersales.finding"]
        if method == "portal" and self.env.su:
            # The page warns of what it shows: whoever says no there has read it. It
            # answers as superuser; what anybody else sends by that name is no proof.
            findings = (
                self._get_jobs_to_answer(jobs, ("draft", "proposed"))
                .filtered(lambda job: job.state != "declined")
                ._get_warnings()
            )
        result = super().action_decline(
            jobs=jobs, reason=reason, method=method, signer=signer, device=device
        )
        if findings:
            findings.action_record_warning(
                method="portal",
                name=signer or self.partner_id[:1].name,
                note=device,
            )
        return result
