"""Paths, messages, subprocesses and locks."""

import contextlib
import fcntl
import hashlib
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
LOCAL = Path(os.environ.get("DEVKIT_LOCAL") or REPO / ".local").resolve()
ADDONS = REPO / "addons"
REQUIREMENTS = REPO / "requirements.txt"

# commands.prepare() goes on in another process: both count from the same start.
STARTED = float(os.environ.get("DEVKIT_STARTED") or time.time())


class Failure(Exception):
    """Something the user has to know; printed without a traceback."""


def say(message):
    print(f"[{time.time() - STARTED:6.1f}s] {message}", flush=True)


def in_ci():
    return os.environ.get("CI", "") not in ("", "0", "false")


def run(argv, **kwargs):
    """Run a command quietly; when it fails, show it with its last lines."""
    argv = [str(word) for word in argv]
    result = subprocess.run(
        argv,
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **kwargs,
    )
    if result.returncode:
        tail = "\n".join(result.stdout.splitlines()[-15:])
        raise Failure(f"`{shlex.join(argv)}` exited {result.returncode}\n{tail}")
    return result.stdout


def output(argv, **kwargs):
    """What a command prints, or ``None`` when it fails or does not exist."""
    try:
        result = subprocess.run(
            [str(word) for word in argv],
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **kwargs,
        )
    except OSError:
        return None
    return result.stdout if result.returncode == 0 else None


def digest(*parts):
    """A short key that changes when one of the parts does."""
    result = hashlib.sha256()
    for part in parts:
        result.update(part if isinstance(part, bytes) else str(part).encode())
        result.update(b"\0")
    return result.hexdigest()[:12]


def read(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


@contextlib.contextmanager
def locked(name):
    """Let one process at a time do ``name``; the others wait."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    with open(LOCAL / f".{name}.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(f"waiting for another run ({name})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def child_env(**extra):
    """The environment for Odoo.

    Odoo 19 takes PG* and ODOO_* variables before its configuration file, so the
    strays go. Byte code is cached even where the machine switches that off: it
    takes two thirds off the start.
    """
    strays = {
        "PGAPPNAME",
        "PGDATABASE",
        "PGDATABASE_TEMPLATE",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONSAFEPATH",
    }
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in strays and not key.startswith("ODOO_")
    }
    env["PATH"] = f"{LOCAL / 'venv' / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    return {**env, **{key: str(value) for key, value in extra.items()}}


_last_progress = 0


def progress(message):
    """Say how far it is: on a terminal in one line, elsewhere now and then."""
    global _last_progress
    if sys.stdout.isatty():
        print(f"\r\033[K[{time.time() - STARTED:6.1f}s] {message}", end="", flush=True)
    elif message and time.time() - _last_progress > 15:
        _last_progress = time.time()
        say(message)


def progress_done():
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
