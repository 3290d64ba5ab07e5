from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from .template import GATES


class AftersalesInspection(models.Model):
    """The end of an inspection: what must be there, who may say so, what follows."""

    _inherit = "aftersales.inspection"

    def action_finish(self, signer=None, signature=None, operation=None):
        """Close the inspection with what was written down.

        Called twice, or again after a time-out, it has the effect of once.

        :param str signer: who signs, where the customer signs
        :param str signature: base64 image
        :param str operation: the caller's name for this request about one inspection
        :raises UserError: listing required answers, photos and signatures that are
            missing, by section and item; if it is finished with another signature
        """
        self.check_access("write")
        known = self._lock_operations([operation]) if operation else {}
        records = self._lock()
        done = records.filtered(lambda inspection: inspection.state == "done")
        done._check_signature(signer, signature)
        todo = records - done
        drafts = todo.filtered(lambda inspection: inspection.state == "draft")
        drafts.with_env(self.env).action_start()
        todo._check_transition("done")
        todo.with_env(self.env)._check_gate()
        values = {"signed_by": signer, "signature": signature}
        values = {field: value for field, value in values.items() if value}
        if values:
            todo.write(values)
        todo._check_complete()
        for inspection in todo:
            failed = "red" in inspection.answer_ids.mapped("rating")
            inspection._set_state(
                "done",
                result="fail" if failed else "pass",
                date_done=fields.Datetime.now(),
            )
        todo._record_inspected_meter()
        todo.answer_ids._settle_earlier_findings()
        todo._send_back()
        todo._tell_advisor()
        if operation not in known:
            self._keep_operation(known, operation)
        return True

    def _check_signature(self, signer, signature):
        """A replay brings the same signature; another one comes too late."""
        other = self.filtered(
            lambda inspection: (
                (signer and inspection.signed_by and inspection.signed_by != signer)
                or (
                    signature
                    and self._get_image_digest(signature)
                    != self._get_image_digest(inspection.signature)
                )
            )
        )
        if other:
            raise UserError(
                self.env._(
                    "%(inspections)s was signed by %(signers)s and is finished. That "
                    "signature stays; make a second inspection to sign again.",
                    inspections=", ".join(other.mapped("display_name")),
                    signers=", ".join(
                        each.signed_by or self.env._("nobody") for each in other
                    ),
                )
            )

    def _check_complete(self):
        """Refuse to finish with gaps, and list them all at once."""
        problems = [
            self.env._(
                "%(inspection)s can't be finished:\n%(gaps)s",
                inspection=inspection.display_name,
                gaps="\n".join(f"- {gap}" for gap in gaps),
            )
            for inspection in self
            if (gaps := inspection._get_gaps())
        ]
        if problems:
            raise UserError("\n".join(problems))

    def _get_gaps(self):
        """Return sentences that say what is missing, by section and item."""
        self.ensure_one()
        gaps = [gap for answer in self.answer_ids if (gap := answer._get_gap())]
        if self.signature_required and not (self.signature and self.signed_by):
            gaps.append(self.env._("name and signature of the customer"))
        return gaps

    def _record_inspected_meter(self):
        """Keep the reading: of the order at reception, else of the asset."""
        for inspection in self.filtered("meter"):
            order = inspection.order_id
            if not order:
                if inspection.asset_id:
                    inspection.asset_id._record_meter(inspection.meter)
            elif not order.meter_in and order.state not in ("ready", "done", "cancel"):
                order.meter_in = inspection.meter

    # Quality gates

    def _check_gate(self):
        """Refuse a quality check to somebody else, or before its turn.

        First who did the work, then another technician, then the advisor.
        """
        for inspection in self.filtered(lambda each: each.use in GATES):
            inspection.sudo()._check_gate_turn()
            if not self.env.su:
                inspection._check_gate_person()
            inspection.sudo()._check_gate_other()

    def _check_gate_turn(self):
        self.ensure_one()
        order = self.order_id
        if not order:
            raise UserError(
                self.env._(
                    "%(inspection)s checks the work of a work order: choose it.",
                    inspection=self.display_name,
                )
            )
        before = GATES[: GATES.index(self.use)]
        waiting = order._get_lacking_inspections("quality").get(order)
        waiting = (waiting or self.template_id.browse()).filtered(
            lambda template: template.use in before
        )
        if waiting:
            raise UserError(
                self.env._(
                    "%(inspection)s: it is not its turn. First comes: %(checks)s.",
                    inspection=self.display_name,
                    checks=", ".join(waiting.mapped("name")),
                )
            )

    def _check_gate_person(self):
        """Refuse who may not do this check."""
        self.ensure_one()
        order = self.sudo().order_id
        if self.use == "gate_final":
            order.with_env(self.env)._check_decides()
        elif self.use == "gate_self":
            technicians = order._get_technicians()
            employee = self._get_inspector()
            if technicians and employee not in technicians:
                raise UserError(
                    self.env._(
                        "%(inspection)s is done by who did the work: %(technicians)s.",
                        inspection=self.display_name,
                        technicians=", ".join(technicians.mapped("name")),
                    )
                )

    def _check_gate_other(self):
        """Four eyes: nobody checks the own work as the second one."""
        self.ensure_one()
        if self.use != "gate_mutual":
            return
        technicians = self.order_id._get_technicians()
        employee = self._get_inspector()
        if employee in technicians or self.env.user in technicians.user_id:
            raise UserError(
                self.env._(
                    "%(inspection)s needs another pair of eyes: %(technicians)s did "
                    "the work. Ask another technician.",
                    inspection=self.display_name,
                    technicians=", ".join(technicians.mapped("name")),
                )
            )

    def _get_inspector(self):
        """Return who looks, as employee; empty for a user who is none."""
        self.ensure_one()
        return self.sudo().employee_id or self._get_own_employee()

    def _send_back(self):
        """Send work back whose mutual check or final inspection was not passed."""
        for inspection in self:
            order = inspection.order_id
            if (
                inspection.use in ("gate_mutual", "gate_final")
                and inspection.result == "fail"
                and order.state == "quality"
            ):
                order.action_rework(reason=inspection._get_rework_reason())
                order.rework_ids.filtered(
                    lambda rework, order=order: rework.round == order.rework_count
                ).inspection_id = inspection

    def _get_rework_reason(self):
        """Return what was not right, item by item, for who does it again."""
        self.ensure_one()
        red = self.answer_ids.filtered(lambda answer: answer.rating == "red")
        return self.env._(
            "%(check)s: %(items)s",
            check=self.template_id.name,
            items="; ".join(answer._get_summary() for answer in red),
        )

    def _tell_advisor(self):
        """What technicians find is the advisor's to price and to ask about."""
        if self.env.user.has_group("aftersales.aftersales_group_user"):
            return
        for inspection in self.filtered(lambda each: each.finding_ids):
            lines = [
                self.env._("%(item)s: %(words)s", item=each.name, words=each.words)
                for each in inspection.finding_ids
            ]
            inspection.order_id._remind_advisor(
                self.env._("Found at an inspection: price it and ask the customer"),
                note=plaintext2html("\n".join(lines)),
            )
