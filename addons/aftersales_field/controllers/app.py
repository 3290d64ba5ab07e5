from odoo.http import Controller, request, route


class FieldApp(Controller):
    """What the technician's phone calls. Rules are in ``aftersales.field.app``."""

    @route("/aftersales/field/pull", type="jsonrpc", auth="user", methods=["POST"])
    def pull(self, device=None, now=None, known=None, known_reference=None):
        return request.env["aftersales.field.app"].pull(
            device=device, now=now, known=known, known_reference=known_reference
        )

    @route("/aftersales/field/sync", type="jsonrpc", auth="user", methods=["POST"])
    def sync(
        self, device=None, now=None, operations=None, known=None, known_reference=None
    ):
        return request.env["aftersales.field.app"].sync(
            device=device,
            now=now,
            operations=operations,
            known=known,
            known_reference=known_reference,
        )
