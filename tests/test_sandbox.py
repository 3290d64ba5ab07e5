"""A test can have a database and running servers of its own."""

import urllib.request
from pathlib import Path

from odoo.tests.common import get_db_name
from odoo.tools import config

from devkit import database, sandbox


def test_process_has_a_filestore_of_its_own():
    name = get_db_name()
    assert name in database.names()
    assert Path(config.filestore(name)) == database.filestore(name)
    assert database.filestore(name).is_dir()


def test_server_on_a_copy():
    with sandbox.database() as name:
        with sandbox.Server(name) as one, sandbox.Server(name, workers=1) as two:
            assert one.port != two.port
            for server in (one, two):
                with urllib.request.urlopen(f"{server.url}/web/login") as page:
                    assert 'name="login"' in page.read().decode()
        text = sandbox.odoo_shell(
            name, "print('users:', len(env['res.users'].search([])))"
        )
        assert "users: " in text
        assert sandbox.sql("SELECT 1 FROM res_users LIMIT 1", database=name) == [(1,)]
    assert not sandbox.sql("SELECT 1 FROM pg_database WHERE datname = %s", name)
