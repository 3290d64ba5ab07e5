"""The command line behind scripts/up, test, stop, reset, lint and shell."""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from . import (
    addons,
    database,
    lint,
    odoo_source,
    postgres,
    python_env,
    server,
    system,
    templates,
)
from .common import ADDONS, LOCAL, REPO, Failure, child_env, in_ci, say

DATABASE = "aftersales"
TESTS = (ADDONS, REPO / "tests")
# Each class of tests makes companies, and each company looks through all charts of
# accounts: to leave out what nobody installed saves two statements in five.
HIDE_CHARTS = """
    UPDATE ir_module_module SET state = 'uninstallable'
    WHERE state = 'uninstalled' AND category_id = (
        SELECT res_id FROM ir_model_data WHERE module = 'base'
        AND name = 'module_category_accounting_localizations_account_charts'
    )
"""
MOST_PROCESSES = 4  # each has Odoo, PostgreSQL and a browser to feed


def prepare():
    """Install what is missing and start PostgreSQL. Return what identifies Odoo."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    if not os.environ.pop("DEVKIT_STARTED", None):
        system.check()
        root, origin = odoo_source.ensure()
        python_env.ensure(root)
        python_env.continue_inside()
    postgres.ensure()
    return odoo_source.identity(*odoo_source.find())


def own_addons():
    return addons.usable(addons.manifests())


# --- up, stop, reset ---------------------------------------------------------


def up(args):
    """Run Odoo with the add-ons and demo data."""
    odoo = prepare()
    own = own_addons()
    if not own:
        raise Failure(f"there is no add-on in {ADDONS}")
    if args.database not in database.names():
        create(args.database, odoo, own)
    else:
        update(args.database, own)
    running = server.Server(args.database, args.port, LOCAL / "logs" / "odoo.log")
    if running.port != args.port:
        say(f"port {args.port} is taken")
    running.start(detach=args.detach, echo=not args.detach)
    say(f"Odoo is ready: {running.url}  login: admin  password: admin")
    if args.detach:
        say(f"log: {running.log}; scripts/stop ends it")
        return 0
    say("Ctrl-C stops it")
    try:
        return running.process.wait()
    except KeyboardInterrupt:
        # Odoo has had the same Ctrl-C; a second signal would cut it short.
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(timeout=5)
        return 0
    finally:
        running.stop()


def create(name, odoo, own):
    work = f"{name}_new"
    templates.copy_installed(work, odoo, own, own)
    say("demo data")
    config = server.write_config(work, **server.QUIET)
    log = LOCAL / "logs" / "demo.log"
    server.run_odoo(config, "module", "force-demo", log=log)
    failed = database.sql(
        "SELECT m.name FROM ir_demo_failure f JOIN ir_module_module m"
        " ON m.id = f.module_id",
        database=work,
    )
    if failed:  # Odoo goes on without them
        say(f"no demo data for {', '.join(name for (name,) in failed)}, see {log}")
    # A copy must not share the uuid and the secret of the template.
    log = LOCAL / "logs" / "first.log"
    code = "env['ir.config_parameter'].init(force=True)\nenv.cr.commit()\n"
    server.run_odoo(config, "shell", "--no-http", log=log, stdin=code)
    server.remove_config(work)
    database.set_note(work, {"content": addons.content_keys(own)})
    database.rename(work, name)


def update(name, own):
    known = database.note(name).get("content", {})
    content = addons.content_keys(own)
    new = [addon for addon in own if addon not in known]
    changed = [
        addon for addon in own if known.get(addon, content[addon]) != content[addon]
    ]
    for option, names in (("-i", new), ("-u", changed)):
        if names:
            say(f"{'installing' if option == '-i' else 'updating'} {', '.join(names)}")
            server.run_odoo(
                server.write_config(name, **server.QUIET),
                *(option, ",".join(names), "--stop-after-init", "--no-http"),
                log=LOCAL / "logs" / "update.log",
            )
    database.set_note(name, {"content": {**known, **content}})


def stop(_args):
    """Stop Odoo and the private PostgreSQL."""
    for name in server.stop_all():
        say(f"Odoo ({name}) is stopped")
    postgres.stop()


def reset(args):
    """Throw the databases away; with --all everything that was installed too."""
    if postgres.is_external():
        prepare()
        for _name in server.stop_all():
            pass
        database.drop(args.database)
        templates.drop_all()
    else:
        stop(args)
        for folder in ("pg", "data"):
            shutil.rmtree(LOCAL / folder, ignore_errors=True)
    if args.all:
        shutil.rmtree(LOCAL, ignore_errors=True)
    say("clean: scripts/up starts anew")


# --- test, lint, shell -------------------------------------------------------


def test(args):
    """Run the tests."""
    odoo = prepare()
    if in_ci() and not system.has_browser():
        raise Failure("no Chromium: in CI the browser tests must run")
    own = own_addons()
    paths, options = resolve_targets(args.rest)
    forget_dead_runs()
    if args.fresh:
        templates.drop_all()
    name = f"test_{os.getpid()}"
    try:
        source = templates.copy_installed(name, odoo, own, addons_of(paths, own))
        database.sql(HIDE_CHARTS, database=name)
        if args.cov:
            options += coverage_options()
        paths = paths or TESTS
        spread = spread_options(paths, options)
        return pytest(name, source, [*spread, *options, *paths])
    finally:
        for left in database.names():
            if left == name or left.startswith((f"{name}-", f"{name}_")):
                database.drop(left)
        server.remove_config(name)


def coverage_options():
    report = f"--cov-report=xml:{LOCAL / 'reports' / 'coverage.xml'}"
    return [f"--cov={ADDONS}", "--cov-report=term:skip-covered", report]


def pytest(name, source, arguments):
    (LOCAL / "reports").mkdir(exist_ok=True)
    command = [
        *(LOCAL / "venv/bin/pytest", "-c", REPO / "pyproject.toml"),
        *(f"--rootdir={REPO}", f"--junitxml={LOCAL / 'reports' / 'junit.xml'}"),
        f"--odoo-config={server.write_config(name, **server.QUIET)}",
        *(f"--odoo-database={name}", "--odoo-http", *arguments),
    ]
    env = child_env(
        COVERAGE_FILE=LOCAL / "coverage",
        DEVKIT_SOURCE=source,
        DEVKIT_INSTALL_LOG=templates.install_log(source),
    )
    say("pytest")
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=REPO, env=env, check=False).returncode


def resolve_targets(words):
    """``(paths, other arguments)`` of what is meant for pytest. Paths are the
    caller's, and pytest runs in the repository."""
    paths, options = [], []
    for word in words:
        path, *node = word.split("::")
        value = bool(options) and re.fullmatch("-[a-zA-Z]", options[-1])
        if not word.startswith("-") and not value and Path(path).exists():
            paths.append("::".join([str(Path(path).resolve()), *node]))
        else:
            options.append(word)
    return paths, options


