import io
import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import SkipTest
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tools.pdf import PdfFileReader


def get_texts(content):
    """Return the text of each page of a PDF."""
    reader = PdfFileReader(io.BytesIO(content))
    return [page.extract_text() for page in reader.pages]


class ChromiumCommon(HttpCase):
    """Offers ``executable`` and ``report``, a report on partners that goes over two
    pages in the company's layout; ``partners`` are two with Chinese names. Every test
    ends with a look for processes and files that a browser left behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(
            "aftersales_report_chromium.mode", "always"
        )
        cls.executable = cls.env["ir.actions.report"]._get_chromium()
        if not cls.executable:
            raise SkipTest("Chromium is not installed")
        cls.env.company.write(
            {
                "external_report_layout_id": cls.env.ref(
                    "web.external_layout_standard"
                ).id,
                "company_details": "<p>Workshop 1, Harbour Road</p>",
                "report_footer": "<p>Open from 8 to 17</p>",
                "paperformat_id": cls.env.ref("base.paperformat_euro").id,
            }
        )
        cls.partners = cls.env["res.partner"].create(
            [{"name": "上海轴承维修有限公司"}, {"name": "廣州冷氣保養中心"}]
        )
        cls.view = cls.env["ir.ui.view"].create(
            {
                "type": "qweb",
                "name": "report_partner",
                "key": "aftersales_report_chromium.report_partner",
                "arch": """
                    <t t-call="web.html_container">
                        <t t-foreach="docs" t-as="o">
                            <t t-call="web.external_layout">
                                <div class="page">
                                    <p t-out="o.name"/>
                                    <p t-foreach="range(40)" t-as="n" t-out="n"/>
                                    <p>End of the list</p>
                                </div>
                            </t>
                        </t>
                    </t>
                """,
            }
        )
        cls.report = cls.env["ir.actions.report"].create(
            {
                "name": "Partner",
                "model": "res.partner",
                "report_name": "aftersales_report_chromium.report_partner",
            }
        )

    def setUp(self):
        super().setUp()
        # A folder of its own tells this test's browsers from those of others.
        folder = TemporaryDirectory(prefix="test.")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.startPatcher(patch("tempfile.tempdir", self.folder))
        self.addCleanup(self._assert_nothing_left)

    def _assert_nothing_left(self):
        self.assertFalse(self._get_processes())
        self.assertFalse(os.listdir(self.folder))

    def _get_processes(self):
        """Return the command lines of this test's browsers that are running."""
        lines = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):  # it ended meanwhile
                lines.append(path.read_bytes().decode(errors="replace"))
        return [line for line in lines if f"{self.folder}/report.chromium." in line]

    def _print(self, records):
        return (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(self.report, records.ids)[0]
        )
