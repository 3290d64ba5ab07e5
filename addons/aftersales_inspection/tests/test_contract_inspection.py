from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PIXEL, InspectionCommon


@tagged("post_install", "-at_install")
class TestContractInspection(InspectionCommon):
    """What other programs send and may not write."""

    def test_finding_of_others_opens_without_its_photos(self):
        order = self._create_order([(self.labour, 1)])
        inspection = self._answer_all(self._inspect(order), brakes=1)
        inspection.action_finish()
        self.env.invalidate_all()
        view = inspection.finding_ids.with_user(self.technician).web_read(
            {"name": {}, "photo_ids": {"fields": {"name": {}}}}
        )
        self.assertEqual(view[0]["photo_ids"], [])
        (photo,) = inspection.finding_ids.with_user(self.manager).photo_ids
        self.assertTrue(photo.raw)

    def test_state_of_a_finding_is_not_written(self):
        order = self._create_order([(self.labour, 1)])
        inspection = self._answer_all(self._inspect(order), tyres="red")
        finding = inspection.finding_ids.with_user(self.manager)
        with self.assertRaisesRegex(AccessError, "Tyres.*state"):
            finding.write({"state": "fixed"})
        self.assertEqual(finding.state, "open")

    def test_belongings_that_are_no_list(self):
        inspection = self._inspect(self._create_order([(self.labour, 1)]))
        for belongings in (None, "key", ["key"]):
            with self.assertRaisesRegex(UserError, "list of belongings"):
                inspection.save_belongings(belongings)
        answer = {"name": "Key", "operation": "key", "quantity": 1}
        state = inspection.save_belongings([answer])["state"]
        self.assertEqual((type(state), state), (str, "progress"))

    def test_signature_that_is_no_picture(self):
        template = self._create_template([{"name": "Owner", "kind": "signature"}])
        inspection = self._inspect(self._create_order(), template)
        item = template.version_id.item_ids
        for number, signature in enumerate(("notbase64!!", "aGVsbG8=", 5)):
            with self.assertRaisesRegex(UserError, "Owner"):
                inspection.save_answers(
                    [
                        {
                            "operation": f"sign-{number}",
                            "item_id": item.id,
                            "signature": signature,
                        }
                    ]
                )
        answer = {"operation": "sign", "item_id": item.id, "signature": PIXEL.decode()}
        inspection.save_answers([answer])
        inspection.save_answers([answer])
        self.assertTrue(inspection.answer_ids.is_answered)
