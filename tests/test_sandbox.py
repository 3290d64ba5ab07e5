"""A test can have a database and running servers of its own."""

import urllib.request

from devkit import sandbox


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
