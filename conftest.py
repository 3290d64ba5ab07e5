"""What every test run says first, and what it refuses."""

import functools
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
# On a busy machine a browser needs more than Odoo's ten seconds to start.
odoo.tests.common.CHECK_BROWSER_ITERATIONS = 600


def patient(browser_js):
    """Wait three times as long for what a browser does: several share the machine."""

    @functools.wraps(browser_js)
    def wrapper(*args, timeout=60, **kwargs):
        return browser_js(*args, timeout=3 * timeout, **kwargs)

    return wrapper


odoo.tests.HttpCase.browser_js = patient(odoo.tests.HttpCase.browser_js)


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
