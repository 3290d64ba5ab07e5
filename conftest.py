"""What every test run says first, and what it refuses."""

import re
import shutil

import pytest

import odoo.release

from devkit.common import in_ci
from devkit.system import BROWSERS


def pytest_report_header():
    browser = next(filter(None, map(shutil.which, BROWSERS)), "none")
    return [f"odoo: {odoo.release.version}", f"browser: {browser}"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Odoo skips browser tests when Chromium does not start: in CI that fails."""
    report = yield
    reason = str(report.longrepr)
    if in_ci() and report.skipped and re.search("chrom|websocket-client", reason, re.I):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {reason}"
    return report
