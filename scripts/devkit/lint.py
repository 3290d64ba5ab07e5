"""The static checks, each one a function that fails with what is wrong."""

import sys
from pathlib import Path

from .addons import manifests
from .common import ADDONS, REPO, Failure, child_env, say

CODE = ("addons", "scripts", "tests", "conftest.py")


def tool(name, *args):
    """Run a tool of the environment on the repository; its complaints are the
    failure."""
    from .common import run

    run([Path(sys.executable).with_name(name), *args], cwd=REPO, env=child_env())


def addon_folders():
    return sorted(f"addons/{name}" for name in manifests())


def ruff_check():
    tool("ruff", "check", *CODE)


def ruff_format():
    tool("ruff", "format", "--check", *CODE)


def pylint_odoo():
    if addon_folders():
        tool("pylint", "--rcfile=config/pylintrc", *addon_folders())


def odoo_module_checks():
    if addon_folders():
        tool("oca-checks-odoo-module", *addon_folders())


def translations():
    files = sorted(str(path.relative_to(REPO)) for path in ADDONS.glob("*/i18n/*.po*"))
    if files:
        tool("oca-checks-po", "--disable=po-pretty-format", *files)


def addon_checks():
    tool("python", "scripts/check_addons.py", "addons")


def manifests_and_licences():
    if not addon_folders():
        return
    import odoo.release

    root = Path(odoo.release.__file__).parents[1]
    odoo_addons = [
        path for path in (root / "odoo/addons", root / "addons") if path.exists()
    ]
    paths = ",".join(map(str, odoo_addons))
    options = ("--odoo-series=19.0", f"--addons-path={paths}", "-d", "addons")
    tool("manifestoo", *options, "check-licenses")
    tool("manifestoo", *options, "check-dev-status", "--default-dev-status=Beta")


STEPS = {
    step.__name__: step
    for step in (
        ruff_check,
        ruff_format,
        pylint_odoo,
        odoo_module_checks,
        translations,
        addon_checks,
        manifests_and_licences,
    )
}


def run_all():
    """Run every step and print what each one says; exit code for scripts/lint."""
    failed = 0
    for name, step in STEPS.items():
        try:
            step()
            say(f"ok    {name}")
        except Failure as failure:
            failed += 1
            say(f"FAIL  {name}\n{failure}")
    return 1 if failed else 0