def spread_options(paths, options):
    """What tells pytest to run the tests of several files on all processors: unless
    something is wanted that needs one process, or another number."""
    groups = ["--dist=loadscope", "--no-loadscope-reorder"]
    names = {option.partition("=")[0] for option in options}
    if names & {"--pdb", "--trace", "-s", "--capture", "--dist", "--tx", "-d"}:
        return []
    if any(re.fullmatch(r"-n\d*|--numprocesses", name) for name in names):
        return groups
    files = {str(path).split("::")[0] for path in paths}
    processes = min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    if processes == 1 or (len(files) == 1 and Path(*files).is_file()):
        return []
    return [f"-n{processes}", *groups]


def addons_of(paths, own):
    """The add-ons to install: those that the tests belong to and what they need,
    or all when a test belongs to none."""
    names = []
    for word in paths:
        path = Path(word.split("::")[0])
        if ADDONS not in path.parents:
            return list(own)
        names.append(path.relative_to(ADDONS).parts[0])
    return list(addons.closure(own, names)) or list(own)


def forget_dead_runs():
    """Remove what a run left that was killed, and the server logs of the others."""

    def is_dead(name):
        found = re.match(r"test_(\d+)", name)
        return found and not os.path.exists(f"/proc/{found.group(1)}")

    if postgres.private:
        for name in filter(is_dead, database.names()):
            database.drop(name)
    for folder in ("conf", "logs"):
        for path in (LOCAL / folder).glob("test_*"):
            if is_dead(path.name):
                path.unlink()


def run_lint(_args):
    """Run the static checks."""
    prepare()
    return lint.run_all()


def shell(args):
    """Odoo's Python shell on the database of scripts/up."""
    prepare()
    config = server.write_config(args.database, **server.QUIET)
    command = server.command(config, "shell", "--no-http", *args.rest)
    os.chdir(LOCAL)
    os.execve(command[0], command, child_env())


