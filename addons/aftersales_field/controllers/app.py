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

    @route("/aftersales/field/photo", type="jsonrpc", auth="user", methods=["POST"])
    def photo(
        self, photo=None, visit_id=None, name=None, mimetype=None, size=None,
        sha256=None, offset=None, data=None, inspection_item=None, kind="visit",
        old_part_id=None,
    ):  # fmt: skip
        return request.env["aftersales.field.app"].put_photo(
            photo=photo,
            visit_id=visit_id,
            name=name,
            mimetype=mimetype,
            size=size,
            sha256=sha256,
            offset=offset,
            data=data,
            inspection_item=inspection_item,
            kind=kind,
            old_part_id=old_part_id,
        )
