"""The plugin of pytest behind a run on several processors (conftest.py loads it).

pytest-xdist hands out a class at a time, the longest first as far as earlier runs tell,
to processes that each have a copy of the database and of its filestore.
"""

import os
import re
import signal
from itertools import groupby

import pytest

from odoo.tests import HttpCase
from odoo.tools import config as odoo_config

from . import database
from .common import ADDONS

DURATIONS = "aftersales/durations"


def group(nodeid):
    """What stays in one process: a class, or the functions of a file."""
    return nodeid.rpartition("::")[0]


def sort_longest_first(items, seconds):
    """Sort tests by how long their group took, or may take."""

    def duration(tests):
        return seconds.get(group(tests[0].nodeid)) or guess(tests)

    groups = [list(tests) for _name, tests in groupby(items, _group_of)]
    groups.sort(key=duration, reverse=True)
    items[:] = [test for tests in groups for test in tests]


def guess(tests):
    """About how many seconds a group takes that nobody saw yet."""
    if ADDONS not in tests[0].path.parents:
        each = 10  # often with servers of its own
    elif issubclass(tests[0].cls or object, HttpCase):
        each = 5
    else:
        each = 1
    # One or two alone are often the story of a whole day: no worker ends with one.
    base = 24 if len(tests) <= 2 else 4
    return base + each * len(tests)


def _group_of(item):
    return group(item.nodeid)


# --- in the process that hands the tests out ------------------------------------------


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Durations(config.cache))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    # All have to sort alike.
    node.workerinput[DURATIONS] = node.config.cache.get(DURATIONS, {})


class Durations:
    """Keep how long each group took."""

    def __init__(self, cache):
        self.cache = cache
        self.seconds = {}

    def pytest_runtest_logreport(self, report):
        name = group(report.nodeid)
        self.seconds[name] = self.seconds.get(name, 0) + report.duration

    def pytest_sessionfinish(self):
        known = self.cache.get(DURATIONS, {})
        self.cache.set(DURATIONS, {**known, **self.seconds})


# --- in each process that runs some ---------------------------------------------------


def pytest_sessionstart(session):
    """pytest-odoo would let the processes share the filestore, where each class clears
    away at its end what its own database does not know."""
    worker = os.environ.pop("PYTEST_XDIST_WORKER", None)
    if worker:
        (source,) = odoo_config["db_name"]
        odoo_config["db_name"] = name = f"{source}-{worker}"
        odoo_config["dbfilter"] = f"^{re.escape(name)}$"
        database.copy(source, name)


def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        # pytest-xdist interrupts whoever takes more than five seconds to end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def pytest_collection_modifyitems(config, items):
    if hasattr(config, "workerinput"):
        sort_longest_first(items, config.workerinput[DURATIONS])