def benchmark(args):
    """Measure work orders against Odoo alone, the verdicts of many lines, how long a
    free time is looked for, the nightly due list, a batch of returned goods, a day of
    visits, or phones that sync at once, on a copy of the test database."""
    odoo = prepare()
    own = own_addons()
    name = f"test_{os.getpid()}"
    addon, sizes = {
        "work_order": ("aftersales", (args.documents, args.batch, args.batches)),
        "warranty": ("aftersales_warranty", (args.lines,)),
        "planning": (
            "aftersales_planning",
            (args.bookings, args.bays, args.technicians),
        ),
        "due": ("aftersales_vehicle", (args.vehicles,)),
        "return": ("aftersales_return", (args.returned, args.batches)),
        "field_dispatch": ("aftersales_field", (args.engineers, args.visits)),
        "field_sync": ("aftersales_field", (args.phones, args.seconds)),
    }[args.what]
    # A module can't have the name of a keyword.
    module = {"return": "returns"}.get(args.what, args.what)
    code = (
        f"import sys; sys.path.append({str(REPO / 'scripts')!r})\n"
        f"from benchmarks import {module} as it\n"
        f"it.report(it.measure(env, *{sizes}))\n"
    )
    try:
        templates.copy_installed(name, odoo, own, addons.closure(own, [addon]))
        config = server.write_config(name, **server.QUIET)
        log = LOCAL / "logs" / "benchmark.log"
        say("benchmark")
        options = ("shell", "--no-http", "--log-level=warn")
        server.run_odoo(config, *options, log=log, stdin=code)
        print(log.read_text())
    finally:
        database.drop(name)
        server.remove_config(name)


COMMANDS = {
    "up": up,
    "stop": stop,
    "reset": reset,
    "test": test,
    "lint": run_lint,
    "shell": shell,
    "benchmark": benchmark,
}


def parse(argv):
    parser = argparse.ArgumentParser(prog="scripts/", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    parsers = {
        name: commands.add_parser(
            name, help=call.__doc__, description=call.__doc__, allow_abbrev=False
        )
        for name, call in COMMANDS.items()
    }
    for name in ("up", "reset", "shell"):
        parsers[name].add_argument("--database", default=DATABASE)
    port = int(os.environ.get("HTTP_PORT", 8069))
    parsers["up"].add_argument("--port", type=int, default=port)
    parsers["up"].add_argument(
        "--detach", action="store_true", help="in the background"
    )
    parsers["reset"].add_argument("--all", action="store_true")
    test_options = parsers["test"]
    test_options.epilog = "Everything else goes to pytest."
    test_options.add_argument("--cov", action="store_true", help="measure coverage")
    test_options.add_argument(
        "--fresh", action="store_true", help="build databases anew"
    )
    size = parsers["benchmark"].add_argument
    size(
        "what",
        nargs="?",
        choices=(
            "work_order",
            "warranty",
            "planning",
            "due",
            "return",
            "field_dispatch",
            "field_sync",
        ),
        default="work_order",
    )
    size("--lines", type=int, default=10_000, help="lines to weigh (10,000)")
    size("--bookings", type=int, default=60_000, help="in a year (60,000)")
    size("--bays", type=int, default=40, help="bays of the shop (40)")
    size("--technicians", type=int, default=120, help="technicians (120)")
    size("--vehicles", type=int, default=200_000, help="in the register (200,000)")
    size("--returned", type=int, default=200, help="lines that come back (200)")
    size("--engineers", type=int, default=40, help="of a region (40)")
    size("--visits", type=int, default=200, help="on one day (200)")
    size("--phones", type=int, default=200, help="that sync at once (200)")
    size("--seconds", type=int, default=60, help="for so long (60)")
    size("--documents", type=int, default=10, help="one by one, of each way (10)")
    size("--batch", type=int, default=50, help="documents in a batch (50)")
    size("--batches", type=int, default=4, help="batches of each way (4)")
    args, args.rest = parser.parse_known_args(argv)
    if args.rest and args.command not in ("test", "shell"):
        parser.error(f"unknown arguments: {' '.join(args.rest)}")
    return args


def main():
    args = parse(sys.argv[1:])
    # A terminated run cleans up like an interrupted one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(COMMANDS[args.command](args) or 0)
    except Failure as failure:
        print(f"\nerror: {failure}", file=sys.stderr, flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
