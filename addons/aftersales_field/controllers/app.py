from odoo.http import Controller, request, route


class FieldApp(Controller):
    """What the technician's phone calls. Rules are in ``aftersales.field.app``.

    ``user_id`` says whose visits and entries the phone keeps. Where two people share
    one, nothing of the first is booked under the second: the answer names who is
    logged in (``wrong_user``), and nothing is done.
    """

    @route("/aftersales/field/pull", type="jsonrpc", auth="user", methods=["POST"])
    def pull(
        self, device=None, now=None, known=None, known_reference=None, user_id=None,
        known_jobs=None, problems=None,
    ):  # fmt: skip
        if other := self._find_other_user(user_id):
            return other
        return request.env["aftersales.field.app"].pull(
            device=device,
            now=now,
            known=known,
            known_reference=known_reference,
            known_jobs=known_jobs,
            problems=problems,
        )

    @route("/aftersales/field/sync", type="jsonrpc", auth="user", methods=["POST"])
    def sync(
        self, device=None, now=None, operations=None, known=None,
        known_reference=None, user_id=None, known_jobs=None, problems=None,
    ):  # fmt: skip
        if other := self._find_other_user(user_id):
            return other
        return request.env["aftersales.field.app"].sync(
            device=device,
            now=now,
            operations=operations,
            known=known,
            known_reference=known_reference,
            known_jobs=known_jobs,
            problems=problems,
        )

    @route("/aftersales/field/photo", type="jsonrpc", auth="user", methods=["POST"])
    def photo(
        self, photo=None, visit_id=None, name=None, mimetype=None, size=None,
        sha256=None, offset=None, data=None, inspection_item=None, kind="visit",
        old_part_id=None, device=None, user_id=None, order_id=None,
    ):  # fmt: skip
        if other := self._find_other_user(user_id):
            return other
        return request.env["aftersales.field.app"].put_photo(
            photo=photo,
            visit_id=visit_id,
            order_id=order_id,
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

    def _find_other_user(self, user_id):
        """Return who is logged in, if the phone keeps somebody else's work."""
        user = request.env.user
        if user_id and user_id != user.id:
            return {"wrong_user": {"id": user.id, "name": user.name}}
        return None
