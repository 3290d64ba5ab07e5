"""Odoo as a command that ends, and as a server that runs."""

import configparser
import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from .common import (
    ADDONS,
    LOCAL,
    REPO,
    Failure,
    child_env,
    progress,
    progress_done,
    read,
)
from .python_env import ODOO, PYTHON

CONFIG = REPO / "config" / "development.conf"
# Leave scheduled actions and job runners out while databases are built and tested.
QUIET = {"max_cron_threads": 0, "server_wide_modules": "base,rpc,web"}


def write_config(database, **options):
    """The configuration for one database: config/development.conf plus paths."""
    parser = configparser.RawConfigParser()
    parser.read(CONFIG)
    path = LOCAL / "conf" / f"{database}.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "addons_path": ADDONS,
        "admin_passwd": secrets.token_urlsafe(24),
        "data_dir": LOCAL / "data",
        "db_name": database,
        "dbfilter": f"^{re.escape(database)}$",
        "http_interface": "127.0.0.1",
        "pidfile": LOCAL / "conf" / f"{database}.pid",
        "screenshots": LOCAL / "reports",
        **options,
    }
    for key, value in values.items():
        parser.set("options", key, str(value))
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        parser.write(file)
    return path


def remove_config(database):
    for suffix in ("conf", "pid"):
        (LOCAL / "conf" / f"{database}.{suffix}").unlink(missing_ok=True)


def command(config, *args):
    """The command line. The configuration comes last, where a subcommand wants it."""
    return [str(word) for word in (PYTHON, ODOO, *args, "-c", config)]


def run_odoo(config, *args, log, stdin=None):
    """Run Odoo to its end, with progress on a terminal and the log in a file.

    An error in the log is a failure: Odoo ends with 0 when a module did not load.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    bad, tail = [], []
    with open(log, "w") as handle:
        process = subprocess.Popen(
            command(config, *args),
            cwd=LOCAL,
            env=child_env(),
            text=True,
            errors="replace",
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            if stdin:
                process.stdin.write(stdin)
                process.stdin.close()
            for line in process.stdout:
                handle.write(line)
                tail = [*tail[-24:], line]
                if re.search(r" (ERROR|CRITICAL) ", line):
                    bad.append(line)
                step = re.search(r"Loading module (\S+) \((\d+/\d+)\)", line)
                if step:
                    progress(f"  {step.group(2)} {step.group(1)}")
            status = process.wait()
        finally:
            progress_done()
            if process.poll() is None:
                process.terminate()
                process.wait()
    if status or bad:
        raise Failure(
            f"Odoo failed (exit {status}), see {log}\n{''.join(bad[:5])}...\n"
            + "".join(tail)
        )


def free_port(preferred=0):
    """``preferred`` when it is free, else any free port."""
    for port in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise Failure("no free port")


class Server:
    """A running Odoo::

        with Server("my_database", workers=2) as server:
            urllib.request.urlopen(server.url + "/web/login")

    Options are those of the configuration file. The log is ``server.log``.
    """

    def __init__(self, database, port=0, log=None, **options):
        self.database = database
        self.port = free_port(port)
        # Two servers of one database each have a file of their own.
        self.name = f"{database}.{self.port}"
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log or LOCAL / "logs" / f"{self.name}.log"
        self.config = write_config(
            self.name,
            **{
                "db_name": database,
                "dbfilter": f"^{re.escape(database)}$",
                "http_port": self.port,
                "gevent_port": free_port(),
                **options,
            },
        )
        self.process = None

    def start(self, *args, timeout=120, detach=False, echo=False):
        """Start and wait until it answers. ``echo`` leaves it the terminal."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "w") as handle:
            self.process = subprocess.Popen(
                command(self.config, *args),
                cwd=LOCAL,
                env=child_env(),
                stdin=None if echo else subprocess.DEVNULL,
                stdout=None if echo else handle,
                stderr=None if echo else subprocess.STDOUT,
                start_new_session=detach,
            )
        deadline = time.monotonic() + timeout
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = "\n".join(read(self.log).splitlines()[-25:])
                raise Failure(f"Odoo does not answer on {self.url}\n{tail}")
            time.sleep(0.2)
        return self

    def answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/web/health", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        remove_config(self.name)

    def __enter__(self):
        return self.start() if self.process is None else self

    def __exit__(self, *_exception):
        self.stop()


def stop_all():
    """Stop every server that this repository started, by its pid file."""
    for path in (LOCAL / "conf").glob("*.pid"):
        pid = int(read(path).strip() or 0)
        if pid and str(ODOO) in read(f"/proc/{pid}/cmdline").split("\0"):
            os.kill(pid, signal.SIGTERM)
            for _attempt in range(100):
                if not os.path.exists(f"/proc/{pid}"):
                    break
                time.sleep(0.1)
            else:
                os.kill(pid, signal.SIGKILL)
            yield path.stem
        remove_config(path.stem)
