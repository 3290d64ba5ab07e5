import logging
import os
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo import api, models, modules
from odoo.exceptions import UserError
from odoo.http import request, root
from odoo.service import security
from odoo.tools import config
from odoo.tools.misc import find_in_path

from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.addons.base.models.report_paperformat import PAPER_SIZES

from ..chromium import Chromium, ChromiumError
from ..paper import Paper, parse_arguments

_logger = logging.getLogger(__name__)

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    @api.model
    def get_wkhtmltopdf_state(self):
        if not self._get_chromium():
            return super().get_wkhtmltopdf_state()
        # The only worker cannot hand out style sheets while it waits for the print.
        return "workers" if config["workers"] == 1 else "ok"

    @api.model
    def _run_wkhtmltopdf(
        self,
        bodies,
        report_ref=False,
        header=None,
        footer=None,
        landscape=False,
        specific_paperformat_args=None,
        set_viewport_size=False,
    ):
        executable = self._get_chromium()
        if not executable:
            return super()._run_wkhtmltopdf(
                bodies,
                report_ref=report_ref,
                header=header,
                footer=footer,
                landscape=landscape,
                specific_paperformat_args=specific_paperformat_args,
                set_viewport_size=set_viewport_size,
            )
        report = self._get_report(report_ref) if report_ref else self
        arguments = self._build_wkhtmltopdf_args(
            report.get_paperformat(),
            landscape,
            specific_paperformat_args=specific_paperformat_args,
            set_viewport_size=set_viewport_size,
        )
        sizes = {
            size["key"]: (size["width"], size["height"])
            for size in PAPER_SIZES
            if size["key"] != "custom"
        }
        paper = Paper(parse_arguments(arguments), sizes)
        get_param = self.env["ir.config_parameter"].sudo().get_param
        sandbox = get_param("aftersales_report_chromium.sandbox", "1") != "0"
        with ExitStack() as stack:
            cookies = stack.enter_context(self._open_report_session())
            cookies |= stack.enter_context(_allow_requests_of_test())
            try:
                browser = stack.enter_context(
                    Chromium(
                        executable,
                        self._get_report_url(),
                        cookies,
                        timeout=float(
                            get_param("aftersales_report_chromium.timeout", "100")
                        ),
                        # Chromium refuses to sandbox itself for root.
                        sandbox=sandbox and os.geteuid() != 0,
                    )
                )
                content = paper.render(browser, bodies, header, footer)
            except ChromiumError as error:
                _logger.warning("Chromium failed: %s", error)
                raise UserError(
                    self.env._(
                        "Chromium could not print the report. Message: %(message)s",
                        message=error,
                    )
                ) from error
            if browser.failures:
                _logger.warning("Chromium: %s", "; ".join(browser.failures[:10]))
        return content

    @api.model
    def _get_chromium(self):
        """Return the path of the Chromium that prints, ``None`` if wkhtmltopdf does."""
        mode = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("aftersales_report_chromium.mode", "auto")
        )
        if mode == "never" or (mode != "always" and _wkhtml().is_patched_qt):
            return None
        for name in EXECUTABLES:
            try:
                return find_in_path(name)
            except OSError:
                continue
        return None

    @contextmanager
    def _open_report_session(self):
        """Give the cookies of a session like the user's that ends with the context."""
        if not (request and request.db):
            yield {}
            return
        session = root.session_store.new()
        # As for wkhtmltopdf: no device is logged for it.
        session.update({**request.session, "debug": "", "_trace_disable": True})
        if session.uid:
            session.session_token = security.compute_session_token(session, self.env)
        root.session_store.save(session)
        try:
            yield {"session_id": session.sid}
        finally:
            root.session_store.delete(session)


@contextmanager
def _allow_requests_of_test():
    """Give the cookies that let requests in while a test holds the registry."""
    test = modules.module.current_test
    if not getattr(test, "_registry_patched", False):
        yield {}
        return
    from odoo.tests.common import TEST_CURSOR_COOKIE_NAME, release_test_lock

    with patch.object(test, "http_request_key", "chromium"), release_test_lock():
        yield {TEST_CURSOR_COOKIE_NAME: "chromium"}
