"""Databases kept for reuse, named by the key of what they were built from.

``tmpl_KEY``  what our add-ons need from Odoo: minutes, seldom
``inst_KEY``  a template with our add-ons: seconds, whenever their content changes
"""

import os
import re
import time

from . import addons, database, postgres, server
from .common import LOCAL, REQUIREMENTS, digest, locked, read, say

SCHEMA = 1  # raise it to build everything anew
KEEP = 3  # of each kind: a branch one comes back to, a run that still copies
# What pages, browser tests and reports load; not Odoo's own tests of its JavaScript.
MAKE_ASSETS = """
qweb = env["ir.qweb"]
scripts, styles = qweb._get_bundles_to_pregenarate()
others = {name for name in scripts | styles if "unit_tests" in name}
others |= {"web.tests_assets", "web.assets_web_dark"}
for name in sorted(scripts - others):
    qweb._get_asset_bundle(name, css=False, js=True).js()
for name in sorted(styles - others):
    qweb._get_asset_bundle(name, css=True, js=False).css()
qweb._get_asset_bundle("bus.websocket_worker_assets", css=False, js=True).js()
env.cr.commit()
"""


def copy_installed(name, odoo, own, wanted):
    """Make database ``name`` with the add-ons ``wanted`` installed, without demo
    data. Return the database it was copied from; its log is install_log()."""
    with locked("templates"):
        template = _ensure_template(odoo, own)
        source = _ensure_installed(template, own, wanted)
        database.copy(source, name)
    return source


def install_log(name):
    return LOCAL / "logs" / f"{name}.log"


def drop_all():
    for prefix in ("tmpl_", "inst_"):
        for name, _note in _cached(prefix):
            database.drop(name)


def _ensure_template(odoo, own):
    # Filestores are ours alone, servers are not: another one never shares a name.
    where = [os.environ.get(name) for name in postgres.CONNECTION_VARIABLES]
    base = digest(SCHEMA, odoo, read(REQUIREMENTS), LOCAL, *where)
    needed = addons.foreign_dependencies(own)
    name = f"tmpl_{digest(base, *needed)}"
    if name in database.names():
        return name
    # One that has a part of it is a start.
    known = _cached("tmpl_", base=base)
    older = [old for old, note in known if set(note["modules"]) < set(needed)]
    todo = set(needed)
    work = f"{name}_new"
    if older:
        database.copy(older[-1], work)
        todo -= set(dict(known)[older[-1]]["modules"])
    else:
        database.drop(work)
    say(f"template database (once, some minutes): {', '.join(sorted(todo))}")
    _install(work, todo, install_log(name))
    _keep(work, name, base=base, modules=needed)
    return name


def _ensure_installed(template, own, wanted):
    # Those that Odoo installs by itself count too.
    extra = [name for name, manifest in own.items() if manifest.get("auto_install")]
    content = addons.content_keys(addons.closure(own, [*wanted, *extra]))
    # A part is installed for a few tests, time and again: they make what they load.
    assets = MAKE_ASSETS if set(wanted) == set(own) else ""
    parts = (template, assets, sorted(wanted), sorted(content.items()))
    name = f"inst_{digest(*parts)}"
    if name in database.names() and install_log(name).exists():
        return name
    say(f"installing {', '.join(sorted(wanted))}")
    work = f"{name}_new"
    database.copy(template, work)
    _install(work, wanted, install_log(name))
    if assets:
        # Odoo keeps them in the database: no page and no browser test of a copy has
        # to wait for them.
        server.run_odoo(
            server.write_config(work, **server.QUIET),
            *("shell", "-d", work, "--no-http", "--log-level=warn"),
            log=LOCAL / "logs" / "assets.log",
            stdin=assets,
        )
    _keep(work, name, template=template)
    return name


def _install(work, modules, log):
    config = server.write_config(work, **server.QUIET)
    options = ("--stop-after-init", "--no-http", "--log-level=info")
    server.run_odoo(
        config, "-d", work, "-i", ",".join(sorted(modules)), *options, log=log
    )


def _keep(work, name, **note):
    """A build that was interrupted is never used: it gets its name at the end."""
    database.set_note(work, {"made": time.time(), "local": str(LOCAL), **note})
    database.rename(work, name)
    server.remove_config(work)
    outdated = [old for old, _note in _cached(name[:5])[:-KEEP]]
    if postgres.private:  # builds that were interrupted; no other can be under way
        outdated += [
            old for old in database.names() if re.match("(tmpl|inst)_.*_new$", old)
        ]
    for old in outdated:
        database.drop(old)
        install_log(old).unlink(missing_ok=True)


def _cached(prefix, **wanted):
    """``[(name, note), …]`` of finished ones with these facts, the newest last.

    Another checkout may use the same server; its filestore is elsewhere."""
    wanted["local"] = str(LOCAL)
    found = [
        (name, database.note(name))
        for name in database.names()
        if name.startswith(prefix) and not name.endswith("_new")
    ]
    found = [
        (name, note)
        for name, note in found
        if note and all(note.get(key) == value for key, value in wanted.items())
    ]
    return sorted(found, key=lambda item: item[1]["made"])
