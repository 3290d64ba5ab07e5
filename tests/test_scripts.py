"""The parts of scripts/devkit that decide something."""

import os
import socket
from types import SimpleNamespace

import pytest
from _pytest import timing
from freezegun import freeze_time

from odoo.tests import HttpCase

from devkit import addons, commands, debian, odoo_source, python_env, server, spread
from devkit.common import Failure, child_env, digest

OWN = {
    "base_one": {"depends": ["sale", "mail"]},
    "field": {"depends": ["base_one", "fleet"]},
    "bridge": {"depends": ["field", "crm"], "auto_install": True},
}


def make_odoo(folder, version):
    (folder / "odoo").mkdir(parents=True)
    text = f"version_info = ({version}, 0, FINAL, 0, '')\n"
    (folder / "odoo" / "release.py").write_text(text)


def test_odoo_home_without_odoo(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(Failure, match="holds no Odoo"):
        odoo_source.find()


def test_odoo_home_of_another_series(tmp_path, monkeypatch):
    make_odoo(tmp_path, 18)
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(Failure, match="is Odoo 18.0, not 19.0"):
        odoo_source.find()


def test_odoo_home_as_package_tree(tmp_path, monkeypatch):
    root = tmp_path / "usr/lib/python3/dist-packages"
    make_odoo(root, 19)
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    assert odoo_source.find() == (root, "ODOO_HOME")
    before = odoo_source.identity(root, "ODOO_HOME")
    (root / "odoo" / "more.py").write_text("x = 1\n")
    assert odoo_source.identity(root, "ODOO_HOME") != before


def test_no_source_names_every_reason(tmp_path, monkeypatch):
    def refuse(_target):
        raise LookupError("not today")

    monkeypatch.setattr(odoo_source, "LOCAL", tmp_path)
    monkeypatch.setattr(odoo_source.debian, "fetch", refuse)
    monkeypatch.setattr(odoo_source, "clone", refuse)
    with pytest.raises(Failure, match="(?s)archive: not today.*git: not.*ODOO_HOME"):
        odoo_source.fetch()


def test_mirror_of_the_machine():
    uris = (
        "'http://deb.example/security/dists/bookworm-security/InRelease' x 0\n"
        "'http://vendor.example/apt/dists/focal/InRelease' x 0\n"
        "'http://deb.example/debian/dists/bookworm-updates/InRelease' x 0\n"
    )
    assert debian.mirror_in(uris) == "http://deb.example/debian"
    assert debian.mirror_in("'http://u.example/ubuntu/dists/noble/InRelease'") is None


def test_package_index_of_pip(monkeypatch):
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    text = "global.index-url='https://index.example/simple'\n"
    expected = ["--default-index", "https://index.example/simple"]
    assert python_env.index_arguments(text) == expected
    assert python_env.index_arguments("global.timeout='60'\n") == []


def test_digest_keeps_parts_apart():
    assert digest("ab", "c") != digest("a", "bc")


def test_foreign_dependencies():
    assert addons.foreign_dependencies(OWN) == ["crm", "fleet", "mail", "sale", "web"]


def test_closure():
    assert list(addons.closure(OWN, ["field"])) == ["base_one", "field"]


def test_usable_leaves_out_what_cannot_work(capsys):
    needs = {"external_dependencies": {"bin": ["no-such-program"]}}
    own = {**OWN, "base_one": {**OWN["base_one"], **needs}, "other": {}}
    assert list(addons.usable(own)) == ["other"]
    assert "base_one needs no-such-program" in capsys.readouterr().out


def test_content_key_ignores_tests(tmp_path, monkeypatch):
    monkeypatch.setattr(addons, "ADDONS", tmp_path)
    for folder in ("models", "tests"):
        (tmp_path / "one" / folder).mkdir(parents=True)
    before = addons.content_key("one")
    (tmp_path / "one" / "tests" / "test_a.py").write_text("x = 1\n")
    assert addons.content_key("one") == before
    (tmp_path / "one" / "models" / "a.py").write_text("x = 1\n")
    assert addons.content_key("one") != before


def test_environment_of_odoo(monkeypatch):
    monkeypatch.setenv("PGDATABASE", "stray")
    monkeypatch.setenv("ODOO_LIST_DB", "1")
    monkeypatch.setenv("PGHOST", "here")
    env = child_env(EXTRA=1)
    assert "PGDATABASE" not in env
    assert "ODOO_LIST_DB" not in env
    assert (env["PGHOST"], env["EXTRA"]) == ("here", "1")


def test_free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert server.free_port(port) != port


def test_test_arguments(tmp_path, monkeypatch):
    """Paths are the caller's, the value of an option is no path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    words = ["tests", "-k", "tests", "tests::TestOne"]
    here = str(tmp_path / "tests")
    resolved = commands.resolve_targets(words)
    assert resolved == ([here, f"{here}::TestOne"], ["-k", "tests"])


def test_tests_of_one_add_on_install_what_it_needs(monkeypatch, tmp_path):
    monkeypatch.setattr(commands, "ADDONS", tmp_path)
    paths = [f"{tmp_path}/field/tests/test_a.py::TestA"]
    assert commands.addons_of(paths, OWN) == ["base_one", "field"]
    assert commands.addons_of([*paths, "/elsewhere/tests"], OWN) == list(OWN)
    assert commands.addons_of([], OWN) == list(OWN)


def test_tests_of_several_files_are_spread(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(16)))
    groups = ["--dist=loadscope", "--no-loadscope-reorder"]
    one = tmp_path / "test_one.py"
    one.touch()
    assert commands.spread_options([tmp_path], ["-k", "x"]) == ["-n4", *groups]
    assert commands.spread_options([one, "test_two.py"], []) == ["-n4", *groups]
    assert commands.spread_options([f"{one}::A", f"{one}::B"], []) == []
    for option in ("--pdb", "-s", "--capture=no", "--dist=load"):
        assert commands.spread_options([tmp_path], [option]) == []
    for number in (["-n", "0"], ["-n3"], ["--numprocesses=3"]):
        assert commands.spread_options([tmp_path], number) == groups
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0})
    assert commands.spread_options([tmp_path], []) == []


def test_longest_first():
    names = ["a.py::A::x", "a.py::A::y", "a.py::B::x", "b.py::x", "c.py::C::x"]
    small = [f"d.py::D::{letter}" for letter in "xyz"]
    folder = commands.ADDONS / "one"
    items = [
        SimpleNamespace(nodeid=name, path=folder / name, cls=None)
        for name in [*small, *names]
    ]
    items[-1].cls = HttpCase
    spread.sort_longest_first(items, {"a.py::B": 60, "b.py": 0.1})
    in_order = [item.nodeid for item in items]
    assert in_order == [names[2], names[4], *names[:2], *small, names[3]]


def test_frozen_time_does_not_freeze_durations():
    before = timing.perf_counter()
    with freeze_time("2020-02-02"):
        assert 0 <= timing.perf_counter() - before < 60
