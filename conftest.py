"""What every test run says first, and what it refuses."""

import re
import shutil

import freezegun
import pytest

import odoo.release
import odoo.tests.common

from devkit.common import in_ci
from devkit.system import BROWSERS

pytest_plugins = ["devkit.spread"]

# A test that freezes time must not freeze the clock that says how long it took.
freezegun.configure(extend_ignore_list=["_pytest.timing"])
# A busy machine may need more than ten seconds to start a browser.
odoo.tests.common.CHECK_BROWSER_ITERATIONS = 600


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
