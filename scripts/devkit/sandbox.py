"""For tests that need a database and an Odoo of their own.

Tests run inside a transaction of a shared database. What cannot be tested there
(uninstalling, upgrading, two servers, locks between connections, load) gets a
copy of the database with our add-ons installed, which takes about a second::

    from devkit import sandbox

    with sandbox.database() as name:
        sandbox.odoo(name, "module", "uninstall", "aftersales")
        rows = sandbox.sql("SELECT …", database=name)
        with sandbox.Server(name, workers=2) as one, sandbox.Server(name) as two:
            … one.url, two.url, one.port, one.log …

Runs under scripts/test only, which sets DEVKIT_SOURCE and the connection.
"""

import contextlib
import os
import secrets

from . import database as databases
from .common import LOCAL, read
from .database import sql
from .server import QUIET, Server, free_port, remove_config, run_odoo, write_config

__all__ = ["Server", "database", "free_port", "odoo", "odoo_shell", "sql"]


@contextlib.contextmanager
def database():
    """A fresh copy of the installed database; dropped at the end."""
    name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
    databases.copy(os.environ["DEVKIT_SOURCE"], name)
    try:
        yield name
    finally:
        databases.drop(name)
        remove_config(name)


def odoo(name, *args, stdin=None):
    """Run an Odoo command on the database to its end and return its log. Fails
    on a bad exit code and on any error in the log."""
    log = LOCAL / "logs" / f"{name}.log"
    config = write_config(name, **QUIET)
    if args and not args[0].startswith("-") and args[0] != "shell":
        run_odoo(config, *args, log=log, stdin=stdin)
    else:
        run_odoo(config, *args, "--no-http", log=log, stdin=stdin)
    text = read(log)
    log.unlink()
    return text


def odoo_shell(name, code):
    """Run Python in Odoo's shell (``env`` is there; commit yourself) and return
    what it printed, the log included."""
    return odoo(name, "shell", "--log-level=warn", stdin=code)
