import hashlib
import json

from odoo import http
from odoo.http import request
from odoo.tools import file_open

PAGE = "/aftersales/field"
BUNDLE = "aftersales_field.assets_app"
IMAGES = "/aftersales_field/static/img"
# What the page needs besides its bundle.
FILES = (
    "/web/static/src/libs/fontawesome/fonts/fontawesome-webfont.woff2?v=4.7.0",
    f"{PAGE}/manifest.webmanifest",
    f"{IMAGES}/app-192.png",
    f"{IMAGES}/app-180.png",
)
COLOUR = "#0b4f8a"


class AppPage(http.Controller):
    """The technician app as a page that phones keep and open without a network.

    What is served here is the same for everybody and tells nothing about anybody: who
    is logged in, and what is to be done, comes through ``controllers/app.py``.
    """

    @http.route(PAGE, type="http", auth="public", methods=["GET"], readonly=True)
    def page(self, **kwargs):
        return request.make_response(
            self._render_page(self._get_version()),
            [
                ("Content-Type", "text/html; charset=utf-8"),
                ("Cache-Control", "no-cache"),
            ],
        )

    @http.route(
        f"{PAGE}/service-worker.js",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
    )
    def service_worker(self):
        """Serve the script that keeps the page; it changes with whatever it keeps."""
        settings = {
            "version": self._get_version(),
            "page": PAGE,
            "files": [*self._get_links(), *FILES],
        }
        path = "aftersales_field/static/src/app_worker/service_worker.js"
        with file_open(path) as file:
            script = file.read()
        return request.make_response(
            f"const SETTINGS = {json.dumps(settings)};\n{script}",
            [
                ("Content-Type", "text/javascript"),
                ("Service-Worker-Allowed", PAGE),
                ("Cache-Control", "no-cache"),
            ],
        )

    @http.route(
        f"{PAGE}/manifest.webmanifest",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
    )
    def manifest(self):
        name = request.env._("Field Service")
        return request.make_json_response(
            {
                "id": PAGE,
                "name": name,
                "short_name": name,
                "start_url": PAGE,
                "scope": PAGE,
                "display": "standalone",
                "orientation": "any",
                "background_color": "#ffffff",
                "theme_color": COLOUR,
                "prefer_related_applications": False,
                "icons": [
                    {
                        "src": f"{IMAGES}/app-{size}.png",
                        "sizes": f"{size}x{size}",
                        "type": "image/png",
                        "purpose": purpose,
                    }
                    for size in (192, 512)
                    for purpose in ("any", "maskable")
                ],
            },
            headers={"Content-Type": "application/manifest+json"},
        )

    def _get_links(self):
        """Return the addresses of the bundle, which change with its content."""
        return request.env["ir.qweb"]._get_asset_links(BUNDLE)

    def _get_version(self):
        """Return what changes whenever the page or its files do."""
        page = str(self._render_page(""))
        return hashlib.sha256(f"{page}{self._get_links()}".encode()).hexdigest()[:16]

    def _render_page(self, version):
        # In one language: the app itself speaks the user's, also without a network.
        return request.env["ir.qweb"]._render(
            "aftersales_field.app_page",
            {"version": version, "colour": COLOUR, "images": IMAGES, "page": PAGE},
            lang="en_US",
        )
