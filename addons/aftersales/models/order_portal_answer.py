import base64
import binascii

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

PNG_HEADER = b"\x89PNG\r\n\x1a\n"
SIGNATURE_SIZE = 1_000_000


class AftersalesOrder(models.Model):
    """What the customer answers on the portal: to each job, and about old parts."""

    _inherit = "aftersales.order"

    def _answer_on_portal(self, answers, signer, signature, device, partner):
        """Record the customer's yes and no to each job, all of them or none.

        Sent again, it has the effect of once. What is signed is what was seen: a job
        that was changed or withdrawn since the page was opened is not answered.

        :param list answers: dicts ``job_id``, ``answer`` (approve or decline),
            ``offer`` (see ``_get_offer_code``) and ``reason``
        :param str signer: the name typed; required to approve
        :param str signature: base64 PNG; required to approve
        :param str device: browser and address
        :param partner: who writes, for the message on the order
        :raises UserError: saying what the customer can do about it
        """
        self.ensure_one()
        self._lock()
        known = {job.id: job for job in self._get_portal_jobs()}
        approved = self.job_ids.browse()
        reasons = {}
        for answer in answers:
            job = known.get(answer.get("job_id"))
            if not job:
                raise UserError(self._get_stale_message())
            if answer.get("answer") == "approve":
                if job._check_can_approve_on_portal(answer.get("offer")):
                    approved |= job
            elif job._check_can_decline_on_portal(answer.get("reason")):
                reasons[job] = answer["reason"].strip()
        if not approved and not reasons:
            return
        if approved:
            self._check_signature(signer, signature)
        for job, reason in reasons.items():
            self.action_decline(
                jobs=job, reason=reason, method="portal", signer=signer, device=device
            )
        if approved:
            self.action_approve(
                jobs=approved,
                method="portal",
                signer=signer,
                signature=signature,
                device=device,
            )
        self._post_portal_answer(approved, reasons, signer, partner)

    def _get_stale_message(self):
        return self.env._(
            "%(order)s was changed while you were reading: some of the work on this "
            "page is no longer offered. Nothing was saved. Load the page again and "
            "answer what you see then.",
            order=self.name,
        )

    def _check_signature(self, signer, signature):
        if not signer or not signature:
            raise UserError(
                self.env._("%(order)s: write your name and sign.", order=self.name)
            )
        try:
            image = base64.b64decode(signature, validate=True)
        except (binascii.Error, ValueError, TypeError):
            image = b""
        if not image.startswith(PNG_HEADER) or len(image) > SIGNATURE_SIZE:
            raise UserError(
                self.env._(
                    "%(order)s: the signature can't be read. Draw it again.",
                    order=self.name,
                )
            )

    def _post_portal_answer(self, approved, reasons, signer, partner):
        """Tell those who follow the order what the customer answered."""
        lines = [
            self.env._("Approved by %(signer)s: %(job)s", signer=signer, job=job.name)
            for job in approved
        ]
        lines += [
            self.env._("Declined: %(job)s. %(reason)s", job=job.name, reason=reason)
            for job, reason in reasons.items()
        ]
        self._post_as_customer(Markup("<br/>").join(lines), partner)

    def _post_as_customer(self, body, partner):
        self.message_post(
            body=body,
            author_id=(partner or self.partner_id).id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _can_choose_old_parts(self):
        self.ensure_one()
        return self.state not in ("done", "cancel")

    def _has_old_parts_question(self):
        """Whether parts come out, so that the customer has something to choose."""
        self.ensure_one()
        jobs = self._get_portal_jobs().filtered(
            lambda job: job.state not in ("declined", "cancel")
        )
        return bool(
            self.old_parts_choice
            or (
                self._can_choose_old_parts()
                and jobs.line_ids.filtered(lambda line: line.kind == "part")
            )
        )

    def _choose_old_parts(self, choice, partner):
        """Record what the customer wants done with the parts that come out.

        Parts that are out already follow, but for those that go to the maker.

        :param str choice: keep or give_up
        :param partner: who says so; giving up property carries a name
        """
        self.ensure_one()
        self._lock()
        if choice not in ("keep", "give_up") or choice == self.old_parts_choice:
            return
        if not self._can_choose_old_parts():
            raise UserError(
                self.env._(
                    "%(order)s is closed: write to us about the old parts.",
                    order=self.name,
                )
            )
        self.old_parts_choice = choice
        partner = partner or self.partner_id
        self.old_part_ids.filtered(
            lambda part: part.state in ("expected", "stored") and part.choice != "maker"
        ).write(
            {
                "choice": choice,
                "signed_by": partner.name if choice == "give_up" else False,
            }
        )
        labels = dict(self._fields["old_parts_choice"]._description_selection(self.env))
        self._post_as_customer(
            self.env._("Old parts: %(choice)s", choice=labels[choice]), partner
        )
